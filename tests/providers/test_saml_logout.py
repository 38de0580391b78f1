"""Single Logout as the provider's object sees it: what we send, what we believe, and everything that we do not."""

from __future__ import annotations

import copy
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from ssl import SSLContext
from typing import Any
from urllib.parse import quote, urlsplit

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from app.errors import SignInRefused, SignOutRefused
from app.providers.refusals import UNPROVEN
from app.providers.saml import keys
from app.providers.saml.logout_incoming import Incoming
from app.providers.saml.provider import SamlProvider
from tests.forges.saml import (
    DS,
    EXC,
    MORE,
    PERSISTENT,
    SAML,
    SAMLP,
    SUCCESS,
    TRANSIENT,
    SamlForge,
    Signing,
    make_certificate,
)
from tests.forges.saml_logout import (
    REDIRECT,
    REQUEST,
    RESPONSE,
    SLO,
    STATUS,
    LogoutForge,
    build,
    deflated,
    inflated,
    is_signed,
)
from tests.providers.conftest import BASE_URL
from tests.providers.parting import NOW, OURS, UPSTREAM, Parting, alice, corp_of
from tests.servers.browser import Stopped


@pytest.fixture(scope="module")
def forge() -> LogoutForge:
    return LogoutForge()


@pytest.fixture(scope="module")
def parting(forge: LogoutForge, tls: SSLContext) -> Callable[..., Parting]:
    return partial(corp_of, forge, tls)


@pytest.fixture(scope="module")
def corp(parting: Callable[..., Parting]) -> Parting:
    return parting()


def refusal(provider: SamlProvider, message: Incoming, now: datetime = NOW) -> str:
    """The reason; the sentence is the same for everything in this file that could help a forger."""
    with pytest.raises(SignOutRefused) as caught:
        provider.told_to_end(message, now)
    assert caught.value.sentence == UNPROVEN
    assert caught.value.status == 400
    return caught.value.reason.removeprefix("saml.logout.")


def raw_query(url: str) -> str:
    return urlsplit(url).query


BOTH = pytest.mark.parametrize("binding", ["redirect", "post"])


