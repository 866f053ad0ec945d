"""Where sealed documents are kept: a folder, and S3 as moto's server speaks it, with the same promises."""

import asyncio
import secrets
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from cardwright.adapters.aws_s3 import S3DocumentStore
from cardwright.adapters.document_folder import FolderDocumentStore
from cardwright.core.errors import Unavailable
from cardwright.kyc import DocumentStore, ObjectMissing
from object_stores import REGION, a_bucket, running_s3


@pytest.fixture(scope="module")
def endpoint() -> Iterator[str]:
    with running_s3() as address:
        yield address


@pytest.fixture(params=["folder", "s3"])
def store(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> DocumentStore:
    if request.param == "folder":
        return FolderDocumentStore(tmp_path / "documents")
    return a_bucket(request.getfixturevalue("endpoint"), monkeypatch)


async def test_an_object_comes_back_as_it_was_until_it_is_removed(store: DocumentStore) -> None:
    name, content = secrets.token_hex(32), secrets.token_bytes(300_000)
    with pytest.raises(ObjectMissing):
        await store.get(name)
    await store.put(name, content)
    assert await store.get(name) == content
    await store.put(name, b"another")
    assert await store.get(name) == b"another"
    await store.remove(name)
    await store.remove(name)
    with pytest.raises(ObjectMissing):
        await store.get(name)


async def test_a_folder_is_its_owners_alone_and_has_no_halves(tmp_path: Path) -> None:
    store, name = FolderDocumentStore(tmp_path / "documents"), secrets.token_hex(32)
    await asyncio.gather(*(store.put(name, bytes([number]) * 100_000) for number in range(8)))
    assert len(set(await store.get(name))) == 1
    (path,) = [it for it in (tmp_path / "documents").rglob("*") if it.is_file()]
    modes = [it.stat().st_mode & 0o777 for it in (path, path.parent, path.parent.parent)]
    assert modes == [0o600, 0o700, 0o700]


@pytest.mark.parametrize("name", ["../" + "a" * 61, "A" * 64, "", "a" * 63])
async def test_a_name_that_leads_elsewhere_is_refused(name: str, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="64 hexadecimal digits"):
        await FolderDocumentStore(tmp_path).put(name, b"")


async def test_a_folder_that_is_none_is_unavailable(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(Unavailable):
        await FolderDocumentStore(tmp_path / "file").put(secrets.token_hex(32), b"")


async def test_a_store_that_is_away_or_has_no_such_bucket_is_unavailable(
    endpoint: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "made-up")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "made-up")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        away = f"http://127.0.0.1:{free.getsockname()[1]}"
    for store in (S3DocumentStore("nowhere", REGION, endpoint), S3DocumentStore("any", REGION, away)):
        with pytest.raises(Unavailable):
            await store.put(secrets.token_hex(32), b"")
