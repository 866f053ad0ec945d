"""A bucket in S3, or in what speaks its language, as the store of sealed documents."""

import asyncio
from collections.abc import Callable
from typing import Any, Final

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from cardwright.core.errors import Unavailable
from cardwright.kyc import ObjectMissing
from cardwright.measures import provider_call

_PREFIX: Final = "identity-documents/"
_CONFIG: Final = Config(connect_timeout=2, read_timeout=10, retries={"total_max_attempts": 3})


class S3DocumentStore:
    """Keeps each object under its name; credentials come from the environment, as everywhere with AWS.

    A bucket that keeps versions keeps them of removed objects, too: without their key they say nothing.
    """

    def __init__(self, bucket: str, region: str, endpoint_url: str | None = None) -> None:
        self._bucket = bucket
        self._client = boto3.client("s3", region_name=region, endpoint_url=endpoint_url, config=_CONFIG)

    async def put(self, name: str, content: bytes) -> None:
        """Store an object."""
        await self._ask(self._client.put_object, name, Body=content, ContentType="application/octet-stream")

    async def get(self, name: str) -> bytes:
        """Read an object."""
        found: bytes = await self._ask(self._read, name)
        return found

    async def remove(self, name: str) -> None:
        """Remove an object; S3 does not mind when there is none."""
        await self._ask(self._client.delete_object, name)

    def _read(self, **named: str) -> bytes:
        content: bytes = self._client.get_object(**named)["Body"].read()
        return content

    async def _ask(self, call: Callable[..., Any], name: str, **parameters: Any) -> Any:
        with provider_call("aws_s3", but=ObjectMissing):
            return await self._answer(call, name, **parameters)

    async def _answer(self, call: Callable[..., Any], name: str, **parameters: Any) -> Any:
        # The SDK blocks; on a thread it keeps nobody else waiting. Doing each of these twice is harmless.
        try:
            return await asyncio.to_thread(call, Bucket=self._bucket, Key=_PREFIX + name, **parameters)
        except ClientError as error:
            if error.response.get("Error", {}).get("Code") == "NoSuchKey":
                raise ObjectMissing(name) from None
            raise _unavailable() from error
        except BotoCoreError as error:
            raise _unavailable() from error


def _unavailable() -> Unavailable:
    return Unavailable("documents_unavailable", "The store of documents does not answer.")
