"""Providers in order: the next is asked only after a sure no, and one that fails is left alone."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from cardwright.core.clock import MovableClock
from cardwright.core.errors import Unavailable
from cardwright.notifications.breaker import FAILURES, FIRST_PAUSE, LONGEST_PAUSE, Breaker
from cardwright.notifications.ports import AddressRefused, InDoubt, OutcomeUnknown
from cardwright.notifications.routing import Chain, Provider, Taken

NOW = datetime(2026, 11, 29, 12, 0, tzinfo=UTC)
DOWN = Unavailable("down", "Down.")


class Told:
    """A sender that does what it is told, and remembers what it was asked to send."""

    def __init__(self, *outcomes: Exception | None) -> None:
        self.outcomes = list(outcomes)
        self.asked: list[str] = []

    async def send(self, message: str) -> str:
        self.asked.append(message)
        outcome = self.outcomes.pop(0) if self.outcomes else None
        if outcome is not None:
            raise outcome
        return f"ref-{message}"


def chain(clock: MovableClock, *senders: Told) -> Chain[str]:
    return Chain(clock, [Provider(f"p{place}", sender) for place, sender in enumerate(senders)])


@pytest.fixture
def clock() -> MovableClock:
    return MovableClock(NOW)


async def test_the_next_provider_takes_what_the_first_has_surely_not(clock: MovableClock) -> None:
    first, second = Told(DOWN), Told()
    assert await chain(clock, first, second).deliver("m") == Taken("p1", "ref-m")
    assert (first.asked, second.asked) == (["m"], ["m"])


@pytest.mark.parametrize("outcome", [OutcomeUnknown(), InDoubt("d", "D."), AddressRefused("550")])
async def test_after_a_doubt_or_a_refusal_nobody_else_is_asked(
    clock: MovableClock, outcome: Exception
) -> None:
    second = Told()
    with pytest.raises(type(outcome)):
        await chain(clock, Told(outcome), second).deliver("m")
    assert second.asked == []


async def test_who_left_a_doubt_is_named_and_is_the_only_one_to_try_again(clock: MovableClock) -> None:
    doubtful, second = Told(InDoubt("d", "D."), DOWN), Told()
    both = chain(clock, doubtful, second)
    with pytest.raises(InDoubt) as caught:
        await both.deliver("m")
    assert caught.value.provider == "p0"
    with pytest.raises(Unavailable):
        await both.deliver("m", "p0")
    assert await both.deliver("m", "p0") == Taken("p0", "ref-m")
    assert second.asked == []


async def test_a_provider_that_is_gone_from_the_settings_binds_nobody(clock: MovableClock) -> None:
    assert await chain(clock, Told()).deliver("m", "gone") == Taken("p0", "ref-m")


async def test_who_is_asked_is_noted_before_each_one(clock: MovableClock) -> None:
    noted: list[str] = []

    async def note(name: str) -> None:
        noted.append(name)

    await chain(clock, Told(DOWN), Told()).deliver("m", before=note)
    assert noted == ["p0", "p1"]


async def test_a_provider_that_keeps_failing_is_left_alone_and_then_tried_by_one(clock: MovableClock) -> None:
    failing = Told(*[DOWN] * (FAILURES + 1))
    alone = chain(clock, failing)
    for _ in range(FAILURES):
        with pytest.raises(Unavailable):
            await alone.deliver("m")
    with pytest.raises(Unavailable) as caught:
        alone.first()
    assert caught.value.code == "provider_resting"
    assert caught.value.details["retry_after_seconds"] == FIRST_PAUSE.total_seconds()
    assert len(failing.asked) == FAILURES
    clock.advance(FIRST_PAUSE)
    with pytest.raises(Unavailable):
        await alone.deliver("m")
    # The trial failed, so that the pause is longer now.
    clock.advance(FIRST_PAUSE)
    with pytest.raises(Unavailable):
        alone.first()
    clock.advance(FIRST_PAUSE)
    assert await alone.deliver("m") == Taken("p0", "ref-m")
    assert alone.providers[0].breaker.state(clock.now()) == "closed"


async def test_while_one_message_tries_no_other_does(clock: MovableClock) -> None:
    going, arrived = asyncio.Event(), asyncio.Event()

    class Slow(Told):
        async def send(self, message: str) -> str:
            arrived.set()
            await going.wait()
            return await super().send(message)

    slow = Slow()
    alone = chain(clock, slow)
    breaker = alone.providers[0].breaker
    for _ in range(FAILURES):
        breaker.fail(clock.now())
    clock.advance(FIRST_PAUSE)
    trial = asyncio.create_task(alone.deliver("trial"))
    await arrived.wait()
    with pytest.raises(Unavailable):
        await alone.deliver("other")
    going.set()
    assert (await trial).reference == "ref-trial"
    assert slow.asked == ["trial"]


async def test_a_trial_that_is_broken_off_leaves_room_for_the_next(clock: MovableClock) -> None:
    class Hanging(Told):
        async def send(self, message: str) -> str:
            await asyncio.sleep(60)
            return await super().send(message)

    alone = chain(clock, Hanging())
    for _ in range(FAILURES):
        alone.providers[0].breaker.fail(clock.now())
    clock.advance(FIRST_PAUSE)
    trial = asyncio.create_task(alone.deliver("trial"))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    trial.cancel()
    await asyncio.gather(trial, return_exceptions=True)
    assert alone.first() == "p0"


def test_a_provider_that_asks_for_time_gets_it_at_once() -> None:
    breaker = Breaker()
    breaker.fail(NOW, timedelta(seconds=40))
    assert not breaker.may_send(NOW + timedelta(seconds=39))
    assert breaker.may_send(NOW + timedelta(seconds=40))
    breaker.fail(NOW, timedelta(days=9))
    assert breaker.may_send(NOW + timedelta(hours=1))


def test_pauses_grow_and_end() -> None:
    breaker = Breaker()
    for _ in range(60):
        breaker.fail(NOW)
    assert not breaker.may_send(NOW + LONGEST_PAUSE - timedelta(seconds=1))
    assert breaker.may_send(NOW + LONGEST_PAUSE)


def test_a_success_forgets_what_failed_before() -> None:
    breaker = Breaker()
    for _ in range(FAILURES - 1):
        breaker.fail(NOW)
    breaker.succeed()
    breaker.fail(NOW)
    assert breaker.state(NOW) == "closed"
