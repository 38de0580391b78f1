"""The local identity provider: SAML 2.0 and OpenID Connect over real HTTP, for the cast, without passwords.

Owned here: the page on which one picks who one is, signing keys, SAML responses, OIDC codes and tokens.
Not owned: the cast (`app.local.cast`), and anything about AWS. The gateway meets this provider only over
HTTP, and by configuration, as it would meet the company's own.

    GET  /saml/metadata                        who we are (SAML)
    GET  /saml/sso?SAMLRequest=...             check the request, show the page
    POST /saml/sso?SAMLRequest=...             person=alice [mfa=yes] -> a form for the ACS
    GET  /saml/slo?SAMLRequest=...             a signed LogoutRequest -> a signed LogoutResponse, at the application
    GET  /saml/slo?SAMLResponse=...            the application's answer to ours -> what became of it
    GET  /saml/sessions                        whom we signed in by SAML; a button each that ends the session there
    POST /saml/sessions                        session=... -> a signed LogoutRequest, at the application
    GET  /.well-known/openid-configuration     who we are (OIDC)
    GET  /oidc/jwks.json
    GET  /oidc/authorize?...                   check the request, show the page
    POST /oidc/authorize?...                   person=alice [mfa=yes] -> 303 with a code
    POST /oidc/token                           code or refresh token -> ID token, perhaps the next refresh token
    GET  /oidc/userinfo
    GET  /oidc/logout?id_token_hint=...        ends that session, tells the application, and back to it
    GET  /oidc/sessions                        whom we signed in by OIDC; a button each that ends the session there
    POST /oidc/sessions                        session=... -> a logout token, posted to the application

The page posts back to the address at which it was shown, so that the request is checked a second time and
nothing about it has to be remembered in between. There is no session of a browser: everybody picks, every time;
what is remembered, and only in memory, is under which names the application was told of whom, so that it can be
told when that ends (SAML Single Logout, OIDC back-channel logout).

Who can reach this server can be anybody, so it listens on loopback only (`server.py`) and answers only to
its own name. It is for trying and testing.
"""
