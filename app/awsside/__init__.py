"""What AWS must be told so that the gateway's roles work: the documents for the other side of the wire.

    catalog + what AWS knows of the gateway ──► account.py       everything of one account, or of one role in it
                                                ├── trust.py         who may take a role, and how
                                                ├── providers.py     IAM's SAML and OIDC providers
                                                └── permissions.py   what the gateway's own user or role may do
                                            ──► plain.py cloudformation.py terraform.py

Pure: no clock, no file, no AWS. Smallest that works: an action is in a policy only if the sign-in fails without it,
and a condition only if it keeps somebody out (`tests/awsside` takes each away and looks). What a role may *do* is
the account's own decision and not in here.

    python -m app.awsside 999999999999 --format cloudformation

Documented in the IAM User Guide: "Create a role for SAML 2.0 federation", "... OpenID Connect federation",
"Access to AWS accounts owned by third parties", "Pass session tags in AWS STS".
"""
