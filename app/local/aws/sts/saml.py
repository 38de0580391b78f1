"""AssumeRoleWithSAML. Nobody signs this call: the assertion is all there is."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import replace
from typing import Any

from app.local.aws import arns
from app.local.aws.desk import Visit
from app.local.aws.refusals import access_denied, bad_saml_response
from app.local.aws.signing.caller import Context
from app.local.aws.sts.assume_role import role_holder, role_reply
from app.local.aws.sts.issue import issue, role_seconds
from app.local.aws.sts.saml_attributes import Offer, read_offer
from app.local.aws.sts.saml_claims import Subject, attributes, read_subject
from app.local.aws.sts.saml_metadata import issuers_of
from app.local.aws.sts.saml_signature import invalid_response, trusted_assertion
from app.local.aws.sts.trust import find_role, require_trusted_provider, role_context
from app.local.aws.sts.xml import SAML, text_of
from app.local.aws.things import Role, SamlProvider


def assume_role_with_saml(visit: Visit) -> dict[str, Any]:
    found = find_role(visit, visit.text("RoleArn"))
    provider_arn = arns.required(visit.text("PrincipalArn"), "saml-provider")
    provider = visit.desk.world.saml_providers.get(str(provider_arn))
    if provider is None:
        raise bad_saml_response("Specified provider doesn't exist")
    subject, offer, issuer = _read(visit, provider, provider_arn.partition)
    role, context = _trusted(visit, found, provider, subject, offer, issuer)
    seconds = role_seconds(visit, role)
    if offer.seconds is not None:
        seconds = min(seconds, offer.seconds)
    claims = {key: context[key] for key in ("saml:sub", "saml:sub_type", "saml:namequalifier")}
    claims["aws:federatedprovider"] = (provider.arn,)
    holder = replace(role_holder(role, offer.session_name, offer.carried, seconds, claims), latest=subject.session_ends)
    return _reply(subject, issuer, provider) | role_reply(role, offer.session_name) | issue(visit, holder)


def _read(visit: Visit, provider: SamlProvider, partition: str) -> tuple[Subject, Offer, str]:
    """Signature, times and attributes, in this order: nothing is read before it is verified."""
    try:
        assertion = trusted_assertion(visit.text("SAMLAssertion"), issuers_of(provider.metadata))
        subject = read_subject(assertion, partition, visit.now)
        issuer = text_of(assertion.find(f"{SAML}Issuer")).strip()
        return subject, read_offer(attributes(assertion)), issuer
    except ValueError:
        raise invalid_response() from None


def _trusted(
    visit: Visit, found: Role | None, provider: SamlProvider, subject: Subject, offer: Offer, issuer: str
) -> tuple[Role, Context]:
    """The role must be offered in the assertion together with this provider, and must trust the provider."""
    refusal = access_denied("Not authorized to perform sts:AssumeRoleWithSAML")
    offered = (visit.text("RoleArn"), provider.arn) in offer.roles
    if found is None or not offered or not subject.name:
        raise refusal
    context = role_context(visit, found, offer.carried, offer.session_name)
    context |= _saml_context(provider, subject, issuer)
    return require_trusted_provider(visit, found, provider.arn, offer.carried, context), context


def _saml_context(provider: SamlProvider, subject: Subject, issuer: str) -> Context:
    return {
        "saml:aud": (subject.recipient,),
        "saml:iss": (issuer,),
        "saml:sub": (subject.name,),
        "saml:sub_type": (subject.short_format,),
        "saml:namequalifier": (name_qualifier(issuer, provider.account, provider.name),),
        "saml:doc": (f"{provider.account}/{provider.name}",),
    }


def name_qualifier(issuer: str, account: str, provider_name: str) -> str:
    """STS API Reference, AssumeRoleWithSAML: BASE64(SHA1(Issuer + account + "/" + provider))."""
    digest = hashlib.sha1(f"{issuer}{account}/{provider_name}".encode(), usedforsecurity=False).digest()
    return base64.b64encode(digest).decode()


def _reply(subject: Subject, issuer: str, provider: SamlProvider) -> dict[str, Any]:
    return {
        "Subject": subject.name,
        "SubjectType": subject.short_format,
        "Issuer": issuer,
        "Audience": subject.recipient,
        "NameQualifier": name_qualifier(issuer, provider.account, provider.name),
    }
