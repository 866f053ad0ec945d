"""A webhook is stored once, announced once and handled once, whatever its sender repeats."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from cardwright.db import inbox, outbox
from cardwright.db.inbox import InboundMessage
from cardwright.db.session import transaction

AT = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
MESSAGE = InboundMessage("prog_1", "stripe", "evt_1", "issuing_card.created", {"object_id": "ic_1"}, AT)


async def receive(engine: AsyncEngine, message: InboundMessage = MESSAGE) -> bool:
    async with transaction(engine) as session:
        return await inbox.receive(session, message)


async def announced(engine: AsyncEngine) -> list[str]:
    """Return the ids of the stored messages that were announced since the last look."""
    async with transaction(engine) as session:
        events = await outbox.take(session, 100)
    assert {(event.type, event.payload["source"]) for event in events} <= {("inbox.received", "stripe")}
    return [event.subject_id for event in events]


async def test_a_repetition_is_not_stored_and_not_announced(engine: AsyncEngine) -> None:
    assert await receive(engine)
    assert not await receive(engine)
    assert not await receive(engine, replace(MESSAGE, type="another", payload={}))
    (inbox_id,) = await announced(engine)
    async with transaction(engine) as session:
        assert await inbox.find(session, inbox_id) == MESSAGE


async def test_a_message_that_arrives_many_times_at_once_is_stored_once(engine: AsyncEngine) -> None:
    assert sum(await asyncio.gather(*(receive(engine) for _ in range(20)))) == 1
    assert len(await announced(engine)) == 1


async def test_two_senders_may_use_the_same_id(engine: AsyncEngine) -> None:
    assert await receive(engine)
    assert await receive(engine, replace(MESSAGE, source="twilio"))


async def test_a_message_of_a_failed_request_was_never_there(engine: AsyncEngine) -> None:
    async def fail() -> None:
        async with transaction(engine) as session:
            await inbox.receive(session, MESSAGE)
            raise LookupError

    with pytest.raises(LookupError):
        await fail()
    assert await announced(engine) == []
    assert await receive(engine)


async def test_a_handled_message_is_not_found_again(engine: AsyncEngine) -> None:
    await receive(engine)
    (inbox_id,) = await announced(engine)
    async with transaction(engine) as session:
        assert await inbox.mark_handled(session, inbox_id, at=AT)
    async with transaction(engine) as session:
        assert await inbox.find(session, inbox_id) is None
        assert not await inbox.mark_handled(session, inbox_id, at=AT)


async def test_the_mark_stands_and_falls_with_the_effects_beside_it(engine: AsyncEngine) -> None:
    await receive(engine)
    (inbox_id,) = await announced(engine)

    async def fail() -> None:
        async with transaction(engine) as session:
            assert await inbox.mark_handled(session, inbox_id, at=AT)
            raise LookupError

    with pytest.raises(LookupError):
        await fail()
    async with transaction(engine) as session:
        assert await inbox.find(session, inbox_id) == MESSAGE


async def test_of_many_that_handle_a_message_at_once_one_marks_it(engine: AsyncEngine) -> None:
    await receive(engine)
    (inbox_id,) = await announced(engine)

    async def handle() -> bool:
        async with transaction(engine) as session:
            return await inbox.mark_handled(session, inbox_id, at=AT)

    assert sum(await asyncio.gather(*(handle() for _ in range(20)))) == 1


async def test_a_message_nobody_received_is_not_found(engine: AsyncEngine) -> None:
    async with transaction(engine) as session:
        assert await inbox.find(session, "inb_none") is None
        assert not await inbox.mark_handled(session, "inb_none", at=AT)
