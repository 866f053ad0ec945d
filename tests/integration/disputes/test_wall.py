"""What is told and shown is sealed, larger than other bodies, never displayed, and the holder's alone."""

from base64 import b64encode

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from cardwright import disputes
from cardwright.access import Role
from cardwright.core.ids import new_id
from cardwright.db.confinement import confine_to_customer
from cardwright.db.outbox import Event
from cardwright.db.session import transaction
from integration.disputes.desk import PNG, Desk
from integration.kyc.people import a_verified_person

SAID = "Nobody else may read this sentence."


async def rows(desk: Desk, query: str) -> list[str]:
    async with transaction(desk.engine) as session:
        return [str(row) for row in await session.execute(text(query))]


async def test_what_is_told_and_shown_is_sealed_and_comes_back_as_it_was(desk: Desk) -> None:
    dispute_id = await desk.open(await desk.charge(10_00), statement={"explanation": SAID})
    large = PNG + bytes(2_000_000)
    shown = await desk.show_file(dispute_id, "cash_receipt", large)
    assert [(it["kind"], it["type"], it["size_bytes"]) for it in shown["files"]] == [
        ("cash_receipt", "image/png", len(large))
    ]
    kept = await rows(desk, "SELECT statement FROM disputes UNION SELECT content FROM dispute_files")
    assert len(kept) == 2
    assert not any(SAID in it or b64encode(PNG).decode()[:12] in it for it in kept)
    assert (await desk.case(dispute_id))["statement"]["explanation"] == SAID
    answer = await desk.ask("GET", f"/disputes/{dispute_id}/files/cash_receipt")
    assert answer.content == large
    assert answer.headers["content-type"] == "image/png"
    assert answer.headers["content-disposition"] == 'attachment; filename="cash_receipt.png"'
    assert "sandbox" in answer.headers["content-security-policy"]


async def test_a_file_of_another_kind_or_size_is_refused_and_nothing_is_kept(desk: Desk) -> None:
    dispute_id = await desk.open(await desk.charge(10_00))
    path = f"/disputes/{dispute_id}/files/documentation"
    html = {"content": b64encode(b"<html>").decode()}
    assert await desk.refused("PUT", path, html) == "file_type_not_supported"
    large = {"content": b64encode(PNG + bytes(5_000_000)).decode()}
    assert await desk.refused("PUT", path, large) == "file_too_large"
    larger = {"content": b64encode(PNG + bytes(6_000_000)).decode()}
    assert await desk.refused("PUT", path, larger) == "body_too_large"
    assert await desk.refused("PUT", path, {"content": "not base64!"}) == "validation_failed"
    assert await desk.refused("PUT", path.replace("documentation", "selfie"), html) == "validation_failed"
    assert (await desk.case(dispute_id))["files"] == []
    assert await desk.refused("DELETE", path) == "file_unknown"


async def test_files_are_replaced_and_removed_in_a_draft_and_never_after_it(desk: Desk) -> None:
    dispute_id = await desk.open(await desk.charge(10_00))
    path = f"/disputes/{dispute_id}/files/documentation"
    await desk.show_file(dispute_id)
    replaced = await desk.show_file(dispute_id, content=b"%PDF-1.7")
    assert [it["type"] for it in replaced["files"]] == ["application/pdf"]
    assert (await desk.done("DELETE", path))["files"] == []
    await desk.show_file(dispute_id)
    await desk.submit(dispute_id)
    body = {"content": b64encode(PNG).decode()}
    assert await desk.refused("PUT", path, body) == "dispute_submitted"
    assert await desk.refused("DELETE", path) == "dispute_submitted"
    assert await desk.refused("PATCH", f"/disputes/{dispute_id}", {"amount": 1}) == "dispute_submitted"


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE disputes SET network_status = 'won'",
        "UPDATE disputes SET advanced = 0",
        "UPDATE disputes SET state = 'won'",
        "UPDATE disputes SET user_id = 'user_x'",
        "DELETE FROM disputes",
        "UPDATE dispute_steps SET actor = 'network'",
        "DELETE FROM dispute_steps",
        "UPDATE dispute_files SET content = ''",
    ],
)
async def test_a_holders_request_writes_nothing_that_is_the_networks_or_the_moneys(
    desk: Desk, statement: str
) -> None:
    await desk.open(await desk.charge(10_00))
    async with desk.engine.connect() as session:
        await confine_to_customer(session, program_id=desk.program.id, user_id=desk.user_id)
        with pytest.raises(DBAPIError, match=r"permission denied|row-level security"):
            await session.execute(text(statement))


