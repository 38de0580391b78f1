"""The operations, each with the permission it needs (S3 User Guide, "Required permissions")."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from email.utils import format_datetime

from werkzeug.wrappers import Response

from app.local.aws.desk import Desk
from app.local.aws.policy.evaluation import Ask, Verdict
from app.local.aws.refusals import Refusal, access_denied
from app.local.aws.replies import zulu
from app.local.aws.s3 import listing
from app.local.aws.s3.xml import bucket_list
from app.local.aws.signing.caller import Caller, Context, principal_context
from app.local.aws.signing.request import Incoming
from app.local.aws.things import Bucket, StoredObject

_NAME = re.compile(r"(?!xn--)[a-z0-9](?:[a-z0-9-]|\.(?!\.)){1,61}[a-z0-9]")
MAX_KEY = 1024


@dataclass(frozen=True, slots=True)
class Errand:
    """One signed request. `request.body` is decoded and checked."""

    desk: Desk
    caller: Caller
    request: Incoming
    region: str
    bucket_name: str
    key: str

    def resource(self, key: str = "") -> str:
        return f"arn:{self.caller.partition}:s3:::{self.bucket_name}" + (f"/{key}" if key else "")

    def ask(self, action: str, resource: str) -> Ask:
        now = self.desk.now()
        context: Context = principal_context(self.caller, self.desk.world)
        context |= {"aws:currenttime": (zulu(now),), "aws:requestedregion": (self.region,)}
        context |= {"aws:securetransport": ("true",), "aws:sourceip": ("127.0.0.1",)}
        if action == "s3:ListBucket":
            context["s3:prefix"] = (self.request.argument("prefix") or "",)
        return Ask(action, resource, context)

    def permit(self, action: str, resource: str) -> None:
        self.desk.permissions().require(self.caller, self.ask(action, resource))

    def may(self, action: str, resource: str) -> bool:
        return self.desk.permissions().verdict(self.caller, self.ask(action, resource)) is Verdict.ALLOW

    def bucket(self) -> Bucket:
        """Permission was asked before: only who may know hears that there is no such bucket."""
        found = self.desk.world.buckets.get(self.bucket_name)
        if found is None:
            raise Refusal("NoSuchBucket", "The specified bucket does not exist", 404)
        if found.account != self.caller.account:
            raise access_denied("Access Denied")  # there are no bucket policies here
        return found


def action_of(request: Incoming, bucket: str, key: str) -> str:
    kind = "Object" if key else "Bucket" if bucket else "Service"
    if kind == "Bucket" and request.method == "GET":
        return "ListObjectsV2" if request.argument("list-type") == "2" else _odd(request, "ListObjects")
    names = {"Service": {"GET": "ListBuckets"}, "Bucket": {"PUT": "CreateBucket", "HEAD": "HeadBucket"}}
    names["Object"] = {"PUT": "PutObject", "GET": "GetObject", "HEAD": "HeadObject", "DELETE": "DeleteObject"}
    return _odd(request, names[kind].get(request.method, f"{request.method} {kind}"))


def _odd(request: Incoming, name: str) -> str:
    """Sub-resources such as `?acl` or `?uploads` are other operations; none of them is offered."""
    subresources = {"acl", "uploads", "uploadId", "policy", "versions", "tagging", "location", "delete"}
    found = subresources & {argument for argument, _ in request.arguments}
    return f"{name}?{sorted(found)[0]}" if found else name


def create_bucket(errand: Errand) -> Response:
    errand.permit("s3:CreateBucket", errand.resource())
    if not _NAME.fullmatch(errand.bucket_name):
        raise Refusal("InvalidBucketName", "The specified bucket is not valid.")
    with errand.desk.world.changing():
        found = errand.desk.world.buckets.get(errand.bucket_name)
        if found is not None:
            mine = found.account == errand.caller.account
            code = "BucketAlreadyOwnedByYou" if mine else "BucketAlreadyExists"
            raise Refusal(code, "The requested bucket name is not available.", 409)
        made = Bucket(errand.bucket_name, errand.caller.account, errand.region, errand.desk.now())
        errand.desk.world.buckets[made.name] = made
    return Response(status=200, headers={"Location": f"/{errand.bucket_name}"})


def head_bucket(errand: Errand) -> Response:
    errand.permit("s3:ListBucket", errand.resource())
    return Response(status=200, headers={"x-amz-bucket-region": errand.bucket().region})


def list_buckets(errand: Errand) -> Response:
    errand.permit("s3:ListAllMyBuckets", "*")
    mine = [b for b in errand.desk.world.buckets.values() if b.account == errand.caller.account]
    return Response(bucket_list(sorted(mine, key=lambda bucket: bucket.name)), content_type="application/xml")


def list_objects(errand: Errand) -> Response:
    errand.permit("s3:ListBucket", errand.resource())
    return Response(listing.page(errand.bucket(), errand.request), content_type="application/xml")


def put_object(errand: Errand) -> Response:
    if "x-amz-copy-source" in errand.request.headers:
        raise Refusal("NotImplemented", "Copying is not implemented here", 501)
    errand.permit("s3:PutObject", errand.resource(errand.key))
    if len(errand.key.encode()) > MAX_KEY:
        raise Refusal("KeyTooLongError", "Your key is too long")
    body = errand.request.body
    kind = errand.request.headers.get("content-type", "binary/octet-stream")
    made = StoredObject(errand.key, body, listing.etag(body), kind, errand.desk.now())
    with errand.desk.world.changing():
        bucket = errand.bucket()
        kept = replace(bucket, objects={**bucket.objects, errand.key: made})
        errand.desk.world.buckets[bucket.name] = kept
    return Response(status=200, headers={"ETag": f'"{made.etag}"'})


def get_object(errand: Errand) -> Response:
    """Who may not list hears AccessDenied instead of NoSuchKey, so that keys cannot be guessed."""
    errand.permit("s3:GetObject", errand.resource(errand.key))
    found = errand.bucket().objects.get(errand.key)
    if found is None:
        if not errand.may("s3:ListBucket", errand.resource()):
            raise access_denied("Access Denied")
        raise Refusal("NoSuchKey", "The specified key does not exist.", 404)
    headers = {"ETag": f'"{found.etag}"', "Last-Modified": format_datetime(found.modified, usegmt=True)}
    response = Response(found.body, 200, headers, content_type=found.content_type)
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response


def delete_object(errand: Errand) -> Response:
    """Deleting what is not there succeeds as well."""
    errand.permit("s3:DeleteObject", errand.resource(errand.key))
    with errand.desk.world.changing():
        bucket = errand.bucket()
        kept = {key: value for key, value in bucket.objects.items() if key != errand.key}
        errand.desk.world.buckets[bucket.name] = replace(bucket, objects=kept)
    return Response(status=204)


OPERATIONS: Mapping[str, Callable[[Errand], Response]] = {
    "ListBuckets": list_buckets,
    "CreateBucket": create_bucket,
    "HeadBucket": head_bucket,
    "ListObjectsV2": list_objects,
    "PutObject": put_object,
    "GetObject": get_object,
    "HeadObject": get_object,
    "DeleteObject": delete_object,
}
