"""What stops the work: one class for each kind of answer that a person or a program gets.

A refusal that is a normal answer is a value (`core.decisions.Denied`); what stops the work is one of
these. Each carries three texts that must not be mixed:

* ``code``: stable, for programs; documented in the README;
* ``sentence``: for people; says what was wrong and what to do, never a secret, never a stack trace;
* ``reason``: for the audit and the log; a short machine word such as ``saml.audience``.

One handler (`web.errors`) maps them to a status, a page or problem+json, and writes the one log line.
"""

from __future__ import annotations

from typing import ClassVar


class GatewayError(Exception):
    """Base of every expected failure. `status` is the HTTP status (RFC 9110)."""

    code: ClassVar[str] = "unexpected"
    status: ClassVar[int] = 500
    title: ClassVar[str] = "Something went wrong"

    def __init__(self, sentence: str, *, reason: str = "", retry_after: int | None = None) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.reason = reason or self.code
        self.retry_after = retry_after


class InvalidRequest(GatewayError):
    """The form, query, body or header cannot be read as what it should be."""

    code, status, title = "invalid_request", 400, "This link or form is not right"


class CrossSite(GatewayError):
    """An unsafe request without our token, or from another origin."""

    code, status, title = "cross_site_request", 403, "This form is out of date"


class NotFound(GatewayError):
    code, status, title = "not_found", 404, "There is nothing here"


class SignInRequired(GatewayError):
    """No session, or one that has ended. Browsers are led to sign in; programs see this."""

    code, status, title = "sign_in_required", 401, "Please sign in"


class SignInRefused(GatewayError):
    """The provider's answer failed a check. `reason` says which; the sentence does not (no oracle)."""

    code, status, title = "sign_in_refused", 400, "Sign-in did not work"


class SignOutRefused(SignInRefused):
    """A provider's message about a sign-out failed a check; nothing was ended by it, or nothing is proven by it."""

    code, status, title = "sign_out_refused", 400, "This sign-out could not be verified"


class GroupsUnknown(SignInRefused):
    """The provider did not say which groups the person has; that is not the same as none."""

    code, status, title = "groups_unknown", 403, "Your groups did not arrive"


class RoleDenied(GatewayError):
    code, status, title = "role_denied", 403, "You may not take this role"


class MfaCodeRequired(GatewayError):
    """The role needs a code of an MFA device at the moment of use, and none was given. The sentence says where to."""

    code, status, title = "mfa_code_required", 403, "A code is needed"


class StepUpRequired(GatewayError):
    """The role is theirs, but not with this sign-in: it needs a second factor, or one that is fresher (RFC 9470).

    A browser is led to the provider and back; a program signs in again with what is asked here.
    """

    code, status, title = "step_up_required", 401, "Please confirm that it is you"

    def __init__(self, sentence: str, *, reason: str = "", mfa: bool = False, max_age: int | None = None) -> None:
        super().__init__(sentence, reason=reason)
        self.mfa = mfa
        self.max_age = max_age  # seconds


class AdminRequired(GatewayError):
    """Somebody who is signed in, at a page for administrators."""

    code, status, title = "admin_required", 403, "Only for administrators"


class TooManyRequests(GatewayError):
    code, status, title = "too_many_requests", 429, "Too many requests"


class AwsRefused(GatewayError):
    """AWS answered, and said no. `reason` holds AWS's code and request id."""

    code, status, title = "aws_refused", 502, "AWS refused"


class AwsUnavailable(GatewayError):
    """AWS throttled us, failed, or could not be reached; trying again may help."""

    code, status, title = "aws_unavailable", 503, "AWS cannot be reached"


class ProviderUnavailable(GatewayError):
    """An identity provider could not be reached or gave metadata that cannot be used.

    424 (RFC 4918, 11.4), not 503: the gateway is well, and no load balancer should take it out for what another did.
    """

    code, status, title = "provider_unavailable", 424, "The identity provider cannot be reached"


class StoreUnavailable(GatewayError):
    """Redis did not answer. Nothing that must happen once is done without it."""

    code, status, title = "store_unavailable", 503, "The gateway cannot reach its memory"


class DatabaseUnavailable(GatewayError):
    """The database did not answer. What only it knows (external ids, proofs) is not guessed."""

    code, status, title = "database_unavailable", 503, "The gateway cannot reach its database"


class CatalogConflict(GatewayError):
    """Two people changed the same entry of the catalog at once, and only a person can say which is meant."""

    code, status, title = "catalog_conflict", 409, "Somebody else changed the same"

    def __init__(self, sentence: str, *, newest: int, change: int | None = None) -> None:
        super().__init__(sentence)
        self.newest = newest  # the number of the version that the change would have to begin with
        self.change = change  # the number of the draft in which it can be decided; None for a command


class CatalogProblems(GatewayError):
    """What somebody wants the catalog to say, and it cannot: every problem, as `catalog.reading` words it."""

    code, status, title = "catalog_problems", 422, "The catalog cannot be so"

    def __init__(self, problems: list[str]) -> None:
        super().__init__("Nothing was saved. " + " ".join(f"{problem}." for problem in problems[:20]))
        self.problems = problems


class CatalogReadOnly(GatewayError):
    """The catalog is a file that its operator keeps (FEDGATE_CATALOG)."""

    code, status, title = "catalog_read_only", 409, "The catalog is a file"


class AuditUnavailable(GatewayError):
    """The audit journal cannot be written, so nothing is issued."""

    code, status, title = "audit_unavailable", 503, "The gateway cannot keep its records"


class ConfigurationProblems(GatewayError):
    """Every problem of the settings and files at once, each by name and never with a secret value.

    `passing`: nothing is wrong with them; what they name cannot be reached now.
    """

    code, status, title = "configuration", 500, "The configuration has problems"

    def __init__(self, problems: list[str], *, passing: bool = False) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems
        self.passing = passing
