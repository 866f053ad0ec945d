"""A decline at the processor's own wall is explained by what we know of the card, and takes nothing."""

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import httpx
import pytest
import stripe
from sqlalchemy import text

from browsers import sign_in
from builders import provided_for_tests
from cardwright import cards, payments
from cardwright.adapters.stripe.issuing import StripeCardProcessor
from cardwright.cards import (
    Card,
    CardProcessors,
    CardState,
    CardType,
    Limit,
    Selection,
    Window,
    lifecycle,
)
from cardwright.cards import service as cards_service
from cardwright.core.clock import SystemClock
from cardwright.db.jobs import Work
from cardwright.db.session import transaction
from cardwright.main import build_app
from integration.cards.stand import Stand
from integration.cards.test_types_over_the_wire import OTHER, a_card
from integration.kyc.people import deliver, told

FIFTY = Limit(Window.PER_AUTHORIZATION, 50_00)
LIFETIME = Limit(Window.LIFETIME, 20_00)


@dataclass
class Wall:
    """A stand whose processor is told of everything, and the holder who reads what came of a purchase."""

    stand: Stand
    browser: httpx.AsyncClient
    holder: Mapping[str, str]

    @property
    def now(self) -> datetime:
        return SystemClock().now()

    async def card(self, *limits: Limit) -> Card:
        card = await self.stand.issue(a_card(CardType.STANDARD, *limits))
        async with transaction(self.stand.engine) as session:
            await cards_service.set_limits(
                session, card.id, limits, user_id=self.stand.user_id, ensure_may_raise=lambda: None,
                at=self.now,
            )  # fmt: skip
        await self.mirror()
        return card

    async def mirror(self) -> None:
        """Let the processor hear of every change."""
        processors = CardProcessors({"stripe": StripeCardProcessor(self.stand.client)})
        work = Work(self.stand.engine, SystemClock(), {CardProcessors: processors})
        await deliver(work, cards.SUBSCRIPTIONS)

    async def change(self, card: Card, wanted: CardState) -> None:
        async with transaction(self.stand.engine) as session:
            await lifecycle.change_state(
                session, card.id, wanted, user_id=self.stand.user_id, reason="holder", at=self.now
            )

    async def lock(self, card: Card) -> None:
        async with transaction(self.stand.engine) as session:
            await lifecycle.lock(session, card.id, reason="Testing.", staff_id="user_staff", at=self.now)

    async def declined(self, card: Card, amount: int, reason: str, **more: Any) -> dict[str, Any]:
        """Pay, be declined by the processor itself for its own reason, and return the decision we tell."""
        paid = await self.stand.pay(amount, card=str(card.processor_reference), **more)
        assert (paid.approved, paid.request_history[-1].reason) == (False, reason)
        await self.stand.converge(paid.id)
        [line] = (await self.read(f"/payments?card_id={card.id}&limit=1"))["data"]
        assert (line["status"], line["held"]) == ("declined", 0)
        [element] = (await self.read(f"/payments/{line['id']}"))["elements"]
        decision: dict[str, Any] = element["decision"]
        assert (decision["decided_by"], decision["processor_reason"]) == ("network", reason)
        return decision

    async def read(self, path: str) -> Any:
        return (await self.browser.get(f"/v1{path}", headers=self.holder)).json()


@pytest.fixture
async def wall(stand: Stand) -> AsyncIterator[Wall]:
    clock = SystemClock()
    app = build_app(stand.engine, await provided_for_tests(stand.engine, clock))
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="https://cardwright.test") as browser:
        yield Wall(stand, browser, await sign_in(stand.engine, clock, stand.user_id))


def said(decision: Mapping[str, Any]) -> tuple[str, str]:
    """The sentence of the first failed check, and what would have let it pass."""
    first = next(check for check in decision["checks"] if not check["passed"])
    return first["explanation"], first["would_pass"]


@pytest.mark.parametrize(
    ("limit", "called"), [(FIFTY, "single-payment limit of 50.00"), (LIFETIME, "lifetime limit of 20.00")]
)
async def test_a_limit_that_declines_at_the_processor_is_told_in_the_limits_own_sentence(
    wall: Wall, limit: Limit, called: str
) -> None:
    card = await wall.card(limit)
    decision = await wall.declined(card, 60_00, "spending_controls")
    assert (decision["reason_code"], decision["response_code"]) == ("limit_exceeded", "61")
    explanation, would_pass = said(decision)
    assert explanation == f"60.00 USD on top of 0.00 USD used exceeds the {called} USD."
    assert would_pass.startswith("An amount of at most ")
    assert decision["checks"][-1]["explanation"] == "The network declined this itself: spending_controls."


