"""Cards that change at the processor behind our back: found, listed, repaired, and no others are."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pytest
import stripe
from sqlalchemy.ext.asyncio import AsyncEngine

from cardwright import cards
from cardwright.adapters.stripe import inbox as stripe_inbox
from cardwright.adapters.stripe.issuing import StripeCardProcessor
from cardwright.cards import (
    Card,
    CardProcessors,
    CardState,
    Limit,
    MirroredLimit,
    NewCard,
    Window,
    drifting,
    lifecycle,
    mirror_store,
    service,
    spending,
    store,
)
from cardwright.cards.domain import CancellationReason, ReplacementReason, Scope, Subject
from cardwright.cards.mirror_store import Drift
from cardwright.core.clock import MovableClock
from cardwright.core.errors import Unavailable
from cardwright.core.ids import new_id
from cardwright.db import inbox
from cardwright.db.inbox import InboundMessage
from cardwright.db.jobs import Work
from integration.kyc.people import a_verified_person, deliver, drain, the_program
from running_simulator import RunningSimulator

LIMITS = (Limit(Window.DAY, 50_00), Limit(Window.LIFETIME, 900_00))
THERE = {"daily": 100_00, "all_time": 900_00}


@dataclass
class Issuer:
    """A holder's cards here and at the simulator, over a real connection."""

    work: Work
    client: stripe.StripeClient
    user_id: str
    program_id: str

    async def issue(self, *limits: Limit) -> Card:
        async with self.work.transaction() as session:
            card = await cards.create_card(
                session, NewCard("Groceries", limits=limits), program_id=self.program_id,
                user_id=self.user_id, currency="USD", at=self.work.clock.now(),
            )  # fmt: skip
        await self.settle()
        return await self.card(card)

    async def settle(self) -> None:
        while await deliver(self.work, cards.SUBSCRIPTIONS):
            pass

    async def card(self, card: Card) -> Card:
        async with self.work.transaction() as session:
            return await store.card_for_update(session, card.id)

    async def there(self, card: Card) -> stripe.issuing.Card:
        return await self.client.v1.issuing.cards.retrieve_async(str(card.processor_reference))

    async def limits_there(self, card: Card) -> dict[str, int]:
        found = (await self.there(card)).spending_controls.spending_limits or []
        return {limit.interval: limit.amount for limit in found}

    async def change_there(self, card: Card, **changes: Any) -> None:
        wanted: Any = changes
        await self.client.v1.issuing.cards.update_async(str(card.processor_reference), wanted)

    async def freeze(self, card: Card) -> None:
        async with self.work.transaction() as session:
            await lifecycle.change_state(
                session, card.id, CardState.FROZEN, user_id=self.user_id, reason="holder",
                at=self.work.clock.now(),
            )  # fmt: skip

    async def sweep(self) -> int:
        return await cards.find_drift(self.work, pause_seconds=0)

    async def drifts(self) -> Sequence[Drift]:
        async with self.work.transaction() as session:
            return await mirror_store.drifts_page(session, program_id=self.program_id, before=None, limit=100)


@pytest.fixture
async def issuer(engine: AsyncEngine, clock: MovableClock, client: stripe.StripeClient) -> Issuer:
    work = Work(engine, clock, {CardProcessors: CardProcessors({"stripe": StripeCardProcessor(client)})})
    user_id = await a_verified_person(engine, clock)
    async with work.transaction() as session:
        program = await the_program(session)
    await drain(engine)
    return Issuer(work, client, user_id, program.id)


