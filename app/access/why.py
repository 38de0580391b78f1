"""Why may I take this role, or why not? For oneself, as a page and for a terminal."""

from __future__ import annotations

from collections.abc import Mapping

from flask import Blueprint, Response, jsonify, request

from app.core.identity import Identity
from app.core.roles import entry_arn
from app.errors import InvalidRequest
from app.web.guards import signed_in, terminal
from app.web.pages import page
from app.web.visit import session
from app.why import OwnAnswer, Why, own_answer


def blueprint(why: Why, provider_labels: Mapping[str, str]) -> Blueprint:
    room = Blueprint("why", __name__, template_folder="templates")

    @room.get("/why/<account>/<role_name>")
    @signed_in
    def why_not(account: str, role_name: str) -> Response:
        answer = _answer(session().identity, account, role_name)
        return page("access/why.html", answer=answer, contact=why.contact)

    @room.get("/api/v1/why")
    @terminal
    def why_not_api() -> Response:
        try:
            arn = entry_arn(request.args.get("role_arn", ""))
        except ValueError:
            sentence = "role_arn: expected a role ARN such as arn:aws:iam::111122223333:role/Name."
            raise InvalidRequest(sentence, reason="api.role_arn") from None
        who = session().identity
        label = provider_labels.get(who.provider, who.provider)
        return jsonify(_described(own_answer(why.told(who, arn), arn.account, arn.name, label), why.contact))

    def _answer(who: Identity, account: str, role_name: str) -> OwnAnswer:
        arn = why.named(account, role_name)
        label = provider_labels.get(who.provider, who.provider)
        return own_answer(None if arn is None else why.told(who, arn), account, role_name, label)

    return room


def _described(answer: OwnAnswer, contact: str) -> dict[str, object]:
    return {
        "answer": str(answer.verdict),
        "account_id": answer.account,
        "name": answer.name,
        "because": list(answer.chain),
        "limits": list(answer.limits),
        "ways": [
            {"groups": list(way.groups), "attributes": {k: list(v) for k, v in way.attributes}, "pattern": way.pattern}
            for way in answer.ways
        ],
        "contact": contact,
    }
