"""What AWS must know of the gateway, and how the identity providers stand, for programs."""

from __future__ import annotations

from flask import Blueprint, Response, jsonify, request

from app.admin.flow import Admin
from app.awsside.documents import AccountSide
from app.core.credentials import as_zulu
from app.core.expiry import Certificate
from app.providers.state import Copy, ProviderState
from app.web.guards import admin_terminal
from app.web.standing import Standing


def blueprint(flow: Admin, standing: Standing) -> Blueprint:
    room = Blueprint("admin_api", __name__, url_prefix="/api/v1/admin")

    @room.get("/providers")
    @admin_terminal
    def providers() -> Response:
        """As they stand in the process that answers: each keeps copies of its own."""
        return jsonify(
            providers=[_provider(state) for state in standing.providers()],
            own=[_certificate(one) for one in standing.own],
            problems=list(standing.problems()),
            waits_for_restart=list(standing.waiting()),
        )

    @room.get("/aws")
    @admin_terminal
    def accounts() -> Response:
        found = flow.accounts()
        return jsonify(
            accounts=[
                {"id": one.account.id, "name": one.account.name, "partition": one.account.partition, "roles": one.roles}
                for one in found
            ]
        )

    @room.get("/aws/<account>")
    @admin_terminal
    def side(account: str) -> Response:
        """`role`: only what this one adds."""
        return jsonify(_side(flow.side(account, request.args.get("role", ""))))

    @room.get("/aws/<account>/<form>")
    @admin_terminal
    def file(account: str, form: str) -> Response:
        return Response(flow.file(account, form, request.args.get("role", "")).text, mimetype="application/json")

    return room


def _side(side: AccountSide) -> dict[str, object]:
    return {
        "account_id": side.account.id,
        "name": side.account.name,
        "saml_providers": [{"arn": one.arn, "name": one.name} for one in side.saml],
        "oidc_providers": [{"arn": one.arn, "url": one.url, "client_ids": one.client_ids} for one in side.oidc],
        "roles": [
            {"arn": one.arn, "max_seconds": one.max_seconds, "trust_policy": one.trust, "notes": one.notes}
            for one in side.roles
        ],
        "policies": [{"arn": one.principal, "name": one.name, "document": one.document} for one in side.policies],
        "notes": side.notes,
        "problems": side.problems,
    }


def _provider(state: ProviderState) -> dict[str, object]:
    return {
        "id": state.id,
        "label": state.label,
        "kind": state.kind,
        "enabled": state.enabled,
        "trouble": state.trouble,
        "name": state.name,
        "source": state.source,
        "copies": [_copy(one) for one in state.copies],
        "keys": [{"kid": one.kid, "kind": one.kind, "thumbprint": one.thumbprint} for one in state.keys],
        "certificates": [_certificate(one) for one in state.certificates],
        "addresses": [{"what": what, "address": address} for what, address in state.addresses],
        "does": state.does,
    }


def _copy(one: Copy) -> dict[str, object]:
    fetched, failed = one.report.fetched_at, one.report.failed_at
    return {
        "what": one.what,
        "fetched_at": None if fetched is None else as_zulu(fetched),
        "failed_at": None if failed is None else as_zulu(failed),
        "failure": one.report.failure,
    }


def _certificate(one: Certificate) -> dict[str, object]:
    return {"owner": one.owner, "thumbprint": one.thumbprint, "ends_at": as_zulu(one.ends)}