class TestTheyAsk:
    @BOTH
    def test_alices_session_is_named(self, corp: Parting, binding: str) -> None:
        draft = corp.asks()
        ending = corp.told(draft, binding)
        assert (ending.subject, ending.sids) == ("alice", ("_s1",))
        assert ending.used_once == f"corp:logout:{draft.id}"
        assert NOW < ending.used_until <= NOW + timedelta(minutes=10)

    @BOTH
    def test_without_an_index_all_of_hers_are_meant(self, corp: Parting, binding: str) -> None:
        assert corp.told(corp.asks(indexes=()), binding).sids == ()

    def test_several_indexes_are_several_sessions(self, corp: Parting) -> None:
        assert corp.told(corp.asks(indexes=("_s1", "_s2")), "redirect").sids == ("_s1", "_s2")

    def test_our_own_name_as_qualifier_is_ours(self, corp: Parting) -> None:
        named = (("Format", PERSISTENT), ("SPNameQualifier", corp.provider.us.entity_id))
        assert corp.told(corp.asks(name_attributes=named), "post").subject == "alice"

    def test_an_issuer_may_say_that_it_is_an_entity(self, corp: Parting) -> None:
        # SimpleSAMLphp does.
        form = "urn:oasis:names:tc:SAML:2.0:nameid-format:entity"
        assert corp.told(corp.asks(issuer_format=form), "redirect").subject == "alice"

    def test_it_may_travel_without_a_relay_state(self, corp: Parting) -> None:
        ending = corp.told(corp.asks(), "redirect", None)
        assert "RelayState" not in Stopped(corp.answer(ending).url).query

    def test_both_certificates_of_a_rollover_count(self, parting: Callable[..., Parting], forge: LogoutForge) -> None:
        new = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        corp = parting(metadata=forge.metadata((make_certificate(new), forge.certificate)))
        assert corp.told(corp.asks(), "redirect").subject == "alice"
        query = forge.query(build(corp.asks()), key=new)
        assert corp.provider.told_to_end(Incoming("redirect", query), NOW).subject == "alice"

    def test_an_elliptic_key_signs_as_well(self, parting: Callable[..., Parting]) -> None:
        theirs = LogoutForge(key=ec.generate_private_key(ec.SECP256R1()))
        corp = replace(parting(metadata=theirs.metadata()), forge=theirs)
        method = MORE + "ecdsa-sha256"
        query = theirs.query(build(corp.asks()), method=method)
        assert corp.provider.told_to_end(Incoming("redirect", query), NOW).subject == "alice"
        form = theirs.form(build(corp.asks()), signing=Signing(method=method))
        assert corp.provider.told_to_end(Incoming("post", form=form), NOW).subject == "alice"

    @pytest.mark.parametrize("succeeded", [True, False])
    def test_our_answer_is_signed_and_says_what_happened(self, corp: Parting, succeeded: bool) -> None:
        draft = corp.asks()
        url = corp.answer(corp.told(draft, "redirect", "a b&c=d/ü"), succeeded).url
        assert url.startswith(f"{SLO}?SAMLResponse=")
        assert is_signed(raw_query(url), keys.read(OURS).certificate)
        query = Stopped(url).query
        response = inflated(query, RESPONSE)
        assert response.tag == f"{{{SAMLP}}}LogoutResponse"
        assert (response.get("InResponseTo"), response.get("Destination")) == (draft.id, SLO)
        assert response.findtext(f"{{{SAML}}}Issuer") == corp.provider.us.entity_id
        codes = [code.get("Value") for code in response.iter(f"{{{SAMLP}}}StatusCode")]
        assert codes == ([SUCCESS] if succeeded else [STATUS + "Responder", STATUS + "PartialLogout"])
        assert query["RelayState"] == "a b&c=d/ü"
        assert response.find(f".//{{{DS}}}Signature") is None

    def test_our_answer_goes_where_the_metadata_says(self, parting: Callable[..., Parting], forge: LogoutForge) -> None:
        corp = parting(metadata=forge.metadata(slo=((REDIRECT, SLO, f"{SLO}/answers?tenant=1"),)))
        url = corp.answer(corp.told(corp.asks(), "post")).url
        assert url.startswith(f"{SLO}/answers?tenant=1&SAMLResponse=")
        assert inflated(Stopped(url).query, RESPONSE).get("Destination") == f"{SLO}/answers?tenant=1"

    def test_no_answer_goes_out_unsigned_or_nowhere(self, parting: Callable[..., Parting], forge: LogoutForge) -> None:
        for corp in (parting(keys=()), parting(metadata=forge.metadata(slo=()))):
            ending = corp.told(corp.asks(), "post")
            assert ending.subject == "alice", "ended all the same"
            assert corp.provider.answer_end(ending, True, NOW) is None


