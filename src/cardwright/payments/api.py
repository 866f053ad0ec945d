"""Payments over HTTP: the list, one payment with its timeline and explained decisions, a card's limits."""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Annotated

from fastapi import Depends, Path
from pydantic import Field

from cardwright import audit, cards, merchants
from cardwright.access import Actor, Reach, allow
from cardwright.cards import Scope, SelectionView, Window
from cardwright.core.ids import ID_PATTERN
from cardwright.http import strict
from cardwright.http.deps import ClockDep, SessionDep
from cardwright.http.pagination import Cursor, Limit, Page, page
from cardwright.http.strict import CurrencyCode, Id, Output, SignedAmount
from cardwright.payments import log, queries, service
from cardwright.payments.decision_views import DecisionView, StaffDecisionView, show_decision
from cardwright.payments.domain import Element, ElementKind, Payment, PaymentStatus
from cardwright.payments.exchange import exchange_rate
from cardwright.payments.log_filter import Everyone, LogFilterDep
from cardwright.payments.merchant_view import MerchantView
from cardwright.payments.store import Decision

router = strict.router("/v1", "payments")
Reader = Annotated[Actor, Depends(allow("payments.read"))]
CardReader = Annotated[Actor, Depends(allow("cards.read"))]


class PaymentView(Output):
    """A payment in one line; amounts in minor units."""

    id: Id
    card_id: Id
    last4: str | None
    merchant: MerchantView
    channel: str
    currency: CurrencyCode
    status: PaymentStatus
    held: SignedAmount = Field(description="What may still clear.")
    posted: SignedAmount = Field(description="What it has cost: cleared minus refunded.")
    amount: SignedAmount = Field(
        description="Held and posted; of a payment that came to nothing, what was asked for."
    )
    opened_at: datetime


class ElementView(Output):
    """One thing that happened to a payment."""

    sequence: int
    kind: ElementKind
    amount: SignedAmount
    approved: bool
    is_final: bool
    merchant_amount: SignedAmount | None
    merchant_currency: str | None
    exchange_rate: str | None = Field(
        description="Units of the card's currency for one of the merchant's, as the network's two amounts"
        " say. Null where nothing was exchanged."
    )
    occurred_at: datetime
    decision: DecisionView | StaffDecisionView | None


class PaymentTimeline(PaymentView):
    """A payment with everything that happened to it."""

    elements: list[ElementView]


class Counted(StrEnum):
    """What a figure counts: minor units, payments, or the uses that a card was made for."""

    AMOUNT = "amount"
    COUNT = "count"
    USES = "uses"


class LimitUsageView(Output):
    """A limit with what is used and left of it, in minor units, or in payments where it counts them."""

    scope: Scope = Field(description="Whose payments it counts: this card's, or all of its holder.")
    window: Window
    span_seconds: int | None = Field(description="The length of a rolling window.")
    measure: Counted
    only: SelectionView | None = Field(description="The purchases it concerns; null for all.")
    limit: SignedAmount
    used: SignedAmount
    remaining: SignedAmount
    resets_at: datetime | None = Field(
        description="When it starts anew; when a rolling window starts to free up; null where it never does."
    )
    payment_ids: list[Id]


@router.get("/payments")
async def list_payments(
    session: SessionDep,
    clock: ClockDep,
    actor: Reader,
    wanted: LogFilterDep,
    limit: Limit = 20,
    cursor: Cursor = None,
    everyone: Everyone = False,
) -> Page[PaymentView]:
    """Your payments, newest first; every filter that is given must fit."""
    viewer = await log.viewer_of(session, actor, wanted, everyone=everyone, at=clock.now(), cursor=cursor)
    found = await log.read(session, viewer, wanted, before=cursor, limit=limit + 1)
    known = await merchants.find_merchants(session, [payment.merchant_id for payment in found])
    return page(
        found, limit, show=lambda payment: _line(payment, known), cursor_of=lambda payment: payment.id
    )


@router.get("/payments/{payment_id}")
async def get_payment(
    payment_id: Annotated[str, Path(pattern=ID_PATTERN, max_length=40)],
    session: SessionDep,
    clock: ClockDep,
    actor: Reader,
) -> PaymentTimeline:
    """A payment with its elements, each decision explained: which check, which numbers, what would pass."""
    payment = await service.get_payment(session, payment_id, viewer=actor.viewer)
    await audit.record_look(session, actor, "payment.read", payment.id, clock.now(), owner_id=payment.user_id)
    ids = [element.decision_id for element in payment.elements if element.decision_id]
    decisions = await queries.decisions_by_id(session, ids)
    known = await merchants.find_merchants(session, [payment.merchant_id])
    is_staff = actor.reach is Reach.ANY
    return PaymentTimeline(
        **_line(payment, known).model_dump(),
        elements=[
            _element(element, payment.currency, decisions, is_staff=is_staff) for element in payment.elements
        ],
    )


@router.get("/cards/{card_id}/limits")
async def list_card_limits(
    card_id: Annotated[str, Path(pattern=ID_PATTERN, max_length=40)],
    session: SessionDep,
    clock: ClockDep,
    actor: CardReader,
) -> list[LimitUsageView]:
    """What each limit that holds for your card allows, has used and has left, and the payments behind it.

    A card of so many uses has an entry for them, too, which comes first.
    """
    card = await cards.get_card(session, card_id, viewer=actor.viewer)
    at = clock.now()
    await audit.record_look(session, actor, "card.read", card.id, at, owner_id=card.user_id)
    uses = await service.uses_usage(session, card)
    limits = [_usage(found) for found in await service.limit_usage(session, card, at=at)]
    return [*([] if uses is None else [_uses(uses)]), *limits]


def _usage(found: service.LimitUsage) -> LimitUsageView:
    limit = found.applied.limit
    only = None if limit.only.is_everything else SelectionView.model_validate(limit.only)
    return LimitUsageView(
        scope=found.applied.scope, window=limit.window, span_seconds=limit.span_seconds,
        measure=Counted(limit.measure), only=only, limit=limit.at_most, used=found.used,
        remaining=found.remaining, resets_at=found.resets_at, payment_ids=list(found.payment_ids),
    )  # fmt: skip


def _uses(found: service.UsesUsage) -> LimitUsageView:
    return LimitUsageView(
        scope=Scope.CARD, window=Window.LIFETIME, span_seconds=None, measure=Counted.USES, only=None,
        limit=found.uses, used=found.used, remaining=found.remaining, resets_at=None,
        payment_ids=list(found.payment_ids),
    )  # fmt: skip


def _line(payment: Payment, known: Mapping[str, merchants.Merchant]) -> PaymentView:
    totals = payment.totals
    return PaymentView(
        id=payment.id, card_id=payment.card_id, last4=payment.last4,
        merchant=MerchantView.of(payment, known), channel=payment.channel, currency=payment.currency,
        status=totals.status, held=totals.held, posted=totals.posted, amount=totals.amount,
        opened_at=payment.opened_at,
    )  # fmt: skip


def _element(
    element: Element, currency: str, decisions: Mapping[str, Decision], *, is_staff: bool
) -> ElementView:
    decision = decisions.get(element.decision_id or "")
    return ElementView(
        sequence=element.sequence, kind=element.kind, amount=element.amount, approved=element.approved,
        is_final=element.is_final, merchant_amount=element.merchant_amount,
        merchant_currency=element.merchant_currency, exchange_rate=exchange_rate(element, currency),
        occurred_at=element.occurred_at,
        decision=decision and show_decision(decision, is_staff=is_staff),
    )  # fmt: skip
