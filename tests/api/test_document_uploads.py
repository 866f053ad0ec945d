"""Uploads that go on at once, fail half-way or are sent again: what is kept, and what is left behind."""

import asyncio
from base64 import b64encode
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from browsers import forgetful_jar, sign_in
from builders import provided_for_tests, with_new_keyring
from cardwright.adapters.document_folder import FolderDocumentStore
from cardwright.core.clock import MovableClock
from cardwright.db.jobs import Work
from cardwright.db.session import create_engine, transaction
from cardwright.files import Reencoder
from cardwright.kyc import DocumentRoom, DocumentRules, DocumentStore, sweep_documents
from cardwright.main import build_app
from hostile_files import encoded, photo
from integration.kyc.people import a_person
from object_stores import a_bucket, running_s3

MINE = "/v1/me/identity-documents"
BODY = {"kind": "selfie", "content": b64encode(encoded(photo(), "PNG")).decode()}
GRACE = timedelta(hours=1)
FAIL_ON_INSERT = (
    "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'full'; END $$",
    "CREATE TRIGGER refuse BEFORE INSERT ON identity_documents EXECUTE FUNCTION refuse()",
)


class WatchedStore:
    """A store that counts what is in it, and lets objects in when it is told to."""

    def __init__(self, kept: DocumentStore) -> None:
        self._kept = kept
        self.names: set[str] = set()
        self.waiting = 0
        self.is_open = asyncio.Event()
        self.is_open.set()

    async def put(self, name: str, content: bytes) -> None:
        self.waiting += 1
        await self.is_open.wait()
        await self._kept.put(name, content)
        self.names.add(name)

    async def get(self, name: str) -> bytes:
        return await self._kept.get(name)

    async def remove(self, name: str) -> None:
        await self._kept.remove(name)
        self.names.discard(name)


@dataclass
class Counter:
    """A holder at the application, whose database has few connections."""

    client: httpx.AsyncClient
    engine: AsyncEngine
    clock: MovableClock
    room: DocumentRoom
    objects: WatchedStore
    headers: dict[str, str]

    async def show(self, key: str | None = None) -> httpx.Response:
        headers = {**self.headers, "Idempotency-Key": key or uuid4().hex}
        return await self.client.post(MINE, json=BODY, headers=headers)

    async def listed(self) -> list[Any]:
        found: list[Any] = (await self.client.get(MINE, headers=self.headers)).json()["data"]
        return found

    async def run(self, *statements: str) -> None:
        async with transaction(self.engine) as session:
            for statement in statements:
                await session.execute(text(statement))

    async def sweep(self) -> None:
        await sweep_documents(Work(self.engine, self.clock, {DocumentRoom: self.room}))


@asynccontextmanager
async def a_counter(
    engine: AsyncEngine, database_url: str, clock: MovableClock, kept: DocumentStore
) -> AsyncIterator[Counter]:
    objects = WatchedStore(kept)
    room = DocumentRoom(objects, Reencoder(waiting=20, patience=20), DocumentRules())
    holder = await a_person(engine, clock)
    headers = await sign_in(engine, clock, holder)
    few = with_new_keyring(create_engine(database_url, pool_size=1, max_overflow=0, pool_timeout=30))
    app = build_app(few, {**await provided_for_tests(engine, clock), DocumentRoom: room})
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(
        transport=transport, base_url="https://cardwright.test", cookies=forgetful_jar()
    ) as client:
        yield Counter(client, engine, clock, room, objects, headers)
    await few.dispose()


@pytest.fixture
async def counter(
    engine: AsyncEngine, database_url: str, clock: MovableClock, tmp_path: Path
) -> AsyncIterator[Counter]:
    async with a_counter(engine, database_url, clock, FolderDocumentStore(tmp_path / "documents")) as made:
        yield made


@pytest.fixture(params=["folder", "s3"])
async def anywhere(
    request: pytest.FixtureRequest, engine: AsyncEngine, database_url: str, clock: MovableClock,
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
) -> AsyncIterator[Counter]:  # fmt: skip
    """The same, with objects in a folder or in S3."""
    if request.param == "folder":
        async with a_counter(engine, database_url, clock, FolderDocumentStore(tmp_path)) as made:
            yield made
        return
    with running_s3() as endpoint:
        async with a_counter(engine, database_url, clock, a_bucket(endpoint, monkeypatch)) as made:
            yield made


async def until(is_so: Callable[[], bool]) -> None:
    async with asyncio.timeout(20):
        while not is_so():  # noqa: ASYNC110 - what is waited for tells nobody
            await asyncio.sleep(0.02)


