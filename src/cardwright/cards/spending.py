"""What holds for a card: limits and controls of it, its holder, their level and the program; exceptions."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final

from cardwright import audit, merchants
from cardwright.cards import limit_store, store
from cardwright.cards.domain import (
    AppliedLimit,
    Bearer,
    Card,
    CardState,
    Control,
    Dimension,
    Effect,
    Limit,
    Scope,
    SpendingException,
    Subject,
    ensure_limits_suit,
)
from cardwright.cards.lifecycle import event_of, own_card_for_update
from cardwright.cards.limit_store import ScopedControl
from cardwright.cards.service import described, ensure_sound, fixed_controls_of, listed
from cardwright.core.errors import Conflict, Invalid, NotFound
from cardwright.core.ids import new_id
from cardwright.db import outbox
from cardwright.db.outbox import Event
from cardwright.db.session import Session

_TOLD: Final[Mapping[Scope, str]] = {
    Scope.FIXED: "cards.limits_changed",
    Scope.PROGRAM: "cards.program_limits_changed",
}
LONGEST_EXCEPTION: Final = timedelta(days=1)


def subjects_of(bearer: Bearer, level: int) -> Sequence[Subject]:
    """Return everybody whose limits and controls hold for a card, its holder being of a KYC level."""
    return (
        store.subject_of(bearer.card_id),
        store.fixed_of(bearer.card_id),
        Subject(Scope.CUSTOMER, bearer.user_id),
        Subject.level(bearer.program_id, level),
        Subject(Scope.PROGRAM, bearer.program_id),
    )


async def limits_on(session: Session, bearer: Bearer, level: int) -> Sequence[AppliedLimit]:
    """Return all limits that hold for a card; the strictest wins, as each of them must be kept."""
    return await limit_store.limits_for(session, subjects_of(bearer, level))


async def controls_on(session: Session, bearer: Bearer, level: int) -> Sequence[ScopedControl]:
    """Return all controls that hold for a card; each of them must let a purchase pass."""
    return await limit_store.controls_for(session, subjects_of(bearer, level))


async def exceptions_on(session: Session, bearer: Bearer, at: datetime) -> Sequence[SpendingException]:
    """Return what lets merchants through a card's own controls at an instant, the longest first."""
    return await limit_store.exceptions_of(session, bearer.card_id, at)


async def allow_merchant(
    session: Session, card_id: str, merchant_id: str, lasts: timedelta, *, user_id: str, at: datetime
) -> SpendingException:
    """Let a merchant through the controls and the lock of one's own card for a while."""
    if not timedelta(0) < lasts <= LONGEST_EXCEPTION:
        raise Invalid("exception_invalid", "An exception lasts a day at most.")
    card = await own_card_for_update(session, card_id, user_id)
    if card.state is CardState.CANCELED:
        raise Conflict("card_canceled", "A canceled card pays nobody.")
    await merchants.ensure_known(session, [merchant_id], program_id=card.program_id)
    await _ensure_not_fixed(session, card_id, merchant_id)
    made = SpendingException(new_id("exc"), card_id, merchant_id, at, at + lasts)
    await limit_store.insert_exception(session, made)
    told = {"merchant_id": merchant_id, "until": made.until.isoformat()}
    await outbox.append(session, event_of("cards.exception_made", card, at, **told))
    await audit.record(session, user_id, card.program_id, "card.exception_made", card_id, told, at)
    return made


async def end_exception(
    session: Session, card_id: str, exception_id: str, *, user_id: str, at: datetime
) -> None:
    """End an exception before its time; raise NotFound where none holds."""
    card = await own_card_for_update(session, card_id, user_id)
    if not await limit_store.revoke_exception(session, card_id, exception_id, at):
        raise NotFound("exception_unknown", "There is no such exception.")
    details = {"exception_id": exception_id}
    await audit.record(session, user_id, card.program_id, "card.exception_ended", card_id, details, at)


