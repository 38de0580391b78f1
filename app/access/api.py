"""The JSON API of the access room, for terminals."""

from __future__ import annotations

from collections.abc import Mapping

from flask import Blueprint, Response, jsonify, request

from app.access.flow import Access, Offer
from app.core.credentials import as_zulu
from app.core.decisions import Purpose
from app.core.roles import RoleArn, entry_arn
from app.errors import InvalidRequest
from app.issuance import Request
from app.web.forms import json_body
from app.web.guards import terminal
from app.web.step_up import asked
from app.web.visit import principal, session


def blueprint(flow: Access, provider_labels: Mapping[str, str]) -> Blueprint:
    room = Blueprint("api", __name__, url_prefix="/api/v1")

    @room.get("/me")
    @terminal
    def me() -> Response:
        here = session()
        who = here.identity
        return jsonify(
            name=who.name,
            email=who.email,
            provider={"id": who.provider, "label": provider_labels.get(who.provider, who.provider)},
            groups=sorted(who.groups),
            session={"expires_at": as_zulu(here.expires_at), "device": here.device},
        )

    @room.get("/roles")
    @terminal
    def roles() -> Response:
        return jsonify(roles=[_described(offer) for offer in flow.offers(session().identity)])

    @room.post("/credentials")
    @terminal
    def credentials() -> Response:
        body = _Body({"role_arn", "duration_minutes", "mfa_code"})
        wanted = Request(body.role(), Purpose.CLI, body.seconds(), body.text("mfa_code"))
        return jsonify(flow.issuance.issue(principal(), wanted).as_process_json())

    @room.post("/console")
    @terminal
    def console() -> Response:
        """Our own link, for the person's browser; the address that AWS takes never leaves a Location header."""
        body = _Body({"role_arn", "destination"})
        return jsonify(url=flow.console_link(principal(), body.role(), body.text("destination")))

    return room


class _Body:
    """The request's JSON object. A key we do not know is refused: it may be a limit that somebody relies on."""

    def __init__(self, known: set[str]) -> None:
        if request.mimetype != "application/json":
            raise InvalidRequest("Send the request as application/json.", reason="api.content_type")
        found = json_body()
        if not isinstance(found, dict):
            raise InvalidRequest("The body is not a JSON object.", reason="api.json")
        unknown = sorted(set(found) - known)
        if unknown:
            raise InvalidRequest(f"{unknown[0][:40]}: there is no such key; known are {', '.join(sorted(known))}.")
        self._found = found

    def text(self, key: str) -> str:
        value = self._found.get(key, "")
        if not isinstance(value, str):
            raise InvalidRequest(f"{key}: expected text.", reason="api.type")
        return value

    def role(self) -> RoleArn:
        try:
            return entry_arn(self.text("role_arn"))
        except ValueError:
            sentence = "role_arn: expected a role ARN such as arn:aws:iam::111122223333:role/Name."
            raise InvalidRequest(sentence, reason="api.role_arn") from None

    def seconds(self) -> int | None:
        minutes = self._found.get("duration_minutes")
        if minutes is None:
            return None
        if not isinstance(minutes, int) or isinstance(minutes, bool) or not 15 <= minutes <= 720:
            raise InvalidRequest("duration_minutes: expected a number from 15 to 720.", reason="duration")
        return 60 * minutes


def _described(offer: Offer) -> dict[str, object]:
    role = offer.grant.role
    return {
        "arn": role.arn,
        "account_id": offer.account.id,
        "account_name": offer.account.name,
        "name": role.arn.name,
        "label": role.label,
        "method": str(role.method),
        "region": role.region,
        "max_minutes": offer.plan.seconds // 60,
        "works": offer.plan.works,
        "reasons": offer.plan.reasons,
        "console": offer.can_open_console,
        "cli": Purpose.CLI in offer.grant.purposes,
        "profile": offer.profile,
        "step_up": asked(offer.step_up),
        "mfa_code": bool(role.mfa_serial),
    }
