"""The nouns of AWS's side."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from app.core.roles import Account, AccountId, ProviderArn, RoleArn

Document = dict[str, object]  # a policy, as JSON has it

VERSION = "2012-10-17"


class NotDescribed(ValueError):
    """A role whose documents cannot be written, with the sentence that says what is missing."""


@dataclass(frozen=True, slots=True)
class Gateway:
    """What AWS is told about the gateway.

    `principal` is the IAM user or role that signs the gateway's own calls where an account has no base role.
    `clients` are the gateway's client ids at the company's OIDC issuers, by issuer. `external_ids` has two for an
    account whose owner is just changing from one to the other. `reads_roles`: the gateway may ask IAM how long its
    roles' sessions may be. `examines_roles`: also whom they trust and what their policies say, for the trust doctor.
    """

    issuer_url: str
    principal: RoleArn | None = None
    saml_metadata: str = ""
    clients: Mapping[str, str] = field(default_factory=dict)
    external_ids: Mapping[AccountId, Sequence[str]] = field(default_factory=dict)
    reads_roles: bool = False
    examines_roles: bool = False


@dataclass(frozen=True, slots=True)
class SamlProvider:
    arn: ProviderArn
    metadata: str

    @property
    def name(self) -> str:
        return self.arn.partition("/")[2]


@dataclass(frozen=True, slots=True)
class OidcProvider:
    arn: ProviderArn
    client_ids: tuple[str, ...]

    @property
    def url(self) -> str:
        return f"https://{self.arn.partition('/')[2]}"


@dataclass(frozen=True, slots=True)
class TrustedRole:
    """`max_seconds` is IAM's MaxSessionDuration, 3600-43200. A base role is not `of_the_catalog`."""

    arn: RoleArn
    description: str
    max_seconds: int
    trust: Document
    notes: tuple[str, ...] = ()
    of_the_catalog: bool = True


@dataclass(frozen=True, slots=True)
class PrincipalPolicy:
    """What an IAM user or role of this account may do for the gateway."""

    principal: RoleArn
    name: str
    document: Document


@dataclass(frozen=True, slots=True)
class AccountSide:
    """Everything that one account must be told. `problems` name the roles that are missing here, and why."""

    account: Account
    saml: tuple[SamlProvider, ...]
    oidc: tuple[OidcProvider, ...]
    roles: tuple[TrustedRole, ...]
    policies: tuple[PrincipalPolicy, ...]
    notes: tuple[str, ...]
    problems: tuple[str, ...]


def policy(*statements: Document) -> Document:
    return {"Version": VERSION, "Statement": list(statements)}


def allow(sid: str, actions: Sequence[str], **more: object) -> Document:
    """One statement, in the order in which people read it. A single action stands alone, as IAM itself shows it."""
    statement: Document = {"Sid": sid, "Effect": "Allow", "Action": actions[0] if len(actions) == 1 else list(actions)}
    order = ("Sid", "Effect", "Principal", "Action", "Resource", "Condition")
    return {key: value for key in order if (value := {**statement, **more}.get(key)) is not None}


def path_of(arn: RoleArn) -> str:
    """`/` or `/team/`, as IAM's Path."""
    return "/" + arn.split(":", 5)[5].partition("/")[2].removesuffix(arn.name)
