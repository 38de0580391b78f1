"""ROOM: speak to unmodified AWS tools, in AWS's own protocols. Text in ~/.aws/config is all that they need.

    AWS SSO OIDC    /client/register, /device_authorization, /authorize, /token
    AWS SSO portal  /assignment/accounts, /assignment/roles, /federation/credentials, /logout
    /start          what `sso_start_url` may name: for AWS's CLI a way to a name of AWS's, for people a page
    AWS Sign-In     /v1/authorize, /v1/token (`aws login`)
    container       /aws/container/<account>/<role name>, for AWS_CONTAINER_CREDENTIALS_FULL_URI and for curl

    clients.py       who registered as what: the statement is the client id, and nothing is kept
    bodies.py        JSON that a tool sent, read with suspicion
    requests.py      what `aws sso login` asks the browser for
    flow.py          the steps, without HTTP; portal.py: which accounts and roles
    refusals.py      every failure in the shape that shows our sentence to the person
    container.py     credentials for one role at one address, in the shapes of two providers of AWS's SDKs
    sign_in_*.py     `aws login`: one role, and keys that are bound to a key of the terminal's own
    onward.py        what somebody who was refused does next
    views.py         the room; oidc_views.py, authorize_views.py, portal_views.py: its parts

Owned: wire shapes (paths, header names, milliseconds, error names) and who registered as what. Not owned: tokens
(`sessions.terminals`), how they are got (`grants`), credentials (`issuance`): a tool of AWS's enters by the same door.
"""
