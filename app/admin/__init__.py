"""ROOM: who may become what, for the people whom gateway.toml names among its `admins`.

    /admin                          the desks of this room
    /admin/catalog                  accounts, roles, rules: looked up, changed; changes on their way; the history
    /admin/aws                      the accounts of the catalog
    /admin/aws/<account>            what this account must be told, ready to copy
    /admin/aws/<account>/<format>   the same as a file; ?role=NAME for one role of it
    /admin/why                      why somebody may take a role, or why not
    /admin/providers                how the identity providers stand
    /admin/doctor                   how each role's trust policy stands in AWS, and what puts it right
    /admin/people, /admin/activity  who is signed in where, and what happened: also for `auditors`

Owned: these pages. Not owned: the documents (`awsside`), the catalog, who is an administrator (`web.guards`).
"""
