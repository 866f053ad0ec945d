"""Cards at the processor: issued once, and in the end in the state that we say, whatever happens between."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from cardwright import cards
from cardwright.access import Viewer
from cardwright.cards import (
    Card,
    CardProcessors,
    CardState,
    Limit,
    NewCard,
    Window,
    issuing,
    lifecycle,
    mirroring,
    service,
    store,
)
from cardwright.core.clock import MovableClock
from cardwright.core.errors import Conflict, Invalid, NotFound, Unavailable
from cardwright.db.jobs import Work
from cardwright.db.outbox import Event
from cardwright.db.session import transaction
from cardwright.users import get_profile, save_profile
from cardwright.users.domain import ProfileDetails
from integration.cards.processor import WillingProcessor
from integration.kyc.people import ADDRESS, a_person, a_verified_person, deliver, drain, the_program

ACTIVE, FROZEN, CANCELED = CardState.ACTIVE, CardState.FROZEN, CardState.CANCELED


@dataclass
class Bench:
    """A verified holder, a processor, and the worker's hands."""

    work: Work
    processor: WillingProcessor
    holder_id: str

    async def create(self, *limits: Limit, holder_id: str | None = None) -> Card:
        async with self.work.transaction() as session:
            program = await the_program(session)
            return await cards.create_card(
                session, NewCard("Groceries", limits=limits),
                program_id=program.id, user_id=holder_id or self.holder_id, currency="USD",
                at=self.work.clock.now(),
            )  # fmt: skip

    async def issued(self) -> Card:
        card = await self.create()
        await deliver(self.work, cards.SUBSCRIPTIONS)
        return await self.card(card.id)

    async def change(self, card: Card, wanted: CardState) -> Sequence[Event]:
        """Change the state and return the events that wait."""
        async with self.work.transaction() as session:
            await lifecycle.change_state(
                session, card.id, wanted, user_id=card.user_id, reason="holder", at=self.work.clock.now()
            )
        return await drain(self.work.engine)

    async def card(self, card_id: str) -> Card:
        async with self.work.transaction() as session:
            found = await cards.find_card(session, card_id)
        assert found is not None
        return found

    async def transitions(self, card: Card) -> int:
        async with self.work.transaction() as session:
            return await store.count_transitions(session, card.id)

    def state_there(self, card: Card) -> CardState:
        """Return the state of the card at the processor."""
        (reference,) = [it for it, card_id in self.processor.issued.items() if card_id == card.id]
        return self.processor.states[reference]


@pytest.fixture
async def bench(engine: AsyncEngine, clock: MovableClock) -> Bench:
    processor = WillingProcessor()
    work = Work(engine, clock, {CardProcessors: CardProcessors({"stripe": processor})})
    return Bench(work, processor, await a_verified_person(engine, clock))


async def test_a_requested_card_is_issued_once_and_announced(bench: Bench) -> None:
    card = await bench.create(Limit(Window.MONTH, 50_000))
    (requested,) = await drain(bench.work.engine)
    for _ in range(3):
        await issuing.issue_card(bench.work, requested)
    issued = await bench.card(card.id)
    assert (issued.state, issued.last4, issued.processor_reference) == (ACTIVE, "4242", "ic_1")
    assert bench.processor.issued == {"ic_1": card.id}
    assert bench.processor.holders["ich_1"].full_name == "Robin Sample"
    (announced,) = await drain(bench.work.engine)
    assert (announced.type, announced.payload["last4"], announced.payload["state"]) == (
        "cards.card_issued", "4242", "active",
    )  # fmt: skip


async def test_two_workers_with_the_same_job_issue_one_card(bench: Bench) -> None:
    await bench.create()
    (requested,) = await drain(bench.work.engine)
    await asyncio.gather(*(issuing.issue_card(bench.work, requested) for _ in range(5)))
    assert (len(bench.processor.holders), len(bench.processor.issued)) == (1, 1)
    assert len(await drain(bench.work.engine)) == 1


