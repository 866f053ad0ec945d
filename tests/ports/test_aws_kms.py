"""AWS KMS as key provider, against moto's server over a socket: contexts, key changes, refusals, outages."""

import secrets
import socket
from collections.abc import Iterator

import boto3
import pytest
from moto.server import ThreadedMotoServer
from sqlalchemy.ext.asyncio import AsyncEngine

from cardwright.adapters.aws_kms import KmsKeyProvider
from cardwright.core.clock import SystemClock
from cardwright.core.errors import Unavailable
from cardwright.db.session import transaction
from cardwright.encryption import EncryptionError, Keyring, WrappedKey, list_key_status, rewrap, with_keyring
from integration.encryption.letters import COLUMNS, engine_with_letters, read, write

REGION = "eu-central-1"
CONTEXT = {"program_id": "prog_a", "key_id": "dek_one"}
DATA_KEY = secrets.token_bytes(32)


@pytest.fixture(scope="module")
def endpoint() -> Iterator[str]:
    server = ThreadedMotoServer("127.0.0.1", 0)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture(autouse=True)
def _credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "made-up")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "made-up")


def _make_key(endpoint: str) -> str:
    client = boto3.client("kms", region_name=REGION, endpoint_url=endpoint)
    return str(client.create_key()["KeyMetadata"]["Arn"])


async def test_a_data_key_comes_back_in_its_own_context_only(endpoint: str) -> None:
    arn = _make_key(endpoint)
    provider = KmsKeyProvider(arn, REGION, endpoint)
    wrapped = await provider.wrap(DATA_KEY, CONTEXT)
    assert wrapped.provider_key_id == arn
    assert DATA_KEY not in wrapped.ciphertext
    assert await provider.unwrap(wrapped, CONTEXT) == DATA_KEY
    for other in ({}, {**CONTEXT, "program_id": "prog_b"}, {**CONTEXT, "more": "x"}):
        with pytest.raises(EncryptionError, match="refused: InvalidCiphertext"):
            await provider.unwrap(wrapped, other)


async def test_a_provider_with_a_new_kms_key_still_unwraps_what_is_under_the_old_one(endpoint: str) -> None:
    old = KmsKeyProvider(_make_key(endpoint), REGION, endpoint)
    newest = _make_key(endpoint)
    new = KmsKeyProvider(newest, REGION, endpoint)
    wrapped = await old.wrap(DATA_KEY, CONTEXT)
    assert await new.unwrap(wrapped, CONTEXT) == DATA_KEY
    assert (await new.wrap(DATA_KEY, CONTEXT)).provider_key_id == newest


async def test_what_was_changed_or_is_under_no_key_of_ours_is_refused(endpoint: str) -> None:
    provider = KmsKeyProvider(_make_key(endpoint), REGION, endpoint)
    wrapped = await provider.wrap(DATA_KEY, CONTEXT)
    changed = wrapped.ciphertext[:-1] + bytes([wrapped.ciphertext[-1] ^ 1])
    for refused in (
        WrappedKey(wrapped.provider_key_id, changed),
        WrappedKey(_make_key(endpoint).rpartition("/")[0] + "/gone", wrapped.ciphertext),
    ):
        with pytest.raises(EncryptionError, match="refused"):
            await provider.unwrap(refused, CONTEXT)


async def test_a_service_that_does_not_answer_is_unavailable(endpoint: str) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        nowhere = f"http://127.0.0.1:{free.getsockname()[1]}"
    provider = KmsKeyProvider("alias/none", REGION, nowhere)
    with pytest.raises(Unavailable):
        await provider.wrap(DATA_KEY, CONTEXT)


async def test_records_survive_a_change_of_the_kms_key(database_url: str, endpoint: str) -> None:
    plain = await engine_with_letters(database_url)
    first, second = _make_key(endpoint), _make_key(endpoint)
    async with transaction(_under(plain, first, endpoint)) as session:
        letter_id = await write(session, "prog_a", "Dear Ada")
    keyring = Keyring(KmsKeyProvider(second, REGION, endpoint), COLUMNS, SystemClock())
    assert await rewrap(plain, keyring, "prog_a") == 1
    async with transaction(_under(plain, second, endpoint)) as session:
        assert (await read(session, letter_id))["body"] == "Dear Ada"
        (key,) = await list_key_status(session, keyring, "prog_a")
    assert (key.provider_key_id, key.records) == (second, 1)
    await plain.dispose()


def _under(engine: AsyncEngine, arn: str, endpoint: str) -> AsyncEngine:
    return with_keyring(engine, Keyring(KmsKeyProvider(arn, REGION, endpoint), COLUMNS, SystemClock()))
