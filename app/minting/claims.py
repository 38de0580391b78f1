"""What a minted document says about one session: the same facts, whichever format carries them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from app.core.roles import ProviderArn, RoleArn, SessionName, SourceIdentity
from app.core.session_tags import SessionTags

LIFE = timedelta(minutes=5)  # STS takes a SAML response for five minutes; a token needs no longer either
SKEW = timedelta(seconds=30)


@dataclass(frozen=True, slots=True)
class SessionClaims:
    """`subject` is stable for the person and says nothing about them (6-255 characters; AWS logs it)."""

    role: RoleArn
    provider: ProviderArn
    subject: str
    session_name: SessionName
    source_identity: SourceIdentity | None  # None for the gateway's own sessions: it could not be changed in a chain
    tags: SessionTags
    transitive_tags: tuple[str, ...]
