"""Alice's gateway and her SAML provider, on the day on which something ends."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from ssl import SSLContext
from typing import Any

from lxml import etree

from app.core.identity import Identity
from app.providers.arrival import Departure, Ending
from app.providers.registry import build_registry
from app.providers.saml import keys
from app.providers.saml.logout_incoming import Incoming
from app.providers.saml.provider import SamlProvider
from app.providers.settings import SamlSettings
from tests.forges.saml import PERSISTENT
from tests.forges.saml_logout import LogoutDraft, LogoutForge, build
from tests.providers.conftest import BASE_URL

NOW = datetime.now(UTC).replace(microsecond=0)
OURS = keys.new(NOW, 2048)
UPSTREAM = {
    "name_id": "alice",
    "name_id.Format": PERSISTENT,
    "name_id.NameQualifier": "https://idp.example.com/saml",
    "session_index": "_s1",
}


@dataclass
class Parting:
    """Alice's gateway and her provider, on the day on which something ends."""

    forge: LogoutForge
    provider: SamlProvider

    @property
    def slo(self) -> str:
        return self.provider.us.slo

    def asks(self, **changes: Any) -> LogoutDraft:
        return self.forge.asks(self.slo, NOW, **changes)

    def told(self, draft: LogoutDraft | etree._Element, binding: str, relay_state: str | None = "opaque-1") -> Ending:
        message = build(draft) if isinstance(draft, LogoutDraft) else draft
        return self.provider.told_to_end(self.incoming(message, binding, relay_state), NOW)

    def incoming(self, message: etree._Element, binding: str, relay_state: str | None = "opaque-1") -> Incoming:
        if binding == "post":
            return Incoming("post", form=self.forge.form(message, relay_state))
        return Incoming("redirect", query=self.forge.query(message, relay_state))

    def leave(self, upstream: Mapping[str, str] = UPSTREAM, **how: Any) -> Departure:
        departure = self.provider.farewell(upstream, alice(), f"{BASE_URL}/signout", "state-key", NOW, **how)
        assert departure is not None
        return departure

    def answer(self, ending: Ending, succeeded: bool = True) -> Departure:
        found = self.provider.answer_end(ending, succeeded, NOW)
        assert found is not None
        return found

    def answered(self, departure: Departure, binding: str = "redirect", **changes: Any) -> bool:
        draft = self.forge.answers(self.slo, departure.kept["request_id"], NOW, **changes)
        return self.provider.farewell_answered(self.incoming(build(draft), binding), departure.kept, NOW)


def alice() -> Identity:
    return Identity("corp", "alice", "alice", frozenset(), NOW, NOW)


def corp_of(forge: LogoutForge, tls: SSLContext, metadata: str = "", **changes: Any) -> Parting:
    """`changes` of the settings."""
    settings = SamlSettings(id="corp", label="Example Corp", metadata=metadata or forge.metadata(), keys=(OURS,))
    provider = build_registry([replace(settings, **changes)], BASE_URL, tls=tls).get("corp")
    assert isinstance(provider, SamlProvider)
    return Parting(forge, provider)