async def test_a_confined_customer_sees_and_changes_no_dispute_of_anybody_else(desk: Desk) -> None:
    dispute_id = await desk.open(await desk.charge(10_00))
    await desk.show_file(dispute_id)
    other = await a_verified_person(desk.engine, desk.clock, "sam@example.com")
    async with transaction(desk.engine) as session:
        await confine_to_customer(session, program_id=desk.program.id, user_id=other)
        for table in ("disputes", "dispute_files", "dispute_steps"):
            found = await session.execute(text(f"SELECT count(*) FROM {table}"))  # noqa: S608 - ours
            assert found.scalar_one() == 0
        changed = await session.execute(text("UPDATE disputes SET amount = 1"))
        gone = await session.execute(text("DELETE FROM dispute_files"))
        assert (changed.rowcount, gone.rowcount) == (0, 0)


async def test_what_an_erased_person_told_and_showed_is_forgotten(desk: Desk) -> None:
    dispute_id = await desk.open(await desk.charge(10_00), statement={"explanation": SAID})
    await desk.show_file(dispute_id)
    [forget] = [it for it in disputes.SUBSCRIPTIONS if it.name == "disputes.forget"]
    erased = Event(forget.event_type, desk.program.id, desk.user_id, desk.clock.now(), id=new_id("evt"))
    await forget.handle(desk.work, erased)
    case = await desk.case(dispute_id)
    assert (case["statement"]["explanation"], case["files"]) == (None, [])


async def test_an_open_dispute_holds_its_account_back_from_being_closed(desk: Desk) -> None:
    dispute_id = await desk.open(await desk.charge(10_00))
    async with transaction(desk.engine) as session:
        [obstacle] = await disputes.find_obstacles(session, program_id=desk.program.id, user_id=desk.user_id)
    assert obstacle.code == "disputes_open"
    await desk.withdraw(dispute_id)
    async with transaction(desk.engine) as session:
        ids = {"program_id": desk.program.id, "user_id": desk.user_id}
        assert await disputes.find_obstacles(session, **ids) == ()


async def test_the_queue_is_cut_into_pages_by_deadline(desk: Desk) -> None:
    opened = [await desk.open(await desk.charge(10_00)) for _ in range(3)]
    finance = await desk.staff(Role.FINANCE)
    seen: list[str] = []
    cursor = ""
    for _ in range(3):
        path = f"/disputes/queue?limit=1&state=draft{cursor}"
        answer = await desk.done("GET", path, who=finance)
        seen += [it["id"] for it in answer["data"]]
        cursor = f"&cursor={answer['next_cursor']}"
    assert answer["next_cursor"] is None
    assert sorted(seen) == sorted(opened)
    listed = await desk.done("GET", "/disputes?limit=2")
    assert [it["id"] for it in listed["data"]] == opened[:0:-1]
    rest = await desk.done("GET", f"/disputes?cursor={listed['next_cursor']}")
    assert [it["id"] for it in rest["data"]] == opened[:1]


async def test_no_card_number_is_told_in_a_dispute(desk: Desk) -> None:
    dispute_id = await desk.open(await desk.charge(10_00))
    path = f"/disputes/{dispute_id}"
    told = {"statement": {"explanation": "My card\n4242 4242 4242 4242 was stolen."}}
    assert await desk.refused("PATCH", path, told) == "card_number_refused"
    assert await desk.refused("PATCH", path, {"statement": {"explanation": "  "}}) == "validation_failed"
    assert await desk.refused("POST", f"{path}/submit", {"staff_reason": " "}) == "validation_failed"
