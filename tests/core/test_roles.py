"""Names and limits of AWS: what the constructors take, and what they refuse."""

from __future__ import annotations

import sys
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.roles import AccountId, Partition, ProviderArn, RoleArn, SessionName, SourceIdentity
from app.core.session_tags import SessionTags

ROLE = "arn:aws:iam::111111111111:role/"
PROVIDER = "arn:aws:iam::111111111111:saml-provider/fedgate"


@pytest.mark.parametrize("name", ["UpdateApp", "a" * 64, "team/UpdateApp", "a/b/c/UpdateApp", "x+=,.@-_y"])
def test_a_role_that_iam_can_have_is_taken(name: str) -> None:
    arn = RoleArn(ROLE + name)
    assert (arn.account, arn.name, arn.aws_partition) == ("111111111111", name.rpartition("/")[2], Partition.AWS)


@pytest.mark.parametrize(
    "text",
    [
        "",
        ROLE,
        ROLE + "UpdateApp\n",
        "\n" + ROLE + "UpdateApp",
        ROLE + "Update App",
        ROLE + "Updaté",
        ROLE + "a" * 65,
        ROLE + "*",
        ROLE + "team/",
        ROLE + "/UpdateApp",
        ROLE + "team//UpdateApp",
        ROLE + "te am/UpdateApp",
        ROLE + "UpdateApp\x00",
        "ARN:aws:iam::111111111111:role/UpdateApp",
        "arn:AWS:iam::111111111111:role/UpdateApp",
        "arn:aws:iam::111111111111:Role/UpdateApp",
        "arn:aws-evil:iam::111111111111:role/UpdateApp",
        "arn:aws:sts::111111111111:assumed-role/UpdateApp/alice",
        "arn:aws:iam::11111111111:role/UpdateApp",
        "arn:aws:iam::1111111111111:role/UpdateApp",
        "arn:aws:iam::\uff11\uff11\uff11\uff11\uff11\uff11\uff11\uff11\uff11\uff11\uff11\uff11:role/UpdateApp",
        "arn:aws:iam:eu-west-1:111111111111:role/UpdateApp",
        ROLE + "x" * 512 + "/UpdateApp",
    ],
)
def test_what_is_no_role_arn_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="expected a role ARN"):
        RoleArn(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "11111111111",
        "1111111111111",
        "111111111111\n",
        " 111111111111",
        "\uff11" * 12,
        "11111111111a",
        "-11111111111",
    ],
)
def test_what_is_no_account_id_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="12 digits"):
        AccountId(text)


def test_an_account_id_keeps_its_leading_zeros() -> None:
    assert AccountId("000000000001") == "000000000001"


def test_a_provider_arn_says_its_kind_account_and_partition() -> None:
    arn = ProviderArn("arn:aws-cn:iam::111111111111:oidc-provider/id.example.com/path")
    assert (arn.kind, arn.account, arn.aws_partition) == ("oidc-provider", "111111111111", Partition.CHINA)


@pytest.mark.parametrize(
    "text",
    [
        "",
        PROVIDER + "\n",
        PROVIDER + "," + ROLE + "Admin",  # would become a second half of the SAML attribute Role
        PROVIDER + " x",
        "arn:aws:iam::111111111111:saml-provider/",
        "arn:aws:iam::111111111111:SAML-provider/fedgate",
        "arn:aws:iam::111111111111:role/fedgate",
    ],
)
def test_what_is_no_provider_arn_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="expected the ARN of an IAM provider"):
        ProviderArn(text)


@pytest.mark.parametrize("kind", [SessionName, SourceIdentity])
@pytest.mark.parametrize("text", ["a", "a" * 65, "a b", "é" * 4, "alice\n", "a/b", "aws:x", "", "a\tb"])
def test_a_session_name_that_sts_would_refuse_is_refused(kind: type[SessionName], text: str) -> None:
    with pytest.raises(ValueError, match="2-64 characters"):
        kind(text)


@pytest.mark.parametrize("text", ["ab", "a" * 64, "alice@example.com", "a+b=c,d.e_f-g"])
def test_a_session_name_within_the_limits_is_taken(text: str) -> None:
    assert SessionName(text) == text


def test_tags_take_exactly_the_characters_that_sts_takes() -> None:
    """All of Unicode against `[\\p{L}\\p{Z}\\p{N}_.:/=+\\-@]` (STS API Reference, Tag)."""
    wrong = []
    for number in range(sys.maxunicode + 1):
        character = chr(number)
        allowed = character in "_.:/=+-@" or unicodedata.category(character)[0] in ("L", "Z", "N")
        if _taken({"k": character}) != allowed:
            wrong.append(hex(number))
    assert wrong == []


@pytest.mark.parametrize(
    ("tags", "why"),
    [
        ({f"k{n}": "v" for n in range(51)}, "at most 50"),
        ({"": "v"}, "1-128"),
        ({"k" * 129: "v"}, "1-128"),
        ({"k": "v" * 257}, "at most 256"),
        ({"k": "v\n"}, "at most 256"),
        ({"k": "v\x85"}, "at most 256"),
        ({"k;": "v"}, "1-128"),
        ({"aws:k": "v"}, "reserved"),
        ({"AWS:k": "v"}, "reserved"),
        ({"Dept": "a", "dept": "b"}, "only by case"),
        ({"Straße": "a", "STRASSE": "b"}, "only by case"),
    ],
)
def test_tags_that_sts_would_refuse_are_refused(tags: dict[str, str], why: str) -> None:
    with pytest.raises(ValueError, match=why):
        SessionTags(tags)


def test_tags_at_the_limits_are_taken() -> None:
    assert len(SessionTags({f"k{n}".ljust(128, "x"): "v" * 256 for n in range(50)})) == 50
    assert SessionTags({"k": ""})["k"] == ""


@given(st.dictionaries(st.sampled_from("abcdef"), st.sampled_from(["", "x", "y"])))
def test_tags_are_the_same_in_whatever_order_they_were_written(tags: dict[str, str]) -> None:
    backwards = dict(reversed(tags.items()))
    assert list(SessionTags(tags).items()) == list(SessionTags(backwards).items())


def _taken(tags: dict[str, str]) -> bool:
    try:
        SessionTags(tags)
    except ValueError:
        return False
    return True
