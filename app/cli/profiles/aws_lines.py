"""The exact lines that make AWS tools come to a gateway, for each way in which they can.

The page "Set up your terminal" shows these lines and the command line writes them, so the two never disagree; this is
therefore the only module of the CLI that the gateway imports. Every function returns lines without their newline and
raises ValueError for a value that could leave its line: a name with a newline in it would be a setting of its own.

Sources: AWS SDKs and Tools Reference Guide, "Process credential provider", "IAM Identity Center credential provider",
"Service-specific endpoints", "Container credential provider"; AWS CLI User Guide, "Sign in through the AWS CLI".
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import NamedTuple
from urllib.parse import quote

from .aws_rules import SERVICES, rule_set

NAME = "fedgate"  # of the sso-session and of the services section
# No region of AWS: where the `services` line is lost, an AWS tool looks for a host that does not exist, instead of
# handing the gateway's token to AWS.
REGION = "fedgate-1"
# A label that the AWS CLI accepts without asking the address anything, and that nobody ever contacts.
NEUTRAL_START = "https://fedgate.awsapps.com/start"
SCOPE = "sso:account:access"
PLAIN_IN_PATHS = "+=,.@-_"

PROFILE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,127}")  # what every AWS SDK reads: no space, no slash
ACCOUNT = re.compile(r"[0-9]{12}")
ROLE_NAME = re.compile(r"[A-Za-z0-9_+=,.@-]{1,128}")
AWS_REGION = re.compile(r"[a-z]{2,4}(-[a-z]+)+-[0-9]{1,2}")
LABEL = re.compile(r"[a-z0-9][a-z0-9-]{0,59}")  # `<label>-1` is one label of a host name
GATEWAY = re.compile(r"https?://([A-Za-z0-9_.-]+|\[[0-9A-Fa-f:.]+\])(:[0-9]{1,5})?")
WORDS = re.compile(r"[\x21-\x7e]+( [\x21-\x7e]+)*")


class Entry(NamedTuple):
    """One profile to write: its name, the role that it means, and the region (empty: none is written)."""

    profile: str
    account: str
    role_name: str
    arn: str
    region: str


def process_profile(profile: str, helper: str, region: str) -> list[str]:
    """A profile for which AWS tools run `helper`, the whole command."""
    head = [f"[profile {checked(PROFILE, profile)}]", f"credential_process = {checked(WORDS, helper)}"]
    return head + region_line(region)


def sso(
    gateway: str, roles: Sequence[Entry], *, name: str = NAME, ca_bundle: str = "", default: bool = True
) -> list[str]:
    """All that `aws sso login` and the tools behind it need.

    `default` gives the lines for `[default]` too, which JavaScript programs and `aws sso login --sso-session` read
    instead of the profile; a file must never hold two `[default]` sections, so it is for who has none.
    """
    lines = ["[default]", *default_lines(name), *ca_line(ca_bundle)] if default else []
    lines += session(gateway, name) + services(gateway, name)
    for role in roles:
        lines += sso_profile(role, name) + ca_line(ca_bundle)
    return lines


def default_lines(name: str = NAME) -> list[str]:
    """What an existing `[default]` section lacks."""
    return [f"services = {checked(LABEL, name)}"]


def session(gateway: str, name: str = NAME) -> list[str]:
    return [
        f"[sso-session {checked(LABEL, name)}]",
        f"sso_start_url = {start_url(gateway)}",
        f"sso_region = {name}-1",
        f"sso_registration_scopes = {SCOPE}",
    ]


def start_url(gateway: str) -> str:
    """The AWS CLI takes no start address of plain http, even where it never asks it."""
    return f"{origin(gateway)}/start" if gateway.startswith("https://") else NEUTRAL_START


def services(gateway: str, name: str = NAME) -> list[str]:
    """Sends three services to the gateway, and all others to AWS as ever."""
    lines = [f"[services {checked(LABEL, name)}]"]
    for service in ("sso", "sso_oidc", "signin"):
        lines += [f"{service} =", f"  endpoint_url = {origin(gateway)}"]
    return lines


def sso_profile(role: Entry, name: str = NAME) -> list[str]:
    return [
        f"[profile {checked(PROFILE, role.profile)}]",
        f"sso_session = {checked(LABEL, name)}",
        f"sso_account_id = {checked(ACCOUNT, role.account)}",
        f"sso_role_name = {checked(ROLE_NAME, role.role_name)}",
        *region_line(role.region),
        f"services = {name}",
    ]


def sso_commands(profile: str, name: str = NAME) -> list[str]:
    """What is typed: signing in, once for all roles, and a first call. `--profile` also where the session is named,
    because without it the AWS CLI reads the gateway's address in `[default]` only."""
    profile = checked(PROFILE, profile)
    login = f"aws sso login --sso-session {checked(LABEL, name)} --profile {profile}"
    return [login, f"aws sts get-caller-identity --profile {profile}"]


def sso_models(gateway: str, region: str = REGION) -> dict[str, str]:
    """Files below `~/.aws/models`, for an AWS CLI older than 2.13: path to text. Then `sso_region` alone leads to the
    gateway; every other region still leads to AWS."""
    return {models_path(service): models_text(service, {region: gateway}) for service in SERVICES}


def models_text(service: str, gateways: Mapping[str, str]) -> str:
    """One of these files, for several gateways: made-up region to address."""
    rules = {checked(LABEL, region): origin(gateway) for region, gateway in gateways.items()}
    return json.dumps(rule_set(service, rules), indent=2) + "\n"


def models_path(service: str) -> str:
    return f"{service}/2019-06-10/endpoint-rule-set-1.json"


def sign_in(gateway: str, profile: str, region: str, *, name: str = NAME) -> list[str]:
    """For `aws login` (AWS CLI 2.32 and newer): the gateway's page asks for the role, one for each profile."""
    return [*services(gateway, name), *sign_in_profile(profile, region, name=name)]


def sign_in_profile(profile: str, region: str, *, name: str = NAME) -> list[str]:
    """Needs the `services` section of the same name. The profile may hold no other source of credentials."""
    return [f"[profile {checked(PROFILE, profile)}]", *region_line(region), f"services = {checked(LABEL, name)}"]


def sign_in_commands(profile: str) -> list[str]:
    profile = checked(PROFILE, profile)
    return [f"aws login --profile {profile}", f"aws sts get-caller-identity --profile {profile}"]


def container_env(gateway: str, account: str, role: str, *, token_file: str = "") -> list[str]:
    """Environment variables as `NAME=value`, without the word that a shell wants in front. The token is never among
    them; its file must end without a newline."""
    path = f"{checked(ACCOUNT, account)}/{quote(checked(ROLE_NAME, role), safe=PLAIN_IN_PATHS)}"
    lines = [f"AWS_CONTAINER_CREDENTIALS_FULL_URI={origin(gateway)}/aws/container/{path}"]
    return lines + ([f"AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE={checked(WORDS, token_file)}"] if token_file else [])


def region_line(region: str) -> list[str]:
    return [f"region = {checked(AWS_REGION, region)}"] if region else []


def ca_line(path: str) -> list[str]:
    return [f"ca_bundle = {checked(WORDS, path)}"] if path else []


def origin(gateway: str) -> str:
    """Without the slash at the end; the AWS CLI drops every path behind the host."""
    return checked(GATEWAY, gateway[:-1] if gateway.endswith("/") else gateway)


def checked(shape: re.Pattern[str], value: str) -> str:
    if not shape.fullmatch(value):
        raise ValueError(f"cannot stand in a file of AWS settings: {value[:80]!r}")
    return value