async def test_an_upload_holds_no_connection_while_its_file_is_read_and_put(counter: Counter) -> None:
    counter.objects.is_open.clear()
    uploads = [asyncio.create_task(counter.show()) for _ in range(4)]
    await until(lambda: counter.objects.waiting == 4)
    # One connection is all there is, and four uploads are under way.
    assert await asyncio.wait_for(counter.listed(), 60) == []
    async with transaction(counter.engine) as session:
        idle = await session.scalar(
            text("SELECT count(*) FROM pg_stat_activity WHERE state = 'idle in transaction'"
                 " AND datname = current_database() AND pid <> pg_backend_pid()")
        )  # fmt: skip
    assert idle == 0
    counter.objects.is_open.set()
    assert {answer.status_code for answer in await asyncio.gather(*uploads)} == {201}
    assert len(await counter.listed()) == 4


async def test_uploads_at_once_cannot_pass_the_most_that_are_kept(counter: Counter) -> None:
    for _ in range(8):
        assert (await counter.show()).status_code == 201
    # Eleven more as plain rows, so that one is left to be had.
    rest = "program_id, user_id, kind, pages, size_bytes, sealed_key, uploaded_at, keep_until"
    one = "(SELECT * FROM identity_documents LIMIT 1) one"
    copies = f"SELECT id || n, object_name || n, {rest} FROM {one}, generate_series(1, 11) n"  # noqa: S608
    await counter.run(f"INSERT INTO identity_documents (id, object_name, {rest}) {copies}")
    counter.clock.advance(timedelta(minutes=2))
    counter.objects.is_open.clear()
    uploads = [asyncio.create_task(counter.show()) for _ in range(2)]
    await until(lambda: counter.objects.waiting == 10)
    counter.objects.is_open.set()
    answers = await asyncio.gather(*uploads)
    assert sorted(answer.status_code for answer in answers) == [201, 409]
    (refused,) = [answer for answer in answers if answer.status_code == 409]
    assert refused.json()["code"] == "documents_too_many"
    async with transaction(counter.engine) as session:
        assert await session.scalar(text("SELECT count(*) FROM identity_documents")) == 20
    # The one that lost had been put already.
    assert len(counter.objects.names) == 10
    counter.clock.advance(GRACE + timedelta(seconds=1))
    await counter.sweep()
    assert len(counter.objects.names) == 9


async def test_what_was_put_for_a_transaction_that_failed_is_removed_after_a_while(anywhere: Counter) -> None:
    assert (await anywhere.show()).status_code == 201
    await anywhere.run(*FAIL_ON_INSERT)
    failed = await anywhere.show()
    assert (failed.status_code, failed.json()["code"]) == (500, "internal_error")
    (document,) = await anywhere.listed()
    assert len(anywhere.objects.names) == 2
    anywhere.clock.advance(GRACE)
    await anywhere.sweep()
    assert len(anywhere.objects.names) == 2, "an upload may be under way for as long"
    anywhere.clock.advance(timedelta(seconds=1))
    for _ in range(2):
        await anywhere.sweep()
    (left,) = anywhere.objects.names
    assert await anywhere.objects.get(left)
    assert (await anywhere.listed()) == [document]
    async with transaction(anywhere.engine) as session:
        assert await session.scalar(text("SELECT count(*) FROM identity_document_uploads")) == 0


async def test_an_upload_that_was_given_up_meanwhile_becomes_no_document(counter: Counter) -> None:
    counter.objects.is_open.clear()
    upload = asyncio.create_task(counter.show("slow"))
    await until(lambda: counter.objects.waiting == 1)
    counter.clock.advance(GRACE + timedelta(seconds=1))
    await counter.sweep()
    counter.objects.is_open.set()
    assert (await upload).json()["code"] == "documents_unavailable"
    assert await counter.listed() == []
    assert (await counter.show("slow")).status_code == 201


async def test_a_retry_is_answered_as_the_first_call_was(counter: Counter) -> None:
    counter.objects.is_open.clear()
    both = [asyncio.create_task(counter.show("once")) for _ in range(2)]
    await until(lambda: counter.objects.waiting == 2)
    counter.objects.is_open.set()
    answers = [*await asyncio.gather(*both), await counter.show("once")]
    # Told to come back, or told the same: never a second document.
    told = [it.json() for it in answers if it.status_code == 201]
    assert all(it.json()["code"] == "idempotency_key_in_use" for it in answers if it.status_code != 201)
    assert len(told) >= 2
    assert all(it == told[0] for it in told)
    assert answers[-1].headers["Idempotent-Replayed"] == "true"
    assert counter.objects.waiting == 2, "a retry reads no file"
    assert len(await counter.listed()) == 1
    counter.clock.advance(GRACE + timedelta(seconds=1))
    await counter.sweep()
    assert len(counter.objects.names) == 1


async def test_a_key_that_was_used_for_another_file_is_refused_before_it_is_read(counter: Counter) -> None:
    assert (await counter.show("used")).status_code == 201
    headers = {**counter.headers, "Idempotency-Key": "used"}
    other = await counter.client.post(MINE, json={**BODY, "kind": "passport"}, headers=headers)
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")
    assert counter.objects.waiting == 1
