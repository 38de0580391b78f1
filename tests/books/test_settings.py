"""The environment: every problem at once, by name and never with a value."""

from __future__ import annotations

import base64
import traceback
from pathlib import Path

import pytest

from app.errors import ConfigurationProblems
from app.settings import Settings

KEY, OLD_KEY = bytes(range(32)), bytes(reversed(range(32)))
IN_BASE64, OLD_IN_BASE64 = (base64.b64encode(key).decode() for key in (KEY, OLD_KEY))
KMS_KEY = "arn:aws:kms:eu-west-1:111111111111:key/1234abcd-12ab-34cd-56ef-1234567890ab"  # of AWS's documentation


@pytest.fixture
def good(tmp_path: Path) -> dict[str, str]:
    for name in ("gateway.toml", "catalog.toml"):
        (tmp_path / name).write_text("")
    return {
        "FEDGATE_CONFIG": str(tmp_path / "gateway.toml"),
        "FEDGATE_CATALOG": str(tmp_path / "catalog.toml"),
        "FEDGATE_SEALING_KEYS": IN_BASE64,
    }


def problems(environment: dict[str, str]) -> list[str]:
    with pytest.raises(ConfigurationProblems) as found:
        Settings.from_environment(environment)
    for secret in ("s3cret", IN_BASE64):
        assert secret not in "".join(traceback.format_exception(found.value))
    return found.value.problems


def test_the_defaults_are_those_of_the_contract(good: dict[str, str]) -> None:
    settings = Settings.from_environment(good)
    assert settings.redis_url == "redis://127.0.0.1:6379/0"
    assert settings.database_url == "sqlite:///var/fedgate.db"
    assert settings.audit_journal == Path("var/audit")
    assert (settings.trusted_proxies, settings.log_level, settings.log_format) == (0, "info", "json")
    assert (settings.issuer_keys, settings.signin_endpoint, settings.unknown) == ((), "", ())


def test_each_can_come_from_a_file(good: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "keys").write_text(f"{OLD_IN_BASE64}\n{IN_BASE64}\n")
    del good["FEDGATE_SEALING_KEYS"]
    settings = Settings.from_environment(good | {"FEDGATE_SEALING_KEYS_FILE": str(tmp_path / "keys")})
    assert settings.sealing_keys == (OLD_KEY, KEY)


def test_a_dash_is_standard_output(good: dict[str, str]) -> None:
    assert Settings.from_environment(good | {"FEDGATE_AUDIT_JOURNAL": "-"}).audit_journal is None


def test_printing_the_settings_shows_no_secret(good: dict[str, str]) -> None:
    secret = {"FEDGATE_REDIS_URL": "redis://:s3cret@h/0", "FEDGATE_DATABASE_URL": "postgresql+psycopg://u:s3cret@h/x"}
    settings = Settings.from_environment(good | secret)
    assert "s3cret" in settings.redis_url + settings.database_url
    for shown in (repr(settings), str(settings)):
        assert "s3cret" not in shown
        assert IN_BASE64 not in shown
        assert repr(KEY) not in shown


def test_signing_keys_may_be_in_kms_or_in_directories_or_on_the_way_between(
    good: dict[str, str], tmp_path: Path
) -> None:
    multi = "arn:aws-us-gov:kms:us-gov-west-1:111111111111:key/mrk-1234abcd12ab34cd56ef1234567890ab"
    settings = Settings.from_environment(good | {"FEDGATE_ISSUER_KEYS": f"{KMS_KEY}, {multi},{tmp_path}"})
    assert settings.issuer_keys == (KMS_KEY, multi, tmp_path)
    with_comma = tmp_path / "a,b"
    with_comma.mkdir()
    assert Settings.from_environment(good | {"FEDGATE_ISSUER_KEYS": str(with_comma)}).issuer_keys == (with_comma,)


