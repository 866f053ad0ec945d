"""Providers that are down or silent, workers that die, and reports that come late or early."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Row, select

from cardwright.core.clock import MovableClock
from cardwright.core.errors import Unavailable
from cardwright.db.jobs import Work
from cardwright.db.outbox import Event
from cardwright.notifications import record_delivery
from cardwright.notifications.dispatch import _begin, send_queued
from cardwright.notifications.domain import ATTEMPT_LEASE
from cardwright.notifications.planning import plan
from cardwright.notifications.store import notifications

SEND_SMS = "*/Messages.json"
SEND_PUSH = "*/messages:send"


async def queue(work: Work, ada: Any, event_type: str, channel: str) -> Event:
    """Plan an event and return what announces the message of one channel."""
    told = {"user_id": ada.user_id, "card_id": "card_1", "last4": "4242"}
    await plan(work, Event(event_type, ada.program_id, "card_1", work.clock.now(), told))
    notification_id = (await stored(work, channel)).id
    at = work.clock.now()
    return Event(
        "notifications.queued", ada.program_id, notification_id, at, {"notification_id": notification_id}
    )


async def stored(work: Work, channel: str) -> Row[Any]:
    async with work.transaction() as session:
        return (await session.execute(select(notifications).where(notifications.c.channel == channel))).one()


async def die_in_the_middle(work: Work, queued: Event) -> None:
    """Leave what a worker leaves that is killed after it noted an attempt."""
    async with work.transaction() as session:
        assert await _begin(session, work, queued.subject_id)


async def report(work: Work, **told: Any) -> bool:
    facts = {"source": "twilio", "error_code": None, "at": work.clock.now(), "provider_reference": "SM1"}
    async with work.transaction() as session:
        return await record_delivery(session, **{**facts, **told})


async def test_an_outage_loses_nothing_and_the_retry_sends_once(work: Work, simulator: Any, ada: Any) -> None:
    queued = await queue(work, ada, "cards.card_issued", "sms")
    simulator.world.faults.add("api", "error", selector=SEND_SMS, count=2)
    for attempts in (1, 2):
        with pytest.raises(Unavailable):
            await send_queued(work, queued)
        assert ((await stored(work, "sms")).state, (await stored(work, "sms")).attempts) == (
            "queued",
            attempts,
        )
    await send_queued(work, queued)
    assert (await stored(work, "sms")).state == "sent"
    assert len(simulator.world.objects.list("twilio_message")) == 1


async def test_a_push_that_was_lost_on_the_way_is_sent_again_under_the_same_id(
    work: Work, simulator: Any, ada: Any, own_device: Any
) -> None:
    await own_device(ada, "token-of-adas-phone")
    queued = await queue(work, ada, "cards.card_frozen", "push")
    simulator.world.faults.add("api", "drop_response", selector=SEND_PUSH)
    with pytest.raises(Unavailable):
        await send_queued(work, queued)
    await send_queued(work, queued)
    arrived = simulator.world.inbox.list("push")
    assert [push["extra"]["data"]["notification_id"] for push in arrived] == [queued.subject_id] * 2


async def test_a_text_message_whose_answer_was_lost_is_never_sent_again(
    work: Work, simulator: Any, ada: Any
) -> None:
    queued = await queue(work, ada, "cards.card_issued", "sms")
    simulator.world.faults.add("api", "drop_response", selector=SEND_SMS)
    await send_queued(work, queued)
    assert ((await stored(work, "sms")).state, (await stored(work, "sms")).error_code) == (
        "unknown",
        "outcome_unknown",
    )
    await send_queued(work, queued)
    assert len(simulator.world.objects.list("twilio_message")) == 1


async def test_a_report_that_names_our_id_ends_the_doubt(work: Work, simulator: Any, ada: Any) -> None:
    queued = await queue(work, ada, "cards.card_issued", "sms")
    simulator.world.faults.add("api", "drop_response", selector=SEND_SMS)
    await send_queued(work, queued)
    assert await report(work, status="delivered", notification_id=queued.subject_id)
    told = await stored(work, "sms")
    assert (told.state, told.provider_reference, told.error_code) == ("delivered", "SM1", None)


async def test_an_attempt_that_may_still_run_is_left_alone(
    work: Work, simulator: Any, ada: Any, clock: MovableClock
) -> None:
    queued = await queue(work, ada, "cards.card_issued", "sms")
    await die_in_the_middle(work, queued)
    clock.advance(ATTEMPT_LEASE - timedelta(seconds=1))
    with pytest.raises(Unavailable):
        await send_queued(work, queued)
    assert (await stored(work, "sms")).state == "sending"
    assert simulator.world.objects.list("twilio_message") == []


async def test_a_text_message_of_a_worker_that_died_stays_unknown(
    work: Work, simulator: Any, ada: Any, clock: MovableClock
) -> None:
    queued = await queue(work, ada, "cards.card_issued", "sms")
    await die_in_the_middle(work, queued)
    clock.advance(ATTEMPT_LEASE)
    await send_queued(work, queued)
    assert (await stored(work, "sms")).state == "unknown"
    assert simulator.world.objects.list("twilio_message") == []


async def test_a_letter_of_a_worker_that_died_is_sent_by_the_next(
    work: Work, simulator: Any, ada: Any, clock: MovableClock
) -> None:
    queued = await queue(work, ada, "cards.card_frozen", "email")
    await die_in_the_middle(work, queued)
    clock.advance(ATTEMPT_LEASE)
    await send_queued(work, queued)
    assert ((await stored(work, "email")).state, (await stored(work, "email")).attempts) == ("sent", 2)
    assert len(simulator.world.inbox.list("email")) == 1


async def test_a_report_that_overtakes_the_answer_keeps_the_message_delivered(
    work: Work, ada: Any, simulator: Any, clock: MovableClock
) -> None:
    queued = await queue(work, ada, "cards.card_frozen", "email")
    await die_in_the_middle(work, queued)
    assert await report(work, status="delivered", notification_id=queued.subject_id)
    clock.advance(ATTEMPT_LEASE)
    await send_queued(work, queued)
    assert (await stored(work, "email")).state == "delivered"
    assert simulator.world.inbox.list("email") == []


async def test_reports_find_their_message_by_the_providers_reference_in_any_order(
    work: Work, simulator: Any, ada: Any
) -> None:
    queued = await queue(work, ada, "cards.card_issued", "sms")
    await send_queued(work, queued)
    reference = (await stored(work, "sms")).provider_reference
    assert await report(work, status="undeliverable", error_code="30003", provider_reference=reference)
    assert await report(work, status="sent", provider_reference=reference)
    told = await stored(work, "sms")
    assert (told.state, told.error_code) == ("undeliverable", "30003")


async def test_a_report_about_nothing_we_know_is_for_later(work: Work) -> None:
    assert not await report(work, status="sent")
    assert not await report(work, status="sent", notification_id="ntf_unknown")
