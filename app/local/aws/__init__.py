"""A strict AWS on a loopback address: STS, a little of IAM and S3, and the console federation endpoint.

    HTTP -> front.py -> signing/ (SigV4) -> sts/ | iam/ | s3/ | cognito/    boto3 and the AWS CLI
                     -> console/                                            browsers
                     -> /_local/calls, /_local/knobs, /_local/expire        tests
    /_region/REGION before any of these paths plays the endpoint of that region (`outages.py` plays its faults).

What real AWS refuses, this refuses, with AWS's code, HTTP status and, where known, its sentence. It
verifies what it is given - signatures over the request, over the SAML assertion, over the JWT with keys
fetched from the issuer - and decides by the trust and permission policies that an operator created with
plain boto3. Nothing of fedgate is imported: the judge shares no code with the accused.

The parameter names, limits and reply shapes are those of the botocore service models (`model.py`).
Accounts of the partitions aws, aws-us-gov and aws-cn can stand side by side and know nothing of one another.

Not here: policy versions after the first, permissions boundaries, SCPs, bucket policies, encrypted assertions,
hardware MFA, guests of identity pools. What asks for them is refused rather than let through.

The way in: `app.local.aws.server.LocalAws`, or `python -m app.local.aws --port N`.
"""
