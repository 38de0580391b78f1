"""How credentials leave: one file for each STS call, and the console. The only users of boto3.

    Order (what was granted, for whom, how long) ──► Issuer.issue ──► Credentials
    Credentials ──► Console.sign_in_url ──► an address that is worth a console session

    kms.py                signatures of keys that stay in AWS KMS; signing_keys.py loads those and the ones of files

Owned: the calls, their clients, and the table from AWS's errors to ours (`sts.py`). Not owned: whether
somebody may (`core.decisions`), the record of it (`issuance`).
"""
