"""Whatever stands in the file, our blocks come and go without moving a byte of it."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from botocore.configloader import load_config
from hypothesis import given
from hypothesis import strategies as st

from app.cli.failures import Failure
from app.cli.profiles import aws_config, aws_default, aws_lines, aws_strays, own_lines
from app.cli.profiles.aws_lines import Entry
from app.cli.profiles.aws_sections import Section, sections, split

BLOCK = ["# BEGIN fedgate aws.example.com - x", "[profile a]", "region = x", "# END fedgate aws.example.com"]
SMALLER = [BLOCK[0], BLOCK[-1]]
OWNER = "aws.example.com"
ROLE = Entry("a.sso", "111111111111", "ReadOnly", "arn:aws:iam::111111111111:role/ReadOnly", "eu-west-1")
GATEWAY = "https://aws.example.com"
NATIVE = [
    f"# BEGIN fedgate {OWNER}/sso - x",
    *aws_lines.sso(GATEWAY, [ROLE], default=False),
    f"# END fedgate {OWNER}/sso",
]
LINES = st.sampled_from(
    [
        b"[profile b]",
        b"key = value # no comment",
        b"s3 =",
        b"  nested = 1",
        b"\tnested = 2;",
        b"# comment",
        b"; other",
        b"",
        b"# BEGIN aws-sso-cli",
        b"# END aws-sso-cli",
        b"# >>> other >>>",
        b"[services x]",
        b"\xff\x0c\r",
        b"\xef\xbb\xbf",
    ]
)
ENDS = st.sampled_from([b"\n", b"\r\n"])


@st.composite
def files(draw: st.DrawFn) -> bytes:
    whole = b"".join(line + end for line, end in draw(st.lists(st.tuples(LINES, ENDS), max_size=12)))
    return whole + draw(st.sampled_from([b"", b"last = line", b"[profile z]"]))


@given(files(), files())
def test_before_and_after_stay_as_they_are(before: bytes, after: bytes) -> None:
    written = aws_config.replaced(before, OWNER, BLOCK)
    assert written.startswith(before)
    behind = b"[profile later]\n" + after
    assert aws_config.replaced(written + behind, OWNER, BLOCK) == written + behind
    smaller = aws_config.replaced(written + behind, OWNER, SMALLER)
    assert smaller.startswith(before)
    assert smaller.endswith(behind)
    assert len(smaller) < len(written + behind)
    assert aws_config.replaced(smaller, OWNER, BLOCK) == written + behind


@given(files())
def test_a_second_time_changes_nothing(before: bytes) -> None:
    once = aws_config.replaced(before, OWNER, BLOCK)
    assert aws_config.replaced(once, OWNER, BLOCK) == once
    assert aws_config.profiles_inside(once, OWNER) == {"a"}
    assert "a" not in aws_config.profiles_outside(once, OWNER)


@given(files())
def test_a_block_that_is_taken_out_again_leaves_at_most_the_last_newline(before: bytes) -> None:
    after = aws_config.removed(aws_config.replaced(before, OWNER, BLOCK), OWNER)
    newline = aws_config.newline_of(before)
    assert after == before if before.endswith(b"\n") or not before else after == before + newline


Step = Callable[[bytes], bytes]
STEPS: dict[str, Step] = {
    "sync": lambda content: aws_config.replaced(content, OWNER, BLOCK),
    "prune": lambda content: aws_config.replaced(content, OWNER, SMALLER),
    "other": lambda content: aws_config.replaced(
        content, "b.example", [line.replace(OWNER, "b.example") for line in BLOCK]
    ),
    "native": lambda content: aws_config.replaced(content, f"{OWNER}/sso", NATIVE),
    "no sync": lambda content: aws_config.removed(content, OWNER),
    "no native": lambda content: aws_config.removed(content, f"{OWNER}/sso"),
}


@given(files(), st.lists(st.sampled_from(sorted(STEPS)), max_size=8))
def test_blocks_in_any_order_never_touch_what_is_not_theirs(before: bytes, steps: list[str]) -> None:
    now = before
    for step in steps:
        now = STEPS[step](now)
    assert now.startswith(before)
    for owner in (OWNER, "b.example", f"{OWNER}/sso"):
        now = aws_config.removed(now, owner)
    assert now.removeprefix(before).strip() == b""


# What botocore can read: the person's own part, in every shape that it takes.
OWN = st.lists(
    st.sampled_from(
        [
            b"[profile %d]\nregion = eu-west-1\n",
            b"[profile %d]\r\noutput = json # not a comment\r\n",
            b"[profile %d]\ns3 =\n  max_concurrent_requests = 20\n  addressing_style = path\nregion = x\n\n",
            b"# BEGIN aws-sso-cli\n[profile %d]\ncredential_process = a --b '=' ;c\n# END aws-sso-cli\n",
            b"[sso-session s%d]\nsso_region = x\nsso_start_url = y\n",
            b"[services v%d]\nsts =\n  endpoint_url = http://localhost\n",
            b"; only a remark %d\n",
        ]
    ),
    max_size=5,
).map(lambda kinds: b"".join(kind % number for number, kind in enumerate(kinds)))


def parsed(content: bytes) -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as place:
        path = Path(place) / "config"
        path.write_bytes(content)
        found = dict(load_config(str(path)))
    found.pop("_path", None)
    return found


@given(OWN, st.sampled_from([b"", b"[default]\nregion = x\n", b"[default]\r\ns3 =\r\n  a = b\r\n", b"[default]"]))
def test_botocore_reads_the_persons_settings_as_before_and_ours_as_meant(own: bytes, default: bytes) -> None:
    before = own + default
    after = STEPS["native"](STEPS["sync"](before))
    old, new = parsed(before), parsed(after)
    assert new["profiles"] == old["profiles"] | {"a": {"region": "x"}, "a.sso": new["profiles"]["a.sso"]}
    assert new["profiles"]["a.sso"]["sso_role_name"] == "ReadOnly"
    assert new["services"] == old["services"] | {
        "fedgate": {name: {"endpoint_url": GATEWAY} for name in ("sso", "sso_oidc", "signin")}
    }
    assert new["sso_sessions"].keys() == old["sso_sessions"].keys() | {"fedgate"}


@given(OWN, st.sampled_from([b"", b"[default]\nregion = x\n", b"[default]\r\ns3 =\r\n  a = b\r\n", b"[default]"]))
def test_the_line_in_default_is_all_that_changes_there(own: bytes, default: bytes) -> None:
    before = own + default
    after = aws_default.with_services(before, "fedgate", [])
    old, new = parsed(before)["profiles"], parsed(after)["profiles"]
    assert new == old | {"default": old.get("default", {}) | {"services": "fedgate"}}
    assert aws_default.with_services(after, "fedgate", []) == after
    again = aws_default.without_services(after, "fedgate")
    if default:
        assert again == before
    else:
        assert again.startswith(before)
        assert again.removeprefix(before).strip() == b"[default]"


@pytest.mark.parametrize(
    "content",
    [b"[default]\nservices = mine\n", b"[default]\nregion = x\n[default]\n", b"[profile default]\nservices=mine\n"],
)
def test_a_default_that_has_no_room_for_us_is_refused(content: bytes) -> None:
    with pytest.raises(Failure, match="default"):
        aws_default.with_services(content, "fedgate", ["sso ="])


def test_services_that_somebody_else_chose_for_default_stay() -> None:
    content = b"[default]\nservices = mine\n"
    assert aws_default.without_services(content, "fedgate") == content


def test_a_file_in_utf_16_is_refused_and_not_mixed() -> None:
    with pytest.raises(Failure, match="UTF-16"):
        aws_config.replaced("[default]\n".encode("utf-16"), OWNER, BLOCK)


def test_a_byte_order_mark_hides_no_section_and_no_marker() -> None:
    assert [one.name for one in sections(split(b"\xef\xbb\xbf[profile x]\n"))] == ["x"]
    content = b"\xef\xbb\xbf" + "\n".join(BLOCK).encode() + b"\n"
    assert aws_config.profiles_inside(content, OWNER) == {"a"}


FOREIGN = [
    b"# BEGIN aws-sso-cli",
    b"# END aws-sso-cli",
    b"# >>> conda initialize >>>",
    b"; BEGIN other",
    b"[profile mine]",
    b"[default]",
    b"[sso-session corp]",
]


@pytest.mark.parametrize("line", FOREIGN)
def test_somebody_elses_work_inside_our_block_is_never_swallowed(line: bytes) -> None:
    block = split("\n".join([*BLOCK[:3], line.decode(), BLOCK[3]]).encode())
    with pytest.raises(Failure, match="line 9 stands inside fedgate's block"):
        own_lines.added(block, 5, is_a, ("region",))


def is_a(section: Section) -> bool:
    return section.name == "a"


def test_settings_that_were_added_inside_our_block_are_found_with_what_is_nested_in_them() -> None:
    lines = [*BLOCK[:3], "output = json", "# mine", "s3 =", "  a = b", "", "region = y", "  nested = in ours", BLOCK[3]]
    found = own_lines.added(split("\n".join(lines).encode()), 0, is_a, ("region",))
    assert found == {"a": ["output = json", "# mine", "s3 =", "  a = b"]}
    assert own_lines.lost(found, {"a"}) == []
    assert own_lines.lost(found, {}) == ["output = json (of a)", "# mine (of a)", "s3 = (of a)", "a = b (of a)"]


def test_no_settings_are_lost_where_two_names_become_one() -> None:
    found = {"a": ["x = 1"], "b": ["x = 2"], "": ["# c"]}
    moved = own_lines.carried(found, {"a": "R", "b": "R"}, {"new": "R"})
    assert moved == {"new": ["x = 1"], "b": ["x = 2"], "": ["# c"]}
    assert own_lines.lost(moved, {"new"}) == ["x = 2 (of b)", "# c (of no profile)"]


AWS_CLI_LINES = st.lists(st.sampled_from([b"output = json", b"s3 =\n  a = b", b"cli_pager ="]), unique=True, max_size=3)


@given(OWN, AWS_CLI_LINES, AWS_CLI_LINES, st.sampled_from([b"", b"[profile later]\nregion = x\n"]))
def test_what_the_aws_cli_writes_at_our_markers_keeps_its_meaning(
    own: bytes, first: list[bytes], last: list[bytes], behind: bytes
) -> None:
    """It takes our markers for comments of the section before them."""
    own, begin, end = own.replace(b"\r", b""), BLOCK[0].encode(), BLOCK[-1].encode()
    content = aws_config.replaced(own + b"[profile mine]\nregion = x\n", OWNER, BLOCK) + behind
    written = content.replace(begin + b"\n", b"\n".join([begin, *first, b""]))
    written = written.replace(end + b"\n", b"\n".join([end, *last, b""]))
    healed = aws_strays.healed(written, OWNER)
    assert parsed(healed) == parsed(written)
    assert aws_strays.healed(healed, OWNER) == healed
    assert aws_config.outside(healed, OWNER) == aws_config.outside(
        content.replace(b"[profile mine]\nregion = x\n", b"\n".join([b"[profile mine]\nregion = x", *first, b""])),
        OWNER,
    )
    inside = b"".join(aws_config.inside(healed, OWNER))
    assert all(line in inside for line in last)


def test_settings_behind_a_block_that_ends_in_no_profile_are_nobodys_and_refused() -> None:
    content = aws_config.replaced(b"", OWNER, SMALLER) + b"output = json\n"
    assert aws_strays.healed(content, OWNER) == content
    with pytest.raises(Failure, match="line 3 stands behind fedgate's block"):
        aws_config.replaced(content, OWNER, BLOCK)
