"""The process's settings: the environment, prefix `FEDGATE_`, each also as `..._FILE`.

Frozen; every problem is reported at once, by name and never with a value. Documented in the README.
"""

from __future__ import annotations

import base64
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from app.errors import ConfigurationProblems
from app.minting.places import Place, key_places

_REDIS_SCHEMES = ("redis", "rediss", "unix", "redis+sentinel", "redis+cluster")
_DATABASE_SCHEMES = ("sqlite", "postgresql")
_SHORTEST_TOKEN = 20  # characters; a shorter one could be guessed
_FILES = {"CONFIG": "gateway.toml", "CATALOG": "catalog.toml"}
_LOG_LEVELS = ("debug", "info", "warning", "error")


@dataclass(frozen=True, slots=True)
class Settings:
    config: Path
    catalog: Path | None  # None: the catalog is in the database
    database_url: str = field(repr=False)
    redis_url: str = field(repr=False)
    sealing_keys: tuple[bytes, ...] = field(repr=False)
    issuer_keys: tuple[Place, ...]  # newest first; none where nothing is signed
    audit_journal: Path | None  # None: standard output
    trusted_proxies: int
    log_level: str
    log_format: str
    signin_endpoint: str
    metrics_token: str = field(default="", repr=False)  # empty: only who asks from this machine may read /metrics
    unknown: tuple[str, ...] = ()  # FEDGATE_ variables that are no settings; the server warns of them

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] | None = None) -> Settings:
        """Raises ConfigurationProblems with one sentence for each variable that is wrong."""
        return _Reader(os.environ if environment is None else environment).settings()


