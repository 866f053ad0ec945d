"""AWS KMS as the keeper of the key-encryption key; it never leaves the service."""

import asyncio
from collections.abc import Callable, Mapping
from typing import Any, Final

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from cardwright.core.errors import Unavailable
from cardwright.encryption import EncryptionError, WrappedKey
from cardwright.measures import provider_call

_REFUSED: Final = frozenset(
    {"InvalidCiphertextException", "IncorrectKeyException", "NotFoundException", "AccessDeniedException"}
)
_CONFIG: Final = Config(connect_timeout=2, read_timeout=10, retries={"total_max_attempts": 3})


class KmsKeyProvider:
    """Wraps under one KMS key; the context is KMS's encryption context, which it enforces and logs.

    Credentials come from the environment, as everywhere with AWS; `endpoint_url` points at a stand-in.
    """

    def __init__(self, key_id: str, region: str, endpoint_url: str | None = None) -> None:
        self._key_id = key_id
        self._client = boto3.client("kms", region_name=region, endpoint_url=endpoint_url, config=_CONFIG)

    async def wrap(self, key: bytes, context: Mapping[str, str]) -> WrappedKey:
        """Encrypt a data key; the answer names the KMS key by its ARN."""
        answer = await _ask(
            self._client.encrypt, KeyId=self._key_id, Plaintext=key, EncryptionContext=dict(context)
        )
        return WrappedKey(answer["KeyId"], answer["CiphertextBlob"])

    async def unwrap(self, wrapped: WrappedKey, context: Mapping[str, str]) -> bytes:
        """Decrypt a data key with the KMS key that it names, which may be an older one."""
        answer = await _ask(
            self._client.decrypt,
            KeyId=wrapped.provider_key_id,
            CiphertextBlob=wrapped.ciphertext,
            EncryptionContext=dict(context),
        )
        plain: bytes = answer["Plaintext"]
        return plain


async def _ask(call: Callable[..., Any], **parameters: Any) -> Any:
    with provider_call("aws_kms"):
        return await _answer(call, **parameters)


async def _answer(call: Callable[..., Any], **parameters: Any) -> Any:
    # The SDK blocks; on a thread it keeps nobody else waiting. Encrypting twice is harmless, so it may retry.
    try:
        return await asyncio.to_thread(call, **parameters)
    except ClientError as error:
        code = error.response.get("Error", {}).get("Code", "")
        if code in _REFUSED:
            raise EncryptionError(f"the key service refused: {code}") from None
        raise Unavailable("key_service_unavailable", "The key service does not answer.") from error
    except BotoCoreError as error:
        raise Unavailable("key_service_unavailable", "The key service does not answer.") from error