async def relock(
    session: Session, card_id: str, merchant_id: str, *, user_id: str, ensure_may_loosen: Callable[[], None],
    at: datetime,
) -> Card:  # fmt: skip
    """Lock one's own locked card to another merchant; `ensure_may_loosen` is asked when it had one."""
    await store.chain_for_update(session, card_id)
    card = await own_card_for_update(session, card_id, user_id)
    if not card.terms.is_locked:
        raise Conflict("card_not_locked", "The card is locked to no merchant.")
    await merchants.ensure_known(session, [merchant_id], program_id=card.program_id)
    if card.terms.merchant_id not in (None, merchant_id):
        ensure_may_loosen()
    await _ensure_not_fixed(session, card_id, merchant_id)
    await store.lock_to_merchant(session, card_id, merchant_id)
    details = {"before": card.terms.merchant_id, "after": merchant_id}
    await audit.record(session, user_id, card.program_id, "card.merchant_locked", card_id, details, at)
    return await store.card_for_update(session, card_id)


async def _ensure_not_fixed(session: Session, card_id: str, merchant_id: str) -> None:
    # It would be declined all the same: better to hear so now.
    known = set(await merchants.family(session, [merchant_id]))
    for found in await fixed_controls_of(session, card_id):
        is_named = not known.isdisjoint(found.values)
        if found.dimension is Dimension.MERCHANTS and is_named is not (found.effect is Effect.ALLOWED):
            raise Conflict("merchant_fixed", "Which merchants this card pays was set by staff.")


async def learn_merchant(session: Session, card: Card, merchant_id: str, at: datetime) -> None:
    """Lock a card that waits for its first merchant to the one that was just paid; nothing for any other."""
    if not card.terms.is_locked or card.terms.merchant_id is not None:
        return
    await store.chain_for_update(session, card.id)
    await store.lock_to_merchant(session, card.id, merchant_id)
    details = {"before": None, "after": merchant_id}
    await audit.record(session, "system", card.program_id, "card.merchant_locked", card.id, details, at)


async def set_for(
    session: Session, program_id: str, subject: Subject, limits: Sequence[Limit], controls: Sequence[Control],
    *, staff_id: str, at: datetime,
) -> None:  # fmt: skip
    """Replace, as staff, the limits and controls of a customer, a level or the whole program."""
    await ensure_sound(session, program_id, limits, controls)
    before = await set_for_now(session, subject)
    await limit_store.replace_limits(session, program_id, subject, limits)
    await limit_store.replace_controls(session, program_id, subject, controls)
    details = {
        "scope": subject.scope,
        "before": {"limits": described(before[0]), "controls": listed(before[1])},
        "after": {"limits": described(limits), "controls": listed(controls)},
    }
    if subject.scope in _TOLD:
        await outbox.append(session, Event(_TOLD[subject.scope], program_id, subject.id, at, {}))
    await audit.record(session, staff_id, program_id, "limits.changed", subject.id, details, at)


async def fix_for_card(
    session: Session, card_id: str, limits: Sequence[Limit], controls: Sequence[Control], *, program_id: str,
    staff_id: str, at: datetime,
) -> None:  # fmt: skip
    """Replace, as staff, what is fixed for one card: what its template set can be lifted here alone."""
    card = await store.card_for_update(session, card_id)
    if card.program_id != program_id:
        raise NotFound("card_unknown", "There is no such card.")
    ensure_limits_suit(card.type, (*limits, *card.limits))
    await set_for(session, program_id, store.fixed_of(card_id), limits, controls, staff_id=staff_id, at=at)


async def set_for_now(session: Session, subject: Subject) -> tuple[Sequence[Limit], Sequence[Control]]:
    """Return the limits and controls that are set for somebody now."""
    limits = [found.limit for found in await limit_store.limits_for(session, [subject])]
    return limits, [found.control for found in await limit_store.controls_for(session, [subject])]
