"""Gathering what a decision looks at, under the wallet's lock, into plain values."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final
from zoneinfo import ZoneInfo

from cardwright import cards, kyc, merchants, rules, users
from cardwright.cards import Card, Dimension, Measure, Purchase, Scope, Selection, Terms
from cardwright.db.session import Session
from cardwright.ledger import Account
from cardwright.payments.decision import (
    ControlFact,
    ExceptionFact,
    Facts,
    LimitFact,
    NetworkAnswer,
    TermsFact,
    instant_text,
)
from cardwright.payments.domain import ElementKind, Merchant, Payment
from cardwright.payments.usage import usage, uses, zones_counting
from cardwright.rules import CompiledRulebook, FactValue, Rulebook, VelocityConcerned
from cardwright.users import TimeZones

_NAMED: Final = 3


@dataclass(frozen=True, slots=True)
class _Scene:
    """What one request concerns, and where and how well known its holder is."""

    session: Session
    card: Card
    payment: Payment
    purchase: Purchase
    zones: TimeZones
    level: int
    amount: int
    at: datetime

    def seen(self, zone: ZoneInfo) -> Purchase:
        """Return the purchase as a zone's clock shows it."""
        return purchase_of(self.payment, zone, self.purchase.merchant_aliases)


async def gather(
    session: Session, *, card: Card, wallet: Account, payment: Payment, kind: ElementKind, amount: int,
    currency: str, network: NetworkAnswer | None, at: datetime, allows_partial: bool = False,
) -> tuple[Facts, CompiledRulebook]:  # fmt: skip
    """Return the facts of a request and the rulebook that decides it."""
    profile = await users.get_profile(session, card.user_id)
    level = int(await kyc.find_status(session, card.user_id))
    rulebook = await rules.active_rulebook(session, card.program_id)
    zones = await users.time_zones_of(session, profile)
    known = await merchants.find_merchant(session, payment.merchant_id)
    purchase = purchase_of(payment, zones.present, known.ids if known else ())
    scene = _Scene(session, card, payment, purchase, zones, level, amount, at)
    fields: dict[str, FactValue] = {
        **_asked(kind, amount, currency, payment),
        "card.type": card.type,
        "card.age_days": max(0, (at - card.created_at).days),
        "holder.kyc_level": level,
        "holder.country": profile.address.country if profile.address else None,
        "holder.age_days": max(0, (at - profile.created_at).days),
    }
    controls = await _control_facts(scene)
    limits, terms = await _limit_facts(scene), await _terms_fact(scene)
    exception = await _exception_fact(scene, controls, rulebook.rulebook)
    lists = await rules.list_members(session, card.program_id, rulebook, fields, at)
    scorer = await rules.find_scorer(session, card.program_id) if rulebook.reads_risk else None
    # Last of all: others may wait from here on.
    seen = await rules.read_velocity(
        session, rules.with_velocity_of(scorer, rulebook.velocity), concerned_by(card, payment),
        amount=amount, currency=currency, at=at,
    )  # fmt: skip
    counted = seen.values if seen else {}
    risk = scorer.score({**fields, **counted}) if scorer else None
    fields |= {name: counted[name] for name in rulebook.velocity}
    if rulebook.reads_risk:
        fields[rules.RISK_SCORE] = risk.score if risk else None
    facts = Facts(
        decided_at=at.isoformat(),
        amount=amount,
        currency=currency,
        card_currency=card.currency,
        card_state=card.effective_state,
        kyc_level=level,
        available_balance=wallet.available_balance,
        limits=limits,
        fields=fields,
        rulebook_version=rulebook.rulebook.version,
        rulebook_hash=rulebook.rulebook.hash,
        network=network,
        terms=terms,
        purchase=purchase,
        controls=controls,
        exception=exception,
        allows_partial=allows_partial,
        draw=payment.reference,
        lists=lists,
        occurred_at=seen.occurred_at.isoformat() if seen else None,
        risk=risk,
    )
    return facts, rulebook


def concerned_by(card: Card, payment: Payment) -> VelocityConcerned:
    """Return whose velocity a payment is."""
    return VelocityConcerned(card.program_id, card.id, card.user_id, payment.merchant_id)


def purchase_of(payment: Payment, zone: ZoneInfo, merchant_ids: tuple[str, ...] = ()) -> Purchase:
    """Return what limits and controls look at; the hour is the holder's, when the payment was opened.

    `merchant_ids` are all that mean the merchant.
    """
    local = payment.opened_at.astimezone(zone)
    merchant = payment.merchant
    return Purchase(
        merchant_id=payment.merchant_id, merchant_name=merchant.name, mcc=merchant.mcc,
        group=payment.merchant_group, country=merchant.country, channel=payment.channel,
        weekday=local.isoweekday(), minute=local.hour * 60 + local.minute,
        merchant_aliases=tuple(id_ for id_ in merchant_ids if id_ != payment.merchant_id),
        category=merchants.category(merchant.mcc).name,
    )  # fmt: skip


