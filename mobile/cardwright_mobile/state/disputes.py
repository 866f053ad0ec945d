"""Disputing a payment: what has to be told for each reason, and what is handed in."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Final

import flet as ft

from cardwright_mobile.api.answer_models import CaseView, DisputeView, StatementView
from cardwright_mobile.api.client import Client
from cardwright_mobile.api.models import PaymentTimeline, PaymentView
from cardwright_mobile.state.reading import Reading

ASKED: Final[Mapping[str, tuple[str, ...]]] = {
    "fraud": ("explanation",),
    "not_authorized": ("explanation",),
    "not_received": ("product_kind", "product_description", "expected_on", "explanation"),
    "goods_not_as_described": (
        "received_on", "explanation", "returned_on", "return_outcome", "return_description",
    ),
    "service_not_as_described": ("received_on", "canceled_on", "cancellation_reason", "explanation"),
    "canceled": (
        "product_kind", "product_description", "expected_on", "canceled_on", "cancellation_reason",
        "cancellation_policy_told", "explanation",
    ),
    "charged_twice": ("duplicate_of", "explanation"),
    "other": ("product_kind", "product_description", "explanation"),
}  # fmt: skip
"""What is asked for each reason, in the order in which one tells it; the server says what is missing."""
_CHARGES: Final = frozenset({"clearing", "force_post"})
_OPEN: Final = frozenset({"draft", "submitted"})
Told = str | bool


@ft.observable
@dataclass
class Disputing(Reading):
    """One payment's dispute, from the first reason to how it stands.

    `told` is what somebody answered; it is no part of what is drawn anew, so that typing is not overtaken.
    """

    payment_id: str = ""
    timeline: PaymentTimeline | None = None
    case: CaseView | None = None
    others: tuple[PaymentView, ...] = ()
    reason: str = ""
    is_sending: bool = False
    told: dict[str, Told] = field(default_factory=dict)

    async def read(self, client: Client) -> None:
        """Read the payment and its newest dispute, if it has one; a draft goes on where it was left."""
        found = await self.attempt(asyncio.gather(client.payment(self.payment_id), client.disputes()))
        if found is None:
            return
        self.timeline, disputes = found
        mine = newest_of(disputes, self.payment_id)
        if mine is not None and mine.state in _OPEN:
            case = await self.attempt(client.dispute(mine.id))
            if case is None:
                return
            self._take(case)
        self.is_ready = True

    async def read_others(self, client: Client) -> None:
        """Read the payments at the same merchant, of which this one may be a repetition."""
        if self.timeline is None:
            return
        page = await self.attempt(client.payments(text=self.timeline.merchant.name, status="settled"))
        if page is not None:
            self.others = tuple(it for it in page.data if it.id != self.payment_id)

    def missing(self) -> tuple[str, ...]:
        """Return what is still to be told for the reason."""
        return tuple(name for name in ASKED.get(self.reason, ()) if self.told.get(name) in {None, ""})

    async def hand_in(self, client: Client) -> bool:
        """Tell all and hand it in; answer whether that worked. What worked before is not done again."""
        if self.is_sending or self.timeline is None or self.missing():
            return False
        self.is_sending = True
        statement = {name: self.told[name] for name in ASKED[self.reason]}
        try:
            case = await self.attempt(self._told_anew(client, statement))
            if case is not None:
                self.case = case
                case = await self.attempt(client.submit_dispute(case.id))
        finally:
            self.is_sending = False
        if case is None:
            return False
        self.case = case
        return True

    async def _told_anew(self, client: Client, statement: Mapping[str, Told]) -> CaseView:
        if self.case is None:
            return await client.open_dispute(self.payment_id, self.reason, statement, self._sequence())
        # What was told for another reason is taken back.
        every = {name: statement.get(name) for names in ASKED.values() for name in names}
        return await client.change_dispute(self.case.id, self.reason, every)

    def _sequence(self) -> int | None:
        # Where a merchant collected several times, the last one is meant.
        elements = self.timeline.elements if self.timeline else ()
        charged = [it.sequence for it in elements if it.kind in _CHARGES]
        return charged[-1] if len(charged) > 1 else None

    def _take(self, case: CaseView) -> None:
        if self.case is None and case.state == "draft":
            self.reason = case.reason
            self.told.update(_answers(case.statement))
        self.case = case


def newest_of(disputes: tuple[DisputeView, ...], payment_id: str) -> DisputeView | None:
    """Return the newest dispute of a payment, if it has one."""
    return next((it for it in disputes if it.payment_id == payment_id), None)


def can_dispute(timeline: PaymentTimeline, dispute: DisputeView | None) -> bool:
    """Answer whether a payment cost something and is not disputed yet."""
    return timeline.posted > 0 and (dispute is None or dispute.state not in _OPEN)


def _answers(statement: StatementView) -> dict[str, Told]:
    every = {it.name: getattr(statement, it.name) for it in fields(statement)}
    return {name: value for name, value in every.items() if value is not None}
