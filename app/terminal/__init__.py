"""ROOM: sign a terminal in. The OAuth 2.0 authorization server of our own CLI, and of nothing else.

    /.well-known/oauth-authorization-server    RFC 8414
    /oauth/authorize    the person agrees, in the browser session (RFC 8252: loopback redirect, PKCE S256)
    /oauth/device_authorization, /device    the same without a browser on the terminal's machine (RFC 8628), if it is on
    /oauth/token        code, device code or refresh token -> opaque tokens
    /oauth/revoke       RFC 7009
    /cli/fedgate.pyz    the CLI itself

    requests.py            what the CLI asks, parsed
    flow.py, views.py      the sign-in that comes back to the terminal, the tokens of all
    device.py, device_*    the sign-in by a code that somebody types elsewhere
    redemption.py          tokens for a code, once, whichever way it came

Owned: authorization and device codes, the one public client and its rules, how fresh a sign-in must be for what a
terminal asks. Not owned: tokens and their rotation (`sessions.terminals`), the way through the provider
(`web.step_up`).
"""
