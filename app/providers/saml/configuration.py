"""What is wrong with the settings of a SAML provider, before anything is made of them."""

from __future__ import annotations

from app.providers.saml import keys, metadata
from app.providers.settings import SamlSettings


def problems(settings: SamlSettings) -> list[str]:
    """Each begins with the key of gateway.toml that it is about."""
    return [*keys.problems(settings.keys), *_certificate_problems(settings), *_contradictions(settings)]


def _certificate_problems(settings: SamlSettings) -> list[str]:
    found = []
    for number, text in enumerate(settings.metadata_certificates, 1):
        try:
            metadata.pinned((text,))
        except metadata.UnusableMetadata:
            found.append(
                f"metadata_certificate_files[{number}]: the key must be RSA with 2048 bits or more, or a curve"
            )
        except ValueError:
            found.append(f"metadata_certificate_files[{number}]: expected one or more certificates in PEM")
    return found


def _contradictions(settings: SamlSettings) -> list[str]:
    found = []
    if settings.require_encryption and not settings.keys:
        found.append("require_encryption: needs a key to decrypt with; name one in key_files")
    if settings.require_encryption and settings.passthrough:
        found.append("require_encryption: answers that go on to AWS (passthrough) cannot be encrypted to this gateway")
    if settings.idp_initiated and settings.passthrough:
        # That an answer answers us is all that keeps what the provider sends to AWS itself out (`addressee_of`).
        found.append("idp_initiated: answers that go on to AWS (passthrough) must be asked for")
    return found
