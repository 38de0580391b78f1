"""What a role will give, known beforehand: the method, the longest session and why, the console or why not.

Users of brokers suffer most from limits that nobody explains: an hour that AWS insists on, a console that
answers 400. `plan` puts every limit beside its reason and lets the smallest decide, so that nothing is offered
that would fail late. Sources: STS API Reference (DurationSeconds of each call), IAM User Guide "Role chaining"
and "Enable custom identity broker access".
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from app.core.durations import spoken
from app.core.roles import MAX_SESSION_SECONDS, Assertion, Method, Role

CHAINED_SECONDS = 3_600
COGNITO_SECONDS = 3_600
_FULL_PERCENT = 80
LONGEST_TOKEN_SECONDS = 129_600  # GetFederationToken and GetSessionToken: 36 hours


class Signer(StrEnum):
    """Whose AWS credentials the gateway signs with, as AWS itself names them (sts:GetCallerIdentity)."""

    UNKNOWN = "unknown"
    USER = "user"
    USER_SESSION = "user_session"  # of GetSessionToken
    ROLE_SESSION = "role_session"
    FEDERATED_USER = "federated_user"
    ROOT = "root"


@dataclass(frozen=True, slots=True)
class Known:
    """What has been learnt about a role in AWS; nothing, at first."""

    longest_seconds: int | None = None
    source: str = ""  # "iam:GetRole", or "a refusal"
    refusal: str = ""  # what AWS said, a sentence, if it lately refused the role at all
    missing: bool = False  # iam:GetRole says that there is no such role
    packed_percent: int | None = None  # of the last session, as AWS counted


@dataclass(frozen=True, slots=True)
class Limit:
    seconds: int
    why: str


@dataclass(frozen=True, slots=True)
class Plan:
    """`limits`: all that were considered, shortest first; the first decides. `problem` is empty if it works."""

    method: Method
    seconds: int
    limits: tuple[Limit, ...]
    console: bool
    console_why: str
    notes: tuple[str, ...]  # what a session of this role needs or lacks
    problem: str

    @property
    def works(self) -> bool:
        return not self.problem

    @property
    def reasons(self) -> tuple[str, ...]:
        """For people: what decides the length, whether there is a console, and what is wrong."""
        said = (self.problem, self.limits[0].why, self.console_why, *self.notes)
        return tuple(sentence for sentence in said if sentence)


def plan(role: Role, known: Known, signer: Signer) -> Plan:
    """`signer` matters only for methods whose calls the gateway signs; for others it may be unknown."""
    limits = tuple(sorted(_limits(role, known, signer), key=lambda limit: limit.seconds))
    console, console_why = _console(role)
    problem = _problem(role, known, signer)
    return Plan(role.method, limits[0].seconds, limits, console, console_why, _notes(role, known), problem)


def _limits(role: Role, known: Known, signer: Signer) -> list[Limit]:
    limits = [Limit(role.max_seconds, f"The catalog gives this role out for up to {spoken(role.max_seconds)}.")]
    if known.longest_seconds is not None:
        told = "as IAM says" if known.source == "iam:GetRole" else "AWS has refused more"
        limits.append(
            Limit(
                known.longest_seconds,
                f"The role's MaxSessionDuration in AWS is {spoken(known.longest_seconds)} ({told}).",
            )
        )
    match role.method:
        case Method.ASSUME_ROLE if signer is Signer.ROLE_SESSION:
            why = "The gateway's own AWS credentials are those of a role, and AWS gives role chaining one hour."
            limits.append(Limit(CHAINED_SECONDS, why))
        case Method.COGNITO:
            limits.append(Limit(COGNITO_SECONDS, "Cognito identity pools give one hour, always."))
        case Method.FEDERATION_TOKEN | Method.SESSION_TOKEN:
            limits.append(Limit(LONGEST_TOKEN_SECONDS, "AWS gives at most 36 hours."))
        case _:
            limits.append(Limit(MAX_SESSION_SECONDS, "AWS gives roles at most 12 h."))
    return limits


def _console(role: Role) -> tuple[bool, str]:
    if role.method is Method.SESSION_TOKEN:
        return False, "AWS opens no console for credentials of GetSessionToken."
    return role.console, "" if role.console else "The catalog gives this role out for the command line only."


def _notes(role: Role, known: Known) -> tuple[str, ...]:
    notes = (
        (bool(role.mfa_serial), "AWS asks for a code of an MFA device when the session begins."),
        (
            role.assertion is Assertion.PASSTHROUGH,
            "Your company's own sign-in statement goes to AWS, which takes it for a few minutes after you sign in.",
        ),
        (
            role.method is Method.COGNITO,
            "Cognito names every session alike, so CloudTrail does not say who you are; the gateway's journal does.",
        ),
        (
            role.method is Method.SESSION_TOKEN,
            "CloudTrail shows the gateway's IAM user and not you; the gateway's journal says who you are.",
        ),
        (
            known.packed_percent is not None and known.packed_percent > _FULL_PERCENT,
            f"Policies and tags fill {known.packed_percent} % of the space that AWS has for them.",
        ),
    )
    return tuple(sentence for applies, sentence in notes if applies)


def _problem(role: Role, known: Known, signer: Signer) -> str:
    if role.method in (Method.FEDERATION_TOKEN, Method.SESSION_TOKEN) and signer not in (Signer.USER, Signer.UNKNOWN):
        theirs = "those of a root user" if signer is Signer.ROOT else "temporary"
        return f"This way needs the long-term key of an IAM user; the gateway's AWS credentials are {theirs}."
    if role.method is Method.ASSUME_ROLE and signer in (Signer.FEDERATED_USER, Signer.ROOT):
        return "AWS lets neither a root user nor a federated user assume roles, and the gateway signs as one."
    if known.missing:
        return f"There is no role of the name {role.arn.name} in this AWS account."
    if known.refusal:
        return f"It was refused the last time you asked for it. {known.refusal}"
    return ""
