"""Use cases of cards: asking for one, reading it, and changing what it may be used for."""

from collections.abc import Callable, Iterable, Mapping, Sequence
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
from cardwright.cards.ports import DEFAULT_PROCESSOR
from cardwright.core.countries import COUNTRIES
from cardwright.core.errors import Invalid, NotFound
from cardwright.core.ids import new_id
from cardwright.db import outbox
from cardwright.db.session import Session


@dataclass(frozen=True, slots=True)
class NewCard:
    """What somebody asks for; what is fixed comes from a template and stays."""

    label: str
    type: CardType = CardType.STANDARD
    terms: Terms = field(default_factory=Terms)
    limits: Sequence[Limit] = ()
    controls: Sequence[Control] = ()
    colour: str | None = None
    icon: str | None = None
    template_id: str | None = None
    processor: str = DEFAULT_PROCESSOR
    fixed_limits: Sequence[Limit] = ()
    fixed_controls: Sequence[Control] = ()


async def create_card(
    session: Session, wanted: NewCard, *, program_id: str, user_id: str, currency: str, at: datetime
) -> Card:
    """Ask for a virtual card that the holder's level allows; it is inactive until the processor issued it."""
    await ensure_may_have_another(session, program_id, user_id, at=at)
    await ensure_sound(
        session, program_id, wanted.limits, wanted.controls, merchant_ids=wanted.terms.merchant_ids
    )
    card_id, limits = new_id("card"), (*wanted.limits, *wanted.fixed_limits)
    card = Card(
        id=card_id, program_id=program_id, user_id=user_id, root_card_id=card_id, label=wanted.label,
        type=wanted.type, currency=currency, state=CardState.INACTIVE, last4=None, exp_month=None,
        exp_year=None, processor=wanted.processor,
        processor_reference=None, limits=tuple(wanted.limits), created_at=at,
        terms=agreed_terms(wanted.type, wanted.terms, limits, at=at), colour=wanted.colour,
        icon=wanted.icon, template_id=wanted.template_id, fixed_limits=tuple(wanted.fixed_limits),
    )  # fmt: skip
    await store.insert_card(session, card)
    await limit_store.replace_controls(session, program_id, store.subject_of(card_id), wanted.controls)
    await limit_store.replace_controls(session, program_id, store.fixed_of(card_id), wanted.fixed_controls)
    await outbox.append(session, event_of("cards.card_requested", card, at))
    details = {"type": card.type, "currency": currency, "limits": described(limits)}
    await audit.record(session, user_id, program_id, "card.requested", card.id, details, at)
    return card


async def ensure_may_have_another(session: Session, program_id: str, user_id: str, *, at: datetime) -> None:
    """Raise Conflict `kyc_required` or `level_exceeded`; nobody else makes a card of theirs meanwhile."""
    await store.lock_cards_of(session, user_id)
    open_cards = await store.count_open_cards(session, program_id, user_id)
    await kyc.ensure_may_have_card(session, program_id, user_id, open_cards=open_cards, at=at)


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
    card = await own_card_for_update(session, card_id, user_id)
    await ensure_sound(session, card.program_id, limits, ())
    ensure_limits_suit(card.type, (*limits, *card.fixed_limits))
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
    card = await own_card_for_update(session, card_id, user_id)
    await ensure_sound(session, card.program_id, (), controls)
    present = await controls_of(session, card_id)
    if is_loosening(present, controls):
        ensure_may_loosen()
    await limit_store.replace_controls(session, card.program_id, store.subject_of(card_id), controls)
    await outbox.append(session, event_of("cards.controls_changed", card, at))
    details = {"before": listed(present), "after": listed(controls)}
    await audit.record(session, user_id, card.program_id, "card.controls_changed", card_id, details, at)
    return controls


async def ensure_sound(
    session: Session, program_id: str, limits: Sequence[Limit], controls: Sequence[Control],
    *, merchant_ids: Iterable[str] = (),
) -> None:  # fmt: skip
    """Raise Invalid for limits or controls that repeat each other or name what there is not.

    `merchant_ids` are what else must be a merchant of the program.
    """
    ensure_distinct(limits)
    ensure_one_each(controls)
    for category in _named(Dimension.CATEGORIES, limits, controls):
        if not merchants.is_category(category):
            raise Invalid("category_unknown", f"There is no category {category!r}.", category=category)
    for country in _named(Dimension.COUNTRIES, limits, controls):
        if country not in COUNTRIES:
            raise Invalid("country_unknown", f"There is no country {country!r}.", country=country)
    named = {*_named(Dimension.MERCHANTS, limits, controls), *merchant_ids}
    await merchants.ensure_known(session, named, program_id=program_id)


def _named(dimension: Dimension, limits: Sequence[Limit], controls: Sequence[Control]) -> Sequence[str]:
    named = {value for limit in limits for value in limit.only.values(dimension)}
    named |= {value for found in controls if found.dimension is dimension for value in found.values}
    return sorted(named)


async def controls_of(session: Session, card_id: str) -> Sequence[Control]:
    """Return the controls that a card's holder set for it."""
    return [found.control for found in await limit_store.controls_for(session, [store.subject_of(card_id)])]


async def fixed_controls_of(session: Session, card_id: str) -> Sequence[Control]:
    """Return the controls of a card that its holder cannot change."""
    return [found.control for found in await limit_store.controls_for(session, [store.fixed_of(card_id)])]


def described(limits: Sequence[Limit]) -> dict[str, int]:
    """Name limits as the audit trail tells them, with how much each allows: the strictest of those alike."""
    loosest_first = sorted(limits, key=lambda limit: limit.at_most, reverse=True)
    return {_name(limit): limit.at_most for limit in loosest_first}


def listed(controls: Sequence[Control]) -> dict[str, list[str]]:
    """Name controls as the audit trail tells them, with their values."""
    return {f"{found.effect}_{found.dimension}": sorted(found.values) for found in controls}


def _name(limit: Limit) -> str:
    parts = [str(limit.window)]
    parts += [f"{limit.span_seconds}s"] if limit.span_seconds else []
    parts += ["count"] if limit.measure == "count" else []
    parts += [str(limit.only)] if not limit.only.is_everything else []
    return " ".join(parts)
