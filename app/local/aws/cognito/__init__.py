"""Cognito identity pools: the enhanced flow, developer-authenticated identities, and the classic flow.

    counter.py      JSON 1.1 in, JSON out, errors in Cognito's words
    operations.py   which operation, and who may call it
    pools.py        an operator makes a pool and names its roles
    logins.py       are the tokens in `Logins` good, and who are they?
    identities.py   GetId: who logged in with these before is the same identity
    tokens.py       the ID tokens that the pool itself signs
    choice.py       which role: the pool's, a rule's, the token's, or one asked for
    credentials.py  GetCredentialsForIdentity: one hour, under the name CognitoIdentityCredentials

Source: the botocore model `cognito-identity/2014-06-30`; Amazon Cognito Developer Guide, "Identity pools
authentication flow", "Using role-based access control", "IAM roles".
Not here, and refused when asked for: guests (unauthenticated identities), social logins, user pools, SAML
providers. What they would be allowed to do is not published in full.
"""
