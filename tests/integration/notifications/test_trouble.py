"""Providers that are down or silent, workers that die, and reports that come late or early."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Row, select, update

from cardwright.core.clock import MovableClock
from cardwright.core.errors import Unavailable
from cardwright.db.jobs import Work
from cardwright.db.outbox import Event
from cardwright.notifications import record_delivery
from cardwright.notifications.claiming import take_these
from cardwright.notifications.domain import ATTEMPT_LEASE
from cardwright.notifications.planning import plan
from cardwright.notifications.store import notifications
from cardwright.users.store import save_proven_phone
from message_desk import send

SEND_SMS = "*/Messages.json"
SEND_PUSH = "*/messages:send"


pytestmark = pytest.mark.usefixtures("same_time")


async def queue(work: Work, ada: Any, event_type: str, channel: str) -> str:
    """Plan an event and return the id of the message of one channel."""
    told = {"user_id": ada.user_id, "card_id": "card_1", "last4": "4242"}
    await plan(work, Event(event_type, ada.program_id, "card_1", work.clock.now(), told))
    return str((await stored(work, channel)).id)


async def stored(work: Work, channel: str) -> Row[Any]:
    async with work.transaction() as session:
        return (await session.execute(select(notifications).where(notifications.c.channel == channel))).one()


async def die_in_the_middle(work: Work, queued: str) -> None:
    """Leave what a worker leaves that is killed after it noted an attempt."""
    assert await take_these(work, [queued])


async def in_doubt(work: Work, queued: str) -> None:
    """Try to send while nobody can tell whether it was taken."""
    with pytest.raises(Unavailable):
        await send(work, queued)


async def all_texts(work: Work) -> list[Row[Any]]:
    async with work.transaction() as session:
        rows = await session.execute(select(notifications).where(notifications.c.channel == "sms"))
        return list(rows.all())


async def report(work: Work, **told: Any) -> bool:
    facts = {"source": "twilio", "error_code": None, "at": work.clock.now(), "provider_reference": "SM1"}
    async with work.transaction() as session:
        return await record_delivery(session, **{**facts, **told})


async def test_an_outage_loses_nothing_and_the_retry_sends_once(work: Work, simulator: Any, ada: Any) -> None:
    queued = await queue(work, ada, "cards.card_issued", "sms")
    simulator.world.faults.add("api", "error", selector=SEND_SMS, count=2)
    for attempts in (1, 2):
        with pytest.raises(Unavailable):
            await send(work, queued)
        assert ((await stored(work, "sms")).state, (await stored(work, "sms")).attempts) == (
            "queued",
            attempts,
        )
    await send(work, queued)
    assert (await stored(work, "sms")).state == "sent"
    assert len(simulator.world.objects.list("twilio_message")) == 1


async def test_a_push_that_was_lost_on_the_way_is_sent_again_under_the_same_id(
    work: Work, simulator: Any, ada: Any, own_device: Any
) -> None:
    await own_device(ada, "token-of-adas-phone")
    queued = await queue(work, ada, "cards.card_frozen", "push")
    simulator.world.faults.add("api", "drop_response", selector=SEND_PUSH)
    with pytest.raises(Unavailable):
        await send(work, queued)
    await send(work, queued)
    arrived = simulator.world.inbox.list("push")
    assert [push["extra"]["data"]["notification_id"] for push in arrived] == [queued] * 2


async def test_a_text_message_whose_answer_was_lost_is_found_at_twilio_and_sent_no_second_time(
    work: Work, simulator: Any, ada: Any, clock: MovableClock
) -> None:
    queued = await queue(work, ada, "cards.card_issued", "sms")
    simulator.world.faults.add("api", "drop_response", selector=SEND_SMS)
    await in_doubt(work, queued)
    told = await stored(work, "sms")
    assert (told.state, told.error_code) == ("unknown", "outcome_unknown")
    clock.advance(ATTEMPT_LEASE - timedelta(seconds=1))
    await in_doubt(work, queued)
    clock.advance(timedelta(seconds=1))
    await send(work, queued)
    [taken] = simulator.world.objects.list("twilio_message")
    told = await stored(work, "sms")
    # It is on its way by itself: how far it is when it is found is nobody's to say.
    assert told.state in {"sent", "delivered"}
    assert (told.provider_reference, told.attempts, told.error_code) == (taken["sid"], 1, None)


@pytest.mark.parametrize("fault", ["drop", "garbage"])
async def test_a_text_message_that_twilio_does_not_list_is_sent_again_once_the_attempt_is_over(
    work: Work, simulator: Any, ada: Any, clock: MovableClock, fault: Any
) -> None:
    queued = await queue(work, ada, "cards.card_issued", "sms")
    simulator.world.faults.add("api", fault, selector=SEND_SMS)
    await in_doubt(work, queued)
    was_taken = bool(simulator.world.objects.list("twilio_message"))
    clock.advance(ATTEMPT_LEASE)
    await send(work, queued)
    told = await stored(work, "sms")
    assert told.attempts == (1 if was_taken else 2)
    assert [it["sid"] for it in simulator.world.objects.list("twilio_message")] == [told.provider_reference]


async def test_while_twilios_list_cannot_be_read_a_text_in_doubt_waits(
    work: Work, simulator: Any, ada: Any, clock: MovableClock
) -> None:
    queued = await queue(work, ada, "cards.card_issued", "sms")
    simulator.world.faults.add("api", "drop_response", selector=SEND_SMS)
    await in_doubt(work, queued)
    clock.advance(ATTEMPT_LEASE)
    for fault in ("error", "garbage", "drop"):
        simulator.world.faults.add("api", fault, selector=SEND_SMS)
        await in_doubt(work, queued)
        assert (await stored(work, "sms")).state == "unknown"
    await send(work, queued)
    assert len(simulator.world.objects.list("twilio_message")) == 1
    assert (await stored(work, "sms")).provider_reference is not None


async def test_of_two_texts_with_the_same_words_each_has_its_own(
    work: Work, simulator: Any, ada: Any, clock: MovableClock
) -> None:
    first = await queue(work, ada, "cards.card_issued", "sms")
    simulator.world.faults.add("api", "drop_response", selector=SEND_SMS)
    await in_doubt(work, first)
    # The same words again, told properly, are listed as well when the first is looked up.
    told = {"user_id": ada.user_id, "card_id": "card_1", "last4": "4242"}
    again = Event("cards.card_issued", ada.program_id, "card_1", work.clock.now(), told)
    await plan(work, again)
    rows = await all_texts(work)
    [second] = [it for it in rows if it.event_id == again.id]
    clock.advance(ATTEMPT_LEASE - timedelta(seconds=1))
    await send(work, second.id)
    clock.advance(timedelta(seconds=1))
    # A second is no time: until the other is surely over, it might have been its copy that is listed.
    await send(work, first)
    sids = {it["sid"] for it in simulator.world.objects.list("twilio_message")}
    assert {it.provider_reference for it in await all_texts(work)} == sids
    assert len(sids) == 2


async def test_two_texts_with_the_same_words_of_which_one_was_taken_are_both_told(
    work: Work, simulator: Any, ada: Any, clock: MovableClock
) -> None:
    first = await queue(work, ada, "cards.card_issued", "sms")
    told = {"user_id": ada.user_id, "card_id": "card_1", "last4": "4242"}
    await plan(work, Event("cards.card_issued", ada.program_id, "card_1", work.clock.now(), told))
    second = next(it for it in await all_texts(work) if it.id != first)
    simulator.world.faults.add("api", "drop_response", selector=SEND_SMS)
    await in_doubt(work, first)
    simulator.world.faults.add("api", "drop", selector=SEND_SMS)
    await in_doubt(work, second.id)
    clock.advance(ATTEMPT_LEASE)
    for queued in (second.id, first):
        await send(work, queued)
    sids = [it["sid"] for it in simulator.world.objects.list("twilio_message")]
    assert sorted(it.provider_reference for it in await all_texts(work)) == sorted(sids)
    assert len(sids) == 2


async def test_a_text_in_doubt_goes_to_the_number_that_its_owner_has_now(
    work: Work, simulator: Any, ada: Any, clock: MovableClock
) -> None:
    queued = await queue(work, ada, "cards.card_issued", "sms")
    simulator.world.faults.add("api", "drop_response", selector=SEND_SMS)
    await in_doubt(work, queued)
    async with work.transaction() as session:
        await save_proven_phone(session, ada.program_id, ada.user_id, "+14155550199", at=work.clock.now())
    clock.advance(ATTEMPT_LEASE)
    await send(work, queued)
    to = sorted(it["to"] for it in simulator.world.objects.list("twilio_message"))
    assert len(to) == 2
    assert "+14155550199" in to


async def test_a_report_that_names_our_id_ends_the_doubt(work: Work, simulator: Any, ada: Any) -> None:
    queued = await queue(work, ada, "cards.card_issued", "sms")
    simulator.world.faults.add("api", "drop_response", selector=SEND_SMS)
    await in_doubt(work, queued)
    assert await report(work, status="delivered", notification_id=queued)
    told = await stored(work, "sms")
    assert (told.state, told.provider_reference, told.error_code) == ("delivered", "SM1", None)


async def test_an_attempt_that_may_still_run_is_left_alone(
    work: Work, simulator: Any, ada: Any, clock: MovableClock
) -> None:
    queued = await queue(work, ada, "cards.card_issued", "sms")
    await die_in_the_middle(work, queued)
    clock.advance(ATTEMPT_LEASE - timedelta(seconds=1))
    with pytest.raises(Unavailable):
        await send(work, queued)
    assert (await stored(work, "sms")).state == "sending"
    assert simulator.world.objects.list("twilio_message") == []


async def test_a_text_message_of_a_worker_that_died_before_it_was_sent_is_sent_by_the_next(
    work: Work, simulator: Any, ada: Any, clock: MovableClock
) -> None:
    queued = await queue(work, ada, "cards.card_issued", "sms")
    await die_in_the_middle(work, queued)
    clock.advance(ATTEMPT_LEASE)
    await send(work, queued)
    told = await stored(work, "sms")
    assert (told.state, told.attempts) == ("sent", 2)
    assert len(simulator.world.objects.list("twilio_message")) == 1


async def test_a_text_message_of_a_worker_that_died_after_it_was_sent_is_not_sent_by_the_next(
    work: Work, simulator: Any, ada: Any, clock: MovableClock
) -> None:
    queued = await queue(work, ada, "cards.card_issued", "sms")
    await send(work, queued)
    async with work.transaction() as session:
        # As if the transaction that notes the end had not been.
        await session.execute(
            update(notifications).where(notifications.c.channel == "sms")
            .values(
                state="sending", provider_reference=None, sent_at=None,
                due_at=work.clock.now() + ATTEMPT_LEASE,
            )
        )  # fmt: skip
    clock.advance(ATTEMPT_LEASE)
    await send(work, queued)
    [taken] = simulator.world.objects.list("twilio_message")
    told = await stored(work, "sms")
    assert (told.provider_reference, told.attempts) == (taken["sid"], 1)


async def test_a_letter_of_a_worker_that_died_is_sent_by_the_next(
    work: Work, simulator: Any, ada: Any, clock: MovableClock
) -> None:
    queued = await queue(work, ada, "cards.card_frozen", "email")
    await die_in_the_middle(work, queued)
    clock.advance(ATTEMPT_LEASE)
    await send(work, queued)
    assert ((await stored(work, "email")).state, (await stored(work, "email")).attempts) == ("sent", 2)
    assert len(simulator.world.inbox.list("email")) == 1


async def test_a_report_that_overtakes_the_answer_keeps_the_message_delivered(
    work: Work, ada: Any, simulator: Any, clock: MovableClock
) -> None:
    queued = await queue(work, ada, "cards.card_frozen", "email")
    await die_in_the_middle(work, queued)
    assert await report(work, status="delivered", notification_id=queued)
    clock.advance(ATTEMPT_LEASE)
    await send(work, queued)
    assert (await stored(work, "email")).state == "delivered"
    assert simulator.world.inbox.list("email") == []


async def test_reports_find_their_message_by_the_providers_reference_in_any_order(
    work: Work, simulator: Any, ada: Any
) -> None:
    queued = await queue(work, ada, "cards.card_issued", "sms")
    await send(work, queued)
    reference = (await stored(work, "sms")).provider_reference
    assert await report(work, status="undeliverable", error_code="30003", provider_reference=reference)
    assert await report(work, status="sent", provider_reference=reference)
    told = await stored(work, "sms")
    assert (told.state, told.error_code) == ("undeliverable", "30003")


async def test_a_report_about_nothing_we_know_is_for_later(work: Work) -> None:
    assert not await report(work, status="sent")
    assert not await report(work, status="sent", notification_id="ntf_unknown")
