"""Who may pass. Every view carries one mark; a route without one stops the process at start.

@public      anybody: the view checks what it is given by itself
@signed_in   a browser session; without one, a page leads to sign-in and back. Unsafe methods
             also need our form token and must come from our own origin
@admin       a browser session of somebody whom gateway.toml names among its `admins` (`require_mfa`: signed in so)
@auditor     the same, of somebody among its `auditors` or `admins`: reads what happened, and changes nothing
@terminal    a bearer token (RFC 6750) of our own CLI's session; cookies count for nothing here
@aws_tool    a token of a terminal session where AWS tools put it, of theirs or of our CLI's: gives credentials, no more
@admin_terminal, @auditor_terminal  the same, of somebody whom gateway.toml names so
"""

from __future__ import annotations

import hmac
from collections.abc import Callable, Sequence
from typing import ParamSpec, TypeVar
from urllib.parse import urlencode

from flask import Flask, request
from werkzeug.utils import redirect
from werkzeug.wrappers import Response

from app.core.identity import Identity, People
from app.errors import AdminRequired, CrossSite, InvalidRequest, NotFound, SignInRequired, StepUpRequired
from app.sessions import Gone, Session, Terminals
from app.sessions.session import FEDGATE
from app.web.browser_session import SENTENCES, BrowserSession
from app.web.visit import visit

P = ParamSpec("P")
R = TypeVar("R")
_GUARDS = ("public", "signed_in", "admin", "auditor", "terminal", "aws_tool", "admin_terminal", "auditor_terminal")
_SAFE = ("GET", "HEAD")
TOOL_HEADER = "x-amz-sso_bearer_token"  # AWS SSO's own spelling


def public(view: Callable[P, R]) -> Callable[P, R]:
    return _marked(view, "public")


def signed_in(view: Callable[P, R]) -> Callable[P, R]:
    return _marked(view, "signed_in")


def admin(view: Callable[P, R]) -> Callable[P, R]:
    return _marked(view, "admin")


def auditor(view: Callable[P, R]) -> Callable[P, R]:
    return _marked(view, "auditor")


def terminal(view: Callable[P, R]) -> Callable[P, R]:
    return _marked(view, "terminal")


def aws_tool(view: Callable[P, R]) -> Callable[P, R]:
    return _marked(view, "aws_tool")


def admin_terminal(view: Callable[P, R]) -> Callable[P, R]:
    return _marked(view, "admin_terminal")


def auditor_terminal(view: Callable[P, R]) -> Callable[P, R]:
    return _marked(view, "auditor_terminal")


def larger(most: int) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """A view that takes bodies of so many bytes. Beside a guard: the guard reads the form before the view does."""

    def mark(view: Callable[P, R]) -> Callable[P, R]:
        view.largest_body = most  # type: ignore[attr-defined]  # as for the guards themselves
        return view

    return mark


def leaves(view: Callable[P, R]) -> Callable[P, R]:
    """A view that ends the session. Beside a guard: with a full disk nobody could leave from another network, which the
    guard wants on record first."""
    view.leaves = True  # type: ignore[attr-defined]  # as for the guards themselves
    return view


def guard_of(app: Flask, endpoint: str) -> str:
    """The mark of the view behind `endpoint`, or empty."""
    return str(getattr(app.view_functions.get(endpoint), "guard", ""))


def unguarded(app: Flask) -> list[str]:
    """The routes that nobody decided about."""
    return sorted(f"{rule}" for rule in app.url_map.iter_rules() if guard_of(app, rule.endpoint) not in _GUARDS)


def install(
    app: Flask,
    browser: BrowserSession,
    terminals: Terminals,
    origin: str,
    admins: Sequence[People] = (),
    auditors: Sequence[People] = (),
) -> None:
    """Call after every route is there. Raises RuntimeError if one of them has no guard."""
    forgotten = unguarded(app)
    if forgotten:
        marks = ", ".join(f"@{mark}" for mark in _GUARDS)
        raise RuntimeError(f"routes without a guard ({marks}): {', '.join(forgotten)}")

    @app.before_request
    def guard() -> Response | None:
        if request.endpoint is None:
            return None  # Flask answers 404 or 405 itself
        _check_length_is_known()
        view = app.view_functions.get(request.endpoint)
        largest = getattr(view, "largest_body", None)
        if largest is not None:
            request.max_content_length = request.max_form_memory_size = largest
        match guard_of(app, request.endpoint):
            case "public":
                return None
            case "signed_in" | "admin" | "auditor" as mark:
                found = _browser(browser, origin, leaving=getattr(view, "leaves", False))
            case "terminal" | "admin_terminal" | "auditor_terminal" as mark:
                found = _bearer(terminals)
            case "aws_tool" as mark:
                found = _aws_tool(terminals)
            case _:
                raise NotFound("There is nothing at this address.")
        if not isinstance(found, Session):
            return found
        here, who = visit(), found.identity
        here.session = found
        as_admin = [people for people in admins if people.include(who)]
        as_auditor = [people for people in (*admins, *auditors) if people.include(who)]
        here.admin, here.auditor = bool(as_admin), bool(as_auditor)
        match mark.removesuffix("_terminal"):
            case "admin":
                _check_standing(as_admin, who, "manage")
            case "auditor":
                _check_standing(as_auditor, who, "manage or audit")
        return None


