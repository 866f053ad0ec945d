"""Gathering what a decision looks at, under the wallet's lock, into plain values."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final
from zoneinfo import ZoneInfo

from cardwright import cards, kyc, merchants, rules, users
from cardwright.cards import (
    AppliedLimit,
    Bearer,
    Card,
    Dimension,
    Measure,
    Purchase,
    Scope,
    ScopedControl,
    Selection,
    SpendingException,
    Terms,
)
from cardwright.db.session import Session
from cardwright.db.together import together
from cardwright.ledger import Account
from cardwright.merchants import Merchant as Known
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
from cardwright.payments.ports import AuthorizationRequest
from cardwright.payments.usage import usage, uses, zones_counting
from cardwright.rules import CompiledRulebook, FactValue, Scorer, VelocityConcerned
from cardwright.users import Residence

_NAMED: Final = 3


@dataclass(frozen=True, slots=True)
class Basis:
    """What a decision looks at whatever is asked: holder, rules, the model they read, a card's exceptions."""

    residence: Residence
    level: int
    rulebook: CompiledRulebook
    exceptions: Sequence[SpendingException]
    scorer: Scorer | None

    @property
    def velocity(self) -> tuple[str, ...]:
        """The fields that are counted for the rules and the model."""
        return rules.with_velocity_of(self.scorer, self.rulebook.velocity)


@dataclass(frozen=True, slots=True)
class Taken:
    """A request with all it concerns, the wallet being locked; `paid` is whom its merchant means."""

    card: Card
    wallet: Account
    payment: Payment
    request: AuthorizationRequest
    at: datetime
    basis: Basis
    limits: Sequence[AppliedLimit]
    controls: Sequence[ScopedControl]
    paid: Known | None

    @property
    def purchase(self) -> Purchase:
        """What limits and controls look at, by the holder's clock."""
        return self.seen(self.basis.residence.zones.present)

    def seen(self, zone: ZoneInfo) -> Purchase:
        """Return the purchase as a zone's clock shows it."""
        return purchase_of(self.payment, zone, self.paid.ids if self.paid else ())

    @property
    def kind(self) -> ElementKind:
        """What the network asks for."""
        return ElementKind.INCREMENT if self.request.attempt else ElementKind.AUTHORIZATION


async def find_basis(session: Session, bearer: Bearer, at: datetime) -> Basis:
    """Return what a decision about a card looks at beside the request, under the wallet's lock."""
    residence, level, rulebook, exceptions, scorer = await together(
        session,
        users.find_residence(session, bearer.user_id),
        kyc.find_status(session, bearer.user_id, at=at),
        rules.active_rulebook(session, bearer.program_id),
        cards.exceptions_on(session, bearer, at),
        # Whether a rule reads it or not: to know that first would be a trip more.
        rules.find_scorer(session, bearer.program_id),
    )
    return Basis(residence, int(level), rulebook, exceptions, scorer if rulebook.reads_risk else None)


async def take_up(
    session: Session, card: Card, wallet: Account, payment: Payment, request: AuthorizationRequest,
    basis: Basis, at: datetime,
) -> Taken:  # fmt: skip
    """Return a request with all it concerns; from here on nobody else decides for its holder."""
    limits, controls, paid, _ = await together(
        session,
        cards.limits_on(session, card.bearer, basis.level),
        cards.controls_on(session, card.bearer, basis.level),
        merchants.find_merchant(session, payment.merchant_id),
        rules.lock_velocity(session, basis.velocity, concerned_by(card, payment)),
    )
    return Taken(card, wallet, payment, request, at, basis, limits, controls, paid)


