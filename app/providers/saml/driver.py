"""python3-saml, and the edge at which it ends: its settings, its verdict, its exceptions.

The only file that imports it. It verifies signatures and repeats, in its own way, much of what `rules`
checks; it reads the wall clock, `rules` the clock that was handed in, and an answer has to please both.
"""

from __future__ import annotations

import base64
import copy
from typing import Any
from urllib.parse import urlsplit

from lxml import etree
from onelogin.saml2.errors import OneLogin_Saml2_ValidationError as Invalid
from onelogin.saml2.idp_metadata_parser import OneLogin_Saml2_IdPMetadataParser as MetadataParser
from onelogin.saml2.response import OneLogin_Saml2_Response
from onelogin.saml2.settings import OneLogin_Saml2_Settings

from app.errors import GatewayError, SignInRefused
from app.providers.refusals import refused
from app.providers.saml.names import HTTP_POST, PERSISTENT, ds, saml
from app.providers.saml.peers import ServiceProvider, TrustedProvider
from app.providers.saml.prefilter import Admitted

# What the library objects to, in our words. Anything that is not listed is `saml.unexpected`.
_REASONS = {
    Invalid.UNSUPPORTED_SAML_VERSION: "saml.structure",
    Invalid.MISSING_ID: "saml.structure",
    Invalid.WRONG_NUMBER_OF_ASSERTIONS: "saml.structure",
    Invalid.MISSING_STATUS: "saml.structure",
    Invalid.MISSING_STATUS_CODE: "saml.structure",
    Invalid.STATUS_CODE_IS_NOT_SUCCESS: "saml.provider-error",
    Invalid.WRONG_SIGNED_ELEMENT: "saml.signature-structure",
    Invalid.ID_NOT_FOUND_IN_SIGNED_ELEMENT: "saml.signature-structure",
    Invalid.DUPLICATED_ID_IN_SIGNED_ELEMENTS: "saml.signature-structure",
    Invalid.INVALID_SIGNED_ELEMENT: "saml.signature-structure",
    Invalid.DUPLICATED_REFERENCE_IN_SIGNED_ELEMENTS: "saml.signature-structure",
    Invalid.UNEXPECTED_SIGNED_ELEMENTS: "saml.signature-structure",
    Invalid.WRONG_NUMBER_OF_SIGNATURES_IN_RESPONSE: "saml.signature-structure",
    Invalid.WRONG_NUMBER_OF_SIGNATURES_IN_ASSERTION: "saml.signature-structure",
    Invalid.WRONG_NUMBER_OF_SIGNATURES: "saml.signature-structure",
    Invalid.INVALID_XML_FORMAT: "saml.structure",
    Invalid.WRONG_INRESPONSETO: "saml.in-response-to",
    Invalid.MISSING_CONDITIONS: "saml.conditions",
    Invalid.ASSERTION_TOO_EARLY: "saml.too-early",
    Invalid.ASSERTION_EXPIRED: "saml.expired",
    Invalid.WRONG_NUMBER_OF_AUTHSTATEMENTS: "saml.authn-statement",
    Invalid.ENCRYPTED_ATTRIBUTES: "saml.encrypted",
    Invalid.WRONG_DESTINATION: "saml.destination",
    Invalid.EMPTY_DESTINATION: "saml.destination",
    Invalid.WRONG_AUDIENCE: "saml.audience",
    Invalid.ISSUER_MULTIPLE_IN_RESPONSE: "saml.issuer",
    Invalid.ISSUER_NOT_FOUND_IN_ASSERTION: "saml.issuer",
    Invalid.WRONG_ISSUER: "saml.issuer",
    Invalid.SESSION_EXPIRED: "saml.session-expired",
    Invalid.WRONG_SUBJECTCONFIRMATION: "saml.subject-confirmation",
    Invalid.NO_SIGNED_MESSAGE: "saml.unsigned",
    Invalid.NO_SIGNED_ASSERTION: "saml.unsigned",
    Invalid.NO_SIGNATURE_FOUND: "saml.unsigned",
    Invalid.INVALID_SIGNATURE: "saml.signature",
    Invalid.DEPRECATED_SIGNATURE_METHOD: "saml.signature-algorithm",
    Invalid.DEPRECATED_DIGEST_METHOD: "saml.signature-algorithm",
}


