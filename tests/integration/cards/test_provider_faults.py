"""Every call to the processor and the network x every way it can go wrong: one card, each sum once."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from cardwright import cards, payments
from cardwright.adapters.stripe import client
from cardwright.adapters.stripe.issuing import SOURCE
from cardwright.cards import Card, CardProcessors, CardState, Limit, NewCard, Window, lifecycle, service
from cardwright.core.errors import Unavailable
from integration.kyc.people import a_verified_person, drain
from integration.reconciliation.drill import Drill, a_drill
from outgoing_calls import (
    FAULTS,
    LATE_MILLISECONDS,
    awaited_in,
    modules_that_import,
    until_late_calls_are_over,
)
from running_stripe import running_stripe

CARD, HOLDER = "issuing.card", "issuing.cardholder"


@dataclass
class Desk:
    """The drill's people and cards, a processor that fails once, and the worker."""

    drill: Drill
    failures: int = 0
    opened: int = 0

    async def insist(self, do: Callable[[], Awaitable[object]]) -> None:
        """Do something as the worker does: again, while the processor is unavailable."""
        for _ in range(4):
            try:
                await do()
            except (Unavailable, ExceptionGroup):
                self.failures += 1
            else:
                return
        raise AssertionError("the processor stayed away")

    async def settle(self) -> None:
        """Hand waiting events to the handlers of cards until none is left."""
        while events := await drain(self.drill.work.engine):
            for event in events:
                for it in cards.SUBSCRIPTIONS:
                    if it.event_type == event.type:
                        await self.insist(lambda it=it, event=event: it.handle(self.drill.work, event))  # type: ignore[misc]

    async def somebody(self) -> str:
        """Return the user id of somebody new."""
        self.opened += 1
        made = await a_verified_person(
            self.drill.work.engine, self.drill.clock, f"holder{self.opened}@example.com"
        )
        await drain(self.drill.work.engine)
        return made

    async def issue(self, user_id: str) -> Card:
        async with self.drill.work.transaction() as session:
            asked = await cards.create_card(
                session, NewCard("Books"), program_id=self.drill.program.id, user_id=user_id,
                currency="USD", at=self.drill.clock.now(),
            )  # fmt: skip
        await self.settle()
        return await self.stored(asked.id)

    async def stored(self, card_id: str) -> Card:
        async with self.drill.work.transaction() as session:
            found = await cards.find_card(session, card_id)
        assert found is not None
        return found

    def there(self, kind: str, of: str) -> int:
        """Count what the processor has with a name of ours."""
        return sum(of in it["metadata"].values() for it in self.drill.running.world.objects.scan(kind))

    async def at_processor(self, card: Card) -> cards.ProcessorCard:
        processor = self.drill.work.get(CardProcessors).of(SOURCE)
        return await processor.state_at_processor(str(card.processor_reference))

    async def elements(self, reference: str) -> int:
        counted = f"SELECT count(*) FROM payment_elements WHERE external_id = '{reference}'"  # noqa: S608
        return int((await self.drill.ask(counted))[0][0])


Play = Callable[[Desk, Callable[[], None]], Awaitable[None]]


async def register(desk: Desk, strike: Callable[[], None]) -> None:
    user_id = await desk.somebody()
    strike()
    card = await desk.issue(user_id)
    assert (card.state, desk.there(HOLDER, user_id)) == (CardState.ACTIVE, 1)


async def issue(desk: Desk, strike: Callable[[], None]) -> None:
    strike()
    card = await desk.issue(desk.drill.people[0])
    assert (card.state, desk.there(CARD, card.id)) == (CardState.ACTIVE, 1)


async def issue_to_somebody_stopped(desk: Desk, strike: Callable[[], None]) -> None:
    user_id = await desk.somebody()
    await desk.issue(user_id)
    [holder] = [
        it for it in desk.drill.running.world.objects.scan(HOLDER) if it["metadata"]["user_id"] == user_id
    ]
    await desk.drill.client.v1.issuing.cardholders.update_async(holder["id"], {"status": "inactive"})
    strike()
    refused = await desk.issue(user_id)
    assert (refused.state, desk.there(CARD, refused.id)) == (CardState.INACTIVE, 0)
    waiting = f"SELECT held_up_reason FROM cards WHERE id = '{refused.id}'"  # noqa: S608
    assert [row[0] for row in await desk.drill.ask(waiting)] == ["holder_inactive"]


async def freeze(desk: Desk, strike: Callable[[], None]) -> None:
    card = await desk.issue(desk.drill.people[0])
    async with desk.drill.work.transaction() as session:
        await lifecycle.change_state(
            session, card.id, CardState.FROZEN, user_id=card.user_id, reason="lost", at=desk.drill.clock.now()
        )
    strike()
    await desk.settle()
    assert (await desk.at_processor(card)).state is CardState.FROZEN


async def limit(desk: Desk, strike: Callable[[], None]) -> None:
    card = await desk.issue(desk.drill.people[0])
    async with desk.drill.work.transaction() as session:
        await service.set_limits(
            session, card.id, [Limit(Window.LIFETIME, 50_00)], user_id=card.user_id,
            ensure_may_raise=lambda: None, at=desk.drill.clock.now(),
        )  # fmt: skip
    strike()
    await desk.settle()
    [kept] = (await desk.at_processor(card)).limits or ()
    assert (kept.window, kept.at_most) == (Window.LIFETIME, 50_00)


