"""Whatever stands in the file, our block comes and goes without moving a byte of it."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from app.cli import aws_config

BLOCK = ["# BEGIN fedgate aws.example.com - x", "[profile a]", "region = x", "# END fedgate aws.example.com"]
SMALLER = [BLOCK[0], BLOCK[-1]]
OWNER = "aws.example.com"
LINES = st.sampled_from([b"[profile b]", b"key = value", b"  nested = 1", b"# comment", b"; other", b"", b"\xff\x0c\r"])
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
