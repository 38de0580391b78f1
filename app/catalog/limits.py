"""AWS's limits of tags and policies, checked when the file is read and not when somebody first wants the role."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass

from app.catalog.problems import Problems
from app.catalog.shape import RoleEntry
from app.core.decisions import without_placeholders
from app.core.roles import MAX_POLICY_ARNS, MAX_POLICY_CHARACTERS, Role, RoleArn, region_partition
from app.core.session_tags import MAX_TAGS, SessionTags
from app.core.sign_in_tags import is_reserved, room_for_them
from app.core.size import never_fits

_VERSIONS, _EFFECTS = ("2012-10-17", "2008-10-17"), ("Allow", "Deny")
_POLICY_CHARACTERS = re.compile("[\t\n\r\u0020-\u00ff]+")  # STS API Reference, Policy


@dataclass(frozen=True, slots=True)
class Limits:
    """`key` is the role's place in the file."""

    problems: Problems
    key: str

    def check(self, entry: RoleEntry, arn: RoleArn) -> None:
        try:
            SessionTags({name: without_placeholders(text) for name, text in entry.tags.items()})
        except ValueError as problem:
            self.problems.note(f"{self.key}.tags", str(problem))
        for tag in sorted(filter(is_reserved, entry.tags)):
            self.problems.note(f"{self.key}.tags", f"{tag} is the gateway's own: it says how somebody signed in")
        for tag in sorted(set(entry.transitive_tags) - set(entry.tags)):
            self.problems.note(f"{self.key}.transitive_tags", f"{tag} is not one of the role's tags")
        if entry.policy:
            self._check_policy(entry.policy)
        if len(entry.policy_arns) > MAX_POLICY_ARNS:
            self.problems.note(f"{self.key}.policy_arns", f"expected at most {MAX_POLICY_ARNS}")
        owned = rf"arn:{arn.aws_partition}:iam::(?:aws|{arn.account}):policy/[!-~]{{1,600}}"
        for number, policy_arn in enumerate(entry.policy_arns, start=1):
            if not re.fullmatch(owned, policy_arn):
                self.problems.note(
                    f"{self.key}.policy_arns[{number}]",
                    "expected the ARN of a managed policy of AWS or of the role's account",
                )
        if entry.region and region_partition(entry.region) is not arn.aws_partition:
            self.problems.note(f"{self.key}.region", f"is not a region of the partition {arn.aws_partition}")

    def check_size(self, role: Role) -> None:
        """What nobody could ever be given is told now, not when somebody first wants the role."""
        for tag in sorted(set(role.shorten) - set(role.tags)):
            self.problems.note(f"{self.key}.shorten", f"{tag} is not one of the role's tags")
        if len(role.tags) + len(room_for_them(role)) > MAX_TAGS:
            self.problems.note(f"{self.key}.tags", f"with the gateway's own there are more than {MAX_TAGS}")
        if len(set(role.shorten)) < len(role.shorten):
            self.problems.note(f"{self.key}.shorten", "names a tag twice")
        fixed = {tag: without_placeholders(text) for tag, text in role.tags.items()}
        problem = never_fits(role, {**fixed, **room_for_them(role)})
        if problem:
            self.problems.note(self.key, problem)

    def _check_policy(self, policy: str) -> None:
        if len(policy) > MAX_POLICY_CHARACTERS:
            self.problems.note(
                f"{self.key}.policy", f"expected at most {MAX_POLICY_CHARACTERS} characters, got {len(policy)}"
            )
        if not _POLICY_CHARACTERS.fullmatch(policy):
            self.problems.note(f"{self.key}.policy", "expected only Latin characters (STS takes U+0020 to U+00FF)")
        expected = _expected_instead(policy)
        if expected:
            self.problems.note(f"{self.key}.policy", f"expected {expected}")


def _expected_instead(policy: str) -> str:
    """Empty, or what AWS would want to see, since it gives nobody a session with a policy that it cannot read (IAM User
    Guide, "Grammar of the IAM JSON policy language")."""
    try:
        document = json.loads(policy)
    except (ValueError, RecursionError):
        document = None
    if not isinstance(document, dict) or "Statement" not in document:
        return "a policy document in JSON, with a Statement"
    if document.get("Version", _VERSIONS[0]) not in _VERSIONS:
        return f'the "Version" {_VERSIONS[0]}'
    said = document["Statement"]
    statements = said if isinstance(said, list) else [said]
    if not statements or not all(isinstance(one, dict) and one.get("Effect") in _EFFECTS for one in statements):
        return 'at least one Statement, and in each an "Effect", Allow or Deny'
    if not all("Action" in one or "NotAction" in one for one in statements):
        return 'an "Action" in each Statement'
    if not all("Resource" in one or "NotResource" in one for one in statements):
        return 'a "Resource" in each Statement'
    if any("Principal" in one or "NotPrincipal" in one for one in statements):
        return 'no "Principal": whoever takes the role is meant'
    return ""
