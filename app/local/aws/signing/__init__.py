"""Who signed this request? Signature Version 4, verified for real.

`request.py` is the request as it came, `claims.py` what its signature claims, `sigv4.py` the check,
`chunks.py` the S3 bodies that are signed piece by piece, `caller.py` who the key belongs to.
"""
