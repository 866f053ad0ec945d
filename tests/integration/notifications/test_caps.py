"""How much is sent, counted exactly however many messages go at once, and what becomes of the rest."""

import asyncio
from collections import Counter
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from cardwright.core.clock import MovableClock
from cardwright.core.errors import Unavailable
from cardwright.core.ids import new_id
from cardwright.db.jobs import Work
from cardwright.db.outbox import Event
from cardwright.notifications import Caps, ChannelRules, SmsPrices
from cardwright.notifications.choices import Choice, Preferences, with_choices
from cardwright.notifications.planning import plan, queue
from cardwright.notifications.preference_store import save_preferences
from cardwright.notifications.spending_store import sms_spending
from cardwright.notifications.store import find_notification, notifications
from cardwright.users import SmsRules
from message_desk import send

AT_ONCE = 50
CENT = 10_000


def with_rules(work: Work, caps: Caps | None = None, prices: SmsPrices | None = None) -> Work:
    rules = ChannelRules(caps or Caps({"sms": 1000, "push": 1000, "email": 1000}), prices or SmsPrices())
    return replace(work, provided={**work.provided, ChannelRules: rules})


async def queue_many(work: Work, ada: Any, number: int, event_type: str = "cards.card_issued") -> list[str]:
    told = {"user_id": ada.user_id, "card_id": "card_1", "last4": "4242"}
    for _ in range(number):
        await plan(work, Event(event_type, ada.program_id, "card_1", work.clock.now(), told))
    wanted = select(notifications.c.id).where(
        notifications.c.channel == "sms", notifications.c.state == "queued"
    )
    async with work.transaction() as session:
        ids = (await session.execute(wanted)).scalars().all()
    return list(ids)


async def outcomes(work: Work) -> Counter[tuple[str, str | None]]:
    wanted = select(notifications.c.state, notifications.c.error_code)
    async with work.transaction() as session:
        found = await session.execute(wanted.where(notifications.c.channel == "sms"))
        return Counter((row.state, row.error_code) for row in found)


async def spent(work: Work) -> dict[str, int]:
    async with work.transaction() as session:
        found = await session.execute(select(sms_spending.c.period, sms_spending.c.micros))
        return {row.period: row.micros for row in found}


async def test_of_fifty_texts_at_once_a_person_gets_as_many_as_the_cap(
    work: Work, simulator: Any, ada: Any
) -> None:
    capped = with_rules(work, Caps({"sms": 10, "push": 60, "email": 60}))
    queued = await queue_many(capped, ada, AT_ONCE)
    await asyncio.gather(*(send(capped, event) for event in queued))
    assert await outcomes(work) == {("sent", None): 10, ("withheld", "rate_capped"): 40}
    assert len(simulator.world.objects.list("twilio_message")) == 10