class TestTheyAskAndAreNotBelieved:
    @BOTH
    @pytest.mark.parametrize(
        ("changes", "reason"),
        [
            ({"issuer": "https://evil.example/saml"}, "issuer"),
            ({"issuer": None}, "issuer"),
            ({"issuer_format": PERSISTENT}, "issuer"),
            ({"destination": None}, "destination"),
            ({"destination": ""}, "destination"),
            ({"destination": f"{BASE_URL}/signin/corp/logout2"}, "destination"),
            ({"destination": f"{BASE_URL}/signin/other/logout"}, "destination"),
            ({"version": "1.1"}, "structure"),
            ({"id": None}, "structure"),
            ({"issued": None}, "structure"),
            ({"issued": NOW - timedelta(minutes=7)}, "expired"),
            ({"issued": NOW + timedelta(minutes=2)}, "too-early"),
            ({"ends": NOW - timedelta(minutes=2)}, "expired"),
            ({"name": None}, "subject"),
            ({"name": ""}, "text"),
            ({"name": " alice"}, "text"),
            ({"name": "ali\u200bce"}, "text"),
            ({"name": "a" * 300}, "text"),
            ({"name_attributes": (("Format", TRANSIENT),)}, "subject"),
            ({"name_attributes": (("SPNameQualifier", "https://other.example"),)}, "subject"),
            ({"indexes": ("",)}, "text"),
            ({"indexes": ("_s1", "_s\u202e2")}, "text"),
            ({"indexes": ("_s1",) * 101}, "too-large"),
        ],
        ids=lambda value: next(iter(value)) if isinstance(value, dict) else str(value),
    )
    def test_signed_and_wrong(self, corp: Parting, binding: str, changes: dict[str, Any], reason: str) -> None:
        message = build(corp.asks(**changes))
        if "id" in changes and binding == "post":
            reason = "signature-reference"
        assert refusal(corp.provider, corp.incoming(message, binding)) == reason

    @BOTH
    def test_later(self, corp: Parting, binding: str) -> None:
        message = corp.incoming(build(corp.asks(ends=None)), binding)
        corp.provider.told_to_end(message, NOW + timedelta(minutes=4))
        assert refusal(corp.provider, message, NOW + timedelta(minutes=7)) == "expired"

    @BOTH
    def test_it_can_be_used_again_only_while_it_is_remembered(self, corp: Parting, binding: str) -> None:
        message = corp.incoming(build(corp.asks(ends=None)), binding)
        until = corp.provider.told_to_end(message, NOW).used_until
        assert refusal(corp.provider, message, until) == "expired"

    @BOTH
    def test_an_element_inside_the_name(self, corp: Parting, binding: str) -> None:
        message = build(corp.asks(name="alice"))
        name = message.find(f"{{{SAML}}}NameID")
        assert name is not None
        etree.SubElement(name, "{urn:x}evil").text = "bob"
        assert refusal(corp.provider, corp.incoming(message, binding)) == "text"

    @BOTH
    def test_a_comment_inside_the_name(self, corp: Parting, binding: str) -> None:
        message = build(corp.asks(name="alice"))
        name = message.find(f"{{{SAML}}}NameID")
        assert name is not None
        name.append(etree.Comment("evil"))
        assert refusal(corp.provider, corp.incoming(message, binding)) == "structure"

    @BOTH
    def test_two_names(self, corp: Parting, binding: str) -> None:
        message = build(corp.asks())
        etree.SubElement(message, f"{{{SAML}}}NameID").text = "bob"
        assert refusal(corp.provider, corp.incoming(message, binding)) == "subject"

    @BOTH
    @pytest.mark.parametrize("what", ["{urn:x}evil", f"{{{SAML}}}Assertion", f"{{{SAML}}}BaseID"])
    def test_an_element_that_has_no_place(self, corp: Parting, binding: str, what: str) -> None:
        message = build(corp.asks())
        etree.SubElement(message, what)
        assert refusal(corp.provider, corp.incoming(message, binding)) == "structure"

    @BOTH
    def test_another_kind_of_message(self, corp: Parting, binding: str) -> None:
        answer = build(corp.forge.answers(corp.slo, "_x", NOW))
        assert refusal(corp.provider, corp.incoming(answer, binding)) == "binding"

    def test_a_response_under_the_name_of_a_request(self, corp: Parting) -> None:
        query = corp.forge.query(build(corp.forge.answers(corp.slo, "_x", NOW)), field=REQUEST)
        assert refusal(corp.provider, Incoming("redirect", query)) == "structure"

    @BOTH
    def test_signed_by_a_stranger(self, corp: Parting, binding: str, strangers_key: rsa.RSAPrivateKey) -> None:
        stranger = LogoutForge(key=strangers_key)
        assert (
            refusal(corp.provider, replace(corp, forge=stranger).incoming(build(corp.asks()), binding)) == "signature"
        )

    @BOTH
    def test_a_relay_state_longer_than_the_binding_allows(self, corp: Parting, binding: str) -> None:
        assert corp.told(corp.asks(), binding, "x" * 80).kept["relay_state"] == "x" * 80
        assert refusal(corp.provider, corp.incoming(build(corp.asks()), binding, "x" * 81)) == "relay-state"
        assert refusal(corp.provider, corp.incoming(build(corp.asks()), binding, "ü" * 41)) == "relay-state"

    @BOTH
    @pytest.mark.parametrize("algorithm", ["rsa-md5", "rsa-sha224", "hmac-sha256", "rsa-ripemd160"])
    def test_an_algorithm_that_is_not_of_the_list(self, corp: Parting, binding: str, algorithm: str) -> None:
        message, method = build(corp.asks()), MORE + algorithm
        if binding == "post":
            incoming = Incoming("post", form=corp.forge.form(message, signing=Signing(method=method, value="AAAA")))
        else:
            incoming = Incoming("redirect", corp.forge.query(message, method=method))
        assert refusal(corp.provider, incoming) == "signature-algorithm"

    def test_sha1_is_not_of_the_list(self, corp: Parting) -> None:
        message = build(corp.asks())
        assert refusal(corp.provider, Incoming("redirect", corp.forge.query(message, method=DS + "rsa-sha1"))) == (
            "signature-algorithm"
        )

    @pytest.mark.parametrize("junk", ["", "x", "&&&", "=", "SAMLRequest", "SAMLRequest=%ff", "SAMLRequest=A&SigAlg=B"])
    def test_queries_that_are_nothing(self, corp: Parting, junk: str) -> None:
        refusal(corp.provider, Incoming("redirect", junk))
        refusal(corp.provider, Incoming("redirect", f"{junk}&Signature=%00"))

    @pytest.mark.parametrize("junk", ["", "%%%", "AAAA", "PHg+", "\u00fc", "PHgvPg=="])
    def test_forms_that_are_nothing(self, corp: Parting, junk: str) -> None:
        refusal(corp.provider, Incoming("post", form={REQUEST: junk}))
        refusal(corp.provider, Incoming("post", form={}))


