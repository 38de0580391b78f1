"""ROOM: who are you, and goodbye.

    /signin                   choose a provider (skipped if there is one); POST: by the domain of an e-mail address
    /signin/<provider>        start: make an attempt, send the browser away; `mfa=1`, `max_age=900`: a step-up
    /signin/<provider>/callback    OIDC answers here, in the browser that left
    /signin/<provider>/acs         SAML answers here, by a cross-site POST without our cookies:
                                   verify, shelve for a minute, 303 to /signin/resume
    /signin/resume            the browser binding is checked, the session opened; an answer that nobody here asked
                              for is first held up to the person
    /signout                  POST: everything of the sign-in ends here, then the browser goes on to the provider
                              GET: what has ended, said truthfully
    /signin/<provider>/logout      the provider says that its session is over (back-channel, SAML Single Logout), or
                                   answers our own farewell

    attempts.py   what is kept of a sign-in under way      choice.py   whose provider is it
    arrivals.py   the way in, step by step                 views.py    its HTTP
    departures.py the way out, step by step                leaving.py  its HTTP (carrying.py: a message by the browser)
    endings.py    the way out, told by the provider        tickets.py  an answer that waits for its browser

Owned: the attempt (state, browser binding, ten minutes, once), the farewell, the memory of what may come only once.
Not owned: what makes an answer good (`providers`), how long a session lives (`sessions`).
"""