class _Reader:
    def __init__(self, environment: Mapping[str, str]) -> None:
        self._environment = environment
        self._problems: list[str] = []

    def settings(self) -> Settings:
        journal = self._text("AUDIT_JOURNAL") or "var/audit"
        settings = Settings(
            config=self._file("CONFIG", "config/gateway.toml") or Path(),
            catalog=self._file("CATALOG"),
            database_url=self._url("DATABASE_URL", "sqlite:///var/fedgate.db", _DATABASE_SCHEMES),
            redis_url=self._url("REDIS_URL", "redis://127.0.0.1:6379/0", _REDIS_SCHEMES),
            sealing_keys=self._sealing_keys(),
            issuer_keys=self._key_places("ISSUER_KEYS"),
            audit_journal=None if journal == "-" else Path(journal),
            trusted_proxies=self._number("TRUSTED_PROXIES"),
            log_level=self._choice("LOG_LEVEL", _LOG_LEVELS, "info"),
            log_format=self._choice("LOG_FORMAT", ("json", "text"), "json"),
            signin_endpoint=self._endpoint("SIGNIN_ENDPOINT"),
            metrics_token=self._token("METRICS_TOKEN"),
            unknown=self._unknown(),
        )
        if self._problems:
            raise ConfigurationProblems(self._problems)
        return settings

    def _text(self, name: str) -> str:
        value, path = self._environment.get(f"FEDGATE_{name}"), self._environment.get(f"FEDGATE_{name}_FILE")
        if value is not None and path is not None:
            self._problem(name, f"is set twice: as FEDGATE_{name} and as FEDGATE_{name}_FILE; keep one")
        if value is None and path is not None:
            try:
                return Path(path).read_text("utf-8").strip()
            except (OSError, UnicodeDecodeError) as error:
                self._problem(f"{name}_FILE", f"cannot be read ({type(error).__name__})")
        return (value or "").strip()

    def _file(self, name: str, default: str = "") -> Path | None:
        """None if it is not set and has no default."""
        said = self._text(name)
        text, where = said or default, "the path that it holds" if said else default
        try:
            if text and not Path(text).is_file():
                self._problem(name, f"no file at {where}; set it to the path of your {_FILES[name]}")
        except OSError as error:  # a folder that is closed to the gateway's user
            self._problem(name, f"{where} cannot be looked at ({error.strerror})")
        return Path(text) if text else None

    def _key_places(self, name: str) -> tuple[Place, ...]:
        text = self._text(name)
        try:
            return key_places(text) if text else ()
        except ConfigurationProblems as found:
            for problem in found.problems:
                self._problem(name, problem)
            return ()

    def _url(self, name: str, default: str, schemes: tuple[str, ...]) -> str:
        text = self._text(name) or default
        if _scheme(text).partition("+psycopg")[0] not in schemes:
            self._problem(name, f"expected an address that begins with one of {', '.join(s + '://' for s in schemes)}")
        return text

    def _sealing_keys(self) -> tuple[bytes, ...]:
        keys = []
        for position, text in enumerate(self._text("SEALING_KEYS").replace(",", " ").split(), start=1):
            try:
                key = base64.b64decode(text, validate=True)
            except ValueError:  # of binascii, or because it is not even ASCII
                key = b""
            if len(key) != 32:
                self._problem("SEALING_KEYS", f"key {position}: expected 32 bytes in base64 (openssl rand -base64 32)")
            keys.append(key)
        if not keys:
            self._problem("SEALING_KEYS", "is required: one or more keys from `openssl rand -base64 32`, newest first")
        return tuple(keys)

    def _number(self, name: str) -> int:
        text = self._text(name) or "0"
        if not re.fullmatch("[0-9]|10", text):
            self._problem(name, "expected a number from 0 to 10")
            return 0
        return int(text)

    def _choice(self, name: str, choices: tuple[str, ...], default: str) -> str:
        text = self._text(name).lower() or default
        if text not in choices:
            self._problem(name, f"expected one of {', '.join(choices)}")
        return text

    def _endpoint(self, name: str) -> str:
        text = self._text(name)
        try:
            parts = urlsplit(text)
        except ValueError:
            parts = urlsplit("")
        if text and (parts.scheme not in ("http", "https") or not parts.hostname):
            self._problem(name, "expected an http or https address")
        elif parts.scheme == "http" and parts.hostname not in ("127.0.0.1", "::1", "localhost"):
            self._problem(name, "expected https; plain http only on this machine, for the local AWS")
        return text

    def _token(self, name: str) -> str:
        text = self._text(name)
        if text and (len(text) < _SHORTEST_TOKEN or not text.isascii() or not text.isprintable() or " " in text):
            self._problem(name, f"expected {_SHORTEST_TOKEN} or more letters and digits (openssl rand -hex 32)")
        return text

    def _unknown(self) -> tuple[str, ...]:
        """A misspelt setting would otherwise be ignored in silence."""
        known = {f"FEDGATE_{n}" for n in _NAMES} | {f"FEDGATE_{n}_FILE" for n in _NAMES} | _OF_THE_CLI
        return tuple(sorted(n for n in self._environment if n.startswith("FEDGATE_") and n not in known))

    def _problem(self, name: str, sentence: str) -> None:
        self._problems.append(f"FEDGATE_{name}: {sentence}")


def _scheme(address: str) -> str:
    try:
        return urlsplit(address).scheme
    except ValueError:
        return ""


_NAMES = (
    "CONFIG",
    "CATALOG",
    "DATABASE_URL",
    "REDIS_URL",
    "SEALING_KEYS",
    "ISSUER_KEYS",
    "AUDIT_JOURNAL",
    "TRUSTED_PROXIES",
    "LOG_LEVEL",
    "LOG_FORMAT",
    "SIGNIN_ENDPOINT",
    "METRICS_TOKEN",
)
# The CLI on the same machine reads these; they are not ours, and not a mistake.
_OF_THE_CLI = {"FEDGATE_GATEWAY", "FEDGATE_CACHE_DIR", "FEDGATE_DEBUG", "FEDGATE_CREDENTIAL_PROCESS"}
