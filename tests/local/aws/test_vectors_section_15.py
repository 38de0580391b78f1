"""The table of vectors: each of the twenty-five is asked by a test that has its number in its name."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

HERE = Path(__file__).parent
SECOND_OPINION = "test_second_opinion.py"  # asks others; it is no proof about our own AWS

VECTORS = {
    1: "session names: length 1, 2, 64, 65; blank, accent, line feed, slash",
    2: "durations 899, 900, 3600, 3601, 43200, 43201 against the role's limit",
    3: "a chained session of 3601 seconds",
    4: "federation and session tokens with the credentials of a role",
    5: "a federated user's name of 33 characters; no policy, no permission",
    6: "external id: right, wrong, none, where the trust asks for it",
    7: "external id sent to a trust that does not ask",
    8: "tags: 51, key 129, value 257, equal but for case, inherited and sent again",
    9: "source identity: aws:x, changed in a chain, not allowed by the trust",
    10: "an assertion 299 and 301 seconds old",
    11: "an assertion with each part wrong",
    12: "role and provider in both orders, and with a blank",
    13: "SessionNotOnOrAfter before the duration that was asked for",
    14: "azp against aud",
    15: "algorithms none, HS256, PS256; 101 keys; unknown kid; issuer broken or silent",
    16: "no iat, exp past, iat six days old",
    17: "roles claim: another role, a list, a wildcard",
    18: "a tag as a string where a list of one belongs",
    19: "SessionDuration where it is refused, and without",
    20: "a sign-in address after 14:59 and 15:01 minutes",
    21: "a deny by issue time between two sessions; a delay until it holds",
    22: "throttled, expired, region switched off",
    23: "a role's ARN in other case",
    24: "an ARN of another partition",
    25: "a session token of six kibibytes",
}


def asserting_tests(file: Path) -> list[str]:
    """Names of functions that pytest runs: at the top of the module, and with something asserted inside."""
    functions = [node for node in ast.parse(file.read_text()).body if isinstance(node, ast.FunctionDef)]
    return [f.name for f in functions if f.name.startswith("test_") and _asserts(f)]


def _asserts(function: ast.FunctionDef) -> bool:
    return any(isinstance(node, ast.Assert | ast.With) for node in ast.walk(function))


def numbers(name: str) -> set[int]:
    """`test_vector_06_...` and `test_vectors_06_and_07_...`."""
    found = re.match(r"test_vectors?_((?:\d\d_)(?:and_\d\d_)*)", name)
    return {int(text) for text in re.findall(r"\d\d", found[1])} if found else set()


COVERED: dict[int, list[str]] = {}
for _file in sorted(HERE.glob("test_*.py")):
    if _file.name != SECOND_OPINION:
        for _name in asserting_tests(_file):
            for _number in numbers(_name):
                COVERED.setdefault(_number, []).append(f"{_file.name}::{_name}")


def test_the_table_is_that_of_section_15() -> None:
    assert list(VECTORS) == list(range(1, 26))


@pytest.mark.parametrize("number", VECTORS, ids=lambda number: f"{number:02d} {VECTORS[number]}")
def test_each_vector_is_asked(number: int) -> None:
    assert COVERED.get(number), f"no test named test_vector_{number:02d}_...: {VECTORS[number]}"


def test_no_test_claims_a_vector_that_does_not_exist() -> None:
    assert set(COVERED) <= set(VECTORS)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("test_vector_06_an_external_id", {6}),
        ("test_vectors_06_and_07_external_ids", {6, 7}),
        ("test_vector_6_an_external_id", set()),
        ("test_the_vector_06", set()),
        ("test_vector_25_of_3600_seconds", {25}),
    ],
)
def test_numbers_are_read_from_names(name: str, expected: set[int]) -> None:
    assert numbers(name) == expected
