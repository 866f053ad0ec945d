"""What a level of verification allows: how many cards, how much to hold, and how much to add in a month."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from cardwright import approvals, audit, users
from cardwright.approvals import Approval, ApprovalKind
from cardwright.core.errors import Conflict, Invalid
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

    def raises(self, before: "Allowance") -> bool:
        """Say whether people may have more of anything than before."""
        pairs = zip(_amounts(before).values(), _amounts(self).values(), strict=True)
        return any(was is not None and (now is None or now > was) for was, now in pairs)

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
    session: Session, program_id: str, allowance: Allowance, *, reason: str | None, staff_id: str,
    at: datetime,
) -> tuple[Allowance, Approval | None]:  # fmt: skip
    """Replace what a level allows; what people have beyond it they keep.

    What gives people more of anything is proposed, for another to approve: what held before is returned, with
    the proposal. Raises Invalid `reason_required` where that has none.
    """
    await level_store.lock(session, program_id)
    before = (await list_allowances(session, program_id))[allowance.level]
    if not allowance.raises(before):
        await _change(session, program_id, before, allowance, staff_id, at)
        return allowance, None
    if reason is None:
        raise Invalid("reason_required", "Give a reason: somebody else approves what allows more.")
    proposed = await approvals.propose(
        session, LEVEL_RAISE, program_id=program_id, subject_id=str(allowance.level.value),
        payload={"from": _amounts(before), "to": _amounts(allowance)}, reason=reason, by=staff_id, at=at,
    )  # fmt: skip
    return before, proposed


async def _raise(session: Session, approval: Approval, at: datetime) -> None:
    level, program_id = KycLevel(int(approval.subject_id)), approval.program_id
    await level_store.lock(session, program_id)
    before = (await list_allowances(session, program_id))[level]
    if _amounts(before) != approval.payload["from"]:
        raise Conflict("level_changed", "The level allows something else by now than when this was proposed.")
    told = {"approval_id": approval.id, "proposed_by": approval.proposed_by}
    allowance = Allowance(level, **approval.payload["to"])
    await _change(session, program_id, before, allowance, str(approval.decided_by), at, **told)


LEVEL_RAISE: Final = ApprovalKind("identity_level.raise", "limits.write", "identity_levels.approve", _raise)


async def _change(
    session: Session, program_id: str, before: Allowance, after: Allowance, by: str, at: datetime, **more: str
) -> None:
    await level_store.keep(session, program_id, after.level, **_amounts(after))
    details = {"before": asdict(before), "after": asdict(after), **more}
    level = str(after.level.value)
    await audit.record(session, by, program_id, "identity_level.changed", level, details, at)


def _amounts(allowance: Allowance) -> dict[str, int | None]:
    return {"cards": allowance.cards, "balance": allowance.balance, "added_30d": allowance.added_30d}


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