class TestAQueryThatWasTouched:
    def test_without_its_signature(self, corp: Parting) -> None:
        bare = corp.forge.query(build(corp.asks())).rpartition("&Signature=")[0]
        assert refusal(corp.provider, Incoming("redirect", bare)) == "unsigned"
        assert refusal(corp.provider, Incoming("redirect", bare.rpartition("&SigAlg=")[0])) == "unsigned"

    def test_with_an_empty_signature(self, corp: Parting) -> None:
        bare = corp.forge.query(build(corp.asks())).rpartition("&Signature=")[0]
        assert refusal(corp.provider, Incoming("redirect", f"{bare}&Signature=")) == "signature"

    def test_with_another_message(self, corp: Parting) -> None:
        parts = corp.forge.query(build(corp.asks())).split("&")
        other = corp.forge.query(build(corp.asks(name="bob"))).split("&")
        assert refusal(corp.provider, Incoming("redirect", "&".join([other[0], *parts[1:]]))) == "signature"

    def test_with_another_relay_state_or_none(self, corp: Parting) -> None:
        query = corp.forge.query(build(corp.asks()))
        for touched in (query.replace("opaque-1", "opaque-2"), query.replace("&RelayState=opaque-1", "")):
            assert refusal(corp.provider, Incoming("redirect", touched)) == "signature"

    def test_with_a_relay_state_that_was_not_signed(self, corp: Parting) -> None:
        query = corp.forge.query(build(corp.asks()), None)
        assert refusal(corp.provider, Incoming("redirect", f"{query}&RelayState=opaque-1")) == "signature"

    def test_with_a_part_twice(self, corp: Parting) -> None:
        query = corp.forge.query(build(corp.asks()))
        evil = quote("x", safe="")
        for name in ("SAMLRequest", "RelayState", "SigAlg", "Signature"):
            assert refusal(corp.provider, Incoming("redirect", f"{query}&{name}={evil}")) == "binding"
            assert refusal(corp.provider, Incoming("redirect", f"{name}={evil}&{query}")) == "binding"

    def test_with_a_response_beside_the_request(self, corp: Parting) -> None:
        query = corp.forge.query(build(corp.asks()))
        assert refusal(corp.provider, Incoming("redirect", f"{query}&SAMLResponse=x")) == "binding"

    def test_written_anew_it_is_another_text(self, corp: Parting) -> None:
        """The very same values, encoded in another way: the signature is over what was written."""
        query = corp.forge.query(build(corp.asks()))
        assert refusal(corp.provider, Incoming("redirect", query.replace("opaque-1", "opaque%2D1"))) == "signature"

    def test_other_parameters_are_nobodys_business(self, corp: Parting) -> None:
        query = corp.forge.query(build(corp.asks()))
        assert corp.provider.told_to_end(Incoming("redirect", f"utm=1&{query}"), NOW).subject == "alice"

    def test_an_xml_signature_inside_has_to_go(self, corp: Parting) -> None:
        message = build(corp.asks())
        corp.forge.sign(message)
        query = corp.forge.query(message)
        assert refusal(corp.provider, Incoming("redirect", query)) == "signature-structure"

    def test_a_bomb_is_not_unpacked(self, corp: Parting) -> None:
        bomb = b"<a>" + b"a" * (8 * 1024 * 1024) + b"</a>"
        assert len(deflated(bomb)) < 16 * 1024
        query = corp.forge.query(bomb, field=REQUEST)
        assert refusal(corp.provider, Incoming("redirect", query)) == "too-large"

    def test_a_bomb_of_a_stranger_is_not_even_looked_at(self, corp: Parting, strangers_key: rsa.RSAPrivateKey) -> None:
        query = corp.forge.query(b"a" * (8 * 1024 * 1024), field=REQUEST, key=strangers_key)
        assert refusal(corp.provider, Incoming("redirect", query)) == "signature"

    @pytest.mark.parametrize(
        ("xml", "reason"),
        [
            (b"<!DOCTYPE a [<!ENTITY e 'x'>]><a>&e;</a>", "doctype"),
            (b"<a", "xml"),
            (b"", "xml"),
            (b"<?pi?><a xmlns='urn:x'/>", "structure"),
            (b"<a xmlns='relative'/>", "namespace"),
        ],
    )
    def test_signed_xml_of_no_honest_shape(self, corp: Parting, xml: bytes, reason: str) -> None:
        query = corp.forge.query(xml, field=REQUEST)
        assert refusal(corp.provider, Incoming("redirect", query)) == reason


