"""The gateway's refusals (RFC 9457 problem details) as exit codes and sentences."""

from __future__ import annotations

import re

from .failures import AWS, DENIED, SIGN_IN, UNEXPECTED, UNREACHABLE, USAGE, Failure, printable, shortened
from .wire import Answer

STEP_UP = "step_up_required"
CODES = {
    "invalid_request": USAGE,
    "sign_in_required": SIGN_IN,
    STEP_UP: SIGN_IN,
    "role_denied": DENIED,
    "mfa_code_required": DENIED,
    "aws_refused": AWS,
    "aws_unavailable": UNREACHABLE,
    "store_unavailable": UNREACHABLE,
    "audit_unavailable": UNREACHABLE,
    "provider_unavailable": UNREACHABLE,
    "too_many_requests": UNREACHABLE,
}
WITHOUT_CODE = {401: SIGN_IN, 429: UNREACHABLE, 502: UNREACHABLE, 503: UNREACHABLE, 504: UNREACHABLE}
MFA = "mfa"
HELP = {SIGN_IN: "login", DENIED: "roles", USAGE: "roles"}
# RFC 9470 section 3, of an answer's WWW-Authenticate.
AGE = re.compile(r'\bmax_age="?(\d{1,7})\b')
ACR = re.compile(r'\bacr_values="([^"]*)"')
LONGEST = 400  # characters of a sentence that comes from outside


def failure(answer: Answer) -> Failure:
    """What a status of 400 or more means. A load balancer's own 503 has no code, and is one too."""
    found = answer.object_or_none() or {}
    name = found.get("code")
    code = CODES.get(name, UNEXPECTED) if isinstance(name, str) else WITHOUT_CODE.get(answer.status, UNEXPECTED)
    said = found.get("detail") or found.get("title")
    sentence = said if isinstance(said, str) and said else f"the gateway answered {answer.status}"
    reference = found.get("reference")
    named = shortened(printable(reference), 40) if isinstance(reference, str) else ""
    run = MFA if name == "mfa_code_required" else HELP.get(code, "")
    return Failure(code, printable(sentence)[:LONGEST].strip(), run=run, reference=named)


def stronger(answer: Answer) -> str:
    """The options of `login` for what the gateway wants (RFC 9470); empty when it wants no more than a sign-in."""
    found = answer.object_or_none() or {}
    if answer.status != 401 or found.get("code") != STEP_UP:
        return ""
    age, acr = AGE.search(answer.challenge), ACR.search(answer.challenge)
    mfa = acr is not None and MFA in acr[1].split()
    options = [" --mfa"] if mfa else []
    options += [f" --max-age {max(int(age[1]) // 60, 1)}"] if age else []
    return "".join(options) or " --force"
