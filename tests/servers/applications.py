"""Two small applications that know nothing of ours: a SAML one on python3-saml, an OIDC one on Authlib.

They are the second opinion in the tests of the providers: what they accept in strict mode, others accept too.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import requests
from authlib.common.security import generate_token
from authlib.integrations.requests_client import OAuth2Session
from joserfc import jwt
from joserfc.jwk import KeySet
from onelogin.saml2.auth import OneLogin_Saml2_Auth
from onelogin.saml2.idp_metadata_parser import OneLogin_Saml2_IdPMetadataParser as MetadataParser

from tests.servers.browser import Stopped

PERSISTENT = "urn:oasis:names:tc:SAML:2.0:nameid-format:persistent"


@dataclass(frozen=True, slots=True)
class SamlApplication:
    """A service provider in strict mode: Response and Assertion signed, nothing deprecated."""

    entity_id: str
    acs: str
    metadata: bytes  # the provider's

    def ask(self, contexts: list[str] | None = None) -> tuple[str, str]:
        """The address with an AuthnRequest for the browser, and the request's id."""
        auth = self._auth({}, contexts)
        url = auth.login(return_to="relay-1", is_passive=False)
        return url, auth.get_last_request_id()

    def accept(self, answer: Stopped, request_id: str) -> OneLogin_Saml2_Auth:
        """What python3-saml makes of the form that reached the ACS."""
        auth = self._auth(answer.form)
        auth.process_response(request_id=request_id)
        return auth

    def _auth(self, form: dict[str, str], contexts: list[str] | None = None) -> OneLogin_Saml2_Auth:
        acs = urlsplit(self.acs)
        request = {
            "http_host": acs.netloc,
            "script_name": acs.path,
            "https": "off",
            "get_data": {},
            "post_data": form,
        }
        return OneLogin_Saml2_Auth(request, self._settings(contexts))

    def _settings(self, contexts: list[str] | None) -> dict[str, Any]:
        ours = {
            "strict": True,
            "sp": {
                "entityId": self.entity_id,
                "assertionConsumerService": {"url": self.acs},
                "NameIDFormat": PERSISTENT,
            },
            "security": {
                "wantAssertionsSigned": True,
                "wantMessagesSigned": True,
                "wantNameId": True,
                "rejectDeprecatedAlgorithm": True,
                "requestedAuthnContext": contexts or False,
            },
        }
        settings: dict[str, Any] = MetadataParser.merge_settings(ours, MetadataParser.parse(self.metadata))
        return settings


@dataclass(slots=True)
class OidcApplication:
    """A client with code, PKCE, nonce and state."""

    issuer: str
    client_id: str
    secret: str
    redirect_uri: str
    scope: str = "openid profile email groups"
    auth_method: str = "client_secret_basic"
    nonce: str = field(default_factory=lambda: generate_token(24))
    verifier: str = field(default_factory=lambda: generate_token(48))
    metadata: dict[str, Any] = field(init=False)
    session: OAuth2Session = field(init=False)

    def __post_init__(self) -> None:
        address = f"{self.issuer}/.well-known/openid-configuration"
        self.metadata = requests.get(address, timeout=60, proxies={"http": ""}).json()
        self.session = OAuth2Session(
            self.client_id,
            self.secret,
            scope=self.scope,
            redirect_uri=self.redirect_uri,
            token_endpoint_auth_method=self.auth_method,
            code_challenge_method="S256",
        )
        self.session.trust_env = False

    def ask(self, **more: str) -> str:
        url, _ = self.session.create_authorization_url(
            self.metadata["authorization_endpoint"], nonce=self.nonce, code_verifier=self.verifier, **more
        )
        return str(url)

    def tokens(self, answer: Stopped, verifier: str = "") -> dict[str, Any]:
        """Exchange the code; Authlib raises when the provider refuses."""
        tokens: dict[str, Any] = self.session.fetch_token(
            self.metadata["token_endpoint"], authorization_response=answer.url, code_verifier=verifier or self.verifier
        )
        return tokens

    def claims(self, tokens: dict[str, Any]) -> dict[str, Any]:
        """The ID token's claims, after signature, issuer, audience, nonce and time were checked."""
        keys = KeySet.import_key_set(requests.get(self.metadata["jwks_uri"], timeout=60, proxies={"http": ""}).json())
        token = jwt.decode(tokens["id_token"], keys, algorithms=["RS256"])
        jwt.JWTClaimsRegistry(
            iss={"essential": True, "value": self.issuer},
            aud={"essential": True, "value": self.client_id},
            nonce={"essential": True, "value": self.nonce},
            exp={"essential": True},
        ).validate(token.claims)
        return token.claims
