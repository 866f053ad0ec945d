"""A card network in memory: the truth of what merchants asked, were answered and took. No code of ours."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from cardwright.payments import (
    AuthorizationRequest,
    AuthorizationSnapshot,
    Merchant,
    NetworkStatus,
    NetworkTransaction,
    RequestOutcome,
    TransactionKind,
)

SOURCE: Final = "stripe"
BAKERY: Final = Merchant("m_bakery", "Bakery", "5462", "US", "Springfield")
HOTEL: Final = Merchant("m_hotel", "Hotel", "7011", "DE", None)


@dataclass(eq=False)
class Purchase:
    """An authorization as the network keeps it; `seen` are the snapshots that it ever told of."""

    reference: str
    card: str
    merchant: Merchant
    clock: "Ticking"
    held: int = 0
    status: NetworkStatus = NetworkStatus.PENDING
    outcomes: list[RequestOutcome] = field(default_factory=list)
    moved: list[NetworkTransaction] = field(default_factory=list)
    seen: list[AuthorizationSnapshot] = field(default_factory=list)
    took_more_than_held: bool = False

    @property
    def is_approved(self) -> bool:
        return bool(self.outcomes) and self.outcomes[0].approved

    @property
    def is_open(self) -> bool:
        return self.is_approved and self.status is NetworkStatus.PENDING

    @property
    def is_clearable(self) -> bool:
        return self.is_approved and self.status is not NetworkStatus.REVERSED

    @property
    def is_holding(self) -> bool:
        return self.is_open and self.held > 0

    @property
    def is_refundable(self) -> bool:
        return self.total(TransactionKind.CLEARING) > 0

    def total(self, kind: TransactionKind) -> int:
        return sum(it.amount for it in self.moved if it.kind is kind)

    def question(self, amount: int) -> AuthorizationRequest:
        """What the network would ask now: the next request of this purchase."""
        return AuthorizationRequest(
            SOURCE, self.reference, len(self.outcomes), self.card, amount, "USD", amount, "USD",
            self.merchant, "ecommerce",
        )  # fmt: skip

    def answer(self, amount: int, *, approved: bool, reason: str = "webhook_approved") -> None:
        self.outcomes.append(RequestOutcome(amount, approved, reason, amount, "USD", self.clock.tick()))
        if approved:
            self.held += amount
        elif len(self.outcomes) == 1:
            self.status = NetworkStatus.CLOSED
        self._tell()

    def capture(self, reference: str, amount: int, *, is_closing: bool) -> None:
        self.took_more_than_held |= amount > self.held and not is_closing
        self.held = 0 if is_closing else max(0, self.held - amount)
        if is_closing:
            self.status = NetworkStatus.CLOSED
        self._move(reference, TransactionKind.CLEARING, amount)

    def refund(self, reference: str, amount: int) -> None:
        self._move(reference, TransactionKind.REFUND, amount)

    def reverse(self, amount: int) -> None:
        self.held -= amount
        if self.held == 0:
            self.status = NetworkStatus.CLOSED if self.moved else NetworkStatus.REVERSED
        self._tell()

    def expire(self) -> None:
        self.held = 0
        self.status = NetworkStatus.CLOSED if self.moved else NetworkStatus.EXPIRED
        self._tell()

    def _move(self, reference: str, kind: TransactionKind, amount: int) -> None:
        self.moved.append(
            a_transaction(
                reference, kind, self.card, amount, self.merchant, self.clock.tick(), self.reference
            )
        )
        self._tell()

    def _tell(self) -> None:
        self.seen.append(
            AuthorizationSnapshot(
                self.reference, self.card, self.status, self.held, "USD", self.merchant, "ecommerce",
                tuple(self.outcomes), tuple(self.moved),
            )
        )  # fmt: skip


@dataclass
class Ticking:
    """The network's clock: every event has an instant of its own."""

    now: datetime

    def tick(self) -> datetime:
        self.now += timedelta(seconds=1)
        return self.now


def a_transaction(
    reference: str, kind: TransactionKind, card: str, amount: int, merchant: Merchant, at: datetime,
    authorization: str | None = None,
) -> NetworkTransaction:  # fmt: skip
    return NetworkTransaction(
        reference, kind, authorization, card, amount, "USD", amount, "USD", merchant, at
    )
