"""The fields of accounts, roles and rules, as forms ask for them and pages name them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from app.catalog.entries import Kind


class How(StrEnum):
    TEXT = "text"
    NUMBER = "number"
    LONG = "long"
    CHOICE = "choice"
    YES_NO = "yes-no"  # or nothing: then somebody else says it
    TICK = "tick"
    LIST = "list"
    PAIRS = "pairs"  # NAME = VALUE, one a line
    ANY_OF = "any-of"  # NAME = VALUE, where a name may have several values
    MOMENT = "moment"


@dataclass(frozen=True, slots=True)
class Field:
    """`name` is that of catalog.toml, with a dot into tables. `rare` ones are folded away while they are empty."""

    name: str
    label: str
    hint: str = ""
    how: How = How.TEXT
    choices: tuple[tuple[str, str], ...] = ()
    suggest: str = ""  # what is offered while typing: accounts, roles, groups, regions
    required: bool = False
    rare: bool = False


_METHODS = (
    ("saml", "SAML: the gateway signs an assertion (AssumeRoleWithSAML)"),
    ("web_identity", "Token: the gateway signs a token (AssumeRoleWithWebIdentity)"),
    ("assume_role", "The gateway's own AWS credentials (AssumeRole)"),
    ("federation_token", "An IAM user's rights, narrowed (GetFederationToken)"),
    ("session_token", "An IAM user's rights (GetSessionToken)"),
    ("cognito", "A Cognito identity pool"),
)
_ASSERTIONS = (("minted", "The gateway's own statement"), ("passthrough", "The company's own statement, as it came"))
_PARTITIONS = (("aws", "aws: the commercial regions"), ("aws-us-gov", "aws-us-gov"), ("aws-cn", "aws-cn"))
_ZONES = (("own", "Ours"), ("third-party", "Somebody else's: only with an external id that the gateway makes"))
_REGION = "Such as eu-west-1."
_WAY = (
    Field("method", "Way in", "Which call of AWS gives the credentials.", How.CHOICE, _METHODS),
    Field(
        "provider_arn",
        "Provider's ARN",
        "What AWS calls the gateway in that account, such as arn:aws:iam::111122223333:saml-provider/fedgate. "
        "Needed for SAML and for tokens.",
    ),
    Field("max_minutes", "Longest session, in minutes", "15 to 720. AWS may allow less.", How.NUMBER),
    Field("console", "AWS console", "May people open the console with it?", How.YES_NO),
    Field("cli", "Command line", "May people take it in a terminal?", How.YES_NO),
    Field("region", "Region", _REGION, suggest="regions", rare=True),
    Field("assertion", "Whose statement AWS reads", "For SAML and tokens.", How.CHOICE, _ASSERTIONS, rare=True),
)

ACCOUNT = (
    Field("id", "Account id", "The twelve digits of the AWS account.", required=True),
    Field("name", "Name", "What people call it.", required=True),
    Field("zone", "Whose is it?", "", How.CHOICE, _ZONES),
    Field("partition", "Partition", "", How.CHOICE, _PARTITIONS),
    *(
        Field(f"defaults.{one.name}", one.label, one.hint, one.how, one.choices, one.suggest, rare=one.rare)
        for one in _WAY
    ),
    Field("fallback_region", "Second region", "Where STS is asked when the first one does not answer.", rare=True),
    Field("base.profile", "AWS profile of the gateway", "With whose keys the gateway signs its own calls.", rare=True),
    Field("base.role", "Role of the gateway", "The ARN of a role that the gateway takes first.", rare=True),
    Field("base.provider_arn", "Provider for that role", "To take it with a token of the gateway's own.", rare=True),
)
ROLE = (
    Field("arn", "ARN", "Such as arn:aws:iam::111122223333:role/Developer.", required=True),
    Field("label", "Label", "What people read; without one, the role's name."),
    *_WAY[:5],
    Field("require_mfa", "Only after a second factor", "", How.TICK),
    Field("fresh", "Only so many minutes after the sign-in", "1 to 1440; empty: no matter when.", How.NUMBER),
    Field(
        "sensitive",
        "Sensitive",
        "Two administrators must agree before this role, or a rule that gives it, is changed.",
        How.TICK,
    ),
    Field(
        "visible",
        "People may ask about it",
        "Who does not have the role may learn that it exists and which groups give it.",
        How.TICK,
    ),
    Field(
        "tags",
        "Session tags",
        "One a line, such as Team = payments. {attribute.NAME} is the person's.",
        How.PAIRS,
        rare=True,
    ),
    Field("transitive_tags", "Tags that are kept when the role takes another one", "", How.LIST, rare=True),
    Field("shorten", "Tags that may be left out for want of space", "In this order.", How.LIST, rare=True),
    Field("policy", "Session policy", "JSON. It can only take rights away.", How.LONG, rare=True),
    Field("policy_arns", "Managed session policies", "Their ARNs; they only take rights away.", How.LIST, rare=True),
    *_WAY[5:],
    Field(
        "accept_unenforced",
        "AWS does not enforce this mapping",
        "Needed where AWS reads the company's own statement: people can then take the role without the gateway.",
        How.TICK,
        rare=True,
    ),
    Field("mfa_serial", "MFA device", "Of the gateway's user; its code is asked for at the moment of use.", rare=True),
    Field("identity_pool", "Identity pool", "Cognito: REGION:UUID.", rare=True),
    Field("pool_login", "Developer provider of the pool", "Cognito.", rare=True),
)
RULE = (
    Field("id", "Name of the rule", "Short and stable: the journal and the history speak of it.", required=True),
    Field("provider", "Provider", "The rule is for people who sign in there.", How.CHOICE, required=True),
    Field("groups", "Groups", "Whoever is in any of these, exactly as written.", How.LIST, (), "groups"),
    Field(
        "attributes",
        "And only people with",
        "One a line, such as department = Payments. All names must match; of one name any value does.",
        How.ANY_OF,
    ),
    Field("roles", "May take these roles", "", How.LIST, (), "roles"),
    Field("expires", "Until", "In UTC. Empty: until somebody changes it.", How.MOMENT),
    Field("note", "Note", "For people: a ticket, a reason.", How.LONG),
    Field(
        "group_pattern",
        "Pattern over group names",
        r"Instead of groups and roles: names account and role in the group, such as "
        r"aws-(?P<account>\d{12})-(?P<role>\w+).",
        rare=True,
    ),
)
FIELDS: Mapping[Kind, tuple[Field, ...]] = MappingProxyType({Kind.ACCOUNT: ACCOUNT, Kind.ROLE: ROLE, Kind.RULE: RULE})
LITERALS: Mapping[str, str] = MappingProxyType({"accept_unenforced": "AWS does not enforce this mapping"})
"""Ticks that stand for words."""


def label(kind: Kind, name: str) -> str:
    """What a field is called on pages."""
    return next((field.label for field in FIELDS[kind] if field.name == name), name)
