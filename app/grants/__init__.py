"""How a terminal gets its tokens: the grants of OAuth 2.0, for our own CLI and for unmodified AWS tools alike. No HTTP.

    requests.py    what a terminal asks, parsed
    flow.py        the sign-in that comes back to the terminal, refreshing, revoking
    device.py, device_*    the sign-in by a code that somebody types elsewhere (RFC 8628)
    redemption.py  tokens for a code, once, whichever way it came

Owned: authorization and device codes, how fresh a sign-in must be for what a terminal asks. Not owned: tokens and their
rotation (`sessions.terminals`), pages and wire shapes (the rooms `terminal` and `native`).
"""
