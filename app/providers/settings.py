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
    enabled: bool = True  # False: nobody signs in by it, and everybody who did is signed out
    email_domains: tuple[str, ...] = ()  # lower case, without the @: people of these are led here
    sign_out_at_provider: bool = True  # signing out here signs out there, where the provider offers it
    # PEM certificates of whoever signs the metadata; then metadata without their signature is refused.
    metadata_certificates: tuple[str, ...] = ()
    # Ours, PEM, key and certificate in one text: the first signs, all decrypt, all are in our metadata.
    keys: tuple[str, ...] = field(default=(), repr=False)
    sign_requests: bool = True  # if there is a key
    require_encryption: bool = False  # an assertion in clear is refused
    # AES-CBC or RSA 1.5 (both have oracles), and only inside a Response whose signature is checked before decryption.
    allow_cbc_encryption: bool = False
    idp_initiated: bool = False  # answers that nobody here asked for; the person is then asked instead
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
    mfa_acr: tuple[str, ...] = ()  # `acr` values that count as more than a password, and are asked for
    enabled: bool = True  # False: nobody signs in by it, and everybody who did is signed out
    email_domains: tuple[str, ...] = ()  # lower case, without the @: people of these are led here
    sign_out_at_provider: bool = True  # signing out here signs out there, where the provider offers it
    allow_private_network: bool = False  # may live on a private address; plain http then only on loopback
    passthrough: bool = False  # ID tokens are kept for AWS
    graph: str = ""  # Microsoft Graph's address, where people with too many groups are looked up; empty: refused


ProviderSettings = SamlSettings | OidcSettings
