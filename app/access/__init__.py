"""ROOM: what may I become, and become it.

    /                                 my roles
    /console/<account>/<role name>    a link that works from anywhere, with sign-in in between
    /api/v1/...                       the same for programs, with a terminal's bearer token

Owned: the list of roles as people see it, console links, the JSON API. Not owned: the decision (`core`),
the credentials (`issuance`), the console endpoint (`issuers`).
"""
