"""The attack catalogue, over HTTP: a hostile provider and a browser against one running gateway.

    python -m tests.catalogue [words...]     the table (id, expected, got, ms); exit code 1 if a row is not as expected

`row`      what a row is, and what makes its outcome good
`stage`    the gateway, and the providers that the rows play
`visits`   one person on the way through a provider and back
`saml_*`, `oidc_*`, `ends`  the rows, one list in each module; their ids are those of the literature

A row is not good because something was refused: the refusal has the expected reason in the audit journal, under
the reference that the page showed, with a status of 4xx, without a session, and with the one sentence that teaches
a forger nothing. Rows that must succeed stand among them, or a gateway that refuses everybody would pass.
"""
