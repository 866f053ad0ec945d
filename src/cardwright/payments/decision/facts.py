"""Everything that a decision looks at, as plain values that are stored beside it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Self

from cardwright.cards import Purchase
from cardwright.core.money import Money
from cardwright.core.plain import plain
from cardwright.rules import FactValue, Risk


@dataclass(frozen=True, slots=True)
class LimitFact:
    """A limit as it stood: `used` of `limit` in the window that ends at `resets_at`.

    Both are minor units, or payments where `measure` is "count"; `asked` is what a request adds to a count.
    `only` names the purchases that it concerns; those that it does not concern have no such fact.
    """

    window: str
    limit: int
    used: int
    resets_at: str | None
    scope: str = "card"
    measure: str = "amount"
    asked: int | None = None
    span_seconds: int | None = None
    only: str = ""


@dataclass(frozen=True, slots=True)
class TermsFact:
    """What the card's type allows, how often it was used before, and whether this is one more use."""

    uses: int | None
    used: int
    is_new_use: bool
    exact_amount: int | None
    is_locked: bool
    merchant_id: str | None
    merchant_name: str | None
    valid_from: str | None
    valid_until: str | None


@dataclass(frozen=True, slots=True)
class ControlFact:
    """A control as it stood, and whom it was set for."""

    scope: str
    dimension: str
    effect: str
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ExceptionFact:
    """The holder's exception for this merchant that held at the time."""

    id: str
    until: str


class DeclineCause(StrEnum):
    """Why a network declined without us, in our words; what we do not know is `other`.

    `mirror`: what the processor keeps of ours, the card's state and its limits. `unheard`: we gave no answer
    in time. `funds`: the issuer's account. `holder`: what the processor holds against the cardholder.
    `credentials`: what was given with the card was wrong. `expired`: the month on the card is over.
    """

    MIRROR = "mirror"
    UNHEARD = "unheard"
    FUNDS = "funds"
    HOLDER = "holder"
    CREDENTIALS = "credentials"
    EXPIRED = "expired"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class NetworkAnswer:
    """What the network answered the merchant without asking us, or in spite of our answer.

    `reason` is its own word; `cause` says why it declined, and is not known of what was decided long ago.
    """

    approved: bool
    reason: str
    cause: DeclineCause | None = None


@dataclass(frozen=True, slots=True)
class Facts:
    """Everything a decision looked at; plain JSON values, stored whole beside the decision.

    Amounts are minor units of `currency`. `fields` are the values the rules read, by catalogue name.
    `allows_partial` says that the terminal can take a yes to less than it asked for; `draw` names the payment
    where rules count for a sample; `lists` holds what the request has of each list that the rules ask;
    `occurred_at` is where the windows of velocity end, None for a card that is not ours; `risk` is what the
    risk model saw and said, None where no rule asks for that or no model is active. What a later schema added
    has a default that decides as if it had not been looked at, as then it was not.
    """

    decided_at: str
    amount: int
    currency: str
    card_currency: str | None
    card_state: str | None
    kyc_level: int
    available_balance: int
    limits: tuple[LimitFact, ...]
    fields: Mapping[str, FactValue]
    rulebook_version: int
    rulebook_hash: str
    network: NetworkAnswer | None = None
    terms: TermsFact | None = None
    purchase: Purchase | None = None
    controls: tuple[ControlFact, ...] = ()
    exception: ExceptionFact | None = None
    allows_partial: bool = False
    draw: str = ""
    lists: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    occurred_at: str | None = None
    risk: Risk | None = None
    schema: int = 2

    def to_json(self) -> dict[str, Any]:
        """Return the facts as JSON."""
        found: dict[str, Any] = plain(self)
        return found

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Self:
        """Read back what `to_json` wrote, under this schema or an earlier one."""
        controls = [
            ControlFact(**{**found, "values": tuple(found["values"])}) for found in stored.get("controls", ())
        ]
        parts = {
            "network": NetworkAnswer, "terms": TermsFact, "purchase": Purchase, "exception": ExceptionFact,
            "risk": Risk,
        }  # fmt: skip
        if stored.get("purchase") is not None:
            aliases = tuple(stored["purchase"]["merchant_aliases"])
            stored = {**stored, "purchase": {**stored["purchase"], "merchant_aliases": aliases}}
        if stored.get("network") is not None and stored["network"].get("cause") is not None:
            cause = DeclineCause(stored["network"]["cause"])
            stored = {**stored, "network": {**stored["network"], "cause": cause}}
        built = {name: part(**stored[name]) for name, part in parts.items() if stored.get(name) is not None}
        limits = tuple(LimitFact(**limit) for limit in stored["limits"])
        return cls(**{**stored, **built, "limits": limits, "controls": tuple(controls)})

    def money(self, amount: int) -> str:
        """Write an amount in the currency of the request."""
        return str(Money(amount, self.currency))

    @property
    def is_increment(self) -> bool:
        """Whether more is asked for a payment that was approved before."""
        return self.fields.get("kind") == "increment"


def instant_text(at: datetime | None) -> str | None:
    """Write an instant as the facts hold it: ISO 8601 to the second with its offset."""
    return None if at is None else at.isoformat(timespec="seconds")
