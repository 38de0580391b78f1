"""Reading the operator's TOML files: every problem at once, each with file, key and what was expected."""

from __future__ import annotations

import difflib
import re
import stat
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Generic, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic_core import ErrorDetails

from app.errors import ConfigurationProblems

_LARGEST_FILE = 32 * 1024 * 1024  # bytes


class Table(BaseModel):
    """A TOML table. Strict: `"yes"` is no boolean and 111122223333 no account id; unknown keys are refused."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


Shape = TypeVar("Shape", bound=Table)
Entry = TypeVar("Entry", bound=Table)


def read_text(path: Path) -> str:
    """The file's text, UTF-8. Raises ConfigurationProblems."""
    try:
        found = path.stat()
        if not stat.S_ISREG(found.st_mode):  # a device or a pipe may never end
            raise ConfigurationProblems([f"{path}: is not a file"])
        if found.st_size > _LARGEST_FILE:
            raise ConfigurationProblems([f"{path}: is larger than {_LARGEST_FILE // 2**20} MiB"])
        return path.read_text("utf-8-sig")  # some editors begin a file with a byte order mark
    except UnicodeDecodeError:
        raise ConfigurationProblems([f"{path}: is not UTF-8 text"]) from None
    except ValueError:  # a NUL in the name, which then must not be shown as it is either
        raise ConfigurationProblems([f"{str(path.name)!r}: is not the name of a file"]) from None
    except OSError as error:
        raise ConfigurationProblems([f"{path}: cannot be read ({error.strerror})"]) from error


@dataclass(frozen=True, slots=True)
class Fitting(Generic[Shape]):
    """What of a file has the right shape, so that its meaning can be examined in the same go.

    Entries that cannot be used are missing from `tables`; `position` still counts as the file does.
    """

    tables: Shape
    problems: list[str]
    left_out: frozenset[tuple[str, int]]

    def numbered(self, table: str, entries: Sequence[Entry]) -> list[tuple[int, Entry]]:
        """Each entry of `[[table]]` with its number in the file, from 1."""
        count = len(entries) + sum(1 for name, _ in self.left_out if name == table)
        numbers = [n + 1 for n in range(count) if (table, n) not in self.left_out]
        return list(zip(numbers, entries, strict=True))


def parse_what_fits(text: str, where: str, shape: type[Shape]) -> Fitting[Shape]:
    """Raises ConfigurationProblems if nothing can be said about the rest of the file."""
    data = _toml(text, where)
    try:
        return Fitting(shape.model_validate(data), [], frozenset())
    except ValidationError as error:
        errors = error.errors(include_url=False)
    problems = [f"{where}: {_key(e)}: {expected(e, shape)}" for e in errors]
    left_out: frozenset[tuple[str, int]] = frozenset()
    try:
        for found in errors:
            _mend(data, found)
        left_out = _leave_out(data, shape)
        return Fitting(shape.model_validate(data), problems, left_out)
    except (ValueError, LookupError, TypeError):
        raise ConfigurationProblems(problems) from None


def _toml(text: str, where: str) -> dict[str, Any]:
    if not text.strip():
        # An editor that was just saving; an empty catalog would take every role away from everybody.
        raise ConfigurationProblems([f"{where}: is empty"])
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigurationProblems([f"{where}: is not TOML: {error}"]) from None
    except ValueError:  # Python reads no number of more than 4300 digits
        raise ConfigurationProblems([f"{where}: is not TOML: a number is too long"]) from None
    except RecursionError:
        raise ConfigurationProblems([f"{where}: is nested too deeply"]) from None


def _mend(data: dict[str, Any], error: ErrorDetails) -> None:
    """Take the value out that does not fit; a number that should have been text becomes text."""
    *way, last = (part for part in error["loc"] if part not in _UNION_TAGS)
    table: Any = data
    for part in way:
        table = table[part]
    if error["type"] == "string_type" and isinstance(error["input"], int):
        table[last] = str(error["input"])
    elif isinstance(table, dict):
        table.pop(last, None)


def _leave_out(data: dict[str, Any], shape: type[Table]) -> frozenset[tuple[str, int]]:
    """Take entries out that still do not fit: something that they must have is missing."""
    try:
        shape.model_validate(data)
    except ValidationError as error:
        left_out = {(str(e["loc"][0]), int(e["loc"][1])) for e in error.errors(include_url=False)}
        for table, number in sorted(left_out, reverse=True):
            del data[table][number]
        return frozenset(left_out)
    return frozenset()


def _key(error: ErrorDetails) -> str:
    """`provider[2].metadata`: entries are counted from 1, as people count them. Names of unions are left out."""
    key = ""
    for part in error["loc"]:
        if isinstance(part, int):
            key += f"[{part + 1}]"
        elif not (part in _UNION_TAGS and key.endswith("]")):
            key += f".{part}" if key else part
    return key or "the file"


_UNION_TAGS = ("saml", "oidc")
_FORMS = {
    "region": "another form, such as eu-west-1",
    "fallback_region": "another form, such as eu-west-1",
    "expires": "a time with its zone and without quotes, such as 2027-01-31T00:00:00Z",
}


def expected(error: ErrorDetails, shape: type[Table]) -> str:
    """What should have stood there; never what did."""
    match error["type"]:
        case "missing":
            return "is required"
        case "extra_forbidden" if error["loc"][-1] in ("external_id", "external_ids"):
            # One that people choose is guessed, shared between owners, or somebody else's.
            return "external ids are made by the gateway; see: python -m app.thirdparty show ACCOUNT"
        case "extra_forbidden":
            return "there is no such key" + _meant(str(error["loc"][-1]), shape)
        case "string_type" if isinstance(error["input"], int):
            return "expected text in quotes, got a number"
        case "model_type" | "model_attributes_type" | "dict_type":
            return "expected a table"
        case "value_error":
            return str(error["msg"]).removeprefix("Value error, ")
        case "union_tag_not_found":
            return "kind: is required: saml or oidc"
        case "union_tag_invalid":
            return "kind: expected saml or oidc"
        case "string_pattern_mismatch" | "datetime_type":
            return "expected " + _FORMS.get(str(error["loc"][-1]), "another form")
        case _:
            # pydantic's sentences name the expected type and never repeat the value.
            return re.sub(r"^(Input|String|List|Value|Dictionary) should (be|have) ", "expected ", str(error["msg"]))


def _meant(key: str, shape: type[Table]) -> str:
    known = _known_keys(shape)
    if key in known:
        return " in this table; it belongs into another one"
    close = difflib.get_close_matches(key, known, n=1)
    return f"; did you mean {close[0]}?" if close else ""


@cache
def _known_keys(shape: type[Table]) -> Sequence[str]:
    """Kept: a schema takes milliseconds, and ten thousand rules may have the same slip."""
    schema = shape.model_json_schema()
    tables = [schema, *_tables(schema.get("$defs"))]
    return tuple(sorted({key for table in tables for key in _mapping(table.get("properties"))}))


def _tables(found: object) -> list[Mapping[str, object]]:
    return [_mapping(table) for table in _mapping(found).values()]


def _mapping(found: object) -> Mapping[str, object]:
    return found if isinstance(found, dict) else {}