async def compare(desk: Desk, strike: Callable[[], None]) -> None:
    card = await desk.issue(desk.drill.people[0])
    await desk.drill.client.v1.issuing.cards.update_async(
        str(card.processor_reference), {"status": "inactive"}
    )
    strike()
    await desk.insist(lambda: cards.refresh_card(desk.drill.work, str(card.processor_reference)))
    await desk.settle()
    assert (await desk.at_processor(card)).state is CardState.ACTIVE


async def show(desk: Desk, strike: Callable[[], None]) -> None:
    processor = desk.drill.work.get(CardProcessors).of(SOURCE)
    strike()
    with pytest.raises(Unavailable):
        await processor.ephemeral_key(desk.drill.cards[0], nonce="nonce_of_the_first_try_1234")
    desk.failures += 1
    # Whoever looks tries again with a nonce of its own.
    assert await processor.ephemeral_key(desk.drill.cards[0], nonce="nonce_of_the_second_try_123") is not None


async def look_at_a_hold(desk: Desk, strike: Callable[[], None]) -> None:
    [held] = await desk.drill.authorize(1)
    strike()
    await desk.insist(lambda: payments.refresh_authorization(desk.drill.work, held))
    found = f"SELECT status, amount FROM payments WHERE reference = '{held}'"  # noqa: S608
    assert len(await desk.drill.ask(found)) == 1


async def look_at_a_clearing(desk: Desk, strike: Callable[[], None]) -> None:
    [taken] = await desk.drill.force(1)
    strike()
    await desk.insist(lambda: payments.refresh_transaction(desk.drill.work, taken))
    assert await desk.elements(taken) == 1


async def sweep(desk: Desk, strike: Callable[[], None]) -> None:
    [unheard] = await desk.drill.force(1)
    strike()
    await desk.insist(lambda: payments.sweep(desk.drill.work))
    assert await desk.elements(unheard) == 1


async def sweep_authorizations(desk: Desk, strike: Callable[[], None]) -> None:
    [unheard] = await desk.drill.authorize(1)
    desk.drill.clock.advance(timedelta(minutes=2))
    strike()
    await desk.insist(lambda: payments.sweep(desk.drill.work))
    found = f"SELECT status FROM payments WHERE reference = '{unheard}'"  # noqa: S608
    assert len(await desk.drill.ask(found)) == 1


CALLS: Mapping[str, tuple[str, str, Play]] = {
    "register a holder": ("cardholders.create_async", "POST /v1/issuing/cardholders", register),
    "ask what is against a holder": (
        "cardholders.retrieve_async", "GET /v1/issuing/cardholders/*", issue_to_somebody_stopped
    ),
    "issue a card": ("cards.create_async", "POST /v1/issuing/cards", issue),
    "freeze a card": ("cards.update_async", "POST /v1/issuing/cards/*", freeze),
    "tell a card's limits": ("cards.update_async", "POST /v1/issuing/cards/*", limit),
    "compare a card": ("cards.retrieve_async", "GET /v1/issuing/cards/*", compare),
    "make a key": ("self._keys.create_async", "POST /v1/ephemeral_keys", show),
    "look an authorization up": (
        "authorizations.retrieve_async", "GET /v1/issuing/authorizations/*", look_at_a_hold
    ),
    "look a transaction up": (
        "transactions.retrieve_async", "GET /v1/issuing/transactions/*", look_at_a_clearing
    ),
    "list authorizations": (
        "authorizations.list_async", "GET /v1/issuing/authorizations", sweep_authorizations
    ),
    "list transactions": ("transactions.list_async", "GET /v1/issuing/transactions", sweep),
}  # fmt: skip


@pytest.mark.parametrize("fault", FAULTS)
async def test_a_call_that_goes_wrong_has_one_effect_in_the_end(
    engine: AsyncEngine, monkeypatch: pytest.MonkeyPatch, fault: str
) -> None:
    # The worker is the one to try again, and impatient.
    monkeypatch.setattr(client, "MAX_NETWORK_RETRIES", 0)
    monkeypatch.setattr(client, "READ_TIMEOUT_SECONDS", LATE_MILLISECONDS / 2_000)
    with running_stripe() as running:
        desk = Desk(await a_drill(engine, running))
        faults = running.world.faults
        for call, (_, selector, play) in CALLS.items():
            desk.failures = 0
            await play(desk, lambda: faults.add("api", selector=selector, **FAULTS[fault]) and None)  # noqa: B023 - called at once
            assert faults.list() == [], f"no call to {call}"
            assert desk.failures >= 1, f"the call to {call} went well"
        if FAULTS[fault]["kind"] == "delay":
            await until_late_calls_are_over()
        async with desk.drill.work.transaction() as session:
            issued = {
                it.id
                for it in [
                    await cards.find_card_by_processor(session, it["id"])
                    for it in running.world.objects.scan(CARD)
                ]
                if it
            }
        # Nothing is there that is not known here, however late it was made.
        assert len(issued) == running.world.objects.count(CARD)
        assert running.world.objects.count(HOLDER) == len(desk.drill.people) + desk.opened


def test_every_call_to_processor_and_network_has_a_row() -> None:
    stripes = awaited_in("stripe/issuing") - {"self._obstacle"}
    assert {it.removeprefix("self._issuing.") for it in stripes} == {made for made, _, _ in CALLS.values()}
    # Visa's calls go one way, which its own tests break.
    assert modules_that_import("cardwright.cards") == {"stripe/issuing", "visa/virtual_accounts"}
    assert modules_that_import("cardwright.payments") == {"stripe/issuing"}