async def gather(session: Session, taken: Taken, network: NetworkAnswer | None) -> Facts:
    """Return the facts of a request that was taken up."""
    request, card, payment, basis, at = taken.request, taken.card, taken.payment, taken.basis, taken.at
    rulebook, since = basis.rulebook, basis.residence.registered_at or card.created_at
    fields: dict[str, FactValue] = {
        **_transaction(taken.kind, request.amount, request.currency, payment.merchant, payment.channel),
        "card.type": card.type,
        "card.age_days": max(0, (at - card.created_at).days),
        "holder.kyc_level": basis.level,
        "holder.country": basis.residence.country,
        "holder.age_days": max(0, (at - since).days),
    }
    seen, limits, terms, lists = await together(
        session,
        rules.read_velocity(
            session, basis.velocity, concerned_by(card, payment), amount=request.amount,
            currency=request.currency, at=at,
        ),
        _limit_facts(session, taken),
        _terms_fact(session, taken),
        rules.list_members(session, card.program_id, rulebook, fields, at),
    )  # fmt: skip
    controls = [
        ControlFact(held.scope, held.control.dimension, held.control.effect, held.control.values)
        for held in taken.controls
    ]
    risk = basis.scorer.score({**fields, **seen.values}) if basis.scorer else None
    fields |= {name: seen.values[name] for name in rulebook.velocity}
    if rulebook.reads_risk:
        fields[rules.RISK_SCORE] = risk.score if risk else None
    return Facts(
        decided_at=at.isoformat(),
        amount=request.amount,
        currency=request.currency,
        card_currency=card.currency,
        card_state=card.effective_state,
        kyc_level=basis.level,
        available_balance=taken.wallet.available_balance,
        limits=limits,
        fields=fields,
        rulebook_version=rulebook.rulebook.version,
        rulebook_hash=rulebook.rulebook.hash,
        network=network,
        terms=terms,
        purchase=taken.purchase,
        controls=tuple(controls),
        exception=_exception_fact(taken, controls),
        allows_partial=request.allows_partial,
        draw=payment.reference,
        lists=lists,
        occurred_at=seen.occurred_at.isoformat(),
        risk=risk,
    )


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


async def _limit_facts(session: Session, taken: Taken) -> tuple[LimitFact, ...]:
    found = await together(session, *(_limit_fact(session, taken, applied) for applied in taken.limits))
    return tuple(fact for fact in found if fact is not None)


async def _limit_fact(session: Session, taken: Taken, applied: AppliedLimit) -> LimitFact | None:
    # A payment counts in the windows that it was opened in, and so does every increment of it.
    limit, at, counted = applied.limit, taken.payment.opened_at, taken.payment.totals.counted
    zones = [
        zone
        for zone in zones_counting(limit, taken.basis.residence.zones, at)
        if limit.only.has(taken.seen(zone))
    ]
    if not zones:
        return None
    used = await usage(session, taken.card, applied, zones, at=at, so_far=counted)
    is_new = taken.request.amount > 0 and counted == 0
    return LimitFact(
        window=limit.window, limit=limit.at_most, used=used.used, resets_at=instant_text(used.resets_at),
        scope=applied.scope, measure=limit.measure,
        asked=int(is_new) if limit.measure is Measure.COUNT else None,
        span_seconds=limit.span_seconds, only=selected_words(limit.only, taken.purchase),
    )  # fmt: skip


async def _terms_fact(session: Session, taken: Taken) -> TermsFact | None:
    terms = taken.card.terms
    if terms == Terms():
        return None
    used, merchant_name = await together(
        session, _uses(session, taken), _merchant_name(session, terms.merchant_id)
    )
    return TermsFact(
        uses=terms.uses, used=used, is_new_use=taken.request.amount > 0 and not taken.payment.totals.is_use,
        exact_amount=terms.exact_amount, is_locked=terms.is_locked, merchant_id=terms.merchant_id,
        merchant_name=merchant_name, valid_from=_utc_text(terms.valid_from),
        valid_until=_utc_text(terms.valid_until),
    )  # fmt: skip


async def _uses(session: Session, taken: Taken) -> int:
    return 0 if taken.card.terms.uses is None else await uses(session, taken.card, but=taken.payment.id)


async def _merchant_name(session: Session, merchant_id: str | None) -> str | None:
    if merchant_id is None:
        return None
    found = await merchants.find_merchant(session, merchant_id)
    return found.name if found else None


def _exception_fact(taken: Taken, controls: Sequence[ControlFact]) -> ExceptionFact | None:
    is_restricted = taken.card.terms.is_locked or any(held.scope == Scope.CARD for held in controls)
    if not is_restricted and not taken.basis.rulebook.rulebook.challenges:
        return None
    merchant_ids = taken.purchase.merchant_ids
    found = next((made for made in taken.basis.exceptions if made.merchant_id in merchant_ids), None)
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
