"""S3 as moto's server speaks it, and buckets in it."""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager

import boto3
import pytest
from moto.server import ThreadedMotoServer

from cardwright.adapters.aws_s3 import S3DocumentStore

REGION = "eu-central-1"


@contextmanager
def running_s3() -> Iterator[str]:
    """Serve an S3 on a free port for as long as the context lasts."""
    server = ThreadedMotoServer("127.0.0.1", 0)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


def a_bucket(endpoint: str, monkeypatch: pytest.MonkeyPatch) -> S3DocumentStore:
    """Return the store on a bucket of its own."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "made-up")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "made-up")
    bucket = f"documents-{secrets.token_hex(4)}"
    boto3.client("s3", region_name=REGION, endpoint_url=endpoint).create_bucket(
        Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": REGION}
    )
    return S3DocumentStore(bucket, REGION, endpoint)
