"""What the operator says about a provider: the keys of gateway.toml's [[provider]], already parsed.

Nothing is checked here beyond types; `build_registry` reports what it cannot use.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from app.core.roles import Partition


@dataclass(frozen=True, slots=True)
class SamlSettings:
    id: str  # in addresses and in rules; letters, digits and dashes
    label: str  # what people see on the button
    metadata: str  # the provider's metadata: XML text, or the https address of it
    groups_attribute: str = "groups"
    name_attribute: str = "NameID"  # what the person is called in CloudTrail; "NameID" is the subject itself
    email_attribute: str = ""
    attributes: tuple[str, ...] = ()  # may become session tags; nothing else is kept
    mfa_contexts: tuple[str, ...] = ()  # AuthnContextClassRef values that count as more than a password
    # The provider signs the whole Response: then that signature is required and enough, the assertion's own optional.
    response_signed: bool = False
    # For how long an answer may say that it is valid. Entra ID and AD FS say an hour and cannot say less than ten.
    max_validity_minutes: int = 10
    allow_private_network: bool = False  # the metadata address may be on a private network
    # The provider addresses its answers to AWS of this partition instead of us, and they are kept for it.
    passthrough: Partition | None = None


@dataclass(frozen=True, slots=True)
class OidcSettings:
    id: str
    label: str
    issuer: str  # compared byte for byte with what discovery and every token say
    client_id: str
    client_secret: str = field(repr=False)
    scopes: tuple[str, ...] = ("openid", "profile", "email")
    groups_claim: str = "groups"  # a dotted path; a key that contains dots is tried whole first
    name_claim: str = "preferred_username"
    email_claim: str = "email"
    attributes: tuple[str, ...] = ()
    mfa_amr: tuple[str, ...] = ()  # RFC 8176 values that count as more than a password
    allow_private_network: bool = False  # may live on a private address; plain http then only on loopback
    passthrough: bool = False  # ID tokens are kept for AWS


ProviderSettings = SamlSettings | OidcSettings