async def test_of_fifty_texts_at_once_the_program_pays_as_many_as_it_may(
    work: Work, simulator: Any, ada: Any
) -> None:
    # A cent and a half each: of 25 cents four fifths are for ordinary ones, which is 13 of them.
    prices = SmsPrices(by_country={"DE": CENT * 3 // 2}, most_per_day=25, most_per_month=1000)
    capped = with_rules(work, prices=prices)
    queued = await queue_many(capped, ada, AT_ONCE)
    await asyncio.gather(*(send(capped, event) for event in queued))
    assert await outcomes(work) == {("sent", None): 13, ("withheld", "spend_capped"): 37}
    assert set((await spent(work)).values()) == {13 * CENT * 3 // 2}


async def test_the_last_fifth_is_kept_for_what_is_essential(work: Work, simulator: Any, ada: Any) -> None:
    prices = SmsPrices(by_country={"DE": CENT}, most_per_month=5)
    capped = with_rules(work, prices=prices)
    for event in await queue_many(capped, ada, 6):
        await send(capped, event)
    assert await outcomes(work) == {("sent", None): 4, ("withheld", "spend_capped"): 2}
    for event in await queue_many(capped, ada, 2, "authentication.password_changed"):
        await send(capped, event)
    assert await outcomes(work) == {("sent", None): 5, ("withheld", "spend_capped"): 3}


async def test_a_new_month_and_a_new_hour_begin_anew(
    work: Work, simulator: Any, ada: Any, clock: MovableClock
) -> None:
    prices = SmsPrices(by_country={"DE": 4 * CENT}, most_per_month=5)
    capped = with_rules(work, Caps({"sms": 1, "push": 1, "email": 1}), prices)
    for wait in (timedelta(), timedelta(minutes=59), timedelta(days=32)):
        clock.advance(wait)
        for event in await queue_many(capped, ada, 1):
            await send(capped, event)
    assert await outcomes(work) == {("sent", None): 2, ("withheld", "rate_capped"): 1}


async def test_the_window_moves_and_does_not_jump_at_the_full_hour(
    work: Work, simulator: Any, ada: Any, clock: MovableClock
) -> None:
    capped = with_rules(work, Caps({"sms": 2, "push": 1, "email": 1}))
    for _ in range(8):
        for event in await queue_many(capped, ada, 1):
            await send(capped, event)
        clock.advance(timedelta(minutes=20))
    # Two within any hour: at 0 and 20 minutes, 60 and 80, 120 and 140.
    assert await outcomes(work) == {("sent", None): 6, ("withheld", "rate_capped"): 2}


async def test_essential_texts_have_a_cap_of_their_own(work: Work, simulator: Any, ada: Any) -> None:
    caps = Caps({"sms": 1, "push": 1, "email": 1}, {"sms": 3, "push": 3, "email": 3})
    capped = with_rules(work, caps)
    ordinary = await queue_many(capped, ada, 2)
    for event in [*ordinary, *await queue_many(capped, ada, 4, "authentication.password_changed")]:
        await send(capped, event)
    assert await outcomes(work) == {("sent", None): 4, ("withheld", "rate_capped"): 2}


async def test_attempts_that_fail_count_once(work: Work, simulator: Any, ada: Any) -> None:
    capped = with_rules(
        work, Caps({"sms": 1, "push": 1, "email": 1}), SmsPrices(by_country={"DE": CENT}, most_per_day=100)
    )
    [queued] = await queue_many(capped, ada, 1)
    simulator.world.faults.add("api", "error", selector="*/Messages.json", count=3)
    for _ in range(3):
        with pytest.raises(Unavailable):
            await send(capped, queued)
    await send(capped, queued)
    assert await outcomes(work) == {("sent", None): 1}
    assert set((await spent(work)).values()) == {CENT}


async def test_what_is_withheld_is_in_the_list_even_of_those_who_switched_it_off(
    work: Work, simulator: Any, ada: Any
) -> None:
    chosen = with_choices(Preferences(), [Choice("cards", "in_app", "off")])
    async with work.transaction() as session:
        await save_preferences(session, ada.program_id, ada.user_id, chosen, at=work.clock.now())
    capped = with_rules(work, prices=SmsPrices(most_per_day=0))
    [queued] = await queue_many(capped, ada, 1)
    await send(capped, queued)
    # Sending it again is refused again, and the list has it still once.
    async with work.transaction() as session:
        withheld = await find_notification(session, queued)
        assert withheld is not None
        again = replace(
            withheld, id=new_id("ntf"), event_id=new_id("evt"), state="queued", error_code=None,
            resend_of=withheld.id,
        )  # fmt: skip
        await queue(session, again)
    await send(capped, again.id)
    assert await outcomes(work) == {("withheld", "spend_capped"): 2}
    async with work.transaction() as session:
        found = await session.execute(
            select(notifications.c.event_type).where(notifications.c.channel == "in_app")
        )
        assert found.scalars().all() == ["cards.card_issued"]


async def test_no_text_goes_to_a_country_that_is_not_allowed(work: Work, simulator: Any, ada: Any) -> None:
    only_us = replace(work, provided={**work.provided, SmsRules: SmsRules(frozenset({"US"}), 10)})
    [queued] = await queue_many(only_us, ada, 1)
    await send(only_us, queued)
    assert await outcomes(work) == {("withheld", "country_refused"): 1}
    assert simulator.world.objects.list("twilio_message") == []


async def test_a_text_costs_by_its_segments_and_its_country(work: Work, simulator: Any, ada: Any) -> None:
    prices = SmsPrices(by_country={"US": 1}, otherwise=7 * CENT)
    capped = with_rules(work, prices=prices)
    [queued] = await queue_many(capped, ada, 1)
    await send(capped, queued)
    assert set((await spent(work)).values()) == {7 * CENT}
