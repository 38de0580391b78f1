"""Exactly our call for one role: who asks, by which action, and what the request says under each condition key.

Sources: Service Authorization Reference, AWS STS; IAM User Guide, "AWS global condition context keys", "Available keys
for AWS OIDC federation" and "... SAML-based federation". Keys that are in no table are `cannot tell`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from app.awsside.documents import Gateway, NotDescribed
from app.awsside.services import TOKEN_AUDIENCE, cognito_host
from app.awsside.trust import company_client, signer
from app.core.audiences import AWS_SIGN_IN
from app.core.credentials import as_zulu
from app.core.decisions import without_placeholders
from app.core.plans import Signer
from app.core.roles import Account, Assertion, Method, ProviderArn, Role, RoleArn, UserArn
from app.core.sign_in_tags import AUTH_TIME, is_tagged, room_for_them
from app.doctor.conditions import NOTHING, Differs, Known, Said, Unclear

_PERSON = Differs(r"[A-Za-z0-9_+=,.@-]{1,47}-[a-z2-7]{16}", "[a-z2-7-]")  # core.names.session_name
_SUBJECT = Differs(r"p-[a-z2-7]{26}", "[a-z2-7-]")  # core.names.opaque_subject
_ANY = Differs()
_ALWAYS: Mapping[str, Said] = {
    "aws:securetransport": Known(("true",)),
    "aws:viaawsservice": Known(("false",)),
    "aws:principalisawsservice": Known(("false",)),
}
# What no call of ours says, unless it is put down for the method.
_NEVER = frozenset(
    "sts:externalid sts:sourceidentity sts:transitivetagkeys sts:roleauthorizedbyidp aws:sourceidentity aws:tagkeys "
    "aws:sourcearn aws:sourceaccount aws:sourceorgid aws:sourceorgpaths aws:calledvia "
    "sts:requestcontextproviders".split()
)
_OF_SIGNED_CALLS = ("aws:username", "aws:multifactorauthpresent", "aws:multifactorauthage", "aws:tokenissuetime")


@dataclass(frozen=True, slots=True)
class Asker:
    """Who signs the gateway's own calls for the account, as far as that is known."""

    principal: RoleArn | None = None
    signer: Signer = Signer.UNKNOWN


@dataclass(frozen=True, slots=True)
class Call:
    """`names` mean the one who asks, `account_names` its whole account. `needs`: every action that AWS looks for.

    `vouched`: AWS reads a statement of the gateway's own, so what is not in it is certainly not there.
    """

    kind: str  # of the principal: Federated or AWS
    names: frozenset[str]
    account_names: frozenset[str]
    needs: tuple[str, ...]
    said: Mapping[str, Said] = field(repr=False)
    vouched: bool = True
    host: str = ""  # of the OIDC issuer: condition keys begin with it

    @property
    def action(self) -> str:
        return self.needs[0]

    def saying(self, key: str) -> Said:
        """`key` in lower case."""
        if key in self.said:
            return self.said[key]
        if key.startswith("aws:requesttag/") or key in _NEVER:
            return NOTHING if self.vouched else Unclear()
        if self.kind != "Federated":
            return Unclear()
        before = key.partition(":")[0]
        of_another_issuer = "." in before and before != self.host.lower()
        if key in _OF_SIGNED_CALLS or key.startswith("aws:principaltag/") or of_another_issuer:
            return NOTHING
        of_ours = key.startswith("saml:") or before == self.host.lower()
        return NOTHING if of_ours and self.vouched else Unclear()

    def without(self, *keys: str) -> Call:
        return replace(self, said={**self.said, **dict.fromkeys(keys, NOTHING)})

    def saying_instead(self, key: str, said: Said) -> Call:
        return replace(self, said={**self.said, key: said})

    def bare(self) -> Call:
        """Without a person's name and tags: somebody else would not send ours."""
        tags = [key for key in self.said if key.startswith("aws:requesttag/")]
        bare = self.without("sts:sourceidentity", "aws:tagkeys", "sts:transitivetagkeys", *tags)
        return replace(bare, needs=self.needs[:1])


def our_call(role: Role, account: Account, gateway: Gateway, asker: Asker, now: datetime) -> Call:
    """Raises NotDescribed where there is no such call, or where something that only an operator knows is missing."""
    match role.method:
        case Method.SAML:
            return _saml(role, gateway, now)
        case Method.WEB_IDENTITY:
            return _web_identity(role, gateway, now)
        case Method.ASSUME_ROLE:
            return _assume_role(role, account, gateway, asker, now)
        case Method.COGNITO:
            return _cognito(role, now)
        case Method.FEDERATION_TOKEN | Method.SESSION_TOKEN:
            raise NotDescribed(f"{role.arn} is a user, which trusts nobody: its key is what lets the gateway in")


def _saml(role: Role, gateway: Gateway, now: datetime) -> Call:
    provider = _provider(role)
    said = _around(role, now) | {"aws:federatedprovider": Known((provider,))}
    if role.assertion is Assertion.MINTED:
        said |= _person(role) | {
            "saml:aud": Known((AWS_SIGN_IN[role.arn.aws_partition].recipient,)),
            "saml:iss": Known((f"{gateway.issuer_url}/issuer/saml-metadata.xml",)),
            "saml:sub": _SUBJECT,
            "saml:sub_type": Known(("persistent",)),
            "saml:doc": Known((f"{role.arn.account}/{provider.partition('/')[2]}",)),
            "saml:namequalifier": Unclear(),
        }
    return _federated(role, provider, "sts:AssumeRoleWithSAML", said)


