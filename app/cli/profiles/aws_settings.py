"""What AWS tools will make of a profile: whether it leads to fedgate, or to something that comes before.

Keys in the credentials file win over `credential_process`, and everything in `[default]` wins over a container
endpoint. (AWS SDKs and Tools Reference Guide, "Standardized credential providers"; botocore's `credentials.py`.)
"""

from __future__ import annotations

from ..failures import USAGE, Failure
from . import aws_paths, aws_sections, shared_file
from .aws_lines import AWS_REGION

KEY = "aws_access_key_id"
HELPER = "credential-process"
SOURCES = (KEY, "credential_process", "sso_session", "sso_start_url", "login_session", "web_identity_token_file")
WITHOUT = "Without a profile: --serve, or --keys"


def of_config(profile: str) -> dict[str, str] | None:
    """The settings of a profile, as they add up; None when there is no such profile."""
    found = [one.settings for one in every(aws_paths.config()) if one.is_profile() and one.name == profile]
    return together(found)


def of_credentials(profile: str) -> dict[str, str] | None:
    return together([one.settings for one in every(aws_paths.credentials()) if one.name == profile])


def every(path: str) -> list[aws_sections.Section]:
    with aws_sections.named(path):
        return aws_sections.sections(aws_sections.split(shared_file.look(path).content))


def together(found: list[dict[str, str]]) -> dict[str, str] | None:
    return {name: value for one in found for name, value in one.items()} if found else None


def region(profile: str) -> str:
    """The region that stands in the profile; empty when there is none, or one that is none."""
    said = (of_config(profile) or {}).get("region", "")
    return said if AWS_REGION.fullmatch(said) else ""


def refuse_unless_it_leads_here(profile: str) -> None:
    """Before a command is told to use a profile: the credentials that it gets must be those of the role."""
    found, where = of_config(profile), aws_paths.config()
    if found is None:
        raise Failure(USAGE, f"profile {profile} is not in {where}\n{WITHOUT}", run="profiles sync")
    if HELPER not in found.get("credential_process", ""):
        raise Failure(USAGE, f"profile {profile} in {where} does not ask fedgate\n{WITHOUT}")
    if KEY in found or KEY in (of_credentials(profile) or {}):
        where = where if KEY in found else aws_paths.credentials()
        sentence = f"profile {profile} has keys in {where} too, and AWS tools prefer those\nRemove them, or use --keys"
        raise Failure(USAGE, sentence)


def refuse_other_default() -> None:
    """AWS tools ask a container endpoint only when the profile `default` has no credentials of its own."""
    for found, path in (
        (of_config("default"), aws_paths.config()),
        (of_credentials("default"), aws_paths.credentials()),
    ):
        chained = found is not None and {"role_arn", "source_profile"} <= set(found)
        if found is not None and (chained or any(one in found for one in SOURCES)):
            sentence = f"[default] in {path} has credentials of its own, and AWS tools prefer those"
            raise Failure(USAGE, f"{sentence}\nUse a profile (fedgate profiles sync), or --keys")