class _Response(OneLogin_Saml2_Response):  # type: ignore[misc] # the library has no types
    """The library's reading of a response that `answers` has opened.

    By itself it would decrypt whatever comes, with any algorithm that xmlsec knows, before any signature.
    """

    def __init__(self, settings: OneLogin_Saml2_Settings, encoded: str, opened: etree._Element) -> None:
        self._opened = opened
        super().__init__(settings, encoded)

    def _decrypt_assertion(self, _xml: etree._Element) -> etree._Element:
        return etree.fromstring(etree.tostring(self._opened))


def verify(
    admitted: Admitted, clear: etree._Element, us: ServiceProvider, them: TrustedProvider, request_id: str | None
) -> None:
    """Have the library verify the response. Raises SignInRefused, and nothing else.

    `clear` is the document with its assertion in clear. The library is shown the bytes that were admitted, encoded
    afresh, and must have read the same document. Without a `request_id` it does not look at InResponseTo; `rules` does.
    """
    try:
        raw, shown, whole = admitted.raw, admitted.root, them.response_signed
        if admitted.is_encrypted and clear.find(f"{saml('Assertion')}/{ds('Signature')}") is not None:
            # Its schemas end at XML Encryption 1.0. The signature of the Response, if any, is over the ciphertext and
            # `answers` has verified it; of what was inside, which has its own, the library is asked for its opinion.
            shown, whole = _without_signature(clear), False
            raw = etree.tostring(shown)
        settings = OneLogin_Saml2_Settings(_settings(us, them, whole_response=whole))
        response = _Response(settings, base64.b64encode(raw).decode(), clear)
        if _canonical(response.document) != _canonical(shown):
            raise refused("saml.structure")
        response.is_valid(_request_data(us.acs), request_id, raise_exceptions=True)
    except GatewayError:
        raise
    except Exception as failure:
        raise translated(failure) from failure


def _without_signature(root: etree._Element) -> etree._Element:
    """Without the Response's own; the assertion keeps its."""
    copied = copy.deepcopy(root)
    for signature in copied.findall(ds("Signature")):
        copied.remove(signature)
    return copied


def translated(failure: Exception) -> SignInRefused:
    """Our refusal for whatever the library, xmlsec or lxml raised."""
    if isinstance(failure, Invalid):
        return refused(_REASONS.get(failure.code, "saml.unexpected"))
    return refused("saml.unexpected")


def read_metadata(text: bytes, entity_id: str) -> dict[str, Any]:
    """The library's reading of metadata that `metadata` has already judged. May raise anything."""
    parsed = MetadataParser.parse(text, entity_id=entity_id)
    return dict(parsed.get("idp", {}))


def _settings(us: ServiceProvider, them: TrustedProvider, *, whole_response: bool) -> dict[str, Any]:
    return {
        "strict": True,
        "debug": False,
        "sp": {
            "entityId": us.entity_id,
            "assertionConsumerService": {"url": us.acs, "binding": HTTP_POST},
            "NameIDFormat": PERSISTENT,
        },
        "idp": {
            "entityId": them.entity_id,
            "singleSignOnService": {"url": them.sso_url},
            # Full certificates, never a fingerprint: a fingerprint is looked up in the attacker's own KeyInfo.
            "x509certMulti": {"signing": list(them.certificates)},
        },
        "security": {
            "wantAssertionsSigned": not whole_response,
            "wantMessagesSigned": whole_response,
            "rejectDeprecatedAlgorithm": True,
            "wantNameId": True,
            "wantAttributeStatement": False,  # a missing one is told with the better words of GroupsUnknown
            "wantAssertionsEncrypted": False,
            "allowRepeatAttributeName": False,
            "requestedAuthnContext": False,
            "allowSingleLabelDomains": True,  # `https://sso/` is a fine name inside a company
        },
    }


def _request_data(acs: str) -> dict[str, Any]:
    """Where the message arrived, from the configuration: with the Host header a stranger chooses the ACS."""
    parts = urlsplit(acs)
    return {
        "https": "on" if parts.scheme == "https" else "off",
        "http_host": parts.netloc,
        "script_name": parts.path,
        "get_data": {},
        "post_data": {},
    }


def _canonical(root: etree._Element) -> bytes:
    return etree.tostring(root, method="c14n", exclusive=True, with_comments=True)