def _check_length_is_known() -> None:
    """A body in chunks (RFC 9112, 7.1) is not taken: of one that is too large werkzeug hands us the beginning as if it
    were all, and a broken one is found out in the middle of a view. Browsers and our CLI know what they send."""
    if "Transfer-Encoding" in request.headers:
        raise InvalidRequest("Send the request in one piece, with its Content-Length.", reason="http.chunked")


def _browser(browser: BrowserSession, origin: str, *, leaving: bool) -> Session | Response:
    session = browser.find(leaving=leaving)
    if not isinstance(session, Session):
        # Who leaves has left already, in another tab perhaps: "sign in, then try again" would be no answer to that.
        return redirect("/signout", 303) if leaving else _to_sign_in(session)
    if request.method not in _SAFE:
        _check_ours(session, origin)
    return session


def _to_sign_in(gone: Gone | None) -> Response:
    why = {} if gone is None else {"ended": str(gone.why)}
    if request.method in _SAFE:
        return redirect("/signin?" + urlencode({"to": request.full_path.rstrip("?"), **why}), 303)
    told = "Your sign-in has ended." if gone is None else SENTENCES[gone.why]
    raise SignInRequired(f"{told} Sign in, then try again.", reason=f"session.{why.get('ended', 'none')}")


def _check_standing(found: Sequence[People], who: Identity, what: str) -> None:
    """`found`: as what gateway.toml names this person. Decided by the groups of this session, which are as old as
    `max_group_age_minutes` allows and no older; and by its sign-in, where a password alone is not to be enough."""
    if not found:
        raise AdminRequired(
            f"This is for the people who {what} the gateway, and you are in none of their groups. "
            "If you should be, ask them; then sign out and in again.",
            reason="admin.groups",
        )
    if all(people.require_mfa for people in found) and not who.mfa:
        raise StepUpRequired(
            f"Whoever is to {what} this gateway has signed in with a second factor.", reason="admin.step_up", mfa=True
        )


def check_same_site(origin: str) -> None:
    """Where the browser says that the form stood (ASVS 5.0, 3.5.1); alone, for forms before there is a session.
    Raises CrossSite."""
    said = request.headers.get("Origin")
    if said is not None and said != origin:
        raise CrossSite("This form came from another site. Open the page here and try again.", reason="csrf.origin")
    if request.headers.get("Sec-Fetch-Site", "same-origin") not in ("same-origin", "none"):
        raise CrossSite("This form came from another site. Open the page here and try again.", reason="csrf.site")


def _check_ours(session: Session, origin: str) -> None:
    """The synchroniser token, and where the form stood."""
    check_same_site(origin)
    token = request.form.get("csrf", "")
    if not hmac.compare_digest(token.encode(), session.csrf.encode()):
        raise CrossSite("This form is out of date. Go back, reload the page and try again.", reason="csrf.token")


def _bearer(terminals: Terminals) -> Session:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    session = terminals.find(token.strip()) if scheme.lower() == "bearer" else None
    # AWS tools keep their tokens in plain files that every program of the person reads: for credentials, not for this.
    if session is None or session.client != FEDGATE:
        raise SignInRequired("This terminal is not signed in. Run: fedgate login", reason="bearer")
    return session


def tool_token() -> str:
    """The portal's header (AWS SSO), or the whole of `Authorization` as the container provider sends it."""
    said = request.headers.get(TOOL_HEADER) or request.headers.get("Authorization", "")
    return said.strip().removeprefix("Bearer ").strip()


def _aws_tool(terminals: Terminals) -> Session:
    token = tool_token()
    if not token:
        # AWS's tools never ask without it. 401 would have them say "your session has expired", and nobody would know.
        raise InvalidRequest(
            f"Your token did not reach the gateway: no header {TOOL_HEADER}. Something on the way drops headers with "
            "an underscore; tell the people who run the gateway (nginx: underscores_in_headers on).",
            reason="bearer.missing",
        )
    session = terminals.find(token)
    if session is None:
        raise SignInRequired("Your sign-in has ended. Run: aws sso login", reason="bearer.aws")
    return session


def _marked(view: Callable[P, R], guard: str) -> Callable[P, R]:
    view.guard = guard  # type: ignore[attr-defined]  # a mark on a function is what a guard is
    return view
