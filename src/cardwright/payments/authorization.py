"""The hot path: one request of the network, one decision, one hold, one transaction, PostgreSQL alone."""

from datetime import datetime
from typing import Any, Final

from cardwright import cards, ledger, merchants, rules
from cardwright.cards import Bearer, Card
from cardwright.core.clock import Stopwatch
from cardwright.core.errors import Conflict
from cardwright.core.ids import new_id
from cardwright.db import outbox
from cardwright.db.outbox import Event
from cardwright.db.session import Session
from cardwright.db.together import joining, together
from cardwright.ledger import Account
from cardwright.payments import store
from cardwright.payments.decision import NetworkAnswer, Verdict, decide
from cardwright.payments.domain import ElementKind, Merchant, Payment
from cardwright.payments.gathering import (
    Taken,
    concerned_by,
    facts_of_an_unknown_card,
    find_basis,
    gather,
    take_up,
)
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
    session = joining(session)
    bearer, wallet = await _lock(session, request.card_reference)
    if bearer is None or wallet is None:
        return await _refuse_unknown_card(session, request, program_id, at, watch)
    watch.lap("lock")
    # All of it is read under the lock: a freeze or a new limit that was committed before it counts.
    decided, card, found, known, basis = await together(
        session,
        store.find_decision(session, request.source, request_key(request.reference, request.attempt)),
        cards.get_known_card(session, bearer.card_id),
        store.find_payment(session, request.source, request.reference),
        merchants.recognise(session, bearer.program_id, request.source, request.merchant.id),
        find_basis(session, bearer, at),
    )
    if decided is not None:
        return _ensure_same(decided, card, request)
    payment = await _own_or_opened(session, card, request, at, found, known)
    taken = await take_up(session, card, wallet, payment, request, basis, at)
    return (await take(session, taken, watch=watch))[0]


async def _lock(session: Session, card_reference: str) -> tuple[Bearer | None, Account | None]:
    given = {"processor_reference": card_reference}
    found = await ledger.wallet_of_for_update(session, cards.BEARER, given)
    if found is not None:
        return Bearer(*found.owner), found.wallet
    bearer = await cards.find_bearer(session, card_reference)
    if bearer is None:
        return None, None
    return bearer, await ledger.wallet_for_update(
        session, program_id=bearer.program_id, user_id=bearer.user_id, currency=bearer.currency
    )


async def take(
    session: Session, taken: Taken, *, network: NetworkAnswer | None = None, key: str | None = None,
    watch: Stopwatch,
) -> tuple[Decision, Payment, Account]:  # fmt: skip
    """Decide, store the decision and record its element; `network` tells what the network answered itself."""
    request, card = taken.request, taken.card
    facts = await gather(session, taken, network)
    watch.lap("load")
    verdict = decide(facts, taken.basis.rulebook)
    watch.lap("decide")
    decision = Decision(
        id=new_id("dec"), program_id=card.program_id, card_id=card.id, source=request.source,
        request_key=key or request_key(request.reference, request.attempt), kind=taken.kind,
        merchant_id=request.merchant.id, decided_by="network" if network else "cardwright", facts=facts,
        verdict=verdict.to_json(), stages_us=watch.stages, decided_at=taken.at,
    )  # fmt: skip
    amount, merchant_amount = _taken(request, decision)
    element = next_element(
        taken.payment, taken.kind, amount, taken.at, external_id=decision.request_key,
        approved=decision.is_approved, merchant_amount=merchant_amount,
        merchant_currency=request.merchant_currency, decision_id=decision.id,
    )  # fmt: skip
    (payment, wallet), *_ = await together(
        session,
        record(session, taken.payment, taken.wallet, element, at=taken.at, told=_told(verdict)),
        store.insert_decision(session, decision, verdict),
        _leave_velocity(session, taken, decision),
        _tell_flags(session, taken.payment, decision, verdict),
    )
    if decision.is_approved and request.amount > 0:
        await cards.learn_merchant(session, card, payment.merchant_id, taken.at)
    if verdict.lock_reason is not None and card.is_open:
        await cards.lock(session, card.id, reason=verdict.lock_reason, staff_id=_RULES, at=taken.at)
    return decision, payment, wallet


async def _leave_velocity(session: Session, taken: Taken, decision: Decision) -> None:
    if taken.kind is not ElementKind.AUTHORIZATION:
        return
    facts, merchant = decision.facts, taken.payment.merchant
    event = VelocityEvent(
        decision.id, merchant.country, merchant.mcc, facts.currency,
        decision.partial_amount or facts.amount, is_approved=decision.is_approved,
    )  # fmt: skip
    await rules.record_velocity(
        session, concerned_by(taken.card, taken.payment), event,
        occurred_at=datetime.fromisoformat(facts.occurred_at or facts.decided_at),
    )  # fmt: skip


async def _tell_flags(session: Session, payment: Payment, decision: Decision, verdict: Verdict) -> None:
    if verdict.flags:
        await outbox.append(session, _flagged(payment, decision, verdict))


def _taken(request: AuthorizationRequest, decision: Decision) -> tuple[int, int]:
    # A part of what was asked for is the same part of the merchant's amount, rounded down.
    part = decision.partial_amount
    if part is None:
        return request.amount, request.merchant_amount
    return part, request.merchant_amount * part // request.amount


async def find_or_open(session: Session, card: Card, request: AuthorizationRequest, at: datetime) -> Payment:
    """Return the payment that a request belongs to, opened when this is the first that is heard of it."""
    found = await store.find_payment(session, request.source, request.reference)
    return await _own_or_opened(session, card, request, at, found, None)


async def _own_or_opened(
    session: Session, card: Card, request: AuthorizationRequest, at: datetime, found: Payment | None,
    known: merchants.Merchant | None,
) -> Payment:  # fmt: skip
    if found is None:
        return await open_payment(
            session, card, source=request.source, reference=request.reference, merchant=request.merchant,
            channel=request.channel, at=at, known=known,
        )  # fmt: skip
    if found.card_id != card.id:
        raise Conflict("reference_reused", "The network's reference belongs to another card's payment.")
    return found


async def open_payment(
    session: Session, card: Card, *, source: str, reference: str, merchant: Merchant, channel: str,
    at: datetime, known: merchants.Merchant | None = None,
) -> Payment:  # fmt: skip
    """Open a payment of a card at a merchant, whose identity is `known`, or found or learned here.

    It is stored with its first element.
    """
    known = known or await merchants.identify(
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
    decision = Decision(
        id=new_id("dec"), program_id=program_id, card_id=None, source=request.source, request_key=key,
        kind=kind, merchant_id=request.merchant.id, decided_by="cardwright", facts=facts,
        verdict=verdict.to_json(), stages_us=watch.stages, decided_at=at,
    )  # fmt: skip
    await store.insert_decision(session, decision, verdict)
    return decision
