"""HTTP manners that the rooms share. Flask lives here and in the rooms' views.

    request ──► visit.py     a reference for it, the client's address
            ──► guards.py    who may pass: every route says so, or the process does not start
            ──► the room's view
            ──► headers.py   what the browser may do with the answer
    failure ──► errors.py    the one handler: code to status, page or problem+json, one log line

Owned: cookies, guards, headers, errors, the layout and its stylesheet. Not owned: what any page says.
"""