class TestAFormThatWasTouched:
    def post(self, corp: Parting, message: etree._Element) -> Incoming:
        return Incoming("post", form={REQUEST: SamlForge.encode(message)})

    def test_unsigned(self, corp: Parting) -> None:
        form = corp.forge.form(build(corp.asks()), signing=None)
        assert refusal(corp.provider, Incoming("post", form=form)) == "unsigned"

    def test_a_signature_of_the_query_is_none_of_the_form(self, corp: Parting) -> None:
        form = corp.forge.form(build(corp.asks()), signing=None) | {"SigAlg": "x", "Signature": "x"}
        assert refusal(corp.provider, Incoming("post", form=form)) == "unsigned"

    def test_altered(self, corp: Parting) -> None:
        message = build(corp.asks())
        corp.forge.sign(message)
        name = message.find(f"{{{SAML}}}NameID")
        assert name is not None
        name.text = "bob"
        assert refusal(corp.provider, self.post(corp, message)) == "signed-octets"

    def test_wrapped(self, corp: Parting) -> None:
        """The signed original inside an Extensions of the evil one."""
        original = build(corp.asks())
        corp.forge.sign(original)
        evil = build(corp.asks(name="bob"))
        extensions = etree.Element(f"{{{SAMLP}}}Extensions")
        extensions.append(copy.deepcopy(original))
        evil.insert(1, extensions)
        assert refusal(corp.provider, self.post(corp, evil)) == "signature-structure"
        signature = original.find(f"{{{DS}}}Signature")
        assert signature is not None
        evil.insert(1, copy.deepcopy(signature))
        inner = extensions[0].find(f"{{{DS}}}Signature")
        assert inner is not None
        extensions[0].remove(inner)
        assert refusal(corp.provider, self.post(corp, evil)) == "signature-reference"
        evil.set("ID", str(original.get("ID")))
        assert refusal(corp.provider, self.post(corp, evil)) == "id"

    def test_two_signatures(self, corp: Parting) -> None:
        message = build(corp.asks())
        corp.forge.sign(message)
        corp.forge.sign(message)
        assert refusal(corp.provider, self.post(corp, message)) == "signature-structure"

    @pytest.mark.parametrize(
        ("signing", "reason"),
        [
            (Signing(uri=""), "signature-reference"),
            (Signing(uri="#_other"), "signature-reference"),
            (Signing(references=2), "signature-structure"),
            (Signing(transforms=("http://www.w3.org/TR/1999/REC-xslt-19991116", EXC)), "signature-transform"),
            (Signing(transforms=(EXC,)), "signature-transform"),
            (Signing(digest=DS + "sha1"), "signature-algorithm"),
            (Signing(value=""), "signature-structure"),
            (Signing(value="%%%"), "signature-structure"),
            (Signing(digest_value="AAAA"), "signed-octets"),
        ],
        ids=lambda value: str(value) if isinstance(value, str) else "",
    )
    def test_a_signature_of_no_honest_form(self, corp: Parting, signing: Signing, reason: str) -> None:
        form = corp.forge.form(build(corp.asks()), signing=signing)
        assert refusal(corp.provider, Incoming("post", form=form)) == reason

    def test_a_certificate_that_the_forger_brought_along(self, corp: Parting, strangers_key: rsa.RSAPrivateKey) -> None:
        signing = Signing(key=strangers_key, certificate=make_certificate(strangers_key))
        form = corp.forge.form(build(corp.asks()), signing=signing)
        assert refusal(corp.provider, Incoming("post", form=form)) == "signature"

    def test_too_large(self, corp: Parting) -> None:
        assert refusal(corp.provider, Incoming("post", form={REQUEST: "A" * (256 * 1024 + 4)})) == "too-large"


