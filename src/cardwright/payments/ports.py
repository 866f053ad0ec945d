"""What the payments slice hears from a card network, in our words."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol

from cardwright.payments.decision import DeclineCause
from cardwright.payments.domain import Merchant


@dataclass(frozen=True, slots=True)
class AuthorizationRequest:
    """The network asks whether a card may pay; `amount` is what is asked in addition, in minor units.

    `attempt` counts the requests of one authorization from 0: a later one asks for an increment. `reference`
    and `attempt` together make a repeated message recognisable. `allows_partial` says that the terminal can
    take a yes to less.
    """

    source: str
    reference: str
    attempt: int
    card_reference: str
    amount: int
    currency: str
    merchant_amount: int
    merchant_currency: str
    merchant: Merchant
    channel: str
    allows_partial: bool = False


@dataclass(frozen=True, slots=True)
class RequestOutcome:
    """A request that the network has finished with: what was asked, and what the merchant was answered.

    `reason` is the network's own word; `cause` says in ours why it declined.
    """

    amount: int
    approved: bool
    reason: str
    merchant_amount: int
    merchant_currency: str
    at: datetime
    cause: DeclineCause | None = None


class TransactionKind(StrEnum):
    """The two ways in which a network moves money."""

    CLEARING = "clearing"
    REFUND = "refund"


@dataclass(frozen=True, slots=True)
class NetworkTransaction:
    """Money that the network moved: a positive amount in minor units, with no authorization when forced."""

    reference: str
    kind: TransactionKind
    authorization_reference: str | None
    card_reference: str
    amount: int
    currency: str
    merchant_amount: int
    merchant_currency: str
    merchant: Merchant
    at: datetime


class NetworkStatus(StrEnum):
    """Where the network says an authorization stands; anything it says that we do not know is `pending`."""

    PENDING = "pending"
    CLOSED = "closed"
    REVERSED = "reversed"
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True)
class AuthorizationSnapshot:
    """An authorization as the network shows it at one moment; `held_amount` is what it still counts on."""

    reference: str
    card_reference: str
    status: NetworkStatus
    held_amount: int
    currency: str
    merchant: Merchant
    channel: str
    requests: tuple[RequestOutcome, ...]
    transactions: tuple[NetworkTransaction, ...]


class CardNetwork(Protocol):
    """Reads the network's side of a payment. Raises Unavailable when it does not answer."""

    @property
    def source(self) -> str:
        """The name that keeps this network's references apart from another's."""
        ...

    async def authorization(self, reference: str) -> AuthorizationSnapshot:
        """Return an authorization as it stands now."""
        ...

    async def transaction(self, reference: str) -> NetworkTransaction:
        """Return a transaction."""
        ...

    async def authorizations_between(
        self, since: datetime, until: datetime
    ) -> Sequence[AuthorizationSnapshot]:
        """Return all authorizations that were asked for between two instants, as they stand now."""
        ...

    async def transactions_since(self, since: datetime) -> Sequence[NetworkTransaction]:
        """Return all transactions that the network has made since an instant."""
        ...


@dataclass(frozen=True, slots=True)
class Answer:
    """What goes back over the wire."""

    status: int
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class StandIn:
    """What a program answers where no decision is reached within `after`: yes up to an amount, else no.

    `approve_up_to` is in minor units of `currency`; 0 answers no to everything. Of the two seconds that
    Stripe waits, half a second is left to the wire and to answering.
    """

    currency: str
    approve_up_to: int = 0
    after: timedelta = timedelta(seconds=1.5)

    def approves(self, request: AuthorizationRequest) -> bool:
        """Answer in the decision's stead, from the request alone."""
        is_small = self.approve_up_to > 0 and request.amount <= self.approve_up_to
        return is_small and request.currency == self.currency


class AuthorizationWire(Protocol):
    """Reads and answers a network's real-time messages. Pure: it holds keys, it does no I/O."""

    def read(self, headers: Mapping[str, str], body: bytes) -> AuthorizationRequest | None:
        """Verify and translate; None for a message that asks nothing. Raises Unauthenticated or Malformed."""
        ...

    def answer(self, *, approved: bool, decision_id: str | None, amount: int | None = None) -> Answer:
        """Write the answer; `amount` is what is approved where that is less than was asked."""
        ...
