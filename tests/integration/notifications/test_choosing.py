"""What people chose, quiet hours and digests, from the event to the mailbox: late, bundled, and once."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime, time, timedelta
from typing import Any

import pytest
from sqlalchemy import Row, select

from cardwright.core.clock import MovableClock
from cardwright.db.jobs import Work
from cardwright.db.outbox import Event
from cardwright.notifications import preferences, release_held
from cardwright.notifications.choices import NO_CHOICES, Choice, Preferences, with_choices
from cardwright.notifications.forgetting import forget_person
from cardwright.notifications.preference_store import add_settings, find_preferences, save_preferences
from cardwright.notifications.quiet import DigestTimes, QuietHours
from cardwright.notifications.store import notifications

QUIET = QuietHours(time(22), time(7))
NIGHT = datetime(2027, 1, 10, 23, 30, tzinfo=UTC)
MORNING = datetime(2027, 1, 11, 7, 0, tzinfo=UTC)


async def choose(
    work: Work, ada: Any, *choices: Choice, quiet: QuietHours | None = None, digest: DigestTimes | None = None
) -> None:
    chosen = with_choices(Preferences(quiet_hours=quiet, digest=digest), choices)
    async with work.transaction() as session:
        await save_preferences(session, ada.program_id, ada.user_id, chosen, at=work.clock.now())


def happened(work: Work, ada: Any, event_type: str, **told: Any) -> Event:
    facts = {"user_id": ada.user_id, "card_id": "card_1", "last4": "4242", **told}
    return Event(event_type, ada.program_id, "card_1", work.clock.now(), facts)


async def rows(work: Work, channel: str) -> Sequence[Row[Any]]:
    wanted = select(notifications).where(notifications.c.channel == channel).order_by(notifications.c.id)
    async with work.transaction() as session:
        return (await session.execute(wanted)).all()


async def states(work: Work, channel: str) -> list[str]:
    return [row.state for row in await rows(work, channel)]


@pytest.fixture
def night(clock: MovableClock) -> MovableClock:
    clock.advance(NIGHT - clock.now())
    return clock


async def test_what_was_switched_off_is_not_told_and_the_rest_is(
    work: Work, simulator: Any, ada: Any, deliver: Any
) -> None:
    await choose(work, ada, Choice("cards", "email", "off"), Choice("cards.card_canceled", "email", "on"))
    await deliver(
        happened(work, ada, "cards.card_frozen"),
        happened(work, ada, "cards.card_canceled", reason="lost"),
        happened(work, ada, "cards.number_revealed"),
    )
    subjects = [letter["subject"] for letter in simulator.world.inbox.list("email")]
    assert len(subjects) == 2
    assert not any("frozen" in subject for subject in subjects)
    assert len(await rows(work, "in_app")) == 3


async def test_the_list_can_be_switched_off_for_what_is_not_essential(
    work: Work, ada: Any, deliver: Any
) -> None:
    await choose(work, ada, Choice("cards", "in_app", "off"))
    await deliver(
        happened(work, ada, "cards.card_frozen"), happened(work, ada, "authentication.password_changed")
    )
    assert [row.event_type for row in await rows(work, "in_app")] == ["authentication.password_changed"]


async def test_the_night_holds_what_can_wait_and_the_morning_tells_it_in_one_message(
    work: Work, simulator: Any, ada: Any, deliver: Any, night: MovableClock
) -> None:
    await choose(work, ada, quiet=QUIET)
    await deliver(
        happened(work, ada, "cards.card_frozen"), happened(work, ada, "cards.card_locked"),
        happened(work, ada, "cards.card_unlocked"),
    )  # fmt: skip
    assert await states(work, "email") == ["held"] * 3
    assert {row.due_at for row in await rows(work, "email")} == {MORNING}
    assert simulator.world.inbox.list("email") == []
    assert await release_held(work) == 0

    night.advance(MORNING - NIGHT)
    assert await release_held(work) == 1
    await deliver()
    [letter] = simulator.world.inbox.list("email")
    assert letter["subject"] == "3 messages for you"
    assert "frozen" in letter["text"]
    assert "locked" in letter["text"]
    assert sorted(await states(work, "email")) == ["bundled", "bundled", "bundled", "sent"]


async def test_whoever_changes_quiet_hours_waits_for_the_new_ones(
    work: Work, simulator: Any, ada: Any, deliver: Any, night: MovableClock
) -> None:
    async def change(quiet: QuietHours | None) -> None:
        async with work.transaction() as session:
            await preferences.save_preferences(
                session, program_id=ada.program_id, user_id=ada.user_id, at=night.now(), choices=(),
                wanted=Preferences(quiet_hours=quiet),
            )  # fmt: skip

    await change(QUIET)
    await deliver(happened(work, ada, "cards.card_frozen"))
    await change(QuietHours(time(22), time(6)))
    assert [row.due_at for row in await rows(work, "email")] == [MORNING - timedelta(hours=1)]
    assert await release_held(work) == 0
    await change(None)
    assert await release_held(work) > 0
    await deliver()
    assert await states(work, "email") == ["sent"]


async def test_what_the_night_held_alone_comes_as_it_is(
    work: Work, simulator: Any, ada: Any, deliver: Any, night: MovableClock
) -> None:
    await choose(work, ada, quiet=QUIET)
    await deliver(happened(work, ada, "cards.card_issued"))
    assert await states(work, "sms") == ["held"]
    night.advance(MORNING - NIGHT)
    await release_held(work)
    await deliver()
    assert await states(work, "sms") == ["sent"]
    assert len(simulator.world.objects.list("twilio_message")) == 1


async def test_codes_questions_and_security_do_not_wait_for_the_morning(
    work: Work, simulator: Any, ada: Any, deliver: Any, night: MovableClock
) -> None:
    await choose(work, ada, quiet=QUIET)
    await deliver(happened(work, ada, "authentication.password_changed"))
    assert await states(work, "email") == ["sent"]
    assert await states(work, "sms") == ["sent"]


async def test_a_message_that_an_outage_carried_into_the_night_waits_for_the_morning(
    work: Work, simulator: Any, ada: Any, deliver: Any, clock: MovableClock
) -> None:
    clock.advance(NIGHT - timedelta(hours=2) - clock.now())
    await choose(work, ada, quiet=QUIET)
    simulator.world.faults.add("mail", "error", status=451)
    [late] = await deliver(happened(work, ada, "cards.card_frozen"))
    clock.advance(NIGHT - clock.now())
    await deliver(late)
    assert await states(work, "email") == ["held"]


async def test_workers_beside_each_other_release_each_person_once(
    work: Work, simulator: Any, ada: Any, deliver: Any, night: MovableClock
) -> None:
    await choose(work, ada, quiet=QUIET)
    for _ in range(10):
        await deliver(happened(work, ada, "cards.card_frozen"))
    night.advance(MORNING - NIGHT)
    released = await asyncio.gather(*(release_held(work) for _ in range(6)))
    assert sum(released) == 1
    await deliver()
    [letter] = simulator.world.inbox.list("email")
    assert letter["subject"] == "10 messages for you"


async def test_a_digest_tells_a_days_messages_in_one_letter_at_its_hour(
    work: Work, simulator: Any, ada: Any, deliver: Any, clock: MovableClock
) -> None:
    await choose(work, ada, Choice("money", "email", "digest"), digest=DigestTimes("daily", 8))
    amount = {"amount": 5000, "currency": "USD"}
    await deliver(happened(work, ada, "funding.top_up_succeeded", **amount))
    await deliver(happened(work, ada, "cards.card_frozen"))
    assert [letter["subject"] for letter in simulator.world.inbox.list("email")] == [
        "Your card ending 4242 is frozen"
    ]
    clock.advance(timedelta(minutes=1))
    await deliver(happened(work, ada, "funding.top_up_succeeded", amount=700, currency="USD"))
    [first, second] = [row for row in await rows(work, "email") if row.state == "held"]
    assert first.due_at == second.due_at
    clock.advance(first.due_at - clock.now())
    await release_held(work)
    await release_held(work)
    await deliver()
    newest = simulator.world.inbox.list("email")[0]
    assert newest["subject"] == "2 messages for you"
    assert "50.00" in newest["text"]
    assert "7.00" in newest["text"]
    assert len(simulator.world.inbox.list("email")) == 2


async def test_a_digest_of_one_is_a_digest_and_one_of_none_is_not_sent(
    work: Work, simulator: Any, ada: Any, deliver: Any, clock: MovableClock
) -> None:
    await choose(work, ada, Choice("cards", "email", "digest"), digest=DigestTimes("weekly", 8, 0))
    await deliver(happened(work, ada, "cards.card_frozen"))
    clock.advance(timedelta(days=8))
    await release_held(work)
    await deliver()
    assert [letter["subject"] for letter in simulator.world.inbox.list("email")] == ["One message for you"]
    clock.advance(timedelta(days=8))
    assert await release_held(work) == 0


async def test_what_was_switched_off_while_it_waited_is_not_in_the_bundle(
    work: Work, simulator: Any, ada: Any, deliver: Any, night: MovableClock
) -> None:
    await choose(work, ada, quiet=QUIET)
    await deliver(happened(work, ada, "cards.card_frozen"), happened(work, ada, "cards.card_locked"))
    await choose(work, ada, Choice("cards.card_frozen", "email", "off"), quiet=QUIET)
    night.advance(MORNING - NIGHT)
    await release_held(work)
    await deliver()
    [letter] = simulator.world.inbox.list("email")
    assert "locked" in letter["subject"]
    assert sorted((row.state, row.error_code) for row in await rows(work, "email")) == [
        ("sent", None),
        ("withheld", "switched_off"),
    ]


async def test_choices_that_links_make_at_the_same_time_do_not_undo_each_other(work: Work, ada: Any) -> None:
    async def switch_off(topic: str) -> None:
        async with work.transaction() as session:
            await add_settings(
                session, ada.program_id, ada.user_id, {(topic, "email"): "off"}, at=work.clock.now()
            )

    await asyncio.gather(*(switch_off(topic) for topic in ("cards", "money", "payments", "disputes")))
    async with work.transaction() as session:
        chosen = await find_preferences(session, ada.user_id)
    assert len(chosen.settings) == 4


async def test_choices_go_with_the_account(work: Work, ada: Any) -> None:
    await choose(work, ada, Choice("cards", "email", "off"), quiet=QUIET)
    await forget_person(work, Event("users.erased", ada.program_id, ada.user_id, work.clock.now()))
    async with work.transaction() as session:
        assert await find_preferences(session, ada.user_id) == NO_CHOICES
