"""Payments: the list, and one of them with its timeline."""

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

import flet as ft

from cardwright_mobile.api.answer_models import DisputeView
from cardwright_mobile.api.client import Client
from cardwright_mobile.api.models import CheckView, PaymentTimeline, PaymentView
from cardwright_mobile.state.disputes import newest_of
from cardwright_mobile.state.reading import Reading

_PROCESSORS: Final = "network"
_OLDER: Final = 100
"""Older ones come by more at once: whoever scrolls down wants many."""


@ft.observable
@dataclass
class Activity(Reading):
    """Payments, the newest first; `status` leaves only those that stand so."""

    payments: tuple[PaymentView, ...] = ()
    next_cursor: str | None = None
    status: str | None = None
    is_reading_more: bool = False

    async def read(self, client: Client) -> None:
        """Read the newest page anew, and keep the older ones that were read before."""
        asked = self.status
        page = await self.attempt(client.payments(status=asked))
        if page is None or asked != self.status:
            return
        known = {payment.id for payment in page.data}
        older = self._older_than(page.data, known)
        if not older:
            self.next_cursor = page.next_cursor
        self.payments = (*page.data, *older)
        self.is_ready = True

    async def read_more(self, client: Client) -> None:
        """Read the next older page."""
        if self.next_cursor is None or self.is_reading_more:
            return
        self.is_reading_more = True
        asked = self.status
        try:
            page = await self.attempt(client.payments(status=asked, cursor=self.next_cursor, limit=_OLDER))
        finally:
            self.is_reading_more = False
        if page is not None and asked == self.status:
            known = {payment.id for payment in self.payments}
            self.payments += tuple(payment for payment in page.data if payment.id not in known)
            self.next_cursor = page.next_cursor

    async def show_only(self, client: Client, status: str | None) -> None:
        """Leave only what stands so; all with None."""
        self.status, self.payments, self.next_cursor, self.is_ready = status, (), None, False
        await self.read(client)

    def _older_than(self, page: Iterable[PaymentView], known: set[str]) -> tuple[PaymentView, ...]:
        # Ids rise with time, so what is older than the page's last was on a page after it.
        last = min((payment.id for payment in page), default="")
        return tuple(it for it in self.payments if it.id not in known and it.id < last)


@ft.observable
@dataclass
class PaymentInView(Reading):
    """One payment with all that happened to it."""

    payment_id: str = ""
    timeline: PaymentTimeline | None = None
    dispute: DisputeView | None = None

    async def read(self, client: Client) -> None:
        """Read the payment anew, and its newest dispute."""
        found = await self.attempt(asyncio.gather(client.payment(self.payment_id), client.disputes()))
        if found is not None:
            self.timeline, disputes = found
            self.dispute = newest_of(disputes, self.payment_id)
            self.is_ready = True


def reasons(timeline: PaymentTimeline) -> tuple[CheckView, ...]:
    """Return the checks that failed when a payment was declined, the reason that counted first."""
    for element in reversed(timeline.elements):
        decision = element.decision
        if decision is not None and decision.outcome == "declined":
            failed = [check for check in decision.checks if not check.passed]
            # What the processor refuses repeats one of our own reasons, where there is one.
            told = [check for check in failed if check.name != _PROCESSORS] if len(failed) > 1 else failed
            return tuple(sorted(told, key=lambda check: check.name != decision.reason_code))
    return ()
