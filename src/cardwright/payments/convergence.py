"""Bringing a payment to what the network shows of it, whatever was heard before, twice, late or never.

State, not messages: each call compares the network's snapshot with the recorded elements and records only
what is missing. So duplicates and any order of events end in the same elements.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from cardwright import cards, ledger
from cardwright.cards import Card
from cardwright.core.clock import Stopwatch
from cardwright.core.errors import NotFound
from cardwright.db.session import Session
from cardwright.db.together import joining
from cardwright.ledger import Account
from cardwright.payments import store
from cardwright.payments.authorization import find_or_open, open_payment, request_key, take
from cardwright.payments.decision import NetworkAnswer
from cardwright.payments.domain import Element, ElementKind, Payment
from cardwright.payments.gathering import find_basis, take_up
from cardwright.payments.ports import (
    AuthorizationRequest,
    AuthorizationSnapshot,
    NetworkStatus,
    NetworkTransaction,
    RequestOutcome,
    TransactionKind,
)
from cardwright.payments.recording import next_element, record


@dataclass(slots=True)
class _Bench:
    """What one convergence works on: the payment and wallet as they are after each recorded element."""

    session: Session
    card: Card
    wallet: Account
    payment: Payment
    source: str
    at: datetime

    async def record(self, element: Element, told: Mapping[str, Any] | None = None) -> None:
        self.payment, self.wallet = await record(
            self.session, self.payment, self.wallet, element, at=self.at, told=told
        )


async def converge_authorization(
    session: Session, snapshot: AuthorizationSnapshot, *, source: str, at: datetime
) -> None:
    """Record whatever the snapshot shows and the payment lacks; nothing, when it lacks nothing."""
    session = joining(session)
    known = await cards.find_card_by_processor(session, snapshot.card_reference)
    if known is None:
        if any(outcome.approved for outcome in snapshot.requests) or snapshot.transactions:
            raise NotFound("card_unknown", "The network tells of money on a card that is not known here.")
        return
    wallet = await _lock(session, known)
    card = await cards.find_card(session, known.id) or known
    payment = await find_or_open(session, card, _request(snapshot, source, 0, snapshot.requests), at)
    bench = _Bench(session, card, wallet, payment, source, at)
    for attempt, outcome in enumerate(snapshot.requests):
        await _converge_request(bench, snapshot, attempt, outcome)
    await _converge_transactions(bench, snapshot)
    await _converge_hold(bench, snapshot)


async def record_transaction(
    session: Session, transaction: NetworkTransaction, *, source: str, at: datetime
) -> None:
    """Record a transaction that belongs to no authorization: a force post, or a refund of its own."""
    known = await cards.find_card_by_processor(session, transaction.card_reference)
    if known is None:
        raise NotFound("card_unknown", "The network tells of money on a card that is not known here.")
    wallet = await _lock(session, known)
    if await store.find_payment(session, source, transaction.reference) is not None:
        return
    payment = await open_payment(
        session, known, source=source, reference=transaction.reference, merchant=transaction.merchant,
        channel="ecommerce", at=at,
    )  # fmt: skip
    bench = _Bench(session, known, wallet, payment, source, at)
    kind = ElementKind.REFUND if transaction.kind is TransactionKind.REFUND else ElementKind.FORCE_POST
    await bench.record(_moved(payment, kind, transaction, is_final=False))


async def expire(session: Session, payment_id: str, *, at: datetime) -> None:
    """Give back what is still held for a payment whose time is over; a later clearing still posts."""
    found = await store.find_payment_by_id(session, payment_id)
    if found is None:
        raise NotFound("payment_unknown", "There is no such payment.")
    wallet = await ledger.wallet_for_update(
        session, program_id=found.program_id, user_id=found.user_id, currency=found.currency
    )
    payment = await store.find_payment_by_id(session, payment_id) or found
    held = payment.totals.held
    if held:
        element = next_element(payment, ElementKind.EXPIRY, held, at)
        await record(session, payment, wallet, element, at=at)


async def _lock(session: Session, card: Card) -> Account:
    return await ledger.wallet_for_update(
        session, program_id=card.program_id, user_id=card.user_id, currency=card.currency
    )


async def _converge_request(
    bench: _Bench, snapshot: AuthorizationSnapshot, attempt: int, outcome: RequestOutcome
) -> None:
    key = request_key(snapshot.reference, attempt)
    recorded = bench.payment.find_element(key) or await _recover_refusal(bench, attempt, outcome, key)
    answer = NetworkAnswer(outcome.approved, outcome.reason, outcome.cause)
    if recorded is None:
        await _take_network_answer(bench, snapshot, attempt, answer, key)
    elif recorded.approved and not outcome.approved:
        # We said yes and the merchant heard no: our answer came too late or did not arrive.
        undone = f"{key}:not_taken"
        if bench.payment.find_element(undone) is None:
            await bench.record(
                next_element(
                    bench.payment, ElementKind.REVERSAL, recorded.amount, bench.at, external_id=undone
                )
            )
    elif not recorded.approved and outcome.approved:
        # We said no and the merchant heard yes: the network's own default stood in for us.
        stood_in = f"{key}:stand_in"
        if bench.payment.find_element(stood_in) is None:
            await _take_network_answer(bench, snapshot, attempt, answer, stood_in)


async def _recover_refusal(bench: _Bench, attempt: int, outcome: RequestOutcome, key: str) -> Element | None:
    # We refused when the card was not known here yet, so there was no payment to record it on.
    decided = await store.find_decision(bench.session, bench.source, key)
    if decided is None:
        return None
    kind = ElementKind.INCREMENT if attempt else ElementKind.AUTHORIZATION
    refused = next_element(
        bench.payment, kind, outcome.amount, bench.at, external_id=key, approved=False,
        merchant_amount=outcome.merchant_amount, merchant_currency=outcome.merchant_currency,
        decision_id=decided.id,
    )  # fmt: skip
    failed = next(check for check in decided.verdict["checks"] if not check["passed"])
    await bench.record(refused, {"reason_code": failed["code"], "explanation": failed["explanation"]})
    return refused


async def _take_network_answer(
    bench: _Bench, snapshot: AuthorizationSnapshot, attempt: int, answer: NetworkAnswer, key: str
) -> None:
    request = _request(snapshot, bench.source, attempt, snapshot.requests)
    basis = await find_basis(bench.session, bench.card.bearer, bench.at)
    taken = await take_up(bench.session, bench.card, bench.wallet, bench.payment, request, basis, bench.at)
    _, bench.payment, bench.wallet = await take(
        bench.session, taken, network=answer, key=key, watch=Stopwatch()
    )


async def _converge_transactions(bench: _Bench, snapshot: AuthorizationSnapshot) -> None:
    missing = [
        transaction
        for transaction in sorted(snapshot.transactions, key=lambda found: (found.at, found.reference))
        if bench.payment.find_element(transaction.reference) is None
    ]
    clearings = [found for found in missing if found.kind is TransactionKind.CLEARING]
    for transaction in missing:
        is_last = bool(clearings) and transaction is clearings[-1]
        kind = ElementKind.REFUND if transaction.kind is TransactionKind.REFUND else ElementKind.CLEARING
        is_final = is_last and snapshot.status is NetworkStatus.CLOSED
        await bench.record(_moved(bench.payment, kind, transaction, is_final=is_final))


async def _converge_hold(bench: _Bench, snapshot: AuthorizationSnapshot) -> None:
    asked = [
        element
        for element in bench.payment.elements
        if element.kind in (ElementKind.AUTHORIZATION, ElementKind.INCREMENT)
        and not element.external_id.endswith(":stand_in")
    ]
    if len(asked) > len(snapshot.requests):
        # The snapshot is older than a request that we have decided since; another event will follow.
        return
    expected = snapshot.held_amount if snapshot.status is NetworkStatus.PENDING else 0
    surplus = bench.payment.totals.held - expected
    if surplus > 0:
        is_expired = snapshot.status is NetworkStatus.EXPIRED
        kind = ElementKind.EXPIRY if is_expired else ElementKind.REVERSAL
        await bench.record(next_element(bench.payment, kind, surplus, bench.at))


def _moved(
    payment: Payment, kind: ElementKind, transaction: NetworkTransaction, *, is_final: bool
) -> Element:
    return next_element(
        payment, kind, transaction.amount, transaction.at, external_id=transaction.reference,
        is_final=is_final, merchant_amount=transaction.merchant_amount,
        merchant_currency=transaction.merchant_currency,
    )  # fmt: skip


def _request(
    snapshot: AuthorizationSnapshot, source: str, attempt: int, outcomes: Sequence[RequestOutcome]
) -> AuthorizationRequest:
    outcome = outcomes[attempt] if attempt < len(outcomes) else None
    return AuthorizationRequest(
        source=source, reference=snapshot.reference, attempt=attempt, card_reference=snapshot.card_reference,
        amount=outcome.amount if outcome else 0, currency=snapshot.currency,
        merchant_amount=outcome.merchant_amount if outcome else 0,
        merchant_currency=outcome.merchant_currency if outcome else snapshot.currency,
        merchant=snapshot.merchant, channel=snapshot.channel,
    )  # fmt: skip
