"""Identity documents over HTTP: shown by holders, seen by reviewers for a minute, erased, never leaked."""

import io
import logging
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest
from PIL import Image
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine

from browsers import forgetful_jar, sign_in
from builders import provided_for_tests
from cardwright import users
from cardwright.access import Role
from cardwright.adapters.document_folder import FolderDocumentStore
from cardwright.core.clock import MovableClock
from cardwright.core.errors import Unavailable
from cardwright.db.confinement import confine_to_customer
from cardwright.db.jobs import Work
from cardwright.db.outbox import Event
from cardwright.db.session import transaction
from cardwright.files import Reencoder
from cardwright.kyc import SUBSCRIPTIONS, DocumentRoom, DocumentRules, sweep_documents
from cardwright.main import build_app
from hostile_files import MARK, encoded, exif, pdf, photo
from integration.kyc.people import a_person
from staff import grant_role

MINE = "/v1/me/identity-documents"
THEIRS = "/v1/identity-documents"


@dataclass
class Desk:
    """A holder, a reviewer, and the application with a store of its own."""

    client: httpx.AsyncClient
    engine: AsyncEngine
    clock: MovableClock
    room: DocumentRoom
    folder: Path
    holder_id: str
    reviewer_id: str

    async def ask(self, method: str, path: str, who: str, body: Any = None) -> httpx.Response:
        headers = {**await sign_in(self.engine, self.clock, who), "Idempotency-Key": uuid4().hex}
        return await self.client.request(method, path, json=body, headers=headers)

    async def show(self, content: bytes, kind: str = "passport") -> httpx.Response:
        body = {"kind": kind, "content": b64encode(content).decode()}
        return await self.ask("POST", MINE, self.holder_id, body)

    async def shown(self, content: bytes | None = None) -> str:
        answer = await self.show(content or encoded(photo((300, 200)), "JPEG"))
        assert answer.status_code == 201, answer.text
        return str(answer.json()["id"])

    async def look(self, document_id: str, page: int = 1) -> httpx.Response:
        view = await self.ask("POST", f"{THEIRS}/{document_id}/views", self.reviewer_id)
        assert view.status_code == 201, view.text
        path = f"{THEIRS}/{document_id}/pages/{page}?view_id={view.json()['id']}"
        return await self.ask("GET", path, self.reviewer_id)

    async def acts(self, document_id: str) -> list[Mapping[str, Any]]:
        async with transaction(self.engine) as session:
            rows = await session.execute(
                text(
                    "SELECT action, actor_id, details FROM audit_entries WHERE subject_id = :id ORDER BY id"
                ),
                {"id": document_id},
            )
            return [dict(row) for row in rows.mappings()]

    def objects(self) -> list[Path]:
        return [path for path in self.folder.rglob("*") if path.is_file()]

    @property
    def work(self) -> Work:
        return Work(self.engine, self.clock, {DocumentRoom: self.room})


@pytest.fixture
async def desk(engine: AsyncEngine, clock: MovableClock, tmp_path: Path) -> Any:
    folder = tmp_path / "documents"
    room = DocumentRoom(FolderDocumentStore(folder), Reencoder(), DocumentRules())
    holder = await a_person(engine, clock)
    reviewer = await a_person(engine, clock, "reviewer@example.com")
    async with transaction(engine) as session:
        await grant_role(session, reviewer, Role.KYC_REVIEWER, "system", clock.now())
    app = build_app(engine, {**await provided_for_tests(engine, clock), DocumentRoom: room})
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app), base_url="https://cardwright.test", cookies=forgetful_jar()
    ) as client:
        yield Desk(client, engine, clock, room, folder, holder, reviewer)


async def test_what_was_shown_is_listed_without_its_content_and_seen_with_a_watermark(desk: Desk) -> None:
    document_id = await desk.shown()
    (listed,) = (await desk.ask("GET", MINE, desk.holder_id)).json()["data"]
    assert (listed["id"], listed["kind"], listed["status"], listed["pages"]) == (
        document_id, "passport", "received", 1,
    )  # fmt: skip
    theirs = await desk.ask("GET", f"/v1/users/{desk.holder_id}/identity-documents", desk.reviewer_id)
    assert theirs.json()["data"] == [listed]
    seen = await desk.look(document_id)
    assert seen.status_code == 200
    headers = {"cache-control": "no-store", "x-content-type-options": "nosniff", "content-type": "image/jpeg"}
    assert headers.items() <= dict(seen.headers).items()
    assert "sandbox" in seen.headers["content-security-policy"]
    shown = Image.open(io.BytesIO(seen.content)).convert("L")
    assert shown.size == (300, 200)
    assert shown.crop((0, 100, 150, 200)).getextrema()[1] > 150, "light letters on the plain half"
    acts = await desk.acts(document_id)
    assert [(act["action"], act["actor_id"]) for act in acts] == [
        ("identity_document.uploaded", desk.holder_id),
        ("identity_document.view_opened", desk.reviewer_id),
        ("identity_document.viewed", desk.reviewer_id),
    ]
    assert acts[-1]["details"]["owner_id"] == desk.holder_id


