"""A merchant, and the ids under which networks know it. No I/O."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Origin(StrEnum):
    """How an acceptor id came to belong to a merchant."""

    OBSERVED = "observed"
    DESCRIPTOR = "descriptor"
    STAFF = "staff"


@dataclass(frozen=True, slots=True)
class Merchant:
    """An identity; `aliases` are the ids of merchants that were merged into it, which still mean it."""

    id: str
    program_id: str
    name: str
    mcc: str
    group: str
    country: str
    created_at: datetime
    aliases: tuple[str, ...] = ()

    @property
    def ids(self) -> tuple[str, ...]:
        """Every id that means it."""
        return (self.id, *self.aliases)


@dataclass(frozen=True, slots=True)
class MergedMerchant:
    """A merchant that staff merged into another; undoing that gives it back all that is still its own."""

    id: str
    name: str
    merged_into: str


@dataclass(frozen=True, slots=True)
class Acceptor:
    """An id under which a network knows a merchant, with what the network said of it at first.

    `merchant_id` is the merchant that it belongs to, also while that one is merged into another.
    """

    merchant_id: str
    source: str
    acceptor_id: str
    descriptor: str
    mcc: str
    country: str
    origin: Origin
    first_seen_at: datetime
