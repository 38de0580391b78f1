"""What the browser shows when it comes back. No script, nothing from outside, and nothing of the request."""

from __future__ import annotations

from types import MappingProxyType

HEADERS = MappingProxyType(
    {
        "Content-Type": "text/html; charset=utf-8",
        "Cache-Control": "no-store",
        "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'",
        "Referrer-Policy": "no-referrer",
        "X-Content-Type-Options": "nosniff",
        "Connection": "close",
    }
)

FRAME = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title} - fedgate</title>
<style>
:root {{ color-scheme: light dark; }}
body {{ font: 1.1rem/1.6 system-ui, sans-serif; max-width: 32rem; margin: 18vh auto 0; padding: 0 1.5rem; }}
h1 {{ font-size: 1.6rem; margin: 0 0 .5rem; }}
</style>
</head>
<body><main><h1>{title}</h1><p>{text}</p></main></body>
</html>
"""


def page(title: str, text: str) -> str:
    return FRAME.format(title=title, text=text)


DONE = page("You are signed in", "Your terminal has what it needs. You can close this tab.")
FAILED = page("Sign-in did not work", "Your terminal says why. You can close this tab and try again there.")
USED = page("Already answered", "This sign-in has been answered once. You can close this tab.")
FOREIGN = page("That is not our sign-in", "This answer does not belong to the sign-in that your terminal started.")
NOTHING = page("There is nothing here", "fedgate waits here for one answer of your sign-in only.")
