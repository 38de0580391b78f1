"""Changes on their way: looked at before they are saved, saved, asked about, and decided by a second person."""

from __future__ import annotations

from urllib.parse import urlencode

from flask import Blueprint, Response, request
from werkzeug.utils import redirect
from werkzeug.wrappers import Response as AnyResponse

from app.admin.catalog.asked import NUMBER, asked_number
from app.admin.catalog.desk import REMOVED, Desk
from app.admin.catalog.leaves import leaf
from app.admin.catalog.words import values
from app.admin.desks import Notice
from app.catalog.drafts import Draft, State
from app.catalog.editing import LONGEST_REASON, Origin
from app.catalog.entries import Entries
from app.catalog.merging import Conflict
from app.catalog.versions import Version
from app.errors import CatalogConflict, CatalogProblems, GatewayError, InvalidRequest
from app.web.guards import admin
from app.web.pages import page
from app.web.visit import address, session, visit

_PAGE = 50
_OPEN = (State.WAITING, State.UNREVIEWED)
_CLOSED = (State.APPROVED, State.REFUSED, State.WITHDRAWN, State.REVIEWED)


def notices(desk: Desk) -> list[Notice]:
    """For the first page of the room."""
    if desk.reader.file is not None:
        return []
    drafts = desk.four_eyes.drafts
    found = [
        Notice(
            f"{one.author.name} saved a change of the catalog without the second person that it needed.",
            f"/admin/catalog/changes/{one.id}",
            "Review it",
        )
        for one in drafts.latest((State.UNREVIEWED,), 20)
    ]
    waiting = len(drafts.latest((State.WAITING,), 20))
    if waiting:
        what = "1 change waits" if waiting == 1 else f"{waiting} changes wait"
        found.append(Notice(f"{what} for a second person.", "/admin/catalog/changes", "Look at them"))
    return found


def origin() -> Origin:
    return Origin(address(), visit().reference)


def add_to(room: Blueprint, desk: Desk) -> None:
    four_eyes = desk.four_eyes

    @room.get("/changes")
    @admin
    def changes() -> Response:
        desk.check_writable()
        drafts, me, before = four_eyes.drafts, session().identity.person, asked_number("before")
        closed = drafts.latest(_CLOSED, _PAGE + 1, before)
        return page(
            "admin/catalog/changes.html",
            open=drafts.latest(_OPEN, _PAGE),
            mine=drafts.latest((State.DRAFT,), _PAGE, author=me),
            closed=closed[:_PAGE],
            more=len(closed) > _PAGE,
            older=before is not None,
            me=me,
        )

    @room.get(f"/changes/<{NUMBER}:number>")
    @admin
    def change(number: int) -> Response:
        desk.check_writable()
        return _shown(desk, number)

    @room.post(f"/changes/<{NUMBER}:number>/<any(save,withdraw,approve,refuse,review):what>")
    @admin
    def decide(number: int, what: str) -> AnyResponse:
        desk.check_writable()
        try:
            return redirect(_decided(desk, number, what), 303)
        except (CatalogConflict, CatalogProblems, InvalidRequest) as error:
            if what == "approve" and isinstance(error, CatalogConflict):
                raise  # it is its author's draft again, which nobody else is shown
            return _shown(desk, number, error)

    @room.post(f"/changes/<{NUMBER}:number>/break-glass")
    @admin
    def break_glass(number: int) -> AnyResponse:
        desk.check_writable()
        try:
            four_eyes.break_glass(number, session().identity, _reason(), origin())
        except (CatalogConflict, CatalogProblems, InvalidRequest) as error:
            return _shown(desk, number, error)
        return redirect(f"/admin/catalog/changes/{number}?saved=1", 303)

    @room.post(f"/changes/<{NUMBER}:number>/resolve")
    @admin
    def resolve(number: int) -> AnyResponse:
        """Every conflict must be decided: one that is left open would be decided by us."""
        desk.check_writable()

        def mine(conflict: Conflict) -> bool:
            said = request.form.get(f"take {conflict.key} {conflict.field}", "")
            if said not in ("mine", "theirs"):
                raise InvalidRequest("Decide each of them, please.", reason="catalog.undecided")
            return said == "mine"

        try:
            desk.resolve(number, session().identity, mine)
        except InvalidRequest as error:
            return _shown(desk, number, error)
        return redirect(f"/admin/catalog/changes/{number}", 303)


def _decided(desk: Desk, number: int, what: str) -> str:
    """Where to go on."""
    who, four_eyes, here = session().identity, desk.four_eyes, f"/admin/catalog/changes/{number}"
    match what:
        case "save":
            version = four_eyes.save(number, who, _reason(), origin())
            return here if version is None else f"/admin/catalog/history/{version.number}?saved=1"
        case "approve":
            return f"/admin/catalog/history/{_approved(desk, number).number}?saved=1"
        case "refuse":
            four_eyes.refuse(number, who, _reason(), origin())
        case "review":
            four_eyes.review(number, who, _reason(), origin())
        case _:
            four_eyes.withdraw(number, who, origin())
            return "/admin/catalog/changes"
    return here


def _approved(desk: Desk, number: int) -> Version:
    """What was on the page, and not what it has become since. A form that does not say so saw nothing."""
    return desk.four_eyes.approve(number, session().identity, origin(), request.form.get("seen") or "nothing")


def _reason() -> str:
    return request.form.get("reason", "").strip()


def _shown(desk: Desk, number: int, error: GatewayError | None = None) -> Response:
    who = session().identity
    draft = desk.found(number, who)
    own = draft.author.person == who.person
    weighed = desk.weigh(number, who if own else None)
    response = page(
        "admin/catalog/change.html",
        draft=draft,
        own=own,
        weighed=weighed,
        leaf=leaf(weighed.differences, f"/admin/catalog/changes/{number}"),
        error=error,
        reason=request.form.get("reason", draft.reason),
        longest=LONGEST_REASON,
        seen=f"{draft.base}-{weighed.newest}",
        alone=draft.state is State.WAITING and desk.admins() == 1,
        again=_again(draft, weighed.wanted, desk) if own else "",
        said=lambda one, value: "removed" if value == REMOVED and not one.field else _said(one, value),
    )
    response.status_code = error.status if error is not None else 200
    return response


def _said(conflict: Conflict, value: object) -> str:
    return "; ".join(values(conflict.key.kind, conflict.field, value)) or "nothing"


def _again(draft: Draft, wanted: Entries, desk: Desk) -> str:
    """The form in which the one entry was written, to take it up again; empty where there was none."""
    if draft.state is not State.DRAFT or draft.restored is not None:
        return ""
    base = desk.at(draft.base)
    written = [key for key, fields in wanted.items() if base.get(key) != fields]
    if len(written) != 1:
        return ""
    return f"/admin/catalog/{written[0].kind}/form?" + urlencode({"draft": draft.id, "entry": written[0].name})
