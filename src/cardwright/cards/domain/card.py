"""A virtual card as we keep it."""

from dataclasses import dataclass, field
from datetime import UTC, datetime

from cardwright.cards.domain.limits import Limit
from cardwright.cards.domain.states import CancellationReason, CardState, ReplacementReason
from cardwright.cards.domain.terms import CardType, Terms, Uses


@dataclass(frozen=True, slots=True)
class StaffLock:
    """A lock that staff put on a card; only staff take it away, whatever the holder does."""

    reason: str
    locked_by: str
    locked_at: datetime


@dataclass(frozen=True, slots=True)
class Bearer:
    """Whose a card is, and which wallet pays: what never changes of it."""

    card_id: str
    program_id: str
    user_id: str
    currency: str


@dataclass(frozen=True, slots=True)
class Card:
    """A virtual card as we keep it: the full number stays at the processor, or in the vault.

    `root_card_id` is the first card of a chain of replacements: limits and uses count over the whole chain.
    `held_up_reason`: what keeps the processor from issuing it, while something does. `starts_frozen`: it
    takes a frozen card's place, and is frozen once it is issued.
    `limits` are its holder's, `fixed_limits` what its template set besides.
    """

    id: str
    program_id: str
    user_id: str
    root_card_id: str
    label: str
    type: CardType
    currency: str
    state: CardState
    last4: str | None
    exp_month: int | None
    exp_year: int | None
    processor: str
    processor_reference: str | None
    limits: tuple[Limit, ...]
    created_at: datetime
    terms: Terms = field(default_factory=Terms)
    colour: str | None = None
    icon: str | None = None
    template_id: str | None = None
    replacement_for: str | None = None
    replacement_reason: ReplacementReason | None = None
    replaced_by: str | None = None
    lock: StaffLock | None = None
    held_up_reason: str | None = None
    bin: str | None = None
    fixed_limits: tuple[Limit, ...] = ()
    starts_frozen: bool = False

    @property
    def bearer(self) -> Bearer:
        """Whose it is."""
        return Bearer(self.id, self.program_id, self.user_id, self.currency)

    @property
    def is_open(self) -> bool:
        """Whether the card may still pay at some time."""
        return self.state is not CardState.CANCELED

    @property
    def effective_state(self) -> str:
        """The state as the network meets it: a staff lock stands over active and frozen."""
        if self.lock is not None and self.state in (CardState.ACTIVE, CardState.FROZEN):
            return "locked"
        return self.state.value

    def state_at(self, at: datetime, uses: Uses) -> CardState:
        """The state as people are shown it: a card that is over or used up is closed, swept or not."""
        is_used_up = self.terms.uses is not None and uses.used >= self.terms.uses and not uses.is_holding
        return CardState.CANCELED if is_used_up or self.end_at(at) is not None else self.state

    def end_at(self, at: datetime) -> CancellationReason | None:
        """Why the card is over at an instant, whether or not it has been closed; None while it is not."""
        if self.terms.valid_until is not None and self.terms.valid_until <= at:
            return CancellationReason.VALIDITY_OVER
        is_expired = self.expires_at is not None and self.expires_at <= at
        return CancellationReason.EXPIRED if is_expired else None

    @property
    def processor_state(self) -> CardState:
        """The state the processor is told: what is locked is frozen there."""
        return CardState.FROZEN if self.effective_state == "locked" else self.state

    @property
    def expires_at(self) -> datetime | None:
        """When the card is over: as the month on it ends, in UTC; None until it is issued."""
        if self.exp_month is None or self.exp_year is None:
            return None
        return datetime(self.exp_year + self.exp_month // 12, self.exp_month % 12 + 1, 1, tzinfo=UTC)