async def test_a_view_is_one_persons_for_one_document_for_a_minute(desk: Desk) -> None:
    document_id, other_id = await desk.shown(), await desk.shown(pdf(pages=2))
    colleague = await a_person(desk.engine, desk.clock, "colleague@example.com")
    async with transaction(desk.engine) as session:
        await grant_role(session, colleague, Role.KYC_REVIEWER, "system", desk.clock.now())
    view_id = (await desk.ask("POST", f"{THEIRS}/{document_id}/views", desk.reviewer_id)).json()["id"]
    path = f"{THEIRS}/{document_id}/pages/1?view_id={view_id}"
    assert (await desk.ask("GET", path, desk.reviewer_id)).status_code == 200
    assert (await desk.ask("GET", path, colleague)).json()["code"] == "view_over"
    assert (await desk.ask("GET", path, desk.holder_id)).status_code == 403
    moved = path.replace(document_id, other_id)
    assert (await desk.ask("GET", moved, desk.reviewer_id)).json()["code"] == "view_over"
    missing = path.replace("/pages/1", "/pages/2")
    assert (await desk.ask("GET", missing, desk.reviewer_id)).json()["code"] == "page_unknown"
    assert (await desk.look(other_id, page=2)).status_code == 200
    desk.clock.advance(timedelta(seconds=60))
    assert (await desk.ask("GET", path, desk.reviewer_id)).json()["code"] == "view_over"


async def test_a_holder_deletes_what_nobody_reviews(desk: Desk) -> None:
    document_id = await desk.shown()
    path = f"{MINE}/{document_id}"
    await desk.look(document_id)
    refused = await desk.ask("DELETE", path, desk.holder_id)
    assert (refused.status_code, refused.json()["code"]) == (409, "document_in_review")
    assert (await desk.ask("POST", f"{THEIRS}/{document_id}/end-review", desk.reviewer_id)).status_code == 200
    assert (await desk.ask("DELETE", path, desk.holder_id)).status_code == 204
    (listed,) = (await desk.ask("GET", MINE, desk.holder_id)).json()["data"]
    assert (listed["status"], listed["erased_because"]) == ("erased", "holder")
    assert len(desk.objects()) == 1
    again = await desk.ask("POST", f"{THEIRS}/{document_id}/views", desk.reviewer_id)
    assert again.json()["code"] == "document_erased"
    await sweep_documents(desk.work)
    assert desk.objects() == []


async def test_what_staff_erase_opens_no_more_though_its_object_is_still_there(desk: Desk) -> None:
    document_id = await desk.shown()
    view_id = (await desk.ask("POST", f"{THEIRS}/{document_id}/views", desk.reviewer_id)).json()["id"]
    path = f"{THEIRS}/{document_id}/erase"
    refused = await desk.ask("POST", path, desk.reviewer_id, {"reason": "Passport C01X00T478"})
    assert (refused.status_code, "C01X00T478" in refused.text) == (422, False)
    erased = await desk.ask("POST", path, desk.reviewer_id, {"reason": "asked_by_holder"})
    assert (erased.status_code, erased.json()["status"]) == (200, "erased")
    path = f"{THEIRS}/{document_id}/pages/1?view_id={view_id}"
    assert (await desk.ask("GET", path, desk.reviewer_id)).json()["code"] == "document_erased"
    assert len(desk.objects()) == 1
    async with transaction(desk.engine) as session:
        keys = await session.execute(text("SELECT sealed_key FROM identity_documents"))
        assert keys.scalars().all() == [None]
    assert (await desk.acts(document_id))[-1]["details"] == {
        "owner_id": desk.holder_id, "because": "staff", "reason": "asked_by_holder",
    }  # fmt: skip


async def test_documents_are_erased_when_their_time_has_come_even_in_review(desk: Desk) -> None:
    document_id = await desk.shown()
    await desk.look(document_id)
    desk.clock.advance(DocumentRules().keep - timedelta(seconds=1))
    await sweep_documents(desk.work)
    assert len(desk.objects()) == 1
    desk.clock.advance(timedelta(seconds=1))
    await sweep_documents(desk.work)
    assert desk.objects() == []
    assert (await desk.acts(document_id))[-1]["details"]["because"] == "retention"


@pytest.mark.parametrize("days", [0, 30])
async def test_documents_of_a_closed_account_are_kept_as_long_as_the_program_must(
    desk: Desk, days: int
) -> None:
    await desk.shown()
    desk.room = DocumentRoom(
        desk.room.objects, desk.room.reencoder, DocumentRules(keep_after_closing=timedelta(days=days))
    )
    (forget,) = [it for it in SUBSCRIPTIONS if it.name == "kyc.forget_documents"]
    async with transaction(desk.engine) as session:
        program_id = str(await session.scalar(text("SELECT program_id FROM identity_documents")))
    event = Event(users.ERASED, program_id, desk.holder_id, desk.clock.now())
    for _ in range(2):
        await forget.handle(desk.work, event)
    await sweep_documents(desk.work)
    assert len(desk.objects()) == (1 if days else 0)
    desk.clock.advance(timedelta(days=days))
    await sweep_documents(desk.work)
    assert desk.objects() == []


