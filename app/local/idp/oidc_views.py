"""OpenID Connect over HTTP: discovery, the page, tokens, userinfo, and leaving."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlencode, urlsplit

from flask import Blueprint, Response, jsonify, make_response, redirect, render_template, request
from werkzeug.wrappers import Response as AnyResponse

from app.local.cast import CAST
from app.local.idp import authorization, back_channel, discovery, picking
from app.local.idp.authorization import AuthorizationError, AuthorizationRequest
from app.local.idp.codes import CodeGrant, Keepsakes
from app.local.idp.given_sessions import GivenSession, GivenSessions
from app.local.idp.refusals import RefusedRequest
from app.local.idp.registration import Addresses, OidcApplication
from app.local.idp.token_exchange import TokenError, TokenExchange
from app.local.idp.tokens import IdTokens, person_claims

_PROTOCOL, _HOW = "OpenID Connect", "back-channel logout"


@dataclass(frozen=True, slots=True)
class OidcFlow:
    """All that the OIDC side may touch."""

    application: OidcApplication
    addresses: Addresses
    tokens: IdTokens
    codes: Keepsakes[CodeGrant]
    access: Keepsakes[CodeGrant]
    refresh: Keepsakes[CodeGrant]
    given: GivenSessions
    clock: Callable[[], datetime]

    def asked(self) -> AuthorizationRequest | AuthorizationError:
        return authorization.read(request.args, self.application, picking.MFA_CONTEXT)

    def exchange(self) -> TokenExchange:
        return TokenExchange(self.application, self.tokens, self.codes, self.access, self.refresh, self.given)

    def back(self, **parameters: str) -> AnyResponse:
        return redirect(authorization.answer_address(self.application, self.addresses, **parameters), 303)

    def tell(self, error: AuthorizationError) -> AnyResponse:
        return self.back(error=error.error, error_description=error.description, state=error.state)

    def answer(self, asked: AuthorizationRequest, pick: picking.Pick | None) -> AnyResponse:
        if pick is None:
            return self.tell(AuthorizationError("access_denied", "the person chose to be nobody", asked.state))
        sid = self.given.begin(pick.member, pick.at)
        code = self.codes.put(CodeGrant(pick, asked.nonce, asked.code_challenge, asked.scopes, sid))
        return self.back(code=code, state=asked.state)

    def end(self, session: GivenSession) -> bool:
        """Over here, whatever the application says; whether it says that it is over there as well."""
        self.given.end(session.member.subject, (session.index,))
        token = self.tokens.make_logout(session, self.clock())
        return back_channel.tell(self.application.backchannel_uri, token)

    def end_hinted(self) -> None:
        """The session of `id_token_hint`. There is no browser session beside it that could mean another one."""
        hint = request.values.get("id_token_hint", "")
        index = self.tokens.session_of(hint) if hint else ""
        if hint and not index:
            raise RefusedRequest("The hint is no ID token of this provider.", reason="id_token_hint")
        session = self.given.find(index)
        if session is not None:
            self.end(session)

    def after_logout(self) -> AnyResponse | None:
        """Back to the application (OpenID Connect RP-Initiated Logout 2), when the address is registered."""
        uri = request.values.get("post_logout_redirect_uri", "")
        if not uri:
            return None
        if not self.application.may_return_after_logout(uri):
            raise RefusedRequest("The address to return to is not registered here.", reason="post_logout_redirect_uri")
        state = request.values.get("state", "")
        return redirect(f"{uri}?{urlencode({'state': state})}" if state else uri, 303)


def blueprint(flow: OidcFlow) -> Blueprint:
    oidc = Blueprint("oidc", __name__)
    _people(oidc, flow)
    _programs(oidc, flow)
    return oidc


def _people(oidc: Blueprint, flow: OidcFlow) -> None:
    @oidc.get("/oidc/authorize")
    def ask() -> str | AnyResponse:
        asked = flow.asked()
        if isinstance(asked, AuthorizationError):
            return flow.tell(asked)
        return render_template(
            "pick.html",
            cast=CAST,
            application=urlsplit(flow.application.redirect_uri).netloc,
            protocol=_PROTOCOL,
            wants_mfa=asked.wants_mfa,
        )

    @oidc.post("/oidc/authorize")
    def answer() -> AnyResponse:
        asked = flow.asked()
        if isinstance(asked, AuthorizationError):
            return flow.tell(asked)
        return flow.answer(asked, picking.read(request.form, flow.clock()))

    @oidc.route("/oidc/logout", methods=["GET", "POST"])
    def leave() -> str | AnyResponse:
        back = flow.after_logout()  # first: an address that is not registered ends nothing
        flow.end_hinted()
        return back or render_template("left.html")

    @oidc.get("/oidc/sessions")
    def sessions() -> str:
        return render_template("sessions.html", given=flow.given.newest_first(), protocol=_PROTOCOL, how=_HOW)

    @oidc.post("/oidc/sessions")
    def end() -> str:
        session = flow.given.find(request.form.get("session", ""))
        if session is None:
            raise RefusedRequest("That session is over already.", reason="session")
        return render_template("left.html", said_done=flow.end(session), asked=True)


def _programs(oidc: Blueprint, flow: OidcFlow) -> None:
    @oidc.get("/.well-known/openid-configuration")
    def configuration() -> Response:
        return jsonify(discovery.document(flow.addresses))

    @oidc.get("/oidc/jwks.json")
    def jwks() -> Response:
        return jsonify(flow.tokens.jwks())

    @oidc.post("/oidc/token")
    def token() -> Response:
        match flow.exchange().exchange(request.form, request.headers.get("Authorization", ""), flow.clock()):
            case TokenError() as problem:
                response = make_response(
                    jsonify(error=problem.error, error_description=problem.description), problem.status
                )
                if problem.status == 401:
                    response.headers["WWW-Authenticate"] = 'Basic realm="token"'
                return response
            case tokens:
                return jsonify(tokens)

    @oidc.route("/oidc/userinfo", methods=["GET", "POST"])  # both (OpenID Connect Core 5.3.1)
    def userinfo() -> Response:
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        grant = flow.access.get(token) if scheme.lower() == "bearer" else None
        if grant is None:
            response = make_response(jsonify(error="invalid_token"), 401)
            response.headers["WWW-Authenticate"] = 'Bearer error="invalid_token"'
            return response
        return jsonify(person_claims(grant.pick, grant.scopes))
