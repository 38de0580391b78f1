"""The gateway as an issuer that AWS trusts: no AWS key at rest, and sessions of up to twelve hours.

    keys.py               which keys sign, and what AWS reads of them
    places.py             where they are: directories, AWS KMS (`app.issuers.kms` asks it)
    signatures.py         the act itself, here or where the key is kept
    certificates.py       what IAM reads a SAML provider's keys out of
    xml_signatures.py     an enveloped signature in XML
    oidc_tokens.py        a token for AssumeRoleWithWebIdentity
    saml_assertions.py    a response for AssumeRoleWithSAML

Owns: the signing keys and what they may say. Every document names exactly one role, lives five minutes and
never leaves this process except towards STS: whoever holds one could call STS with it (both calls are
unsigned), with another session name and without our session policy. Whoever holds a key is every role
that trusts the gateway; `deploy/RUNBOOK.md` says how to change keys and how to pull the plug.
"""
