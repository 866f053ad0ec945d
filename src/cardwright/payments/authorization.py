"""The hot path: one request of the network, one decision, one hold, one transaction, PostgreSQL alone."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from cardwright import cards, ledger, merchants, rules
from cardwright.cards import Card
from cardwright.core.clock import Stopwatch
from cardwright.core.errors import Conflict
from cardwright.core.ids import new_id
from cardwright.db import outbox
from cardwright.db.outbox import Event
from cardwright.db.session import Session
from cardwright.ledger import Account
from cardwright.payments import store
from cardwright.payments.decision import NetworkAnswer, Verdict, decide
from cardwright.payments.domain import ElementKind, Merchant, Payment
from cardwright.payments.gathering import concerned_by, facts_of_an_unknown_card, gather
from cardwright.payments.ports import AuthorizationRequest
from cardwright.payments.recording import next_element, record
from cardwright.payments.store import Decision
from cardwright.rules import VelocityEvent

FLAGGED: Final = "payments.payment_flagged"
"""Told in the transaction of a decision that rules flagged, whatever they decided."""
_RULES: Final = "rules"
"""Who locked a card that a rule froze."""


async def authorize(
    session: Session, request: AuthorizationRequest, *, program_id: str, at: datetime
) -> Decision:
    """Decide a request and hold its money when approved; a repeated request gets the first decision.

    The caller commits before it answers.
    """
    watch = Stopwatch()
    key = request_key(request.reference, request.attempt)
    known = await cards.find_card_by_processor(session, request.card_reference)
    if known is None:
        return await _refuse_unknown_card(session, request, program_id, at, watch)
    wallet = await ledger.wallet_for_update(
        session, program_id=known.program_id, user_id=known.user_id, currency=known.currency
    )
    watch.lap("lock")
    decided = await store.find_decision(session, request.source, key)
    if decided is not None:
        return _ensure_same(decided, known, request)
    # Read again under the lock: a freeze or a new limit that was committed before it counts.
    card = await cards.find_card(session, known.id) or known
    payment = await find_or_open(session, card, request, at)
    return (await take(session, Taken(card, wallet, payment, request, at), watch=watch))[0]


@dataclass(frozen=True, slots=True)
class Taken:
    """A request with all it concerns, the wallet being locked."""

    card: Card
    wallet: Account
    payment: Payment
    request: AuthorizationRequest
    at: datetime


async def take(
    session: Session, taken: Taken, *, network: NetworkAnswer | None = None, key: str | None = None,
    watch: Stopwatch,
) -> tuple[Decision, Payment, Account]:  # fmt: skip
    """Decide, store the decision and record its element; `network` tells what the network answered itself."""
    request, card = taken.request, taken.card
    kind = ElementKind.INCREMENT if request.attempt else ElementKind.AUTHORIZATION
    facts, rulebook = await gather(
        session, card=card, wallet=taken.wallet, payment=taken.payment, kind=kind, amount=request.amount,
        currency=request.currency, network=network, at=taken.at, allows_partial=request.allows_partial,
    )  # fmt: skip
    watch.lap("load")
    verdict = decide(facts, rulebook)
    watch.lap("decide")
    key = key or request_key(request.reference, request.attempt)
    decision = await store.insert_decision(
        session, program_id=card.program_id, card_id=card.id, source=request.source, request_key=key,
        kind=kind, merchant_id=request.merchant.id, decided_by="network" if network else "cardwright",
        facts=facts, verdict=verdict, stages_us=watch.stages, at=taken.at,
    )  # fmt: skip
    if kind is ElementKind.AUTHORIZATION:
        await _leave_velocity(session, taken, decision)
    amount, merchant_amount = _taken(request, decision)
    element = next_element(
        taken.payment, kind, amount, taken.at, external_id=key, approved=decision.is_approved,
        merchant_amount=merchant_amount, merchant_currency=request.merchant_currency,
        decision_id=decision.id,
    )  # fmt: skip
    payment, wallet = await record(
        session, taken.payment, taken.wallet, element, at=taken.at, told=_told(verdict)
    )
    if verdict.flags:
        await outbox.append(session, _flagged(payment, decision, verdict))
    if decision.is_approved and request.amount > 0:
        await cards.learn_merchant(session, card, payment.merchant_id, taken.at)
    if verdict.lock_reason is not None and card.is_open:
        await cards.lock(session, card.id, reason=verdict.lock_reason, staff_id=_RULES, at=taken.at)
    return decision, payment, wallet


async def _leave_velocity(session: Session, taken: Taken, decision: Decision) -> None:
    facts, merchant = decision.facts, taken.payment.merchant
    event = VelocityEvent(
        decision.id, merchant.country, merchant.mcc, facts.currency,
        decision.partial_amount or facts.amount, is_approved=decision.is_approved,
    )  # fmt: skip
    occurred_at = datetime.fromisoformat(facts.occurred_at) if facts.occurred_at else None
    await rules.record_velocity(
        session, concerned_by(taken.card, taken.payment), event, occurred_at=occurred_at, at=taken.at
    )


def _taken(request: AuthorizationRequest, decision: Decision) -> tuple[int, int]:
    # A part of what was asked for is the same part of the merchant's amount, rounded down.
    part = decision.partial_amount
    if part is None:
        return request.amount, request.merchant_amount
    return part, request.merchant_amount * part // request.amount


async def find_or_open(session: Session, card: Card, request: AuthorizationRequest, at: datetime) -> Payment:
    """Return the payment that a request belongs to, opened when this is the first that is heard of it."""
    found = await store.find_payment(session, request.source, request.reference)
    if found is not None:
        if found.card_id != card.id:
            raise Conflict("reference_reused", "The network's reference belongs to another card's payment.")
        return found
    return await open_payment(
        session, card, source=request.source, reference=request.reference, merchant=request.merchant,
        channel=request.channel, at=at,
    )  # fmt: skip


async def open_payment(
    session: Session, card: Card, *, source: str, reference: str, merchant: Merchant, channel: str,
    at: datetime,
) -> Payment:  # fmt: skip
    """Open a payment of a card at a merchant, whose identity is found or learned here.

    It is stored with its first element.
    """
    known = await merchants.identify(
        session, program_id=card.program_id, source=source, acceptor_id=merchant.id,
        descriptor=merchant.name, mcc=merchant.mcc, country=merchant.country,
        city=merchant.city, at=at,
    )  # fmt: skip
    return Payment(
        id=new_id("pay"), program_id=card.program_id, user_id=card.user_id, card_id=card.id,
        last4=card.last4, currency=card.currency, source=source, reference=reference, merchant=merchant,
        channel=channel, opened_at=at, root_card_id=card.root_card_id, merchant_id=known.id,
        merchant_group=merchants.category(merchant.mcc).group.id,
    )  # fmt: skip


def request_key(reference: str, attempt: int) -> str:
    """Name a request so that its repetition is recognised."""
    return f"{reference}:{attempt}"


def _ensure_same(decided: Decision, card: Card, request: AuthorizationRequest) -> Decision:
    # A repeated message says the same; one that asks for more or for another card is no repetition.
    if decided.card_id not in (None, card.id) or decided.facts.amount != request.amount:
        raise Conflict("reference_reused", "The network's reference was decided for another request.")
    return decided


def _flagged(payment: Payment, decision: Decision, verdict: Verdict) -> Event:
    payload = {
        "payment_id": payment.id, "decision_id": decision.id, "rules": list(verdict.flags),
        "score": verdict.score,
    }  # fmt: skip
    return Event(FLAGGED, payment.program_id, payment.id, decision.decided_at, payload)


def _told(verdict: Verdict) -> dict[str, Any]:
    if verdict.reason_code is None:
        return {}
    told = {"reason_code": verdict.reason_code, "explanation": verdict.explanation}
    return told if verdict.holders_hint is None else {**told, "would_pass": verdict.holders_hint}


async def _refuse_unknown_card(
    session: Session, request: AuthorizationRequest, program_id: str, at: datetime, watch: Stopwatch
) -> Decision:
    key = request_key(request.reference, request.attempt)
    # There is no wallet whose lock would make copies of the request wait for each other.
    await store.lock_request(session, request.source, key)
    decided = await store.find_decision(session, request.source, key)
    if decided is not None:
        return decided
    rulebook = await rules.active_rulebook(session, program_id)
    kind = ElementKind.INCREMENT if request.attempt else ElementKind.AUTHORIZATION
    facts = facts_of_an_unknown_card(
        kind, request.amount, request.currency, request.merchant, request.channel, at, rulebook
    )
    watch.lap("load")
    verdict = decide(facts, rulebook)
    watch.lap("decide")
    return await store.insert_decision(
        session, program_id=program_id, card_id=None, source=request.source, request_key=key, kind=kind,
        merchant_id=request.merchant.id, decided_by="cardwright", facts=facts, verdict=verdict,
        stages_us=watch.stages, at=at,
    )  # fmt: skip
