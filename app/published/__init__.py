"""ROOM: what AWS reads of us.

    /.well-known/openid-configuration, /issuer/jwks.json    for the IAM OIDC provider
    /issuer/saml-metadata.xml                               for the IAM SAML provider

Static, cacheable, without cookies, and without secrets: `issuer_url` may be another host that serves only
these three.
"""
