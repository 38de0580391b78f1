"""ROOM: sign a terminal in. The OAuth 2.0 authorization server of our own CLI, and of nothing else.

    /.well-known/oauth-authorization-server    RFC 8414
    /oauth/authorize    the person agrees, in the browser session (RFC 8252: loopback redirect, PKCE S256)
    /oauth/token        code or refresh token -> opaque tokens
    /oauth/revoke       RFC 7009
    /cli/fedgate.pyz    the CLI itself

Owned: authorization codes, the one public client and its rules. Not owned: tokens and their rotation
(`sessions.terminals`).
"""
