"""Who is meant by a LogoutRequest, where the provider encrypts names (core 3.7.1; Shibboleth does unless told not to).

Opened only in a request whose signature holds: whoever could change the ciphertext and watch us fail is kept out before
a key of ours is used. Still an algorithm with an oracle is taken only where the operator allows it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from lxml import etree

from app.providers.randomness import Random
from app.providers.refusals import refused
from app.providers.saml import decryption, encryption
from app.providers.saml.keys import KeyPair
from app.providers.saml.names import saml


@dataclass(frozen=True, slots=True)
class Opening:
    keys: Sequence[KeyPair]
    random: Random
    allow_cbc: bool

    def name_id(self, request: etree._Element) -> etree._Element:
        """The one NameID of a verified request, as it came or as it was opened. Raises SignInRefused."""
        found = [child for child in request if child.tag in (saml("NameID"), saml("EncryptedID"))]
        if len(found) != 1:
            raise refused("saml.logout.subject")
        return found[0] if found[0].tag == saml("NameID") else self._opened(found[0])

    def _opened(self, encrypted: etree._Element) -> etree._Element:
        if not self.keys:
            raise refused("saml.logout.encrypted")
        sealed = encryption.read(encrypted, "EncryptedID")
        if sealed.has_oracle and not self.allow_cbc:
            raise refused("saml.encryption-algorithm")
        name, scope = saml("NameID"), encrypted.nsmap
        return decryption.element(decryption.opened(sealed, self.keys, self.random, scope, name), scope, name)
