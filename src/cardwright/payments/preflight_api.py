"""Asking beforehand whether a card would pay for something, and if not, why."""

from typing import Annotated, Literal

from fastapi import Depends, Path
from pydantic import Field, StringConstraints

from cardwright import audit, cards
from cardwright.access import Actor, Reach, allow
from cardwright.core.ids import ID_PATTERN
from cardwright.http import strict
from cardwright.http.deps import ClockDep, SessionDep, TransactionsDep
from cardwright.http.strict import Amount, CurrencyCode, Input, Line, NetworkName
from cardwright.payments.decision_views import VerdictView, show_verdict
from cardwright.payments.domain import Merchant
from cardwright.payments.preflight import Supposed, preflight

router = strict.router("/v1", "payments")
Reader = Annotated[Actor, Depends(allow("payments.read"))]


class SupposedMerchant(Input):
    """A merchant as the network would describe it."""

    name: Annotated[Line, StringConstraints(min_length=1, max_length=100)] = Field(
        description="The descriptor on statements.", examples=["CORNER BAKERY 12"]
    )
    mcc: Annotated[str, StringConstraints(pattern="^[0-9]{4}$")] = Field(
        description="The merchant category code of ISO 18245.", examples=["5462"]
    )
    country: Annotated[str, StringConstraints(pattern="^[A-Z]{2}$")] = Field(
        description="ISO 3166 alpha-2 code.", examples=["US"]
    )
    acceptor_id: Annotated[NetworkName, StringConstraints(max_length=40)] = Field(
        default="",
        description="The network's id of the merchant, where it is known.",
        examples=["1234567890"],
    )


class SupposedPurchase(Input):
    """A purchase that nobody has made."""

    amount: Amount
    currency: CurrencyCode
    merchant: SupposedMerchant = Field(description="Where it would be made.")
    channel: Literal["ecommerce", "in_person", "wallet", "atm"] = Field(
        default="ecommerce", description="How the card would be presented.", examples=["ecommerce"]
    )


@router.post("/cards/{card_id}/preflight")
async def preflight_purchase(
    card_id: Annotated[str, Path(pattern=ID_PATTERN, max_length=40)],
    body: SupposedPurchase,
    session: SessionDep,
    transactions: TransactionsDep,
    clock: ClockDep,
    actor: Reader,
) -> VerdictView:
    """What the answer would be to a purchase made now, check by check; nothing is held or recorded of it."""
    card = await cards.get_card(session, card_id, viewer=actor.viewer)
    at = clock.now()
    await audit.record_look(session, actor, "card.read", card.id, at, owner_id=card.user_id)
    where = body.merchant
    merchant = Merchant(where.acceptor_id, where.name, where.mcc, where.country, None)
    supposed = Supposed(body.amount, body.currency, merchant, body.channel)
    # The network sees more than a holder may: what it would look at is read as the network reads it.
    async with transactions() as unconfined:
        decision = await preflight(unconfined, card, supposed, at=at)
    return show_verdict(decision, is_staff=actor.reach is Reach.ANY)
