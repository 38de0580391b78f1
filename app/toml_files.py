"""Reading the operator's TOML files: every problem at once, each with file, key and what was expected."""

from __future__ import annotations

import difflib
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic_core import ErrorDetails

from app.errors import ConfigurationProblems

_LARGEST_FILE = 32 * 1024 * 1024  # bytes


class Table(BaseModel):
    """A TOML table. Strict: `"yes"` is no boolean and 111122223333 no account id; unknown keys are refused."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


Shape = TypeVar("Shape", bound=Table)


def read_text(path: Path) -> str:
    """The file's text, UTF-8. Raises ConfigurationProblems."""
    try:
        if path.stat().st_size > _LARGEST_FILE:
            raise ConfigurationProblems([f"{path}: is larger than {_LARGEST_FILE // 2**20} MiB"])
        return path.read_text("utf-8")
    except UnicodeDecodeError:
        raise ConfigurationProblems([f"{path}: is not UTF-8 text"]) from None
    except OSError as error:
        raise ConfigurationProblems([f"{path}: cannot be read ({error.strerror})"]) from error


def read(path: Path, shape: type[Shape]) -> Shape:
    """The file as `shape`. Raises ConfigurationProblems with one sentence for each key that is wrong."""
    return parse(read_text(path), str(path), shape)


def parse(text: str, where: str, shape: type[Shape]) -> Shape:
    try:
        return shape.model_validate(tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        raise ConfigurationProblems([f"{where}: is not TOML: {error}"]) from None
    except ValidationError as error:
        problems = [f"{where}: {_key(e)}: {_expected(e, shape)}" for e in error.errors(include_url=False)]
        raise ConfigurationProblems(problems) from None


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


def _expected(error: ErrorDetails, shape: type[Table]) -> str:
    match error["type"]:
        case "missing":
            return "is required"
        case "extra_forbidden":
            return "there is no such key" + _meant(str(error["loc"][-1]), shape)
        case "string_type" if isinstance(error["input"], int):
            return "expected text in quotes, got a number"
        case "value_error":
            return str(error["msg"]).removeprefix("Value error, ")
        case _:
            # pydantic's sentences name the expected type and never repeat the value.
            return str(error["msg"]).replace("Input should be", "expected")


def _meant(key: str, shape: type[Table]) -> str:
    close = difflib.get_close_matches(key, _known_keys(shape.model_json_schema()), n=1)
    return f"; did you mean {close[0]}?" if close else ""


def _known_keys(schema: Mapping[str, object]) -> list[str]:
    tables = [schema, *_tables(schema.get("$defs"))]
    return sorted({key for table in tables for key in _mapping(table.get("properties"))})


def _tables(found: object) -> list[Mapping[str, object]]:
    return [_mapping(table) for table in _mapping(found).values()]


def _mapping(found: object) -> Mapping[str, object]:
    return found if isinstance(found, dict) else {}
