"""What was acknowledged, compared with what the database holds once everything runs again.

The checker knows nothing of how requests are handled: it takes what outsiders asked and were told, and the
tables. A handler that keeps copies of its own may name them `<reference>~<anything>`: they count as the same.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from cardwright import ledger, payments
from cardwright.db.session import Session, transaction

KINDS: Final = {
    "unanswered": "asked, and not answered until the end",
    "lost": "acknowledged, and not there",
    "doubled": "asked once, and there twice",
    "changed": "answered in two ways",
    "unasked": "there, and asked by nobody",
    "overdrawn": "more spent than there was",
    "books": "sums, balances, holds or payments that disagree",
    "replay": "decisions that come out otherwise from what was stored with them",
}
"""What may be found, and what it means."""


@dataclass(slots=True)
class Told:
    """One thing that an outsider asked for, as often as needed, and every answer that was got."""

    holder_id: str
    key: str
    """`<reference>:<attempt>` of an authorization, or the Idempotency-Key of a card."""
    amount: int = 0
    """In minor units; 0 for a card."""
    answers: set[tuple[bool, str]] = field(default_factory=set)
    """Whether it was approved, and the id of what it led to."""
    tries: Counter[str] = field(default_factory=Counter)
    """What became of each time that it was sent: `decided`, `stood_in`, `refused` or `cut_off`."""

    @property
    def sent(self) -> int:
        """How often it was asked for."""
        return self.tries.total()


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that must not be; `kind` is one of KINDS."""

    kind: str
    what: str


@dataclass(frozen=True, slots=True)
class _Kept:
    id: str
    is_approved: bool


async def check(
    engine: AsyncEngine, purchases: Sequence[Told], cards: Sequence[Told], *, given: Collection[str]
) -> list[Finding]:
    """Return everything that is wrong; `given` are the cards that were there before anybody asked."""
    async with transaction(engine) as session:
        decided = await _decided(session)
        made = await _cards(session, given)
        return [
            *_compare(purchases, decided),
            *_compare(cards, made),
            *await _overdrawn(session),
            *await _held(session, purchases, decided),
            *await _books(session),
        ]


def _compare(told: Sequence[Told], kept: Mapping[str, Sequence[_Kept]]) -> list[Finding]:
    found = []
    for each in told:
        there = kept.get(each.key, ())
        if not each.answers:
            found.append(Finding("unanswered", f"{each.key}: {dict(each.tries)}"))
        if len(each.answers) > 1:
            found.append(Finding("changed", f"{each.key}: {sorted(each.answers)}"))
        if len(there) > 1:
            found.append(Finding("doubled", f"{each.key}: {[it.id for it in there]}"))
        are_there = {(it.is_approved, it.id) for it in there}
        found += [
            Finding("lost", f"{each.key}: {answer}")
            for answer in sorted(each.answers)
            if answer not in are_there
        ]
    asked = {each.key for each in told}
    return found + [Finding("unasked", key) for key in sorted(kept) if key not in asked]


async def _decided(session: Session) -> Mapping[str, Sequence[_Kept]]:
    rows = await session.execute(text("SELECT id, request_key, outcome FROM decisions ORDER BY id"))
    kept: dict[str, list[_Kept]] = defaultdict(list)
    for row in rows:
        reference, _, attempt = row.request_key.rpartition(":")
        key = f"{reference.partition('~')[0]}:{attempt}"
        kept[key].append(_Kept(row.id, row.outcome == "approved"))
    return kept


async def _cards(session: Session, given: Collection[str]) -> Mapping[str, Sequence[_Kept]]:
    """Each card is labelled with the key that it was asked for with."""
    rows = await session.execute(text("SELECT id, label FROM cards ORDER BY id"))
    kept: dict[str, list[_Kept]] = defaultdict(list)
    for row in rows:
        if row.id not in given:
            kept[row.label].append(_Kept(row.id, True))
    return kept


async def _overdrawn(session: Session) -> list[Finding]:
    rows = await session.execute(
        text("SELECT owner_id, posted_balance, held FROM ledger_accounts WHERE posted_balance - held < floor")
    )
    return [Finding("overdrawn", f"{row.owner_id}: {row.held} of {row.posted_balance}") for row in rows]


async def _held(
    session: Session, purchases: Sequence[Told], decided: Mapping[str, Sequence[_Kept]]
) -> list[Finding]:
    """Nothing clears in the drill: what a holder's approvals come to is held, not a unit more or less."""
    expected: Counter[str] = Counter()
    for each in purchases:
        expected[each.holder_id] += sum(each.amount for it in decided.get(each.key, ()) if it.is_approved)
    rows = await session.execute(text("SELECT owner_id, held FROM ledger_accounts WHERE code = 'wallet'"))
    held = {row.owner_id: row.held for row in rows}
    return [
        Finding("books", f"{holder}: {held.get(holder, 0)} held of {amount}")
        for holder, amount in expected.items()
        if held.get(holder, 0) != amount
    ]


async def _books(session: Session) -> list[Finding]:
    differing = [*await ledger.verify(session), *await payments.verify(session)]
    found = [Finding("books", f"{it}") for it in differing]
    programs = (await session.execute(text("SELECT id FROM programs"))).scalars().all()
    for program_id in programs:
        balance = await ledger.trial_balance(session, program_id)
        found += [
            Finding("books", f"{currency} is off by {amount}")
            for currency, amount in balance.difference.items()
            if amount
        ]
    replayed = [it for it in await payments.replay(session) if not it.is_identical]
    return found + [Finding("replay", it.decision_id) for it in replayed]
