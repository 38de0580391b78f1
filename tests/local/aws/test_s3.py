"""What a session may really do: the bucket of the textbook story."""

from __future__ import annotations

import base64
import hashlib
import hmac
import zlib
from typing import Any

import pytest
import requests

from tests.local.aws.bench import DEVELOPMENT, PRODUCTION, Bench, document, refusal
from tests.local.aws.signer import Signer

OF_THE_APP = (
    {"Effect": "Allow", "Action": "s3:ListBucket", "Resource": "arn:aws:s3:::productionapp"},
    {
        "Effect": "Allow",
        "Action": ["s3:GetObject", "s3:PutObject", "s3:DeleteObject"],
        "Resource": "arn:aws:s3:::productionapp/*",
    },
)


@pytest.fixture
def s3(bench: Bench) -> Any:
    """A developer in the role UpdateApp, with the bucket and another one already there."""
    for name in ("productionapp", "payroll"):
        bench.client("s3").create_bucket(Bucket=name)
    role = bench.saml_role("UpdateApp", *OF_THE_APP)
    return bench.client("s3", bench.with_saml(role)["Credentials"])


def test_alice_reads_and_writes_the_bucket_of_the_app(s3: Any) -> None:
    s3.put_object(Bucket="productionapp", Key="releases/a b+ü.txt", Body=b"one", ContentType="text/plain")
    got = s3.get_object(Bucket="productionapp", Key="releases/a b+ü.txt")
    assert (got["Body"].read(), got["ContentType"], got["ETag"]) == (
        b"one",
        "text/plain",
        f'"{hashlib.md5(b"one").hexdigest()}"',  # noqa: S324 - what S3 does
    )
    assert s3.head_object(Bucket="productionapp", Key="releases/a b+ü.txt")["ContentLength"] == 3
    s3.delete_object(Bucket="productionapp", Key="releases/a b+ü.txt")
    assert refusal(s3.get_object, Bucket="productionapp", Key="releases/a b+ü.txt").code == "NoSuchKey"


def test_alice_reaches_no_other_bucket(s3: Any) -> None:
    for call, more in (
        (s3.get_object, {"Key": "a"}),
        (s3.put_object, {"Key": "a", "Body": b""}),
        (s3.list_objects_v2, {}),
    ):
        said = refusal(call, Bucket="payroll", **more)
        assert (said.code, said.status) == ("AccessDenied", 403)
    assert refusal(s3.list_buckets).code == "AccessDenied"
    assert refusal(s3.create_bucket, Bucket="another").code == "AccessDenied"


def test_lists_come_in_pages_and_folders(s3: Any) -> None:
    for name in ("a.txt", "b/1", "b/2", "c.txt", "d/e/f"):
        s3.put_object(Bucket="productionapp", Key=name, Body=b"x")
    folders = s3.list_objects_v2(Bucket="productionapp", Delimiter="/")
    assert [entry["Key"] for entry in folders["Contents"]] == ["a.txt", "c.txt"]
    assert [entry["Prefix"] for entry in folders["CommonPrefixes"]] == ["b/", "d/"]
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket="productionapp", PaginationConfig={"PageSize": 2})
    assert [entry["Key"] for page in pages for entry in page["Contents"]] == ["a.txt", "b/1", "b/2", "c.txt", "d/e/f"]


def test_a_session_policy_cuts_and_never_adds(bench: Bench, s3: Any) -> None:
    s3.put_object(Bucket="productionapp", Key="a", Body=b"x")
    read = {"Effect": "Allow", "Action": ["s3:GetObject", "s3:ListAllMyBuckets"], "Resource": "*"}
    credentials = bench.with_saml(f"arn:aws:iam::{PRODUCTION}:role/UpdateApp", Policy=document(read))["Credentials"]
    cut = bench.client("s3", credentials)
    assert cut.get_object(Bucket="productionapp", Key="a")
    assert refusal(cut.put_object, Bucket="productionapp", Key="a", Body=b"y").code == "AccessDenied"
    assert refusal(cut.list_buckets).code == "AccessDenied"


def test_a_managed_session_policy_by_arn(bench: Bench, s3: Any) -> None:
    s3.put_object(Bucket="productionapp", Key="a", Body=b"x")
    arns = [{"arn": "arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess"}]
    credentials = bench.with_saml(f"arn:aws:iam::{PRODUCTION}:role/UpdateApp", PolicyArns=arns)["Credentials"]
    cut = bench.client("s3", credentials)
    assert cut.get_object(Bucket="productionapp", Key="a")
    assert refusal(cut.put_object, Bucket="productionapp", Key="a", Body=b"y").code == "AccessDenied"


def test_another_account_gets_nothing_whatever_its_own_policies_say(bench: Bench, s3: Any) -> None:
    assert refusal(bench.operator(DEVELOPMENT, "s3").list_objects_v2, Bucket="productionapp").code == "AccessDenied"
    assert (
        refusal(bench.operator(DEVELOPMENT, "s3").create_bucket, Bucket="productionapp").code == "BucketAlreadyExists"
    )


