"""The states of a card, the reasons for leaving them, and which may follow which."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from cardwright.core.errors import Conflict


class CardState(StrEnum):
    """`inactive` until the processor has issued it; `canceled` is final."""

    INACTIVE = "inactive"
    ACTIVE = "active"
    FROZEN = "frozen"
    CANCELED = "canceled"


class CancellationReason(StrEnum):
    """Why a card was closed for good; holders choose among the first four."""

    HOLDER = "holder"
    LOST = "lost"
    STOLEN = "stolen"
    COMPROMISED = "compromised"
    REPLACED = "replaced"
    USED_UP = "used_up"
    VALIDITY_OVER = "validity_over"
    EXPIRED = "expired"
    PROCESSOR = "processor"


class ReplacementReason(StrEnum):
    """Why a card is replaced: for the first three the old one stops at once."""

    LOST = "lost"
    STOLEN = "stolen"
    COMPROMISED = "compromised"
    DAMAGED = "damaged"
    EXPIRING = "expiring"

    @property
    def stops_at_once(self) -> bool:
        """Whether the number may be in wrong hands, so that the old card must not wait for the new one."""
        return self in (ReplacementReason.LOST, ReplacementReason.STOLEN, ReplacementReason.COMPROMISED)


_EDGES: Final[dict[CardState, frozenset[CardState]]] = {
    CardState.INACTIVE: frozenset({CardState.ACTIVE, CardState.CANCELED}),
    CardState.ACTIVE: frozenset({CardState.FROZEN, CardState.CANCELED}),
    CardState.FROZEN: frozenset({CardState.ACTIVE, CardState.CANCELED}),
    CardState.CANCELED: frozenset(),
}


def ensure_transition(present: CardState, wanted: CardState) -> None:
    """Raise Conflict unless a card may go from its present state to the wanted one."""
    if wanted not in _EDGES[present]:
        raise Conflict(
            f"card_{present}",
            f"A card that is {present} cannot become {wanted}.",
            present=present,
            wanted=wanted,
        )


@dataclass(frozen=True, slots=True)
class Transition:
    """One change of a card's state: who made it, why, and when."""

    card_id: str
    from_state: str | None
    to_state: str
    actor_id: str
    reason: str
    at: datetime
