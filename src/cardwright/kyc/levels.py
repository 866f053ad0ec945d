"""What a level of verification allows: how many cards, how much to hold, and how much to add in a month."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from cardwright import audit, users
from cardwright.core.errors import Conflict
from cardwright.db.session import Session
from cardwright.db.together import together
from cardwright.kyc import level_store, store
from cardwright.kyc.domain import KycLevel
from cardwright.kyc.standing import level_of

MONTH: Final = timedelta(days=30)
"""What is added counts for so long."""


@dataclass(frozen=True, slots=True)
class Allowance:
    """What people of a level may have, amounts in minor units of the program; None is any number."""

    level: KycLevel
    cards: int | None
    balance: int | None
    added_30d: int | None

    @property
    def is_empty(self) -> bool:
        """Whether it allows nothing at all."""
        return self.cards == 0 and self.balance == 0


DEFAULTS: Final[Mapping[KycLevel, Allowance]] = {
    KycLevel.NONE: Allowance(KycLevel.NONE, 0, 0, 0),
    KycLevel.BASIC: Allowance(KycLevel.BASIC, 0, 0, 0),
    KycLevel.FULL: Allowance(KycLevel.FULL, None, None, None),
}
"""What holds until a program decides otherwise: everything after a verified identity, and nothing before."""


async def find_status(session: Session, user_id: str, *, at: datetime) -> KycLevel:
    """Return how well a person is known, in one trip: an authorization waits for it."""
    is_reachable, (good_until, screened) = await together(
        session, users.is_reachable(session, user_id), store.find_status(session, user_id)
    )
    return level_of(good_until, screened, is_reachable=is_reachable, at=at)


async def list_allowances(session: Session, program_id: str) -> tuple[Allowance, ...]:
    """Return what each level of a program allows, the lowest first."""
    kept = await level_store.kept_of(session, program_id)
    return tuple(replace(DEFAULTS[level], **kept.get(level, {})) for level in KycLevel)


async def find_allowance(session: Session, program_id: str, user_id: str, *, at: datetime) -> Allowance:
    """Return what a person may have now."""
    level = await find_status(session, user_id, at=at)
    return (await list_allowances(session, program_id))[level]


async def set_allowance(
    session: Session, program_id: str, allowance: Allowance, *, staff_id: str, at: datetime
) -> Allowance:
    """Replace what a level allows; what people have beyond it they keep."""
    before = (await list_allowances(session, program_id))[allowance.level]
    await level_store.keep(
        session, program_id, allowance.level, cards=allowance.cards, balance=allowance.balance,
        added_30d=allowance.added_30d,
    )  # fmt: skip
    details = {"before": asdict(before), "after": asdict(allowance)}
    await audit.record(
        session, staff_id, program_id, "identity_level.changed", str(allowance.level.value), details, at
    )
    return allowance


async def ensure_may_have_card(
    session: Session, program_id: str, user_id: str, *, open_cards: int, at: datetime
) -> None:
    """Raise Conflict `kyc_required` or `level_exceeded` for a person whose level allows no further card."""
    allowance = await find_allowance(session, program_id, user_id, at=at)
    if allowance.cards is not None and open_cards >= allowance.cards:
        raise _exceeded(allowance, f"at most {allowance.cards} open card(s)", is_none=allowance.cards == 0)


async def ensure_may_hold_money(session: Session, program_id: str, user_id: str, *, at: datetime) -> None:
    """Raise Conflict `kyc_required` or `level_exceeded` for a person whose level allows no money at all."""
    allowance = await find_allowance(session, program_id, user_id, at=at)
    if 0 in {allowance.balance, allowance.added_30d}:
        raise _exceeded(allowance, "no money", is_none=True)


async def ensure_may_add(
    session: Session, program_id: str, user_id: str, *, balance: int, added: int, at: datetime
) -> None:
    """Raise Conflict `kyc_required` or `level_exceeded` where a person would have, or have added, too much.

    `balance` and `added` are as they would be, what is under way included, in minor units of the program.
    """
    allowance = await find_allowance(session, program_id, user_id, at=at)
    if allowance.balance is not None and balance > allowance.balance:
        raise _exceeded(allowance, "a lower balance", is_none=allowance.balance == 0)
    if allowance.added_30d is not None and added > allowance.added_30d:
        raise _exceeded(allowance, "less in 30 days", is_none=allowance.added_30d == 0)


def _exceeded(allowance: Allowance, allowed: str, *, is_none: bool) -> Conflict:
    if is_none and allowance.level is not KycLevel.FULL:
        return Conflict("kyc_required", "Verify your identity first.")
    return Conflict(
        "level_exceeded", f"Your level of verification allows {allowed}.", level=int(allowance.level)
    )