class TestWeAsk:
    def test_the_request_names_her_as_the_provider_did(self, corp: Parting) -> None:
        departure = corp.leave()
        assert departure.url.startswith(f"{SLO}?SAMLRequest=")
        assert is_signed(raw_query(departure.url), keys.read(OURS).certificate)
        query = Stopped(departure.url).query
        request = inflated(query, REQUEST)
        assert request.tag == f"{{{SAMLP}}}LogoutRequest"
        assert (request.get("ID"), request.get("Destination")) == (departure.kept["request_id"], SLO)
        assert request.findtext(f"{{{SAML}}}Issuer") == corp.provider.us.entity_id
        name = request.find(f"{{{SAML}}}NameID")
        assert name is not None
        assert name.text == "alice"
        assert {str(k): str(v) for k, v in name.attrib.items()} == {
            "Format": PERSISTENT,
            "NameQualifier": "https://idp.example.com/saml",
        }
        assert request.findtext(f"{{{SAMLP}}}SessionIndex") == "_s1"
        assert query["RelayState"] == "state-key"
        assert [child.tag for child in request] == [
            f"{{{SAML}}}Issuer",
            f"{{{SAML}}}NameID",
            f"{{{SAMLP}}}SessionIndex",
        ], "the order of the schema"

    def test_two_requests_are_two(self, corp: Parting) -> None:
        assert corp.leave().kept["request_id"] != corp.leave().kept["request_id"]

    def test_nobody_is_sent_away_for_nothing(self, parting: Callable[..., Parting], forge: LogoutForge) -> None:
        for corp in (
            parting(keys=()),
            parting(sign_out_at_provider=False),
            parting(metadata=forge.metadata(slo=())),
        ):
            assert corp.provider.farewell(UPSTREAM, alice(), BASE_URL, "state-key", NOW) is None
        assert parting().provider.farewell({}, alice(), BASE_URL, "state-key", NOW) is None

    @BOTH
    def test_all_is_over_when_the_provider_says_so(self, corp: Parting, binding: str) -> None:
        assert corp.answered(corp.leave(), binding)

    @BOTH
    @pytest.mark.parametrize(
        ("status", "substatus"),
        [("Success", "PartialLogout"), ("Responder", "PartialLogout"), ("Responder", None), ("Requester", None)],
    )
    def test_some_goes_on(self, corp: Parting, binding: str, status: str, substatus: str | None) -> None:
        below = STATUS + substatus if substatus else None
        assert not corp.answered(corp.leave(), binding, status=STATUS + status, substatus=below)

    @BOTH
    @pytest.mark.parametrize(
        ("changes", "reason"),
        [
            ({"in_response_to": "_another"}, "in-response-to"),
            ({"in_response_to": None}, "in-response-to"),
            ({"issuer": "https://evil.example"}, "issuer"),
            ({"destination": None}, "destination"),
            ({"destination": "https://evil.example"}, "destination"),
            ({"issued": NOW - timedelta(hours=1)}, "expired"),
            ({"issued": NOW + timedelta(hours=1)}, "too-early"),
            ({"version": "1.0"}, "structure"),
        ],
    )
    def test_an_answer_that_proves_nothing(
        self, corp: Parting, binding: str, changes: dict[str, Any], reason: str
    ) -> None:
        with pytest.raises(SignOutRefused) as caught:
            corp.answered(corp.leave(), binding, **changes)
        assert caught.value.reason == f"saml.logout.{reason}"
        assert caught.value.sentence == UNPROVEN

    def test_an_unsigned_answer_proves_nothing(self, corp: Parting) -> None:
        departure = corp.leave()
        draft = corp.forge.answers(corp.slo, departure.kept["request_id"], NOW)
        bare = corp.forge.query(build(draft)).partition("&SigAlg=")[0]
        for message in (
            Incoming("redirect", bare),
            Incoming("post", form=corp.forge.form(build(draft), signing=None)),
        ):
            with pytest.raises(SignOutRefused, match="could not be verified") as caught:
                corp.provider.farewell_answered(message, departure.kept, NOW)
            assert caught.value.reason == "saml.logout.unsigned"

    def test_an_answer_after_half_an_hour_proves_nothing(self, corp: Parting) -> None:
        departure, later = corp.leave(), NOW + timedelta(minutes=30)
        draft = corp.forge.answers(corp.slo, departure.kept["request_id"], later)
        with pytest.raises(SignOutRefused) as caught:
            corp.provider.farewell_answered(corp.incoming(build(draft), "redirect"), departure.kept, later)
        assert caught.value.reason == "saml.logout.started-too-long-ago"

    def test_without_anything_kept_no_answer_fits(self, corp: Parting) -> None:
        draft = corp.forge.answers(corp.slo, "", NOW)
        with pytest.raises(SignInRefused):
            corp.provider.farewell_answered(corp.incoming(build(draft), "redirect"), {}, NOW)


