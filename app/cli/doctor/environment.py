"""Variables of this shell that AWS tools heed before, or instead of, a profile. Their values are never shown."""

from __future__ import annotations

import os

from .. import output
from ..profiles import aws_paths
from ..profiles.aws_sections import Section
from .findings import CAREFUL, WRONG, Finding, Findings, Scene, shown

KEYS = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_SECURITY_TOKEN")
ENDS = "AWS_CREDENTIAL_EXPIRATION"
BUNDLES = ("AWS_CA_BUNDLE", "SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")


def look(scene: Scene, sections: list[Section]) -> Findings:
    yield from keys(scene)
    yield from web_identity(scene)
    yield from profile(scene, sections)
    yield from container(scene)
    yield from endpoints(scene)
    yield from files(scene)


def keys(scene: Scene) -> Findings:
    here = [name for name in (*KEYS, ENDS) if scene.environ.get(name)]
    if not set(here) & set(KEYS):
        return
    ends = output.moment(scene.environ.get(ENDS, "").replace("+00:00", "Z"))
    until = f" They work until {output.until(output.zulu(ends.timestamp()), scene.now)}." if ends else ""
    sentence = f"AWS tools take these keys and never ask fedgate, also when AWS_PROFILE is set.{until}"
    over = ends is None or ends.timestamp() <= scene.now
    yield Finding("environment", WRONG if over else CAREFUL, ", ".join(here), sentence, f"unset {' '.join(here)}")


def web_identity(scene: Scene) -> Findings:
    names = [name for name in ("AWS_WEB_IDENTITY_TOKEN_FILE", "AWS_ROLE_ARN") if scene.environ.get(name)]
    if len(names) == 2 and not scene.environ.get("AWS_PROFILE"):
        sentence = "AWS tools take this role wherever no profile is named, and do not ask fedgate"
        yield Finding("environment", CAREFUL, ", ".join(names), sentence, f"unset {' '.join(names)}")


def profile(scene: Scene, sections: list[Section]) -> Findings:
    """Two names for one thing; AWS CLI and boto3 read the older one only without the newer."""
    known = {section.name for section in sections if section.is_profile()}
    for variable in ("AWS_PROFILE", "AWS_DEFAULT_PROFILE"):
        name = scene.environ.get(variable, "")
        if name and name not in known:
            sentence = f"names the profile {name}, which is not in {shown(aws_paths.config())}: AWS tools will fail"
            yield Finding("environment", WRONG, variable, sentence, f"unset {variable}")


def container(scene: Scene) -> Findings:
    name = "AWS_CONTAINER_CREDENTIALS_FULL_URI"
    if scene.environ.get(name) and scene.environ.get("AWS_PROFILE"):
        sentence = "is not used while AWS_PROFILE is set: the profile comes first. Unset the one that you do not mean."
        yield Finding("environment", CAREFUL, name, sentence, "unset AWS_PROFILE")


def endpoints(scene: Scene) -> Findings:
    if scene.environ.get("AWS_ENDPOINT_URL"):
        sentence = "sends every request of AWS tools there, also those by which `aws sso login` finds the gateway"
        yield Finding("environment", CAREFUL, "AWS_ENDPOINT_URL", sentence, "unset AWS_ENDPOINT_URL")
    name = "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS"
    if scene.environ.get(name, "").lower() == "true":
        sentence = "makes AWS tools overlook the [services] section by which `aws sso login` finds the gateway"
        yield Finding("environment", CAREFUL, name, sentence, f"unset {name}")


def files(scene: Scene) -> Findings:
    """A missing AWS_SHARED_CREDENTIALS_FILE is fine: there is nothing in it that would win over a profile."""
    variable = "AWS_CONFIG_FILE"
    if scene.environ.get(variable) and not os.path.exists(aws_paths.config()):
        sentence = f"names {shown(aws_paths.config())}, which does not exist: AWS tools then know no profile"
        yield Finding("environment", CAREFUL, variable, sentence, f"unset {variable}")
    for variable in BUNDLES:
        path = scene.environ.get(variable, "")
        if path and not os.access(path, os.R_OK):
            sentence = f"names {shown(path)}, which cannot be read: no certificate can be verified"
            yield Finding("environment", WRONG, variable, sentence, f"unset {variable}")