def _web_identity(role: Role, gateway: Gateway, now: datetime) -> Call:
    provider = _provider(role)
    host = provider.partition("/")[2]
    said = _around(role, now) | {"aws:federatedprovider": Known((provider,))}
    if role.assertion is Assertion.PASSTHROUGH:
        said |= {f"{host.lower()}:aud": Known((company_client(provider, gateway),))}
    else:
        said |= _person(role) | {
            f"{host.lower()}:aud": Known((TOKEN_AUDIENCE,)),
            f"{host.lower()}:sub": _SUBJECT,
            "sts:roleauthorizedbyidp": Known(("true",)),
        }
    return _federated(role, provider, "sts:AssumeRoleWithWebIdentity", said, host)


def _cognito(role: Role, now: datetime) -> Call:
    """Cognito asks in the person's name, with a token of its own."""
    host = cognito_host(role.arn.aws_partition, role.identity_pool.partition(":")[0])
    said = _around(role, now) | {
        "aws:federatedprovider": Known((host,)),
        f"{host}:aud": Known((role.identity_pool,)),
        f"{host}:amr": Known(("authenticated",)),
        f"{host}:sub": _ANY,
        "sts:rolesessionname": Known(("CognitoIdentityCredentials",)),
        **(_tags(role) if is_tagged(role) else {}),
    }
    needs = ("sts:AssumeRoleWithWebIdentity", *(["sts:TagSession"] if is_tagged(role) else []))
    return Call("Federated", frozenset({host}), frozenset(), needs, said, host=host)


def _federated(role: Role, provider: str, action: str, said: Mapping[str, Said], host: str = "") -> Call:
    minted = role.assertion is Assertion.MINTED
    needs = (action, *_more(role)) if minted else (action,)
    return Call("Federated", frozenset({provider}), frozenset(), needs, said, minted, host)


def _assume_role(role: Role, account: Account, gateway: Gateway, asker: Asker, now: datetime) -> Call:
    principal = asker.principal or signer(account, gateway)
    said = _around(role, now) | _person(role) | _signed(role, principal, asker.signer)
    if external_ids := gateway.external_ids.get(account.id, ()):
        said["sts:externalid"] = Known((external_ids[0],))
    needs = ("sts:AssumeRole", *_more(role))
    if principal is None:
        return Call("AWS", frozenset(), frozenset(), needs, said)
    root = f"arn:{principal.aws_partition}:iam::{principal.account}:root"
    return Call("AWS", frozenset({principal}), frozenset({principal.account, root}), needs, said)


def _signed(role: Role, principal: RoleArn | None, signed_by: Signer) -> dict[str, Said]:
    """A key of a user's own has no factor, unless the call carries a code; of other credentials only AWS knows."""
    if principal is None:
        return {}
    is_user = isinstance(principal, UserArn)
    said: dict[str, Said] = {
        "aws:principalarn": Known((principal,)),
        "aws:principalaccount": Known((principal.account,)),
        "aws:principaltype": Known(("User" if is_user else "AssumedRole",)),
    }
    if is_user:
        said["aws:username"] = Known((principal.name,))
    if role.mfa_serial:
        said["aws:multifactorauthpresent"] = Known(("true",))
    elif is_user and signed_by is Signer.USER:
        said |= dict.fromkeys(("aws:multifactorauthpresent", "aws:multifactorauthage", "aws:tokenissuetime"), NOTHING)
    return said


def _around(role: Role, now: datetime) -> dict[str, Said]:
    return dict(_ALWAYS) | {
        "aws:currenttime": Known((as_zulu(now),)),
        "aws:epochtime": Known((f"{now.timestamp():.0f}",)),
    }


def _person(role: Role) -> dict[str, Said]:
    return {"sts:rolesessionname": _PERSON, "sts:sourceidentity": _PERSON, **_tags(role)}


def _more(role: Role) -> list[str]:
    return ["sts:TagSession"] * is_tagged(role) + ["sts:SetSourceIdentity"]


def _tags(role: Role) -> dict[str, Said]:
    """What may stay at home for want of room, nobody knows beforehand."""
    texts = {**role.tags, **room_for_them(role)}
    if not texts:
        return {}
    said: dict[str, Said] = {}
    for key, text in texts.items():
        differs = key == AUTH_TIME or without_placeholders(text) != text
        said[f"aws:requesttag/{key.lower()}"] = (
            Unclear() if key in role.shorten else _ANY if differs else Known((text,))
        )
    said["aws:tagkeys"] = Unclear() if role.shorten else Known(tuple(texts))
    if role.transitive_tags:
        said["sts:transitivetagkeys"] = Known(role.transitive_tags)
    return said


def _provider(role: Role) -> ProviderArn:
    if role.provider_arn is None:
        raise NotDescribed(f"{role.arn}: has no provider_arn")
    return role.provider_arn
