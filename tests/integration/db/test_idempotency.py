"""A key belongs to one caller and one request, and is used up only together with the effect."""

import asyncio
from datetime import UTC, datetime

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from cardwright.core.errors import Conflict, Invalid
from cardwright.db import outbox
from cardwright.db.idempotency import StoredAnswer, find_answer, store_answer
from cardwright.db.outbox import Event
from cardwright.db.session import Session, transaction

AT = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
ANSWER = StoredAnswer(201, '{"id":"card_1"}')


async def find(
    session: Session, caller: str = "user_1", key: str = "k", request: str = "a"
) -> StoredAnswer | None:
    return await find_answer(session, caller_id=caller, key=key, fingerprint=request)


async def store(session: Session, caller: str = "user_1", key: str = "k", request: str = "a") -> None:
    await store_answer(session, ANSWER, caller_id=caller, key=key, fingerprint=request, at=AT)


async def call(engine: AsyncEngine, caller: str = "user_1", key: str = "k") -> str:
    """Do what a route does: say whether the effect was had now, replayed or refused."""
    try:
        async with transaction(engine) as session:
            if await find(session, caller, key) is not None:
                return "replayed"
            await outbox.append(session, Event("thing.happened", "prog_1", caller, AT))
            await asyncio.sleep(0.01)
            await store(session, caller, key)
            return "had"
    except Conflict as conflict:
        return conflict.code


async def count_effects(engine: AsyncEngine) -> int:
    async with transaction(engine) as session:
        return len(await outbox.take(session, 1_000))


async def test_the_first_call_owns_the_key_and_later_ones_get_its_answer(engine: AsyncEngine) -> None:
    async with transaction(engine) as session:
        assert await find(session) is None
        await store(session)
    for _ in range(2):
        async with transaction(engine) as session:
            assert await find(session) == ANSWER


async def test_a_key_used_for_another_request_is_refused_and_keeps_its_answer(engine: AsyncEngine) -> None:
    await call(engine)
    async with transaction(engine) as session:
        with pytest.raises(Invalid) as refused:
            await find(session, request="b")
        assert refused.value.code == "idempotency_key_reused"
        assert await find(session) == ANSWER


async def test_a_second_call_is_told_at_once_that_the_first_still_runs(engine: AsyncEngine) -> None:
    async with transaction(engine) as first, transaction(engine) as second:
        assert await find(first) is None
        async with asyncio.timeout(1):
            with pytest.raises(Conflict) as refused:
                await find(second)
        assert refused.value.code == "idempotency_key_in_use"


async def test_a_call_that_failed_leaves_the_key_unused(engine: AsyncEngine) -> None:
    async def fail() -> None:
        async with transaction(engine) as session:
            assert await find(session) is None
            await store(session)
            raise LookupError

    with pytest.raises(LookupError):
        await fail()
    assert await call(engine) == "had"


async def test_the_same_key_of_another_caller_is_another_key(engine: AsyncEngine) -> None:
    assert await asyncio.gather(*(call(engine, f"user_{number}") for number in range(5))) == ["had"] * 5
    assert await count_effects(engine) == 5


async def test_caller_and_key_cannot_be_confused_with_each_other(engine: AsyncEngine) -> None:
    async with transaction(engine) as session, transaction(engine) as other:
        assert await find(session, caller="user_1", key="2k") is None
        assert await find(other, caller="user_12", key="k") is None


async def test_of_many_calls_at_once_one_has_the_effect(engine: AsyncEngine) -> None:
    outcomes = await asyncio.gather(*(call(engine) for _ in range(20)))
    assert outcomes.count("had") == 1
    assert set(outcomes) <= {"had", "replayed", "idempotency_key_in_use"}
    assert await call(engine) == "replayed"
    assert await count_effects(engine) == 1