def selected_words(only: Selection, purchase: Purchase) -> str:
    """Name what a limit is for, which concerns a purchase; nothing for everything."""
    names = {
        Dimension.CATEGORIES: [merchants.selected_category(value) for value in only.categories],
        # Of several merchants the one that is paid is named; the others are ids to everybody.
        Dimension.MERCHANTS: [purchase.merchant_name] if only.merchants else [],
    }
    listed = [names.get(dimension, list(only.values(dimension))) for dimension in Dimension]
    return ", ".join(_some(values) for values in listed if values)


def _some(values: Sequence[str]) -> str:
    named, others = values[:_NAMED], len(values) - _NAMED
    return " or ".join(named) + (f" or {others} more" if others > 0 else "")


async def _limit_facts(scene: _Scene) -> tuple[LimitFact, ...]:
    # A payment counts in the windows that it was opened in, and so does every increment of it.
    found = []
    counted = scene.payment.totals.counted
    for applied in await cards.limits_on(scene.session, scene.card, scene.level):
        limit = applied.limit
        at = scene.payment.opened_at
        zones = [
            found for found in zones_counting(limit, scene.zones, at) if limit.only.has(scene.seen(found))
        ]
        if not zones:
            continue
        used = await usage(scene.session, scene.card, applied, zones, at=at, so_far=counted)
        is_new = scene.amount > 0 and counted == 0
        found.append(
            LimitFact(
                window=limit.window, limit=limit.at_most, used=used.used,
                resets_at=instant_text(used.resets_at), scope=applied.scope, measure=limit.measure,
                asked=int(is_new) if limit.measure is Measure.COUNT else None,
                span_seconds=limit.span_seconds, only=selected_words(limit.only, scene.purchase),
            )
        )  # fmt: skip
    return tuple(found)


async def _terms_fact(scene: _Scene) -> TermsFact | None:
    terms = scene.card.terms
    if terms == Terms():
        return None
    totals = scene.payment.totals
    used = 0
    if terms.uses is not None:
        used = await uses(scene.session, scene.card, but=scene.payment.id)
    return TermsFact(
        uses=terms.uses, used=used, is_new_use=scene.amount > 0 and not totals.is_use,
        exact_amount=terms.exact_amount, is_locked=terms.is_locked, merchant_id=terms.merchant_id,
        merchant_name=await _merchant_name(scene, terms.merchant_id),
        valid_from=_utc_text(terms.valid_from), valid_until=_utc_text(terms.valid_until),
    )  # fmt: skip


async def _merchant_name(scene: _Scene, merchant_id: str | None) -> str | None:
    if merchant_id is None:
        return None
    found = await merchants.find_merchant(scene.session, merchant_id)
    return found.name if found else None


async def _control_facts(scene: _Scene) -> tuple[ControlFact, ...]:
    found = await cards.controls_on(scene.session, scene.card, scene.level)
    return tuple(
        ControlFact(held.scope, held.control.dimension, held.control.effect, held.control.values)
        for held in found
    )


async def _exception_fact(
    scene: _Scene, controls: Sequence[ControlFact], rulebook: Rulebook
) -> ExceptionFact | None:
    is_restricted = scene.card.terms.is_locked or any(held.scope == Scope.CARD for held in controls)
    if not is_restricted and not rulebook.challenges:
        return None
    found = await cards.find_exception(scene.session, scene.card, scene.purchase.merchant_ids, scene.at)
    return None if found is None else ExceptionFact(found.id, str(_utc_text(found.until)))


def _utc_text(at: datetime | None) -> str | None:
    return None if at is None else instant_text(at.astimezone(UTC))


def facts_of_an_unknown_card(
    kind: ElementKind, amount: int, currency: str, merchant: Merchant, channel: str, at: datetime,
    rulebook: CompiledRulebook,
) -> Facts:  # fmt: skip
    """Return the facts of a request for a card that is not ours: nobody's balance, nobody's level."""
    nobody: dict[str, FactValue] = {
        "card.type": "standard",
        "card.age_days": 0,
        "holder.kyc_level": 0,
        "holder.country": None,
        "holder.age_days": 0,
        **rules.unseen_velocity(rulebook.velocity),
    }
    return Facts(
        decided_at=at.isoformat(), amount=amount, currency=currency, card_currency=None, card_state=None,
        kyc_level=0, available_balance=0, limits=(),
        fields={**_transaction(kind, amount, currency, merchant, channel), **nobody},
        rulebook_version=rulebook.rulebook.version, rulebook_hash=rulebook.rulebook.hash,
        lists={named.name: () for named in rulebook.lists},
    )  # fmt: skip


def _asked(kind: ElementKind, amount: int, currency: str, payment: Payment) -> dict[str, FactValue]:
    return _transaction(kind, amount, currency, payment.merchant, payment.channel)


def _transaction(
    kind: ElementKind, amount: int, currency: str, merchant: Merchant, channel: str
) -> dict[str, FactValue]:
    return {
        "amount": amount,
        "currency": currency,
        "kind": "verification" if kind is ElementKind.AUTHORIZATION and amount == 0 else str(kind),
        "channel": channel,
        "merchant.id": merchant.id,
        "merchant.name": merchant.name,
        "merchant.mcc": merchant.mcc,
        "merchant.country": merchant.country,
        "merchant.city": merchant.city,
    }
