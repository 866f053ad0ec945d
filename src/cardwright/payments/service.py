"""Use cases around payments: what the network's events lead to, expiry, replay, verification, usage."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from cardwright import cards, kyc, ledger, users
from cardwright.access import Viewer
from cardwright.cards import AppliedLimit, Card
from cardwright.core.errors import NotFound
from cardwright.db.jobs import Work
from cardwright.db.session import Session, canonical_json
from cardwright.payments import convergence, queries, store, usage
from cardwright.payments.decision import decide
from cardwright.payments.domain import Payment
from cardwright.payments.ports import CardNetwork
from cardwright.payments.store import Decision
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

    Authorizations and transactions of the last day that nothing here is about, and a sample of the payments
    that still hold money. What the network cannot show keeps nobody from the rest, and is raised at the end.
    """
    network, now = work.get(CardNetwork), work.clock.now()
    # What is asked for at this moment is being decided.
    asked = await network.authorizations_between(now - _SWEPT, now - _QUIET)
    taken = [found.reference for found in await network.transactions_since(now - _SWEPT)]
    async with work.transaction() as session:
        ours = await cards.issued_among(session, {found.card_reference for found in asked})
        unopened = await queries.unopened(
            session, network.source, [it.reference for it in asked if it.card_reference in ours]
        )
        missing = await queries.unrecorded(session, network.source, taken)
        stale = await queries.some_open_references(
            session, network.source, opened_before=now - _QUIET, limit=_SAMPLED
        )
    failures: list[Exception] = []
    for refresh, references in (
        (refresh_authorization, sorted(unopened)), (refresh_transaction, sorted(missing)),
        (refresh_authorization, sorted(stale)),
    ):  # fmt: skip
        for reference in references:
            try:
                await refresh(work, reference)
            except NotFound:
                # The issuer's account may have cards that are not ours.
                continue
            except Exception as error:  # noqa: BLE001 - whatever it is, the others are looked at
                failures.append(error)
    if failures:
        raise ExceptionGroup("some of what the network has could not be read", failures)
    return len(unopened) + len(missing) + len(stale)


@dataclass(frozen=True, slots=True)
class Replayed:
    """A past decision computed again from its stored facts."""

    decision_id: str
    outcome: str
    reason_code: str | None
    is_identical: bool


async def replay(session: Session) -> Sequence[Replayed]:
    """Recompute every decision from its stored facts and rulebook and compare it bit for bit."""
    return [await _replayed(session, decision) async for decision in queries.every_decision(session)]


async def replay_payment(session: Session, payment: Payment) -> Sequence[Replayed]:
    """Recompute the decisions about one payment, in their order."""
    ids = [element.decision_id for element in payment.elements if element.decision_id]
    decisions = await queries.decisions_by_id(session, ids)
    return [await _replayed(session, decisions[decision_id]) for decision_id in ids]


async def _replayed(session: Session, decision: Decision) -> Replayed:
    rulebook = await get_rulebook_by_hash(session, decision.program_id, decision.facts.rulebook_hash)
    verdict = decide(decision.facts, rulebook)
    is_identical = canonical_json(verdict.to_json()) == canonical_json(decision.verdict)
    return Replayed(decision.id, verdict.outcome, verdict.reason_code, is_identical)


async def verify(session: Session) -> Sequence[ledger.Discrepancy]:
    """Recompute every payment from its elements, and every hold from its payment; return what differs."""
    found = []
    async for payment, held, posted, amount, status in queries.every_payment(session):
        totals = payment.totals
        recomputed = (totals.held, totals.posted, totals.amount, totals.status)
        if (held, posted, amount, status) != recomputed:
            found.append(ledger.Discrepancy("payment", payment.id, held, totals.held))
        hold = await ledger.find_hold(session, payment.id)
        if hold is not None and hold.remaining > totals.held:
            found.append(ledger.Discrepancy("hold", payment.id, hold.remaining, totals.held))
    return found


@dataclass(frozen=True, slots=True)
class LimitUsage:
    """A limit as its holder reads it: what is used, when it starts anew, and the payments behind it."""

    applied: AppliedLimit
    used: int
    resets_at: datetime | None
    payment_ids: Sequence[str]

    @property
    def remaining(self) -> int:
        """What is left; nothing where clearings went beyond the limit."""
        return max(0, self.applied.limit.at_most - self.used)


async def limit_usage(session: Session, card: Card, *, at: datetime) -> Sequence[LimitUsage]:
    """Return what each limit that holds for a card has used now, and the newest payments that used it."""
    zones = (await users.find_residence(session, card.user_id)).zones
    level = int(await kyc.find_status(session, card.user_id, at=at))
    found = []
    for applied in await cards.limits_on(session, card.bearer, level):
        counting = usage.zones_counting(applied.limit, zones, at)
        now = await usage.usage(session, card, applied, counting, at=at)
        behind = await usage.counting_payment_ids(
            session, card, applied, now.zone, at=at, limit=_SHOWN_BEHIND_A_LIMIT
        )
        found.append(LimitUsage(applied, now.used, now.resets_at, behind))
    return found


@dataclass(frozen=True, slots=True)
class UsesUsage:
    """How often a card may be used, was used, and the payments behind that."""

    uses: int
    used: int
    payment_ids: Sequence[str]

    @property
    def remaining(self) -> int:
        """What is left; nothing where the network let more pass."""
        return max(0, self.uses - self.used)


async def uses_usage(session: Session, card: Card) -> UsesUsage | None:
    """Return what is used of a card that may be used only so often; None for any other."""
    if card.terms.uses is None:
        return None
    used = await usage.uses(session, card, but="")
    behind = await usage.use_payment_ids(session, card, limit=_SHOWN_BEHIND_A_LIMIT)
    return UsesUsage(card.terms.uses, used, behind)


async def get_payment(session: Session, payment_id: str, *, viewer: Viewer) -> Payment:
    """Return a payment within a viewer's sight; raise NotFound for any other."""
    payment = await store.find_payment_by_id(session, payment_id)
    if payment is None or not viewer.sees(payment):
        raise NotFound("payment_unknown", "There is no such payment.")
    return payment