def test_a_misspelt_setting_is_noticed_and_those_of_the_cli_are_not(good: dict[str, str]) -> None:
    more = {"FEDGATE_REDIS_ULR": "x", "FEDGATE_DEBUG": "1", "FEDGATE_GATEWAY": "x", "HOME": "/"}
    assert Settings.from_environment(good | more).unknown == ("FEDGATE_REDIS_ULR",)


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("CONFIG", "/nowhere/gateway.toml", "no file at the path that it holds; set it to the path of your gate"),
        ("CATALOG", "/nowhere", "no file at the path that it holds"),
        ("CATALOG", "x" * 300, "cannot be looked at (File name too long)"),  # as of a folder that is closed to us
        ("ISSUER_KEYS", "x" * 300, "cannot be looked at (File name too long)"),
        ("SEALING_KEYS", "", "is required"),
        ("SEALING_KEYS", "s3cret", "key 1: expected 32 bytes in base64"),
        ("SEALING_KEYS", f"{IN_BASE64},s3cret", "key 2: expected 32 bytes"),
        ("SEALING_KEYS", IN_BASE64[:-4], "key 1: expected 32 bytes"),
        ("SEALING_KEYS", "s3cr\u00e9t" * 8, "key 1: expected 32 bytes"),
        ("REDIS_URL", "http://:s3cret@h", "expected an address that begins with one of redis://"),
        ("REDIS_URL", "redis://[s3cret", "expected an address that begins with one of redis://"),
        ("DATABASE_URL", "mysql://s3cret", "expected an address that begins with one of sqlite://"),
        ("ISSUER_KEYS", "/nowhere", "no directory at the path that it holds"),
        ("ISSUER_KEYS", "arn:aws:kms:eu-west-1:1:key/x", "expected the whole ARN of a KMS key"),
        ("ISSUER_KEYS", KMS_KEY.replace("eu-west-1", "cn-north-1"), "expected the whole ARN of a KMS key"),
        ("ISSUER_KEYS", KMS_KEY.rpartition("/")[2], "expected the whole ARN of a KMS key"),
        ("ISSUER_KEYS", f"{KMS_KEY},arn:aws:kms:eu-west-1:111111111111:alias/fedgate", "key 2: is an alias"),
        ("ISSUER_KEYS", f"{KMS_KEY}, /nowhere", "key 2: no directory at the path that it holds"),
        ("ISSUER_KEYS", f"{KMS_KEY},", "key 2: is empty"),
        ("ISSUER_KEYS", f"-----BEGIN {'PRIVATE KEY'}-----\ns3cret", "is a key itself"),
        ("ISSUER_KEYS", f"{KMS_KEY},{KMS_KEY.replace('eu-west-1', 'eu-west-2')}", "names the same key twice"),
        ("TRUSTED_PROXIES", "11", "expected a number from 0 to 10"),
        ("TRUSTED_PROXIES", "-1", "expected a number from 0 to 10"),
        ("TRUSTED_PROXIES", "9" * 5000, "expected a number from 0 to 10"),
        ("TRUSTED_PROXIES", "\u0661", "expected a number from 0 to 10"),
        ("LOG_LEVEL", "loud", "expected one of debug, info"),
        ("LOG_FORMAT", "xml", "expected one of json, text"),
        ("SIGNIN_ENDPOINT", "signin.example.com", "expected an http or https address"),
        ("SIGNIN_ENDPOINT", "http://[", "expected an http or https address"),
        ("SIGNIN_ENDPOINT", "http://signin.example.com", "expected https"),
        ("CATALOG_FILE", "/nowhere", "FEDGATE_CATALOG: is set twice"),
    ],
)
def test_one_mistake_is_one_sentence_by_name(good: dict[str, str], name: str, value: str, told: str) -> None:
    found = problems(good | {f"FEDGATE_{name}": value})
    assert len(found) == 1
    assert told in found[0]
    assert found[0].startswith(f"FEDGATE_{name.removesuffix('_FILE')}: ")
    assert len(value) < 10 or value not in found[0]  # any of them may hold what was meant for another


def test_everything_wrong_is_told_at_once() -> None:
    found = problems(
        {
            "FEDGATE_CONFIG": "/nowhere",
            "FEDGATE_CATALOG": "/nowhere",
            "FEDGATE_SEALING_KEYS_FILE": "/nowhere",
            "FEDGATE_REDIS_URL": "s3cret",
            "FEDGATE_LOG_LEVEL": "s3cret",
        }
    )
    assert {problem.partition(":")[0].removeprefix("FEDGATE_") for problem in found} == {
        "CONFIG",
        "CATALOG",
        "SEALING_KEYS_FILE",
        "SEALING_KEYS",
        "REDIS_URL",
        "LOG_LEVEL",
    }
