"""The table of what is compared: each kind of record says where both sides of it are found.

Whoever brings another kind of money adds a row here.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from typing import Final, NamedTuple, Protocol

from cardwright import cards, disputes, funding, ledger, payments
from cardwright.db.jobs import Work
from cardwright.db.session import Session
from cardwright.payments import ElementKind, MovedMoney
from cardwright.reconciliation.domain import Found, Ours, Settled, Stream, Theirs
from cardwright.reconciliation.matching import compare_holds, compare_money

MONEY_GRACE: Final = timedelta(hours=1)
"""How long money may be known to one side only before that is a difference: messages are under way."""
HOLD_GRACE: Final = timedelta(days=1)
"""The same for holds, which expire here and there by clocks of their own."""


@dataclass(frozen=True, slots=True)
class Scope:
    """Whose records of which vendor, recorded between two instants."""

    program_id: str
    source: str
    since: datetime
    until: datetime


class Compare(Protocol):
    """Compares one subject."""

    def __call__(
        self, theirs: Theirs | None, settled: Settled | None, ours: Ours | None, *, is_copy: bool
    ) -> list[Found]:
        """Return in what the sides differ."""
        ...


@dataclass(frozen=True, slots=True)
class RecordKind:
    """One kind of record.

    `stream` lists it and `movements` of the vendor's `balance` settle it; `account` is the ledger's mirror of
    that balance, and `contra` takes what an entry by hand has to balance. `converge` reads one record at the
    vendor and records what is missing here, once. Where it is compared `by_movement`, each movement is a
    subject of its own: a dispute moves money more than once, on days far apart, and back to nothing.
    """

    name: str
    stream: Stream | None
    movements: frozenset[str]
    compare: Compare
    account: str | None
    grace: timedelta
    ours_ids: Callable[[Session, Scope], Awaitable[Sequence[str]]]
    ours: Callable[[Session, Scope, Sequence[str]], Awaitable[Mapping[str, Ours]]]
    balance: str
    converge: Callable[[Work, str], Awaitable[None]] | None = None
    contra: str = "corrections"
    holds: bool = False
    by_movement: bool = False

    @property
    def window(self) -> Stream:
        """The list that says how far back things are compared."""
        return Stream.MOVEMENTS if self.stream is None or self.by_movement else self.stream

    @property
    def needs(self) -> frozenset[Stream]:
        """The lists that a vendor must have to be compared with."""
        return frozenset({self.window, self.stream or self.window})


async def _moved_ids(session: Session, scope: Scope) -> Sequence[str]:
    return await payments.moved_ids(
        session, program_id=scope.program_id, source=scope.source, since=scope.since, until=scope.until
    )


async def _moved(session: Session, scope: Scope, ids: Sequence[str]) -> Mapping[str, Ours]:
    moved = await payments.moved_money(
        session, program_id=scope.program_id, source=scope.source, external_ids=ids
    )
    references = await cards.processor_references(session, list({it.card_id for it in moved}))
    posted = await ledger.changes_of(
        session, program_id=scope.program_id, code="issuer_settlement",
        external_ids=[f"{scope.source}:{it.external_id}" for it in moved],
    )  # fmt: skip
    return {
        it.external_id: _moved_money(
            it, references.get(it.card_id), posted.get(f"{scope.source}:{it.external_id}")
        )
        for it in moved
    }


def _moved_money(moved: MovedMoney, card: str | None, posted: ledger.Change | None) -> Ours:
    is_refund = moved.kind is ElementKind.REFUND
    amount = moved.amount if is_refund else -moved.amount
    variant = "refund" if is_refund else "clearing"
    is_alone = moved.reference == moved.external_id
    belongs_to = str(card) if is_alone else moved.reference
    return Ours(
        amount=amount, currency=moved.currency, variant=variant, card=card, happened_at=moved.occurred_at,
        recorded_at=moved.recorded_at, subject_id=moved.payment_id,
        fingerprint=fingerprint(belongs_to, variant, amount, moved.currency, moved.occurred_at),
        posted=posted.amount if posted else None, posted_at=posted.posted_at if posted else None,
        entry=posted.external_id if posted else None,
    )  # fmt: skip


async def _holding_ids(session: Session, scope: Scope) -> Sequence[str]:
    return await payments.holding_references(session, program_id=scope.program_id, source=scope.source)


async def _held(session: Session, scope: Scope, ids: Sequence[str]) -> Mapping[str, Ours]:
    held = await payments.held_money(
        session, program_id=scope.program_id, source=scope.source, references=ids
    )
    references = await cards.processor_references(session, list({it.card_id for it in held}))
    return {
        it.reference: Ours(
            amount=it.held, currency=it.currency, variant="hold", card=references.get(it.card_id),
            happened_at=None, recorded_at=it.changed_at, fingerprint=it.reference, subject_id=it.payment_id,
        )
        for it in held
    }  # fmt: skip


async def _taken_ids(session: Session, scope: Scope) -> Sequence[str]:
    return await funding.taken_references(
        session, program_id=scope.program_id, since=scope.since, until=scope.until
    )


async def _taken(session: Session, scope: Scope, ids: Sequence[str]) -> Mapping[str, Ours]:
    taken = await funding.taken_charges(session, program_id=scope.program_id, references=ids)
    posted = await ledger.changes_of(
        session, program_id=scope.program_id, code="funding_in_transit",
        external_ids=[f"top_up:{it.top_up_id}" for it in taken],
    )  # fmt: skip
    return {
        it.reference: Ours(
            amount=it.amount, currency=it.currency, variant="charge", card=None, happened_at=None,
            recorded_at=it.credited_at, fingerprint=it.top_up_id, subject_id=it.top_up_id,
            posted=entry.amount if entry else None, posted_at=entry.posted_at if entry else None,
            entry=entry.external_id if entry else None,
        )
        for it in taken
        for entry in [posted.get(f"top_up:{it.top_up_id}")]
    }  # fmt: skip


async def _given_ids(session: Session, scope: Scope) -> Sequence[str]:
    return await funding.given_references(
        session, program_id=scope.program_id, since=scope.since, until=scope.until
    )


async def _given(session: Session, scope: Scope, ids: Sequence[str]) -> Mapping[str, Ours]:
    given = await funding.given_refunds(session, program_id=scope.program_id, references=ids)
    posted = await ledger.changes_of(
        session, program_id=scope.program_id, code="funding_in_transit",
        external_ids=[f"refund:{it.refund_id}" for it in given],
    )  # fmt: skip
    return {
        it.reference: Ours(
            amount=-it.amount, currency=it.currency, variant="refund", card=None, happened_at=None,
            recorded_at=it.debited_at, fingerprint=it.reference, subject_id=it.refund_id,
            posted=entry.amount if entry else None, posted_at=entry.posted_at if entry else None,
            entry=entry.external_id if entry else None,
        )
        for it in given
        for entry in [posted.get(f"refund:{it.refund_id}")]
    }  # fmt: skip


class _Disputed(NamedTuple):
    """Where the ledger has the money of disputes: entries of some kinds, named by prefix and movement."""

    variant: str
    account: str
    entries: frozenset[str]
    prefix: str | None

    def entry_of(self, scope: Scope, movement: str) -> str:
        return f"{self.prefix or scope.source}:{movement}"


_CARD_DISPUTES: Final = _Disputed(
    "card_dispute", "issuer_settlement", frozenset({"dispute_recovery", "dispute_recovery_reversal"}), None
)
_CHARGE_DISPUTES: Final = _Disputed(
    "charge_dispute", "funding_in_transit", frozenset({"top_up_dispute", "top_up_dispute_reversed"}),
    "dispute",
)  # fmt: skip


async def _disputed_ids(session: Session, scope: Scope, *, books: _Disputed) -> Sequence[str]:
    changes = await ledger.changes_between(
        session, program_id=scope.program_id, code=books.account, since=scope.since, until=scope.until,
        kinds=books.entries,
    )  # fmt: skip
    prefix = books.entry_of(scope, "")
    return [it.external_id.removeprefix(prefix) for it in changes if it.external_id.startswith(prefix)]


async def _disputed(
    session: Session, scope: Scope, ids: Sequence[str], *, books: _Disputed
) -> Mapping[str, Ours]:
    posted = await ledger.changes_of(
        session, program_id=scope.program_id, code=books.account,
        external_ids=[books.entry_of(scope, it) for it in ids],
    )  # fmt: skip
    # The entry is the record: what a dispute keeps besides is what its movements add up to.
    return {
        it: Ours(
            amount=entry.amount, currency=entry.currency, variant=books.variant, card=None, happened_at=None,
            recorded_at=entry.posted_at, fingerprint=it, subject_id=entry.payment_id or entry.external_id,
            posted=entry.amount, posted_at=entry.posted_at, entry=entry.external_id,
        )
        for it in ids
        for entry in [posted.get(books.entry_of(scope, it))]
        if entry is not None
    }  # fmt: skip


async def _no_ids(session: Session, scope: Scope) -> Sequence[str]:  # noqa: ARG001 - the table's shape
    return ()


async def _none(session: Session, scope: Scope, ids: Sequence[str]) -> Mapping[str, Ours]:  # noqa: ARG001
    return {}


def fingerprint(belongs_to: str, variant: str, amount: int, currency: str, at: datetime) -> str:
    """Return what two records of one event have in common, on either side."""
    return f"{belongs_to}:{variant}:{amount}:{currency}:{int(at.timestamp())}"


KINDS: Final[Mapping[str, RecordKind]] = {
    kind.name: kind
    for kind in (
        RecordKind(
            "transaction", Stream.TRANSACTIONS, frozenset({"transaction"}), compare_money,
            "issuer_settlement", MONEY_GRACE, _moved_ids, _moved, "issuing", payments.refresh_transaction,
        ),
        RecordKind(
            "authorization", Stream.AUTHORIZATIONS, frozenset({"hold", "release"}), compare_holds, None,
            HOLD_GRACE, _holding_ids, _held, "issuing", payments.refresh_authorization, holds=True,
        ),
        RecordKind(
            "charge", Stream.CHARGES, frozenset({"charge"}), compare_money, "funding_in_transit",
            MONEY_GRACE, _taken_ids, _taken, "payments", funding.refresh_top_up,
        ),
        RecordKind(
            "refund", Stream.REFUNDS, frozenset({"refund", "refund_failure"}), compare_money,
            "funding_in_transit", MONEY_GRACE, _given_ids, _given, "payments", funding.refresh_refund,
        ),
        RecordKind(
            "fee", None, frozenset({"fee"}), compare_money, "funding_in_transit", MONEY_GRACE, _no_ids,
            _none, "payments", contra="fees",
        ),
        RecordKind(
            "dispute", Stream.DISPUTES, frozenset({_CARD_DISPUTES.variant}), compare_money,
            _CARD_DISPUTES.account, MONEY_GRACE, partial(_disputed_ids, books=_CARD_DISPUTES),
            partial(_disputed, books=_CARD_DISPUTES), "issuing", disputes.refresh_dispute,
            contra="dispute_suspense", by_movement=True,
        ),
        RecordKind(
            "charge_dispute", Stream.CHARGE_DISPUTES, frozenset({_CHARGE_DISPUTES.variant}), compare_money,
            _CHARGE_DISPUTES.account, MONEY_GRACE, partial(_disputed_ids, books=_CHARGE_DISPUTES),
            partial(_disputed, books=_CHARGE_DISPUTES), "payments", funding.refresh_dispute,
            by_movement=True,
        ),
    )
}  # fmt: skip
"""Every kind, by its name."""

DAYS: Final = RecordKind("day", None, frozenset(), compare_money, None, MONEY_GRACE, _no_ids, _none, "")
BALANCES: Final = replace(DAYS, name="balance")
"""What totals are listed as where they differ; they are added up, not looked up one by one."""
