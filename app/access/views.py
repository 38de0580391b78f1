"""Pages of the access room."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import groupby

from flask import Blueprint, Response, request
from werkzeug.utils import redirect
from werkzeug.wrappers import Response as AnyResponse

from app.access import setup
from app.access.flow import Access, Offer
from app.core.identity import Identity
from app.core.names import federation_name, session_name
from app.core.roles import Assertion, Method, RoleArn
from app.errors import MfaCodeRequired
from app.web.guards import signed_in
from app.web.pages import page
from app.web.visit import principal, session, visit


def blueprint(flow: Access, provider_labels: Mapping[str, str], contact: str) -> Blueprint:
    """`contact`: whom people ask for a role, as gateway.toml says it; it may be empty."""
    room = Blueprint("access", __name__, template_folder="templates")

    @room.get("/")
    @signed_in
    def my_roles() -> Response:
        here = session()
        query = request.args.get("q", "").strip()[:100]
        offers = flow.offers(here.identity)
        shown = [offer for offer in offers if offer.matches(query)]
        return page(
            "access/roles.html",
            accounts=[(account, list(found)) for account, found in groupby(shown, key=lambda o: o.account)],
            total=len(offers),
            query=query,
            here=here,
            left=here.expires_at - flow.clock(),
            provider_label=provider_labels.get(here.identity.provider, here.identity.provider),
            contact=contact,
        )

    @room.get("/roles/<account>/<role_name>")
    @signed_in
    def role(account: str, role_name: str) -> Response:
        who = principal()
        offer = flow.offer(who, account, role_name)
        name = _name_in_aws(offer, who.session.identity)
        return page("access/role.html", offer=offer, session_name=name, lines=setup.first_call(offer))

    @room.get("/console/<account>/<role_name>")
    @signed_in
    def console(account: str, role_name: str) -> AnyResponse:
        who = principal()
        role = flow.role_named(who, account, role_name)
        try:
            url = flow.open_console(who, role, request.args.get("destination", ""))
        except MfaCodeRequired:
            return code_form(role)
        return redirect(url.value, 303)

    @room.post("/console/<account>/<role_name>")
    @signed_in
    def console_with_code(account: str, role_name: str) -> AnyResponse:
        who = principal()
        role = flow.role_named(who, account, role_name)
        code = "".join(request.form.get("mfa_code", "").split())  # some apps show it as two groups of three
        try:
            url = flow.open_console(who, role, request.args.get("destination", ""), code)
        except MfaCodeRequired:
            return code_form(role)
        return redirect(url.value, 303)

    def code_form(role: RoleArn) -> Response:
        """The browser follows the form's answer to AWS only if the page with the form has said so."""
        visit().form_targets = flow.console.targets(role.aws_partition)
        found = flow.catalog.view().roles[role]
        return page("access/code.html", role=found, here=session(), to=request.full_path.rstrip("?"))

    return room


def _name_in_aws(offer: Offer, who: Identity) -> str:
    """As CloudTrail will show the session; empty where AWS gives it no name of ours."""
    match offer.grant.method:
        case Method.FEDERATION_TOKEN:
            return federation_name(who)
        case Method.SESSION_TOKEN | Method.COGNITO:
            return ""
        case Method.SAML if offer.grant.role.assertion is Assertion.PASSTHROUGH:
            return ""  # the company's provider has chosen it
        case _:
            return session_name(who)
