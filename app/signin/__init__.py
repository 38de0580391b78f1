"""ROOM: who are you.

    /signin                   choose a provider (skipped if there is one)
    /signin/<provider>        start: make an attempt, send the browser away
    /signin/<provider>/callback    OIDC answers here, in the browser that left
    /signin/<provider>/acs         SAML answers here, by a cross-site POST without our cookies:
                                   verify, shelve for a minute, 303 to /signin/resume
    /signin/resume            the browser binding is checked, the session opened
    /signout

Owned: the attempt (state, browser binding, ten minutes, once), the memory of used assertions. Not owned:
what makes an answer good (`providers`), how long a session lives (`sessions`).
"""