class TestWhateverComes:
    """No input is an error of ours: it is believed, or refused with a reason."""

    @given(at=st.integers(min_value=0), instead=st.characters())
    def test_one_character_of_the_query(self, corp: Parting, at: int, instead: str) -> None:
        query = corp.forge.query(build(corp.asks()))
        place = at % len(query)
        touched = query[:place] + instead + query[place + 1 :]
        with suppress(SignOutRefused):  # %3D or %3d in the signature is all the same, and so is what it signs
            ending = corp.provider.told_to_end(Incoming("redirect", touched), NOW)
            said = (ending.subject, ending.sids, ending.kept["relay_state"])
            assert said == ("alice", ("_s1",), "opaque-1")

    @given(at=st.integers(min_value=0), instead=st.binary(max_size=3), binding=st.sampled_from(("redirect", "post")))
    def test_some_octets_of_the_xml_signed_by_the_provider_itself(
        self, corp: Parting, at: int, instead: bytes, binding: str
    ) -> None:
        """The provider's key signs rubbish; by POST the signature is that of the honest message."""
        message = build(corp.asks())
        if binding == "post":
            corp.forge.sign(message)
        xml = etree.tostring(message)
        place = at % len(xml)
        touched = xml[:place] + instead + xml[place + 1 :]
        incoming = (
            Incoming("redirect", corp.forge.query(touched, field=REQUEST))
            if binding == "redirect"
            else Incoming("post", form={REQUEST: SamlForge.encode(touched)})
        )
        with suppress(SignOutRefused):
            ending = corp.provider.told_to_end(incoming, NOW)
            assert binding == "redirect" or ending.subject == "alice", "signed by nobody"

    @given(text=st.text(), relay_state=st.text())
    def test_any_text(self, corp: Parting, text: str, relay_state: str) -> None:
        for message in (
            Incoming("redirect", text),
            Incoming("redirect", f"SAMLRequest={text}&RelayState={relay_state}&SigAlg={text}&Signature={text}"),
            Incoming("post", form={REQUEST: text, "RelayState": relay_state}),
        ):
            refusal(corp.provider, message)
            with pytest.raises(SignOutRefused):
                corp.provider.farewell_answered(message, corp.leave().kept, NOW)


