"""Notes, tags and receipts: the holder's to add and to find again, staff's to read, nobody else's."""

import base64
from collections.abc import Mapping
from typing import Any
from uuid import uuid4

import httpx
import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from api.payment_log import Log, pay
from cardwright import payments, users
from cardwright.access import Role
from cardwright.core.clock import MovableClock
from cardwright.core.ids import new_id
from cardwright.db.confinement import confine_to_customer, confine_to_program
from cardwright.db.jobs import Work
from cardwright.db.outbox import Event
from cardwright.db.session import transaction
from integration.payments import holders

PDF = b"%PDF-1.4\n%%EOF\n"
FILES: Mapping[bytes, str | None] = {
    PDF: "application/pdf",
    b"\xff\xd8\xff\xe0 JFIF": "image/jpeg",
    b"\x89PNG\r\n\x1a\n rest": "image/png",
    b"RIFF\x10\x00\x00\x00WEBPVP8 ": "image/webp",
    b"RIFF\x10\x00\x00\x00WAVEfmt ": None,
    b"<svg onload=alert(1)>": None,
    b"<html>": None,
    b" %PDF-1.4": None,
    b"GIF89a": None,
    b"MZ\x90\x00": None,
}


@pytest.fixture
async def desk(client: httpx.AsyncClient, engine: AsyncEngine, clock: MovableClock) -> Log:
    holding = await holders.a_holding(engine, clock, [], [], balance=500_00)
    log = Log(client, engine, clock, holding, [])
    log.ids = [await pay(log, holding, number) for number in range(3)]
    return log


def a_file(content: bytes, name: str = "lunch.pdf") -> dict[str, str]:
    return {"file_name": name, "content": base64.b64encode(content).decode()}


async def send(
    desk: Log, body: Mapping[str, Any], who: Mapping[str, str] | None = None, payment: int = 0
) -> httpx.Response:
    headers = {"Idempotency-Key": uuid4().hex, **(who or await desk.person())}
    return await desk.client.post(
        f"/v1/payments/{desk.ids[payment]}/receipts", json=body, headers=headers
    )  # fmt: skip


async def put(desk: Log, body: Mapping[str, Any], payment: int = 0) -> httpx.Response:
    path = f"/v1/payments/{desk.ids[payment]}/annotation"
    return await desk.client.put(path, json=body, headers=await desk.person())


async def test_a_payment_is_found_again_by_its_tags(desk: Log) -> None:
    put_there = await put(desk, {"note": "Oslo\nteam", "tags": ["Work  Trip", "lunch", "work trip"]})
    assert put_there.json() == {"note": "Oslo\nteam", "tags": ["lunch", "work trip"], "receipts": []}
    assert (await put(desk, {"tags": ["lunch"]}, payment=2)).json()["note"] is None
    assert [line["id"] for line in await desk.listed(tag="WORK trip")] == [desk.ids[0]]
    assert [line["id"] for line in await desk.listed(tag="lunch")] == [desk.ids[2], desk.ids[0]]
    staff = await desk.staff()
    assert [line["id"] for line in await desk.listed(staff, everyone=True, tag="work trip")] == [desk.ids[0]]
    assert (await put(desk, {})).json() == {"note": None, "tags": [], "receipts": []}
    assert await desk.listed(tag="work trip") == []


async def test_what_a_receipt_is_is_read_from_its_content(desk: Log) -> None:
    for content, media_type in FILES.items():
        answer = await send(desk, a_file(content, "cat.png"))
        if media_type is None:
            assert (answer.status_code, answer.json()["code"]) == (422, "receipt_type_unknown")
        else:
            assert (answer.status_code, answer.json()["media_type"]) == (201, media_type)
    kept = (await desk.get(f"/payments/{desk.ids[0]}/annotation")).json()["receipts"]
    assert [receipt["media_type"] for receipt in kept] == [found for found in FILES.values() if found]


async def test_a_receipt_comes_back_as_a_file_to_save(desk: Log) -> None:
    made = (await send(desk, a_file(PDF, 'Mittag "Ö".pdf'))).json()
    answer = await desk.get(f"/receipts/{made['id']}")
    assert (answer.content, made["size_bytes"]) == (PDF, len(PDF))
    assert answer.headers["content-type"] == "application/pdf"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["content-disposition"] == (
        f"attachment; filename=\"{made['id']}.pdf\"; filename*=UTF-8''Mittag%20%22%C3%96%22.pdf"
    )
    gone = await desk.client.delete(f"/v1/receipts/{made['id']}", headers=await desk.person())
    assert gone.status_code == 204
    assert (await desk.get(f"/receipts/{made['id']}")).json()["code"] == "receipt_unknown"


async def test_what_is_too_large_or_too_many_is_refused(desk: Log) -> None:
    for body, code in (
        (a_file(PDF + bytes(700_000)), "receipt_too_large"),
        ({"file_name": "a", "content": "%PDF"}, "validation_failed"),
        ({"file_name": "a", "content": "JVBERi0x\n"}, "validation_failed"),
        (a_file(PDF, "a\nb"), "validation_failed"),
        (a_file(PDF, "a\u202eb"), "validation_failed"),
        (a_file(PDF, ""), "validation_failed"),
    ):
        answer = await send(desk, body)
        assert (answer.status_code, answer.json()["code"]) == (422, code)
    largest = PDF + bytes(700_000 - len(PDF))
    assert (await send(desk, a_file(largest))).status_code == 201
    for _ in range(9):
        assert (await send(desk, a_file(PDF))).status_code == 201
    answer = await send(desk, a_file(PDF))
    assert (answer.status_code, answer.json()["code"]) == (409, "receipts_full")


