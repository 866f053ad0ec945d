"""Use cases of cards: asking for one, reading it, and changing what it may be used for."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from cardwright import audit, kyc, merchants
from cardwright.access import Viewer
from cardwright.cards import limit_store, store
from cardwright.cards.domain import (
    Card,
    CardState,
    CardType,
    Control,
    Dimension,
    Limit,
    Terms,
    agreed_terms,
    ensure_distinct,
    ensure_limits_suit,
    ensure_one_each,
    is_loosening,
    is_raise,
)
from cardwright.cards.lifecycle import event_of, own_card_for_update
from cardwright.core.errors import Invalid, NotFound
from cardwright.core.ids import new_id
from cardwright.db import outbox
from cardwright.db.session import Session


@dataclass(frozen=True, slots=True)
class NewCard:
    """What somebody asks for."""

    label: str
    type: CardType = CardType.STANDARD
    terms: Terms = field(default_factory=Terms)
    limits: Sequence[Limit] = ()
    controls: Sequence[Control] = ()
    colour: str | None = None
    icon: str | None = None
    template_id: str | None = None


async def create_card(
    session: Session, wanted: NewCard, *, program_id: str, user_id: str, currency: str, at: datetime
) -> Card:
    """Ask for a virtual card, for a verified holder; it is inactive until the processor has issued it."""
    await kyc.ensure_verified(session, user_id)
    ensure_sound(wanted.limits, wanted.controls)
    card_id = new_id("card")
    card = Card(
        id=card_id, program_id=program_id, user_id=user_id, root_card_id=card_id, label=wanted.label,
        type=wanted.type, currency=currency, state=CardState.INACTIVE, last4=None, exp_month=None,
        exp_year=None, processor_reference=None, limits=tuple(wanted.limits), created_at=at,
        terms=agreed_terms(wanted.type, wanted.terms, wanted.limits, at=at), colour=wanted.colour,
        icon=wanted.icon, template_id=wanted.template_id,
    )  # fmt: skip
    await store.insert_card(session, card)
    await limit_store.replace_controls(session, program_id, store.subject_of(card_id), wanted.controls)
    await outbox.append(session, event_of("cards.card_requested", card, at))
    details = {"type": card.type, "currency": currency, "limits": described(card.limits)}
    await audit.record(session, user_id, program_id, "card.requested", card.id, details, at)
    return card


async def get_card(session: Session, card_id: str, *, viewer: Viewer) -> Card:
    """Return a card within a viewer's sight; raise NotFound for any other."""
    card = await store.find_card(session, card_id)
    if card is None or not viewer.sees(card):
        raise NotFound("card_unknown", "There is no such card.")
    return card


async def change_looks(
    session: Session, card_id: str, looks: Mapping[str, str | None], *, user_id: str, at: datetime
) -> Card:
    """Change the label, colour or icon of one's own card."""
    card = await own_card_for_update(session, card_id, user_id)
    await store.save_looks(session, card_id, looks)
    details = {"changed": sorted(looks)}
    await audit.record(session, user_id, card.program_id, "card.relabelled", card_id, details, at)
    return await store.card_for_update(session, card_id)


async def set_limits(
    session: Session,
    card_id: str,
    limits: Sequence[Limit],
    *,
    user_id: str,
    ensure_may_raise: Callable[[], None],
    at: datetime,
) -> Card:
    """Replace the limits of one's own card; `ensure_may_raise` is asked before more may be spent than now."""
    ensure_sound(limits, ())
    card = await own_card_for_update(session, card_id, user_id)
    ensure_limits_suit(card.type, limits)
    if is_raise(card.limits, limits):
        ensure_may_raise()
    await limit_store.replace_limits(session, card.program_id, store.subject_of(card_id), limits)
    changed = replace(card, limits=tuple(limits))
    await outbox.append(session, event_of("cards.limits_changed", changed, at))
    details = {"before": described(card.limits), "after": described(limits)}
    await audit.record(session, user_id, card.program_id, "card.limits_changed", card_id, details, at)
    return changed


async def set_controls(
    session: Session, card_id: str, controls: Sequence[Control], *, user_id: str,
    ensure_may_loosen: Callable[[], None], at: datetime,
) -> Sequence[Control]:  # fmt: skip
    """Replace the controls of one's own card; `ensure_may_loosen` is asked before more could pass."""
    ensure_sound((), controls)
    card = await own_card_for_update(session, card_id, user_id)
    present = await controls_of(session, card_id)
    if is_loosening(present, controls):
        ensure_may_loosen()
    await limit_store.replace_controls(session, card.program_id, store.subject_of(card_id), controls)
    await outbox.append(session, event_of("cards.controls_changed", card, at))
    details = {"before": listed(present), "after": listed(controls)}
    await audit.record(session, user_id, card.program_id, "card.controls_changed", card_id, details, at)
    return controls


def ensure_sound(limits: Sequence[Limit], controls: Sequence[Control]) -> None:
    """Raise Invalid for limits or controls that repeat each other or name a category that there is not."""
    ensure_distinct(limits)
    ensure_one_each(controls)
    named = {value for limit in limits for value in limit.only.categories}
    named |= {
        value for found in controls if found.dimension is Dimension.CATEGORIES for value in found.values
    }
    unknown = sorted(value for value in named if not value.isdecimal() and value not in merchants.GROUP_IDS)
    if unknown:
        raise Invalid("category_unknown", f"There is no group of categories {unknown[0]!r}.")


async def controls_of(session: Session, card_id: str) -> Sequence[Control]:
    """Return the controls that were set for a card itself."""
    return [found.control for found in await limit_store.controls_for(session, [store.subject_of(card_id)])]


def described(limits: Sequence[Limit]) -> dict[str, int]:
    """Name limits as the audit trail tells them, with how much each allows."""
    return {_name(limit): limit.at_most for limit in limits}


def listed(controls: Sequence[Control]) -> dict[str, list[str]]:
    """Name controls as the audit trail tells them, with their values."""
    return {f"{found.effect}_{found.dimension}": sorted(found.values) for found in controls}


def _name(limit: Limit) -> str:
    parts = [str(limit.window)]
    parts += [f"{limit.span_seconds}s"] if limit.span_seconds else []
    parts += ["count"] if limit.measure == "count" else []
    parts += [str(limit.only)] if not limit.only.is_everything else []
    return " ".join(parts)