@pytest.mark.parametrize(
    "trouble", [{"failures": 2}, {"lost_answers": 2}, {"failures": 1, "lost_answers": 1}]
)
async def test_a_processor_in_trouble_is_asked_again_with_the_same_key(
    bench: Bench, trouble: dict[str, int]
) -> None:
    vars(bench.processor).update(trouble)
    card = await bench.create()
    (requested,) = await drain(bench.work.engine)
    for _ in range(2):
        with pytest.raises(Unavailable):
            await issuing.issue_card(bench.work, requested)
    await issuing.issue_card(bench.work, requested)
    assert (await bench.card(card.id)).state is ACTIVE
    assert (len(bench.processor.holders), len(bench.processor.issued)) == (1, 1)
    assert {key for key in bench.processor.keys if key.endswith(":issue")} == {f"{card.id}:issue"}


async def test_a_holder_is_registered_once_for_all_their_cards(bench: Bench) -> None:
    first, second = await bench.issued(), await bench.issued()
    assert first.processor_reference != second.processor_reference
    assert len(bench.processor.holders) == 1


async def test_a_profile_that_changed_after_a_lost_answer_does_not_stop_the_card(bench: Bench) -> None:
    bench.processor.lost_answers = 1
    card = await bench.create()
    (requested,) = await drain(bench.work.engine)
    with pytest.raises(Unavailable):
        await issuing.issue_card(bench.work, requested)
    async with bench.work.transaction() as session:
        profile = await get_profile(session, bench.holder_id)
        moved = replace(ADDRESS, line1="2 Sample Street")
        details = ProfileDetails(
            profile.full_name, profile.date_of_birth, profile.locale, profile.time_zone, profile.phone, moved
        )
        await save_profile(
            session, bench.holder_id, details, bench.work.clock.now(), ensure_may_move=lambda: None
        )
    await issuing.issue_card(bench.work, requested)
    assert (await bench.card(card.id)).state is ACTIVE


async def test_a_card_canceled_before_it_was_issued_is_never_asked_for(bench: Bench) -> None:
    card = await bench.create()
    await bench.change(card, CANCELED)
    await issuing.issue_card(bench.work, lifecycle.event_of("cards.card_requested", card, card.created_at))
    assert bench.processor.issued == {}
    assert (await bench.card(card.id)).state is CANCELED


async def test_a_card_canceled_while_it_was_being_issued_ends_canceled_there_too(bench: Bench) -> None:
    card = await bench.create()
    (requested,) = await drain(bench.work.engine)
    was_asked, may_pass = bench.processor.hold_back("issue_card")
    asked = asyncio.create_task(issuing.issue_card(bench.work, requested))
    await was_asked.wait()
    (changed, _canceled) = await bench.change(card, CANCELED)
    await mirroring.push_state(bench.work, changed)
    may_pass.set()
    await asked
    assert bench.state_there(card) is ACTIVE
    await deliver(bench.work, cards.SUBSCRIPTIONS)
    assert (bench.state_there(card), (await bench.card(card.id)).state) == (CANCELED, CANCELED)
    assert await bench.transitions(card) == 1


async def test_freezing_and_unfreezing_reach_the_processor(bench: Bench) -> None:
    card = await bench.issued()
    for wanted in (FROZEN, ACTIVE, FROZEN, CANCELED):
        for event in await bench.change(card, wanted):
            if event.type == "cards.card_state_changed":
                await mirroring.push_state(bench.work, event)
        assert bench.state_there(card) is wanted


async def test_a_push_that_was_overtaken_is_corrected(bench: Bench) -> None:
    card = await bench.issued()
    was_asked, may_pass = bench.processor.hold_back(FROZEN)
    slow = asyncio.create_task(mirroring.push_state(bench.work, (await bench.change(card, FROZEN))[0]))
    await was_asked.wait()
    await mirroring.push_state(bench.work, (await bench.change(card, ACTIVE))[0])
    assert bench.state_there(card) is ACTIVE
    may_pass.set()
    await slow
    assert (bench.state_there(card), (await bench.card(card.id)).state) == (ACTIVE, ACTIVE)


