"""The log: one line for each thing, JSON or text, and nothing in it that opens anything.

Two walls against leaks (OWASP ASVS 5.0, 16.2.5): nobody passes secrets to a logger, and a filter takes out
what looks like one anyway, in messages and in the texts of exceptions. Libraries that print requests when
they debug (botocore, urllib3, werkzeug) are kept at warning whatever the level.
"""

from __future__ import annotations

import json
import logging
import re
import sys
from datetime import UTC, datetime
from typing import IO

_SECRETS = re.compile(
    r"""(?x)
    eyJ[A-Za-z0-9_-]{10,}(?:\.[A-Za-z0-9_-]*){1,4}                      # a JSON Web Token
    | PHNhbWx[A-Za-z0-9+/=]{20,} | PD94bW[A-Za-z0-9+/=]{20,}             # base64 of "<saml", "<?xml"
    | (?:Signin|SAML|Session|Security)?_?(?:Token|Response|Key)["']?\s*[=:]\s*["']?[^\s"'&,}]{8,}
    | (?:Bearer|Basic)\s+[A-Za-z0-9._~+/=-]{8,}
    | \b(?:code|state|ticket|client_secret|code_verifier|refresh_token|access_token|SigninToken)=[^\s&"']+
    | [A-Za-z0-9+/=_-]{100,}                                            # assertions, session tokens, keys
    """,
    re.IGNORECASE,
)
_CHATTY = ("boto3", "botocore", "urllib3", "werkzeug", "requests", "authlib", "s3transfer")


def redact(text: str) -> str:
    return _SECRETS.sub("[secret]", text)


def _facts(record: logging.LogRecord) -> dict[str, object]:
    """Values alone are searched: `code=role_denied` is a fact of ours, not an authorization code."""
    facts: dict[str, object] = getattr(record, "facts", {})
    return {name: redact(value) if isinstance(value, str) else value for name, value in facts.items()}


class JsonLines(logging.Formatter):
    """`{"at","level","logger","message",...}`; ASCII, so no claim can begin a line of its own."""

    def format(self, record: logging.LogRecord) -> str:
        entry: dict[str, object] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": redact(record.getMessage()),
        }
        entry = entry | _facts(record) | entry  # a fact must not replace the message or the time
        if record.exc_info:
            entry["trace"] = redact(self.formatException(record.exc_info))
        return json.dumps(entry, ensure_ascii=True, default=str)


class TextLines(logging.Formatter):
    """For a person at a terminal; control characters are escaped."""

    def format(self, record: logging.LogRecord) -> str:
        facts = " ".join(f"{name}={value}" for name, value in _facts(record).items() if value != "")
        text = f"{record.levelname.lower():7} {redact(record.getMessage())} {facts}".rstrip()
        text = text.encode("unicode_escape").decode("ascii")
        return f"{text}\n{redact(self.formatException(record.exc_info))}" if record.exc_info else text


def start_logging(level: str, form: str, stream: IO[str] | None = None) -> None:
    """Replace whatever handlers the root logger has; standard error unless `stream` is given."""
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(JsonLines() if form == "json" else TextLines())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
    for name in _CHATTY:
        logging.getLogger(name).setLevel(logging.WARNING)