async def test_every_card_changed_behind_our_back_is_listed_and_repaired_and_no_other(
    issuer: Issuer,
) -> None:
    same, stopped, opened, limited, closed = [await issuer.issue(*LIMITS) for _ in range(5)]
    await issuer.freeze(opened)
    await issuer.settle()
    assert (await issuer.sweep(), await issuer.drifts()) == (0, [])
    await issuer.change_there(stopped, status="inactive")
    await issuer.change_there(opened, status="active")
    await issuer.change_there(
        limited, spending_controls={"spending_limits": [{"amount": 1, "interval": "daily"}]}
    )
    await issuer.change_there(closed, status="canceled")
    assert await issuer.sweep() == 4
    await issuer.settle()
    found = {it.card_id: it for it in await issuer.drifts()}
    assert set(found) == {stopped.id, opened.id, limited.id, closed.id}
    assert {it.repair for it in found.values()} == {"pushed", "canceled_here"}
    assert all(it.repaired_at is not None for it in found.values())
    assert found[stopped.id].theirs["state"] == "frozen"
    assert found[limited.id].theirs["limits"] == {"day": 1}
    states = [(await issuer.there(it)).status for it in (same, stopped, opened, limited, closed)]
    assert states == ["active", "active", "inactive", "active", "canceled"]
    assert await issuer.limits_there(limited) == THERE
    async with issuer.work.transaction() as session:
        last = (await store.transitions_of(session, [closed.id]))[-1]
    assert (last.to_state, last.reason) == (CardState.CANCELED, CancellationReason.PROCESSOR)
    assert (await issuer.sweep(), len(await issuer.drifts())) == (0, 4)


async def test_limits_of_a_kind_that_we_never_set_are_replaced_by_ours(issuer: Issuer) -> None:
    card = await issuer.issue(*LIMITS)
    foreign = [{"amount": 1, "interval": "daily", "categories": ["bakeries"]}]
    await issuer.change_there(card, spending_controls={"spending_limits": foreign})
    assert await issuer.sweep() == 1
    assert await issuer.limits_there(card) == THERE
    assert [it.theirs["limits"] for it in await issuer.drifts()] == [None]


async def test_what_the_processor_has_still_to_hear_is_pushed_and_is_no_drift(issuer: Issuer) -> None:
    card = await issuer.issue(*LIMITS)
    await issuer.freeze(card)
    await drain(issuer.work.engine)
    assert (await issuer.sweep(), await issuer.drifts()) == (0, [])
    assert (await issuer.there(card)).status == "inactive"


async def test_a_repair_that_fails_waits_and_is_listed_once(
    issuer: Issuer, simulator: RunningSimulator
) -> None:
    card = await issuer.issue(*LIMITS)
    await issuer.change_there(card, status="inactive")
    simulator.world.faults.add("api", "error", selector="POST /v1/issuing/cards/*", count=None, status=503)
    for _ in range(2):
        with pytest.raises(Unavailable):
            await issuer.sweep()
    assert [it.repaired_at for it in await issuer.drifts()] == [None]
    simulator.world.faults.clear()
    await issuer.sweep()
    (drift,) = await issuer.drifts()
    assert drift.repaired_at is not None
    assert (await issuer.there(card)).status == "active"


async def test_a_card_that_the_processor_does_not_know_is_left_alone(issuer: Issuer) -> None:
    card = await issuer.issue()
    processor = StripeCardProcessor(issuer.client)
    assert (await processor.state_at_processor("ic_nobody")).state is None
    known = await processor.state_at_processor(str(card.processor_reference))
    assert (known.state, known.limits) == (CardState.ACTIVE, ())


async def hear(issuer: Issuer, type_: str, object_id: str) -> None:
    message = InboundMessage(
        issuer.program_id, "stripe", new_id("evt"), type_, {"object_id": object_id}, issuer.work.clock.now()
    )
    async with issuer.work.transaction() as session:
        await inbox.receive(session, message)
    await deliver(issuer.work, stripe_inbox.SUBSCRIPTIONS)


async def test_a_webhook_about_a_card_is_enough_to_cancel_it_here(issuer: Issuer) -> None:
    card = await issuer.issue()
    await issuer.change_there(card, status="canceled")
    await hear(issuer, "issuing_card.updated", str(card.processor_reference))
    assert (await issuer.card(card)).state is CardState.CANCELED
    await hear(issuer, "issuing_card.updated", "ic_of_somebody_else")
    assert len(await issuer.drifts()) == 1


