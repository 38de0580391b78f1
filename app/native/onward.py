"""What somebody who was refused does next, in the words of the tool that they typed."""

from __future__ import annotations

from app.core.needs import Needs
from app.errors import GatewayError, SignInRequired, StepUpRequired
from app.web.step_up import needs_in, step_up_path
from app.web.visit import visit

# AWS wants a fresh statement of the provider's: the tool's own login alone would find the old one again.
_AT_THE_PROVIDER = "passthrough."
_OURS = ("fedgate login --device", "fedgate login --force", "fedgate login")


def is_over(error: GatewayError) -> bool:
    """Is it the sign-in that has ended? Then a new one helps, and nothing else needs to be said."""
    return isinstance(error, SignInRequired) and not error.reason.startswith(_AT_THE_PROVIDER)


def in_words_of(login: str, sentence: str) -> str:
    """What the gateway says elsewhere is for our own CLI; who reads this may never have heard of it."""
    for ours in _OURS:
        sentence = sentence.replace(f"`{ours}`", ours).replace(ours, login)
    return sentence


def way_onward(error: GatewayError, base_url: str, login: str) -> str:
    """A terminal cannot be led to the provider. Its person can, by a link; the next sign-in then has what is needed."""
    here = visit().session
    if here is None:
        return ""
    match error:
        case StepUpRequired():
            needs = needs_in(error)
        case SignInRequired() if not is_over(error):
            needs = Needs()
        case _:
            return ""
    link = step_up_path(here.identity.provider, "/", needs)
    return f" Confirm that it is you at {base_url}{link} and then run: {login}"
