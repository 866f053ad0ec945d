"""Use cases around payments: what the network's events lead to, expiry, replay, verification, usage."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from cardwright import ledger, users
from cardwright.access import Viewer
from cardwright.cards import Card, Window, window_bounds
from cardwright.core.errors import NotFound
from cardwright.db.jobs import Work
from cardwright.db.session import Session, canonical_json
from cardwright.payments import convergence, queries, store
from cardwright.payments.decision import decide
from cardwright.payments.domain import Payment
from cardwright.payments.facts import limit_facts
from cardwright.payments.ports import CardNetwork
from cardwright.rules import get_rulebook_by_hash

_EXPIRED_AT_ONCE: Final = 200
_SHOWN_BEHIND_A_LIMIT: Final = 100
_SWEPT: Final = timedelta(days=1)
_QUIET: Final = timedelta(minutes=1)
_SAMPLED: Final = 100


async def refresh_authorization(work: Work, reference: str) -> None:
    """Read an authorization at the network and bring its payment to it."""
    network = work.get(CardNetwork)
    snapshot = await network.authorization(reference)
    async with work.transaction() as session:
        await convergence.converge_authorization(
            session, snapshot, source=network.source, at=work.clock.now()
        )


async def refresh_transaction(work: Work, reference: str) -> None:
    """Read a transaction at the network and record it, through its authorization where it has one."""
    network = work.get(CardNetwork)
    transaction = await network.transaction(reference)
    if transaction.authorization_reference is not None:
        await refresh_authorization(work, transaction.authorization_reference)
        return
    async with work.transaction() as session:
        await convergence.record_transaction(session, transaction, source=network.source, at=work.clock.now())


async def expire_holds(work: Work) -> int:
    """Expire the holds whose time is over; return how many. Each in a transaction of its own."""
    async with work.transaction() as session:
        due = await ledger.expired_payment_ids(session, at=work.clock.now(), limit=_EXPIRED_AT_ONCE)
    for payment_id in due:
        async with work.transaction() as session:
            await convergence.expire(session, payment_id, at=work.clock.now())
    return len(due)


async def sweep(work: Work) -> int:
    """Find at the network what its webhooks never told; return how many payments were looked at anew.

    Transactions of the last day that no element knows, and a sample of the payments that still hold money.
    """
    network, now = work.get(CardNetwork), work.clock.now()
    transactions = await network.transactions_since(now - _SWEPT)
    async with work.transaction() as session:
        missing = await queries.unrecorded(
            session, network.source, [found.reference for found in transactions]
        )
        stale = await queries.some_open_references(
            session, network.source, opened_before=now - _QUIET, limit=_SAMPLED
        )
    for transaction in missing:
        # The issuer's account may have cards that are not ours.
        with suppress(NotFound):
            await refresh_transaction(work, transaction)
    for authorization in stale:
        await refresh_authorization(work, authorization)
    return len(missing) + len(stale)


@dataclass(frozen=True, slots=True)
class Replayed:
    """A past decision computed again from its stored facts."""

    decision_id: str
    outcome: str
    reason_code: str | None
    is_identical: bool


async def replay(session: Session) -> Sequence[Replayed]:
    """Recompute every decision from its stored facts and rulebook and compare it bit for bit."""
    found = []
    async for decision in queries.every_decision(session):
        rulebook = await get_rulebook_by_hash(session, decision.program_id, decision.facts.rulebook_hash)
        verdict = decide(decision.facts, rulebook)
        is_identical = canonical_json(verdict.to_json()) == canonical_json(decision.verdict)
        found.append(Replayed(decision.id, verdict.outcome, verdict.reason_code, is_identical))
    return found


async def verify(session: Session) -> Sequence[ledger.Discrepancy]:
    """Recompute every payment from its elements, and every hold from its payment; return what differs."""
    found = []
    async for payment, held, posted, status in queries.every_payment(session):
        totals = payment.totals
        if (held, posted, status) != (totals.held, totals.posted, totals.status):
            found.append(ledger.Discrepancy("payment", payment.id, held, totals.held))
        hold = await ledger.find_hold(session, payment.id)
        if hold is not None and hold.remaining > totals.held:
            found.append(ledger.Discrepancy("hold", payment.id, hold.remaining, totals.held))
    return found


@dataclass(frozen=True, slots=True)
class LimitUsage:
    """A limit as its holder reads it: minor units, the instant it starts anew, the payments behind it."""

    window: str
    limit: int
    used: int
    remaining: int
    resets_at: str | None
    payment_ids: Sequence[str]


async def limit_usage(session: Session, card: Card, *, at: datetime) -> Sequence[LimitUsage]:
    """Return what each limit of a card has used now, and the newest payments that used it."""
    zone = ZoneInfo((await users.get_profile(session, card.user_id)).time_zone)
    found = []
    for limit, fact in zip(card.limits, await limit_facts(session, card, zone, at=at), strict=True):
        start, end = window_bounds(limit.window, at, zone)
        behind: Sequence[str] = ()
        if limit.window is not Window.PER_AUTHORIZATION:
            behind = await queries.counting_payment_ids(session, card.id, start, end, _SHOWN_BEHIND_A_LIMIT)
        remaining = max(0, fact.limit - fact.used)
        found.append(LimitUsage(fact.window, fact.limit, fact.used, remaining, fact.resets_at, behind))
    return found


async def get_payment(session: Session, payment_id: str, *, viewer: Viewer) -> Payment:
    """Return a payment within a viewer's sight; raise NotFound for any other."""
    payment = await store.find_payment_by_id(session, payment_id)
    if payment is None or not viewer.sees(payment):
        raise NotFound("payment_unknown", "There is no such payment.")
    return payment