class TestWhatTheRoomAsks:
    def test_a_request_and_an_answer_are_told_apart(self, corp: Parting) -> None:
        asks, answers = build(corp.asks()), build(corp.forge.answers(corp.slo, "_x", NOW))
        for binding in ("redirect", "post"):
            assert not corp.incoming(asks, binding).claims_to_answer
            assert corp.incoming(answers, binding).claims_to_answer
            assert corp.incoming(answers, binding).relay_state == "opaque-1"

    def test_rubbish_says_nothing(self) -> None:
        for query in ("", "&".join("a=1" for _ in range(50)), "RelayState=%ff", "%"):
            assert Incoming("redirect", query).relay_state == ""
            assert not Incoming("redirect", query).claims_to_answer

    def test_what_was_kept_of_a_sign_in_is_what_she_leaves_with(
        self, parting: Callable[..., Parting], forge: LogoutForge
    ) -> None:
        corp = parting(attributes=("department",))
        now = datetime.now(UTC)
        departure = corp.provider.depart("state-key", now)
        us = corp.provider.us
        draft = forge.draft(us.acs, us.entity_id, departure.kept["request_id"], now, sp_qualifier=us.entity_id)
        arrival = corp.provider.arrive(forge.encode(forge.signed(draft)), departure.kept, now)
        assert arrival.identity.sid == "_s1"
        request = inflated(Stopped(corp.leave(arrival.upstream).url).query, REQUEST)
        name = request.find(f"{{{SAML}}}NameID")
        assert name is not None
        assert (name.text, name.get("Format"), name.get("SPNameQualifier")) == ("alice", PERSISTENT, us.entity_id)
        assert request.findtext(f"{{{SAMLP}}}SessionIndex") == "_s1"