async def test_pushes_in_any_order_and_repeated_end_in_our_state(bench: Bench) -> None:
    card = await bench.issued()
    events = [
        event
        for wanted in (FROZEN, ACTIVE, FROZEN, ACTIVE, FROZEN)
        for event in await bench.change(card, wanted)
        if event.type == "cards.card_state_changed"
    ]
    await asyncio.gather(*(mirroring.push_state(bench.work, event) for event in [*reversed(events), *events]))
    assert bench.state_there(card) is FROZEN


async def test_a_push_to_a_processor_that_is_down_is_repeated(bench: Bench) -> None:
    card = await bench.issued()
    bench.processor.failures = 1
    frozen = (await bench.change(card, FROZEN))[0]
    with pytest.raises(Unavailable):
        await mirroring.push_state(bench.work, frozen)
    await mirroring.push_state(bench.work, frozen)
    assert bench.state_there(card) is FROZEN


async def test_people_who_change_a_card_at_once_leave_one_transition(bench: Bench) -> None:
    card = await bench.issued()
    before = await bench.transitions(card)
    await asyncio.gather(*(bench.change(card, FROZEN) for _ in range(10)))
    assert await bench.transitions(card) == before + 1


async def test_every_change_is_announced_by_name(bench: Bench) -> None:
    card = await bench.issued()
    await drain(bench.work.engine)
    told = [event.type for wanted in (FROZEN, ACTIVE, CANCELED) for event in await bench.change(card, wanted)]
    assert told == [
        "cards.card_state_changed", "cards.card_frozen", "cards.card_state_changed", "cards.card_unfrozen",
        "cards.card_state_changed", "cards.card_canceled",
    ]  # fmt: skip


def never() -> None:
    pytest.fail("nothing was raised")


async def test_limits_are_kept_replaced_and_announced(bench: Bench) -> None:
    monthly, daily = Limit(Window.MONTH, 50_000), Limit(Window.DAY, 0)
    card = await bench.create(monthly)
    await drain(bench.work.engine)
    assert (await bench.card(card.id)).limits == (monthly,)
    async with bench.work.transaction() as session:
        await service.set_limits(
            session,
            card.id,
            [daily, monthly],
            user_id=card.user_id,
            ensure_may_raise=never,
            at=card.created_at,
        )
    assert (await bench.card(card.id)).limits == (daily, monthly)
    assert [event.type for event in await drain(bench.work.engine)] == ["cards.limits_changed"]


async def test_a_card_is_found_by_the_processors_reference_and_by_nobody_elses_hands(bench: Bench) -> None:
    card = await bench.issued()
    async with bench.work.transaction() as session:
        assert await cards.find_card_by_processor(session, "ic_1") == card
        assert await cards.find_card_by_processor_for_update(session, "ic_1") == card
        assert await cards.find_card_by_processor(session, "ic_9") is None
        own = Viewer(card.program_id, bench.holder_id)
        assert await cards.get_card(session, card.id, viewer=own) == card
        with pytest.raises(NotFound):
            await cards.get_card(session, card.id, viewer=Viewer(card.program_id, "user_other"))
        with pytest.raises(NotFound):
            await store.card_for_update(session, "card_none")


async def test_what_may_not_be_asked_for_is_refused(bench: Bench, clock: MovableClock) -> None:
    with pytest.raises(Invalid, match="one limit per window"):
        await bench.create(Limit(Window.DAY, 1), Limit(Window.DAY, 2))
    stranger = await a_person(bench.work.engine, clock, "casey@example.com")
    with pytest.raises(Conflict, match="Verify"):
        await bench.create(holder_id=stranger)
    async with transaction(bench.work.engine) as session:
        assert await store.cards_page(session, user_id=bench.holder_id, before=None, limit=10) == []


async def test_a_holder_without_an_address_waits(bench: Bench, clock: MovableClock) -> None:
    await bench.create()
    (requested,) = await drain(bench.work.engine)
    async with bench.work.transaction() as session:
        profile = await get_profile(session, bench.holder_id)
        details = ProfileDetails(profile.full_name, profile.date_of_birth, "en", "UTC", None, None)
        await save_profile(session, bench.holder_id, details, clock.now(), ensure_may_move=lambda: None)
    with pytest.raises(Conflict) as refused:
        await issuing.issue_card(bench.work, requested)
    assert refused.value.code == "profile_incomplete"
    assert bench.processor.issued == {}