async def test_a_cardholder_who_is_refused_holds_cards_up_until_that_is_settled(issuer: Issuer) -> None:
    await issuer.issue()
    (holder,) = (await issuer.client.v1.issuing.cardholders.list_async()).data
    await issuer.client.v1.issuing.cardholders.update_async(holder.id, {"status": "inactive"})
    card = await issuer.issue()
    assert (card.state, card.held_up_reason) == (CardState.INACTIVE, "holder_inactive")
    await hear(issuer, "issuing_cardholder.updated", holder.id)
    await issuer.settle()
    assert (await issuer.card(card)).state is CardState.INACTIVE
    await issuer.client.v1.issuing.cardholders.update_async(holder.id, {"status": "active"})
    await hear(issuer, "issuing_cardholder.updated", holder.id)
    await issuer.settle()
    issued = await issuer.card(card)
    assert (issued.state, issued.held_up_reason) == (CardState.ACTIVE, None)
    made = await issuer.client.v1.issuing.cards.list_async({"cardholder": holder.id})
    assert len(made.data) == 2


async def test_limits_are_mirrored_when_a_card_is_issued_and_when_they_change(issuer: Issuer) -> None:
    card = await issuer.issue(*LIMITS)
    assert await issuer.limits_there(card) == THERE
    async with issuer.work.transaction() as session:
        await service.set_limits(
            session, card.id, [], user_id=issuer.user_id, ensure_may_raise=lambda: None, at=card.created_at
        )
    await issuer.settle()
    assert await issuer.limits_there(card) == {}


async def test_limits_of_the_program_are_mirrored_on_every_card(
    issuer: Issuer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cardwright.cards.mirroring._AT_ONCE", 2)
    many = [await issuer.issue(*LIMITS) for _ in range(5)]
    async with issuer.work.transaction() as session:
        await spending.set_for(
            session, issuer.program_id, Subject(Scope.PROGRAM, issuer.program_id),
            [Limit(Window.DAY, 10_00)], [], staff_id="user_staff", at=issuer.work.clock.now(),
        )  # fmt: skip
    await issuer.settle()
    for card in many:
        assert await issuer.limits_there(card) == {"daily": 20_00, "all_time": 900_00}
    assert await issuer.sweep() == 0


@pytest.mark.parametrize(
    ("reason", "there"),
    [
        ("lost", "lost"), ("stolen", "stolen"), ("compromised", "stolen"), ("damaged", "damaged"),
        ("expiring", "expired"),
    ],
)  # fmt: skip
async def test_a_replacement_is_tied_to_the_card_before_it_there_too(
    issuer: Issuer, reason: str, there: str
) -> None:
    old = await issuer.issue(*LIMITS)
    async with issuer.work.transaction() as session:
        new = await lifecycle.replace_card(
            session, old.id, ReplacementReason(reason), user_id=issuer.user_id, at=issuer.work.clock.now()
        )
    await issuer.settle()
    made = await issuer.there(await issuer.card(new))
    assert (made.replacement_for, made.replacement_reason) == (old.processor_reference, there)
    assert await issuer.limits_there(await issuer.card(new)) == THERE
    assert await issuer.sweep() == 0


async def test_two_sweeps_at_once_list_a_drift_once(issuer: Issuer) -> None:
    card = await issuer.issue(*LIMITS)
    await issuer.change_there(card, status="inactive")
    await asyncio.gather(*(drifting.reconcile(issuer.work, card.id) for _ in range(5)))
    assert len(await issuer.drifts()) == 1
    assert (await issuer.there(card)).status == "active"


async def test_limits_that_a_late_call_left_behind_are_found_and_replaced(issuer: Issuer) -> None:
    card = await issuer.issue(*LIMITS)
    processor = issuer.work.get(CardProcessors).of("stripe")
    await processor.set_limits(
        str(card.processor_reference), [MirroredLimit(Window.DAY, 7)], currency="USD", key="late"
    )
    assert await issuer.sweep() == 1
    assert await issuer.limits_there(card) == THERE
