"""ROOM: sign a terminal in. The OAuth 2.0 authorization server of our own CLI, and of nothing else.

    /.well-known/oauth-authorization-server    RFC 8414
    /oauth/authorize    the person agrees, in the browser session (RFC 8252: loopback redirect, PKCE S256)
    /oauth/device_authorization, /device    the same without a browser on the terminal's machine (RFC 8628), if it is on
    /oauth/token        code, device code or refresh token -> opaque tokens
    /oauth/revoke       RFC 7009
    /cli/fedgate.pyz    the CLI itself

    views.py, device_views.py    HTTP of it; the grants themselves are in `app.grants`
    zipapp.py                    packs the CLI

Owned: the one public client and its pages. Not owned: codes and how they are redeemed (`grants`), tokens and their
rotation (`sessions.terminals`), the way through the provider (`web.step_up`).
"""