def test_keys_cannot_be_guessed_without_the_list_permission(bench: Bench, s3: Any) -> None:
    role = bench.saml_role("Reader", OF_THE_APP[1])
    reader = bench.client("s3", bench.with_saml(role)["Credentials"])
    assert refusal(reader.get_object, Bucket="productionapp", Key="missing").code == "AccessDenied"


def test_nobody_comes_in_without_a_signature(bench: Bench, s3: Any) -> None:
    answer = requests.get(f"{bench.aws.url}/productionapp/a", timeout=60)
    assert (answer.status_code, "<Code>AccessDenied</Code>" in answer.text) == (403, True)


def test_a_presigned_address_works_until_it_is_changed(bench: Bench, s3: Any) -> None:
    s3.put_object(Bucket="productionapp", Key="a", Body=b"x")
    address = s3.generate_presigned_url("get_object", {"Bucket": "productionapp", "Key": "a"})
    assert requests.get(address, timeout=60).content == b"x"
    other = requests.get(address.replace("/a?", "/b?"), timeout=60)
    assert (other.status_code, "<Code>SignatureDoesNotMatch</Code>" in other.text) == (403, True)


def put(bench: Bench, mode: str, body: bytes, **headers: str) -> requests.Response:
    signer = operator(bench)
    url = f"{bench.aws.url}/productionapp/chunked"
    sent = {"content-encoding": "aws-chunked"} | {name.replace("_", "-"): value for name, value in headers.items()}
    return requests.put(url, data=body, headers=signer.headers("PUT", url, b"", sent, payload=mode), timeout=60)


def operator(bench: Bench) -> Signer:
    key = bench.aws.operator(PRODUCTION)
    return Signer(key["aws_access_key_id"], key["aws_secret_access_key"], service="s3")


def test_an_unsigned_stream_with_a_checksum_behind_it(bench: Bench, s3: Any) -> None:
    checksum = base64.b64encode(zlib.crc32(b"hello world").to_bytes(4, "big")).decode()
    headers = {"x_amz_decoded_content_length": "11", "x_amz_trailer": "x-amz-checksum-crc32"}
    mode = "STREAMING-UNSIGNED-PAYLOAD-TRAILER"
    body = f"b\r\nhello world\r\n0\r\nx-amz-checksum-crc32:{checksum}\r\n\r\n".encode()
    assert put(bench, mode, body, **headers).status_code == 200
    assert s3.get_object(Bucket="productionapp", Key="chunked")["Body"].read() == b"hello world"
    assert "BadDigest" in put(bench, mode, body.replace(b"world", b"WORLD"), **headers).text
    assert "IncompleteBody" in put(bench, mode, body[:8], **headers).text


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_signed_chunks_cannot_change_places(bench: Bench, s3: Any, order: tuple[int, int]) -> None:
    """Signed by hand: boto3 itself sends no signed chunks."""
    signer, mode = operator(bench), "STREAMING-AWS4-HMAC-SHA256-PAYLOAD"
    url = f"{bench.aws.url}/productionapp/chunked"
    more = {"content-encoding": "aws-chunked", "x-amz-decoded-content-length": "8"}
    headers = signer.headers("PUT", url, b"", more, payload=mode)
    previous, pieces = headers["authorization"].rsplit("=", 1)[1], []
    for data in (b"one.", b"two.", b""):
        digests = hashlib.sha256(b"").hexdigest(), hashlib.sha256(data).hexdigest()
        text = "\n".join(("AWS4-HMAC-SHA256-PAYLOAD", signer.stamp, signer.scope, previous, *digests))
        previous = hmac.new(signer.key(), text.encode(), hashlib.sha256).hexdigest()
        pieces.append(f"{len(data):x};chunk-signature={previous}\r\n".encode() + data + b"\r\n")
    body = pieces[order[0]] + pieces[order[1]] + pieces[2]
    answer = requests.put(url, data=body, headers=headers, timeout=60)
    assert answer.status_code == (200 if order == (0, 1) else 403)
    if order == (0, 1):
        assert s3.get_object(Bucket="productionapp", Key="chunked")["Body"].read() == b"one.two."


@pytest.mark.parametrize("name", ["ab", "Upper", "two..dots", "-dash", "under_score", "x" * 64])
def test_bucket_names_that_s3_refuses(bench: Bench, name: str) -> None:
    signer = operator(bench)
    url = f"{bench.aws.url}/{name}"
    answer = requests.put(url, headers=signer.headers("PUT", url, b""), timeout=60)
    assert (answer.status_code, "InvalidBucketName" in answer.text) == (400, True)


def test_old_and_expired_signatures_in_the_words_of_s3(bench: Bench, s3: Any) -> None:
    bench.aws.turn(clock_offset_seconds=3_600)
    assert refusal(bench.client("s3").list_buckets).code == "RequestTimeTooSkewed"
