"""An answer in clear, whether it came so or encrypted, and the assertion of it that was signed.

An encrypted answer is opened in this order: the signature of the Response, if it has one, over the ciphertext;
shape and algorithms of the encryption; decryption, from the octets that were signed; and then everything that is
asked of an answer in clear, of the document with the assertion in its place. So the library never decrypts, never
meets an algorithm that is not of our lists, and what was inside is believed only if it was signed.
"""

from __future__ import annotations

import copy
from collections.abc import Sequence
from dataclasses import dataclass

from lxml import etree

from app.providers.randomness import Random
from app.providers.refusals import refused
from app.providers.saml import decryption, encryption
from app.providers.saml.keys import KeyPair
from app.providers.saml.names import ds, saml
from app.providers.saml.peers import TrustedProvider
from app.providers.saml.prefilter import Admitted, check_opened
from app.providers.saml.signed import signed_element


@dataclass(frozen=True, slots=True)
class Clear:
    """`root` with its one Assertion in clear: as it came, or as it was opened. Nothing in it is believed yet.

    `inside`: the assertion out of octets that the Response's verified signature covered, if it was encrypted so.
    """

    root: etree._Element
    inside: etree._Element | None = None


def in_clear(
    admitted: Admitted, them: TrustedProvider, keys: Sequence[KeyPair], random: Random, *, allow_cbc: bool
) -> Clear:
    """Raises SignInRefused. Without keys an encrypted answer is `saml.encrypted`."""
    if not admitted.is_encrypted:
        return Clear(admitted.root)
    if not keys:
        raise refused("saml.encrypted")
    is_signed = admitted.root.find(ds("Signature")) is not None
    response = signed_element(admitted.root, them.certificates) if is_signed else admitted.root
    sealed = encryption.read(_encrypted(response))
    # Whoever can change the ciphertext of these and watch us fail can decrypt it; a signed one cannot be changed.
    if sealed.has_oracle and not (allow_cbc and is_signed):
        raise refused("saml.encryption-algorithm")
    octets = decryption.opened(sealed, keys, random, _encrypted(admitted.root).nsmap)
    root = _with(decryption.element(octets, _encrypted(admitted.root).nsmap), admitted.root)
    check_opened(root, admitted)
    if not (is_signed and them.response_signed):
        return Clear(root)
    # Believed without a signature of its own, so in the scope that was signed: what a prefix means is a claim as well.
    return Clear(root, decryption.element(octets, _encrypted(response).nsmap))


def signed_assertion(clear: Clear, them: TrustedProvider) -> etree._Element:
    """The assertion as signed: by its own signature, or by the Response's where the provider signs that.

    Read from the very octets (`signed`). Raises SignInRefused.
    """
    if not them.response_signed:
        return signed_element(_only(clear.root), them.certificates)
    if clear.inside is not None:
        return clear.inside
    return _only(signed_element(clear.root, them.certificates))


def _only(root: etree._Element) -> etree._Element:
    found = root.findall(saml("Assertion"))
    if len(found) != 1:
        raise refused("saml.structure")
    return found[0]


def _encrypted(root: etree._Element) -> etree._Element:
    found = root.findall(saml("EncryptedAssertion"))
    if len(found) != 1:
        raise refused("saml.structure")
    return found[0]


def _with(assertion: etree._Element, root: etree._Element) -> etree._Element:
    """The document with the assertion where its encrypted form was."""
    whole = copy.deepcopy(root)
    whole.replace(_encrypted(whole), assertion)
    return whole
