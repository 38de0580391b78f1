"""What a person reads when the stack stands: where to sign in, as whom, and three commands to paste."""

from __future__ import annotations

import os

from app.local.stack.files import BUCKET, INTRODUCTIONS
from app.local.stack.place import Place


def show(place: Place, redis: str) -> None:
    people = "\n".join(f"    {member.display_name:<12} {who}" for member, who in INTRODUCTIONS)
    env = os.path.relpath(place.folder / "env")
    print(
        f"""
fedgate is running. Ctrl-C stops everything.

  Sign in at   {place.gateway}
  as one of
{people}
  (the local identity provider at {place.idp} asks for no password)

  At a prompt, paste:
    . {env}
    fedgate login && fedgate profiles sync
    aws s3 cp README.md s3://{BUCKET}/ --profile production.UpdateApp

  Local AWS    {place.aws}   (STS, a little of IAM and S3, the console)
  Redis        {redis}
  Logs, files  {os.path.relpath(place.folder)}
""",
        flush=True,
    )
