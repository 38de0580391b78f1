"""Group patterns: whole names only, and never slow."""

from __future__ import annotations

import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.group_patterns import GroupPattern

USUAL = r"aws-(?P<account>\d{12})-(?P<role>\w+)"


def test_a_group_that_names_account_and_role_is_read() -> None:
    assert GroupPattern(USUAL).named_role("aws-999999999999-UpdateApp") == ("999999999999", "UpdateApp")


@pytest.mark.parametrize(
    "group",
    [
        "aws-999999999999-UpdateApp\n",
        " aws-999999999999-UpdateApp",
        "xaws-999999999999-UpdateApp",
        "aws-999999999999-UpdateApp,Admin",
        "aws-99999999999-UpdateApp",
        "aws-\uff19\uff19\uff19\uff19\uff19\uff19\uff19\uff19\uff19\uff19\uff19\uff19-UpdateApp",
        "aws-999999999999-Updaté",
        "AWS-999999999999-UpdateApp",
        "aws-999999999999-" + "a" * 300,
        "",
    ],
)
def test_a_group_that_only_looks_like_it_names_nothing(group: str) -> None:
    assert GroupPattern(USUAL).named_role(group) is None


@pytest.mark.parametrize(
    "text",
    [
        USUAL,
        r"(?P<role>[A-Za-z-]+)\.(?P<account>[0-9]{12})",
        r"AWS (?P<account>\d{12}) \((?P<role>Admin|ReadOnly)\)",
        r"/aws/(?P<account>\d{12})/(?P<role>[^/]+)",
        r"CN=aws_(?P<account>\d+)_(?P<role>[\w+=,.@-]+)",
    ],
)
def test_patterns_that_companies_use_are_taken(text: str) -> None:
    GroupPattern(text)


@pytest.mark.parametrize(
    "text",
    [
        r"(?P<account>(a+)+)(?P<role>b)",
        r"(?P<account>a)(?P<role>b)(x+x+)+y",
        r"(?P<account>a)(?P<role>b)(?:x|x)*y",
        r"(?P<account>\d*)\d*\d*\d*\d*\d*(?P<role>x)",
        r"(?P<account>.*)(?P<role>.*).*",
        r"(?P<account>a|a|a|a|a|a|a|a)(?P<role>b)" + "[ab]?" * 20,
        r"(?P<account>a)(?P<role>b)" + "(a|a)" * 30,
        r"(?P<account>a)(?P<role>b)" + "a{0,99}" * 10,
        r"(?P<account>\d*)\d*\d*\d*\d*\d*(?P<role>x|y{300,999})",
        r"(?P<account>\d*)\d*\d*\d*\d*\d*(?P<role>x|y{257,300})",
        r"(?P<account>a)(?P<role>b)(?P=role)*",
        r"(?P<account>a)(?=(?P<role>b+)+)",
        r"(?P<account>a)(?P<role>b)?",
        r"(?P<account>a*?)(?P<role>b*+)",
        r"(?i)aws-(?P<account>\d{12})-(?P<role>\w+)",
        r"aws-(?P<account>\d{12})-(?P<role>\w+)|.*",
        r"^aws-(?P<account>\d{12})-(?P<role>\w+)$",
        r"aws-(?P<account>\d{12})-(?P<role>\S+)\b",
        r"aws-(?P<account>\d{12})",
        r"aws-(?P<role>\w+)",
        r"aws-(?P<account>\d{12})-(?P<role>\w+)-(?P<more>\w+)",
        r"(?P<account>a)(?P<role>b){99999999999999999999}",
        r"(?L)(?P<account>a)(?P<role>b)",
        r"(?P<account>a(?P<role>b)",
        r"(?P<account>[a[b])(?P<role>b)",
        "(?P<account>a)(?P<role>b)" + "x" * 200,
        "\\",
        "",
    ],
)
def test_a_pattern_that_could_be_slow_or_surprising_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"expected|not a regular expression|too long"):
        GroupPattern(text)


PIECES = [r"\d", r"\w", ".", "a", "[ab]", r"\.", r"[^b]"]
REPEATS = ["", "", "*", "+", "?", "{2}", "{0,9}", "{1,}"]


@given(
    st.lists(st.tuples(st.sampled_from(PIECES), st.sampled_from(REPEATS)), max_size=12),
    st.integers(0, 12),
    st.integers(0, 12),
    st.text(alphabet="ab.1", max_size=8),
)
def test_no_pattern_that_is_taken_is_ever_slow(pieces: list[tuple[str, str]], one: int, two: int, end: str) -> None:
    texts = ["".join(piece) for piece in pieces]
    text = "".join([*texts[:one], "(?P<account>a*|b)", *texts[one:two], "(?P<role>a+)", *texts[max(one, two) :]])
    try:
        pattern = GroupPattern(text)
    except ValueError:
        return
    for group in ("a" * 256, ("a" * 256 + end)[-256:], "ab" * 128, "1" * 256):
        begun = time.process_time()
        found = pattern.named_role(group)
        assert time.process_time() - begun < 0.25
        match = re.fullmatch(text, group, re.ASCII)
        assert found == (match and (match["account"], match["role"]))