async def test_a_store_that_is_away_loses_nothing_and_keeps_nothing_half(desk: Desk, tmp_path: Path) -> None:
    document_id = await desk.shown()
    await desk.ask("DELETE", f"{MINE}/{document_id}", desk.holder_id)
    hidden = desk.folder.rename(tmp_path / "hidden")
    desk.folder.write_bytes(b"no folder any more")
    with pytest.raises(Unavailable):
        await sweep_documents(desk.work)
    refused = await desk.show(encoded(photo(), "PNG"))
    assert (refused.status_code, refused.json()["code"]) == (503, "documents_unavailable")
    assert len((await desk.ask("GET", MINE, desk.holder_id)).json()["data"]) == 1
    desk.folder.unlink()
    hidden.rename(desk.folder)
    await sweep_documents(desk.work)
    assert desk.objects() == []


async def test_an_object_that_was_changed_or_exchanged_is_not_shown(desk: Desk) -> None:
    first, second = await desk.shown(), await desk.shown()
    one, two = desk.objects()
    one_was = one.read_bytes()
    one.write_bytes(two.read_bytes())
    two.write_bytes(one_was)
    for document_id in (first, second):
        refused = await desk.look(document_id)
        assert (refused.status_code, refused.json()["code"]) == (500, "internal_error")


@pytest.mark.parametrize(
    ("content", "code"),
    [(b"<svg onload=alert(1)>", "file_type_not_supported"), (b"\xff\xd8\xff\xe0", "file_unreadable")],
)
async def test_a_file_that_is_refused_leaves_nothing(desk: Desk, content: bytes, code: str) -> None:
    answer = await desk.show(content)
    assert (answer.status_code, answer.json()["code"]) == (422, code)
    assert desk.objects() == []
    assert (await desk.ask("GET", MINE, desk.holder_id)).json()["data"] == []


async def test_nothing_of_what_a_file_says_is_anywhere_in_clear(
    desk: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    jpeg = encoded(photo((300, 200)), "JPEG", exif=exif(), comment=MARK)
    # Not before: making the file is the test's own doing, and told at length.
    caplog.set_level(logging.DEBUG)
    caplog.clear()
    for content in (jpeg, pdf(), jpeg + MARK):
        seen = await desk.look(await desk.shown(content))
        assert MARK not in seen.content
    kept = b"".join(path.read_bytes() for path in desk.objects())
    assert kept
    assert not [trace for trace in (MARK, MARK.hex().encode(), b"JFIF") if trace in kept]
    everything = (await _dump(desk.engine)).encode()
    assert b"idoc_" in everything, "the look-out sees what is there"
    for place in (everything, caplog.text.encode()):
        assert MARK not in place
        assert b64encode(jpeg)[:200] not in place


async def _dump(engine: AsyncEngine) -> str:
    async with transaction(engine) as session:
        names = await session.execute(
            text("SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY tablename")
        )
        tables = names.scalars().all()
        found = [
            str(await session.scalar(text(f"SELECT string_agg(t::text, ' ') FROM {table} t")))  # noqa: S608 - names of our own
            for table in tables
        ]
    return "\n".join(found)


async def test_a_confined_holder_sees_and_changes_only_what_is_theirs_to(desk: Desk) -> None:
    document_id = await desk.shown()
    other = await a_person(desk.engine, desk.clock, "eve@example.com")
    async with transaction(desk.engine) as session:
        program_id = str(await session.scalar(text("SELECT program_id FROM identity_documents")))
        await confine_to_customer(session, program_id=program_id, user_id=other)
        assert await session.scalar(text("SELECT count(*) FROM identity_documents")) == 0
        assert await session.scalar(text("SELECT count(*) FROM identity_document_views")) == 0
    for statement in (
        "UPDATE identity_documents SET keep_until = now()",
        "UPDATE identity_documents SET sealed_key = 'another'",
        "UPDATE identity_documents SET review_started_at = NULL",
        "DELETE FROM identity_documents",
    ):
        with pytest.raises(DBAPIError):
            await _as_holder(desk, program_id, statement)
    await desk.ask("POST", f"{THEIRS}/{document_id}/views", desk.reviewer_id)
    erase = "UPDATE identity_documents SET sealed_key = NULL, erased_at = now(), erased_because = "
    for because in ("'staff'", "'holder'"):
        with pytest.raises(DBAPIError, match="row-level security"):
            await _as_holder(desk, program_id, erase + because)


async def _as_holder(desk: Desk, program_id: str, statement: str) -> None:
    async with transaction(desk.engine) as session:
        await confine_to_customer(session, program_id=program_id, user_id=desk.holder_id)
        await session.execute(text(statement))


async def test_a_retry_with_the_same_key_shows_a_document_once(desk: Desk) -> None:
    headers = {**await sign_in(desk.engine, desk.clock, desk.holder_id), "Idempotency-Key": "once"}
    body = {"kind": "selfie", "content": b64encode(encoded(photo(), "PNG")).decode()}
    first, second = [await desk.client.post(MINE, json=body, headers=headers) for _ in range(2)]
    assert first.json() == second.json()
    assert len(desk.objects()) == 1