async def test_the_explanation_takes_nothing_from_balance_or_limits(wall: Wall) -> None:
    card = await wall.card(LIFETIME)
    await wall.declined(card, 20_01, "spending_controls")
    [limit] = await wall.read(f"/cards/{card.id}/limits")
    assert (limit["used"], limit["remaining"], limit["payment_ids"]) == (0, 20_00, [])
    assert (await wall.stand.pay(20_00, card=str(card.processor_reference))).approved


async def test_the_holder_is_told_the_same_reason(wall: Wall) -> None:
    card = await wall.card(FIFTY)
    await deliver(Work(wall.stand.engine, SystemClock(), {}), ())
    decision = await wall.declined(card, 60_00, "spending_controls")
    [event] = [
        it for it in await deliver(Work(wall.stand.engine, SystemClock(), {}), ())
        if it.type == "payments.authorization_declined"
    ]  # fmt: skip
    assert told([event], "payments") == [("payments.authorization_declined", "limit_exceeded")]
    assert event.payload["explanation"] == said(decision)[0]


async def test_a_card_that_staff_locked_is_told_as_locked_and_a_canceled_one_as_canceled(wall: Wall) -> None:
    card = await wall.card()
    await wall.lock(card)
    await wall.mirror()
    decision = await wall.declined(card, 1_00, "card_inactive")
    assert (decision["reason_code"], *said(decision)) == (
        "card_locked", "The card is locked.", "Ask support: the card was locked by staff.",
    )  # fmt: skip
    await wall.change(card, CardState.CANCELED)
    await wall.mirror()
    decision = await wall.declined(card, 1_00, "card_canceled")
    assert (decision["reason_code"], said(decision)[0]) == ("card_canceled", "The card is canceled.")


async def test_a_frozen_card_is_told_as_frozen(wall: Wall) -> None:
    card = await wall.card()
    await wall.change(card, CardState.FROZEN)
    await wall.mirror()
    decision = await wall.declined(card, 1_00, "card_inactive")
    assert (decision["reason_code"], said(decision)[1]) == ("card_frozen", "Unfreeze the card.")


async def test_a_change_that_has_not_reached_the_processor_is_told_plainly(wall: Wall) -> None:
    card = await wall.card(FIFTY)
    await wall.change(card, CardState.FROZEN)
    await wall.mirror()
    await wall.change(card, CardState.ACTIVE)
    behind = (
        "Nothing here declines this: a change has not reached the processor yet; try again in a moment.",
        "Trying again in a moment, once the processor knows of the change.",
    )
    decision = await wall.declined(card, 1_00, "card_inactive")
    assert (decision["reason_code"], said(decision)) == ("processor_behind", behind)
    await wall.mirror()
    async with transaction(wall.stand.engine) as session:
        await cards_service.set_limits(
            session, card.id, [], user_id=wall.stand.user_id, ensure_may_raise=lambda: None, at=wall.now
        )
    decision = await wall.declined(card, 60_00, "spending_controls")
    assert (decision["reason_code"], said(decision)) == ("processor_behind", behind)
    await wall.mirror()
    assert (await wall.stand.pay(60_00, card=str(card.processor_reference))).approved


async def test_what_the_processor_holds_against_a_payment_itself_is_told_with_what_to_do(
    wall: Wall, client: stripe.StripeClient
) -> None:
    card = await wall.card(FIFTY)
    found = await client.v1.issuing.cards.retrieve_async(str(card.processor_reference))
    await client.v1.issuing.cardholders.update_async(found.cardholder.id, {"status": "inactive"})
    decision = await wall.declined(card, 60_00, "cardholder_inactive")
    assert decision["reason_code"] == "network_declined"
    assert said(decision)[1].startswith("Ask support")


async def test_explanations_name_categories(wall: Wall) -> None:
    card = await wall.card(
        Limit(Window.MONTH, 5_00, only=Selection(categories=("5942", "gambling"), countries=("US",)))
    )
    paid = await wall.stand.pay(6_00, card=str(card.processor_reference), merchant_data=dict(OTHER))
    assert not paid.approved
    async with transaction(wall.stand.engine) as session:
        query = text("SELECT verdict FROM decisions WHERE request_key = :key")
        verdict = (await session.execute(query, {"key": f"{paid.id}:0"})).scalar_one()
    failed = next(check["explanation"] for check in verdict["checks"] if not check["passed"])
    assert "monthly limit for Bookshops (5942) or Gambling, US of 5.00 USD" in failed


async def test_decisions_at_the_wall_are_replayed_bit_for_bit(wall: Wall) -> None:
    card = await wall.card(FIFTY)
    await wall.declined(card, 60_00, "spending_controls")
    async with transaction(wall.stand.engine) as session:
        replayed = await payments.replay(session)
    assert [it.is_identical for it in replayed] == [True] * len(replayed)
    assert [it.reason_code for it in replayed] == ["limit_exceeded"]