@pytest.mark.parametrize(
    "body",
    [{"note": "x" * 501}, {"note": ""}, {"note": "a\x07"}, {"tags": ["a"] * 11}, {"tags": [" "]},
     {"tags": ["x" * 31]}, {"tags": ["a\tb"]}, {"colour": "red"}],
)  # fmt: skip
async def test_notes_and_tags_that_cannot_be_change_nothing(desk: Log, body: Mapping[str, Any]) -> None:
    await put(desk, {"note": "kept", "tags": ["kept"]})
    assert (await put(desk, body)).json()["code"] == "validation_failed"
    found = (await desk.get(f"/payments/{desk.ids[0]}/annotation")).json()
    assert (found["note"], found["tags"]) == ("kept", ["kept"])


async def test_staff_read_what_was_added_and_it_is_recorded_and_nobody_else_does(
    desk: Log, engine: AsyncEngine, clock: MovableClock
) -> None:
    await put(desk, {"note": "for me", "tags": ["mine"]})
    receipt_id = (await send(desk, a_file(PDF))).json()["id"]
    support = await desk.staff()
    assert (await desk.get(f"/payments/{desk.ids[0]}/annotation", support)).json()["note"] == "for me"
    assert (await desk.get(f"/receipts/{receipt_id}", support)).content == PDF
    refused = await desk.client.delete(f"/v1/receipts/{receipt_id}", headers=support)
    assert refused.json()["code"] == "permission_missing"
    auditor = await desk.staff(Role.AUDITOR)
    acts = (await desk.get("/audit-entries", auditor, limit=100)).json()["data"]
    looked = {(act["action"], act["subject_id"]) for act in acts}
    assert {("annotation.read", desk.ids[0]), ("receipt.read", receipt_id)} <= looked
    eve = await holders.a_holding(engine, clock, [], email="eve@example.com")
    stranger = await desk.person(eve)
    for path in (f"/payments/{desk.ids[0]}/annotation", f"/receipts/{receipt_id}"):
        assert (await desk.get(path, stranger)).status_code == 404
    developer = await desk.staff(Role.DEVELOPER)
    assert (await desk.get(f"/receipts/{receipt_id}", developer)).status_code == 403


async def test_the_second_wall_stands_around_what_was_added(desk: Log, engine: AsyncEngine) -> None:
    await put(desk, {"note": "for me", "tags": ["mine"]})
    await send(desk, a_file(PDF))
    tables = ("payment_notes", "payment_tags", "receipts")
    mine, program_id = desk.holding.user_id, desk.holding.program_id
    for user_id, seen in ((mine, 1), (new_id("user"), 0)):
        async with transaction(engine) as session:
            await confine_to_customer(session, program_id=program_id, user_id=user_id)
            for table in tables:
                assert await session.scalar(text(f"SELECT count(*) FROM {table}")) == seen  # noqa: S608
    async with transaction(engine) as session:
        await confine_to_program(session, program_id=program_id, user_id="user_of_staff")
        for table in tables:
            assert await session.scalar(text(f"SELECT count(*) FROM {table}")) == 1  # noqa: S608
            assert (await session.execute(text(f"DELETE FROM {table}"))).rowcount == 0  # noqa: S608
    eve = new_id("user")
    async with transaction(engine) as session:
        await confine_to_customer(session, program_id=program_id, user_id=eve)
        with pytest.raises(Exception, match="row-level security"):
            await session.execute(
                text("INSERT INTO payment_tags VALUES (:payment, 'hers', :program, :eve)"),
                {"payment": desk.ids[0], "program": program_id, "eve": eve},
            )
        await session.rollback()


async def test_at_rest_nothing_of_a_note_or_receipt_can_be_read_and_erasure_takes_it_away(
    desk: Log, engine: AsyncEngine, clock: MovableClock
) -> None:
    await put(desk, {"note": "a secret lunch", "tags": ["lunch"]})
    await send(desk, a_file(PDF, "secret.pdf"))
    everything = (
        "SELECT note || '' FROM payment_notes UNION ALL SELECT file_name FROM receipts"
        " UNION ALL SELECT content FROM receipts"
    )
    async with transaction(engine) as session:
        kept = (await session.execute(text(everything))).scalars().all()
    assert [text_.split(":")[0] for text_ in kept] == ["s1"] * 3
    erased = Event(users.ERASED, desk.holding.program_id, desk.holding.user_id, clock.now())
    [forgetting] = [each for each in payments.SUBSCRIPTIONS if each.event_type == users.ERASED]
    await forgetting.handle(Work(engine, clock, {}), erased)
    async with transaction(engine) as session:
        left = f"SELECT count(*) FROM ({everything} UNION ALL SELECT tag FROM payment_tags) AS kept"  # noqa: S608
        assert await session.scalar(text(left)) == 0
