"""Workers, replays, deletions and slow receivers that meet while webhooks are sent."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from cardwright.core.clock import MovableClock
from cardwright.db.session import transaction
from cardwright.webhooks.queue_store import MOST_AT_ONCE, MOST_TO_A_PERSON, MOST_WHILE_FAILING
from cardwright.webhooks.sending import HELD_FOR, deliver_forever, take
from webhook_desk import DELIVERIES, ENDPOINTS, Desk, a_desk
from webhook_receivers import late, status, until

CLEARED = "payments.payment_cleared"


@pytest.fixture
async def desk(engine: AsyncEngine, clock: MovableClock, database_url: str) -> AsyncIterator[Desk]:
    async with a_desk(engine, clock, database_url) as made:
        yield made


async def some_payments(desk: Desk, count: int) -> set[str]:
    events = [desk.event(CLEARED, payment_id="pay_1", amount=1, currency="USD") for _ in range(count)]
    return {event.id for event in await desk.happen(*events)}


async def test_workers_beside_each_other_send_each_delivery_once(desk: Desk) -> None:
    for number in range(4):
        await desk.make(path=f"/{number}")
    happened = await some_payments(desk, 30)

    async def work_on() -> None:
        while await desk.deliver():
            pass

    await asyncio.gather(*(work_on() for _ in range(4)))
    sent = Counter((each.path, each.headers["webhook-id"]) for each in desk.receiver.received)
    assert sent == {(f"/{number}", event_id): 1 for number in range(4) for event_id in happened}


async def test_an_endpoint_is_never_sent_more_at_once_than_it_may_be(desk: Desk) -> None:
    made = await desk.make(path="/slow")
    desk.receiver.at("/slow", late(0.05))
    await some_payments(desk, 30)

    async def work_on() -> None:
        while len(desk.receiver.received) < 30:
            if not await desk.deliver():
                await desk.receiver.count(len(desk.receiver.received) + 1)

    await asyncio.gather(*(work_on() for _ in range(3)))
    assert 1 < desk.receiver.most_open <= MOST_AT_ONCE
    desk.receiver.at("/slow", status(500))
    await some_payments(desk, 1)
    await desk.deliver()
    assert (await desk.get(f"{ENDPOINTS}/{made['id']}"))["failing_since"]
    await some_payments(desk, 30)
    assert await desk.deliver() == MOST_WHILE_FAILING


async def test_one_endpoint_that_hangs_keeps_no_other_waiting(desk: Desk) -> None:
    released = asyncio.Event()
    for number in range(5):
        await desk.make(path=f"/hangs{number}", event_types=["payments.*"])
        desk.receiver.at(f"/hangs{number}", until(released))
    await desk.make(path="/well")
    line = asyncio.create_task(deliver_forever(desk.work, asyncio.Event()))
    try:
        happened = await some_payments(desk, 40)
        async with asyncio.timeout(10):
            while set(desk.receiver.events_at("/well")) != happened:
                await desk.receiver.count(len(desk.receiver.received) + 1)
        assert all(len(desk.receiver.events_at(f"/hangs{number}")) <= MOST_AT_ONCE for number in range(5))
    finally:
        released.set()
        line.cancel()
        await asyncio.gather(line, return_exceptions=True)
    # Whoever stops lets come to its end what is under way.
    async with transaction(desk.engine) as session:
        held = text("SELECT count(*) FROM webhook_deliveries WHERE claim IS NOT NULL")
        assert await session.scalar(held) == 0


async def test_no_holder_fills_the_line_however_many_endpoints_wait(desk: Desk) -> None:
    await desk.let_in("holder")
    for number in range(4):
        await desk.make("holder", path=f"/own{number}")
    await some_payments(desk, 10)
    first = await take(desk.work, 64)
    assert len(first) == MOST_TO_A_PERSON
    # Each endpoint has its turn, and what is held counts until it is settled.
    assert Counter(parcel.endpoint.id for parcel in first).most_common(1)[0][1] == MOST_TO_A_PERSON / 4
    assert not await take(desk.work, 64)
    # The program's own are kept waiting by nobody.
    await desk.make(path="/program")
    await some_payments(desk, 10)
    assert {parcel.endpoint.user_id for parcel in await take(desk.work, 64)} == {None}


async def test_a_replay_while_the_first_try_is_under_way_is_sent_besides(desk: Desk) -> None:
    released = asyncio.Event()
    made = await desk.make(path="/hook")
    desk.receiver.at("/hook", until(released))
    await some_payments(desk, 1)
    sending = asyncio.create_task(desk.deliver())
    await desk.receiver.count(1)
    (delivery,) = await desk.deliveries(made["id"])
    answer = await desk.post(f"{DELIVERIES}/{delivery['id']}/replay", "developer")
    assert answer.status_code == 202
    # The one under way holds it: it is not sent twice at the same time.
    assert await desk.deliver() == 0
    released.set()
    await sending
    assert await desk.deliver() == 1
    assert await desk.deliver() == 0
    shown = await desk.log(delivery["id"])
    assert (shown["state"], len(shown["log"]), len(desk.receiver.received)) == ("succeeded", 2, 2)


@pytest.mark.parametrize("answer", [200, 500, 410])
async def test_what_is_deleted_or_switched_off_while_sending_stays_so(desk: Desk, answer: int) -> None:
    released = asyncio.Event()
    deleted, off = await desk.make(path="/deleted"), await desk.make(path="/off")
    for path in ("/deleted", "/off"):
        desk.receiver.at(path, until(released, answer))
    await some_payments(desk, 2)
    sending = asyncio.create_task(desk.deliver())
    await desk.receiver.count(4)
    await desk.client.delete(f"{ENDPOINTS}/{deleted['id']}", headers=await desk.by("developer"))
    await desk.patch(off["id"], is_enabled=False)
    released.set()
    await sending
    desk.clock.advance(timedelta(days=1))
    assert await desk.deliver() == 0
    shown = await desk.get(f"{ENDPOINTS}/{off['id']}")
    assert (shown["is_enabled"], shown["disabled_because"]) == (False, "by_owner")
    states = {each["state"] for each in await desk.deliveries(off["id"])}
    assert states == ({"succeeded"} if answer == 200 else {"canceled"})
    assert await desk.get(f"{ENDPOINTS}/{deleted['id']}") == 404


async def test_what_a_worker_held_when_it_died_is_sent_by_another(desk: Desk) -> None:
    made = await desk.make(path="/hook")
    happened = await some_payments(desk, 3)
    assert len(await take(desk.work, 64)) == 3
    assert await desk.deliver() == 0
    desk.clock.advance(HELD_FOR)
    assert await desk.deliver() == 3
    assert set(desk.receiver.events_at("/hook")) == happened
    assert {each["attempts"] for each in await desk.deliveries(made["id"])} == {2}


async def test_events_that_are_queued_twice_are_delivered_once(desk: Desk) -> None:
    from cardwright import webhooks
    from cardwright.events import list_events

    await desk.make(path="/hook")
    await some_payments(desk, 5)
    async with transaction(desk.engine) as session:
        recorded = await list_events(session, desk.program_id, after=0, limit=10)
        await webhooks.queue_deliveries(session, recorded)
        assert await session.scalar(text("SELECT count(*) FROM webhook_deliveries")) == 5
    assert await desk.deliver() == 5


async def test_many_disabling_at_once_disable_once_and_nobody_waits_for_ever(desk: Desk) -> None:
    made = await desk.make(path="/gone")
    desk.receiver.at("/gone", status(410))
    await some_payments(desk, 20)
    await asyncio.gather(*(desk.deliver() for _ in range(3)))
    assert (await desk.get(f"{ENDPOINTS}/{made['id']}"))["disabled_because"] == "gone"
    async with transaction(desk.engine) as session:
        told = text("SELECT count(*) FROM outbox WHERE type = 'webhooks.endpoint_disabled'")
        assert await session.scalar(told) == 1
    assert {each["state"] for each in await desk.deliveries(made["id"])} == {"failed", "canceled"}
