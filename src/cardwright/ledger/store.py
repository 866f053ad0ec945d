"""The ledger's tables and statements. Posted rows are only ever inserted; the database refuses the rest."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any, Final

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Index,
    Integer,
    PrimaryKeyConstraint,
    Row,
    Select,
    Table,
    UniqueConstraint,
    bindparam,
    select,
    update,
)
from sqlalchemy import insert as plain_insert
from sqlalchemy.dialects.postgresql import insert

from cardwright.core.errors import Conflict, NotFound
from cardwright.core.ids import new_id
from cardwright.db.base import id_column, instant, metadata, minor_units, reference, text
from cardwright.db.session import Session
from cardwright.db.together import joinable
from cardwright.ledger.domain import CHART, Account, Entry, Hold, Posting
from cardwright.sealing import checkpoints_table, seals_table, written_in

accounts = Table(
    "ledger_accounts",
    metadata,
    id_column(),
    reference("program_id"),
    text("code"),
    reference("owner_id"),
    text("currency"),
    minor_units("posted_balance", server_default="0"),
    minor_units("held", server_default="0"),
    minor_units("floor", nullable=True),
    UniqueConstraint("program_id", "code", "owner_id", "currency"),
    CheckConstraint("floor IS NULL OR posted_balance - held >= floor", name="floor"),
    CheckConstraint("held >= 0", name="held"),
    CheckConstraint(
        "code NOT IN ('wallet', 'receivable') OR (floor IS NOT NULL AND floor = 0)", name="floored"
    ),
)
journal_entries = Table(
    "journal_entries",
    metadata,
    id_column(),
    reference("program_id"),
    text("kind"),
    text("external_id"),
    text("currency"),
    reference("payment_id", nullable=True),
    instant("posted_at"),
    reference("approval_id", nullable=True),
    reference("reverses_id", nullable=True, unique=True),
    written_in(),
    UniqueConstraint("program_id", "external_id"),
    CheckConstraint("reverses_id IS NULL OR kind = 'manual'", name="reversal"),
    Index(None, "program_id", "written_in", "id"),
    Index(None, "program_id", "kind", "posted_at", "id"),
    Index(None, "program_id", "posted_at", "id"),
    Index("ix_journal_entries_payment_id", "payment_id", postgresql_where="payment_id IS NOT NULL"),
)
ledger_seals = seals_table("ledger_seals")
ledger_checkpoints = checkpoints_table("ledger_checkpoints")
postings = Table(
    "postings",
    metadata,
    reference("entry_id"),
    Column("line", Integer, nullable=False),
    reference("account_id"),
    text("side"),
    minor_units("amount"),
    minor_units("balance_after", nullable=True),
    PrimaryKeyConstraint("entry_id", "line"),
    CheckConstraint("amount > 0", name="amount"),
    CheckConstraint("side IN ('debit', 'credit')", name="side"),
    Index("ix_postings_account_id", "account_id", "entry_id"),
)
holds = Table(
    "holds",
    metadata,
    id_column(),
    reference("account_id"),
    reference("payment_id", unique=True),
    minor_units("remaining"),
    instant("expires_at"),
    CheckConstraint("remaining >= 0", name="remaining"),
    Index("ix_holds_open", "expires_at", postgresql_where="remaining > 0"),
)


_OWNED: Final = select(accounts).where(
    accounts.c.program_id == bindparam("program_id"),
    accounts.c.code == bindparam("code"),
    accounts.c.owner_id == bindparam("owner_id"),
    accounts.c.currency == bindparam("currency"),
)
_OWNED_LOCKED: Final = _OWNED.with_for_update(key_share=True)
_MOVE: Final = joinable(
    update(accounts)
    .where(accounts.c.id == bindparam("of_account"))
    .values(
        posted_balance=accounts.c.posted_balance + bindparam("by_posted", type_=BigInteger),
        held=accounts.c.held + bindparam("by_held", type_=BigInteger),
    )
    .returning(*accounts.c)
)
_new_hold = insert(holds)
_ADD_TO_HOLD: Final = joinable(
    _new_hold.on_conflict_do_update(
        index_elements=["payment_id"],
        set_={
            "remaining": holds.c.remaining + _new_hold.excluded.remaining,
            "expires_at": _new_hold.excluded.expires_at,
        },
    )
)


async def ensure_account(
    session: Session, *, program_id: str, code: str, owner_id: str, currency: str
) -> Account:
    """Return the account, opened on first use; shared accounts are owned by their program. Not locked."""
    wanted = {"program_id": program_id, "code": code, "owner_id": owner_id, "currency": currency}
    row = (await session.execute(_OWNED, wanted)).one_or_none()
    if row is None:
        await session.execute(
            insert(accounts)
            .values(
                id=new_id("acct"), program_id=program_id, code=code, owner_id=owner_id, currency=currency,
                floor=CHART[code].floor,
            )
            .on_conflict_do_nothing()
        )  # fmt: skip
        row = (await session.execute(_OWNED, wanted)).one()
    return account_from_row(row)


async def owned_for_update(
    session: Session, *, program_id: str, code: str, owner_id: str, currency: str
) -> Account:
    """Return the account, opened on first use, locked until the transaction ends."""
    wanted = {"program_id": program_id, "code": code, "owner_id": owner_id, "currency": currency}
    row = (await session.execute(_OWNED_LOCKED, wanted)).one_or_none()
    if row is not None:
        return account_from_row(row)
    opened = await ensure_account(session, **wanted)
    return await account_for_update(session, opened.id)


@dataclass(frozen=True, slots=True)
class Owned:
    """A locked wallet, and the row that named its owner."""

    owner: Sequence[Any]
    wallet: Account


async def wallet_of_for_update(
    session: Session, owner: Select[Any], given: Mapping[str, Any]
) -> Owned | None:
    """Return the wallet of whom a constant statement names by program_id, user_id and currency, locked.

    `given` are that statement's values. None where it names nobody, or the wallet was never used.
    """
    row = (await session.execute(_wallet_of(owner), given)).one_or_none()
    return None if row is None else Owned(row[len(accounts.c) :], account_from_row(row))


@lru_cache(8)
def _wallet_of(owner: Select[Any]) -> Select[Any]:
    whose = owner.subquery("owner")
    is_theirs = (
        (accounts.c.program_id == whose.c.program_id)
        & (accounts.c.owner_id == whose.c.user_id)
        & (accounts.c.currency == whose.c.currency)
        & (accounts.c.code == "wallet")
    )
    named = (it.label(f"owners_{it.key}") for it in whose.c)
    return (
        select(*accounts.c, *named)
        .select_from(accounts.join(whose, is_theirs))
        .with_for_update(key_share=True, of=accounts)
    )


async def account_for_update(session: Session, account_id: str) -> Account:
    """Return the account, locked until the transaction ends; raise NotFound."""
    row = (
        await session.execute(
            select(accounts).where(accounts.c.id == account_id).with_for_update(key_share=True)
        )
    ).one_or_none()
    if row is None:
        raise NotFound("account_unknown", "There is no such ledger account.")
    return account_from_row(row)


async def move(session: Session, account: Account, *, posted: int = 0, held: int = 0) -> Account:
    """Change an account's posted and held amounts; the database refuses to go under the floor."""
    change = {"of_account": account.id, "by_posted": posted, "by_held": held}
    return account_from_row((await session.execute(_MOVE, change)).one())


async def insert_entry(
    session: Session, *, program_id: str, kind: str, external_id: str, currency: str,
    payment_id: str | None, at: datetime, approval_id: str | None = None, reverses_id: str | None = None,
) -> str | None:  # fmt: skip
    """Insert an entry's head and return its id, or None when its external id was posted before."""
    inserted = await session.execute(
        insert(journal_entries)
        .values(
            id=new_id("entry"), program_id=program_id, kind=kind, external_id=external_id, currency=currency,
            payment_id=payment_id, posted_at=at, approval_id=approval_id, reverses_id=reverses_id,
        )
        .on_conflict_do_nothing(index_elements=["program_id", "external_id"])
        .returning(journal_entries.c.id)
    )  # fmt: skip
    entry_id: str | None = inserted.scalar_one_or_none()
    return entry_id


async def find_entry(session: Session, program_id: str, external_id: str) -> Entry | None:
    """Return the entry that was posted under that external id before."""
    row = (await session.execute(_entry_query(program_id, external_id))).one_or_none()
    return None if row is None else _entry(row)


async def get_entry(session: Session, program_id: str, external_id: str) -> Entry:
    """Return the entry of that external id, which `insert_entry` found posted: entries are never removed."""
    return _entry((await session.execute(_entry_query(program_id, external_id))).one())


async def insert_postings(session: Session, entry_id: str, lines: Sequence[Posting]) -> None:
    """Insert an entry's lines and move the running balances of accounts that keep one."""
    rows = []
    for number, posting in enumerate(lines, start=1):
        shared = CHART[posting.account.code].shared
        after = None if shared else await move(session, posting.account, posted=posting.change)
        rows.append(
            {
                "entry_id": entry_id,
                "line": number,
                "account_id": posting.account.id,
                "side": posting.side,
                "amount": posting.amount,
                "balance_after": after and after.posted_balance,
            }
        )
    await session.execute(plain_insert(postings), rows)


async def find_hold(session: Session, payment_id: str) -> Hold | None:
    """Return the payment's hold, not locked."""
    row = (await session.execute(select(holds).where(holds.c.payment_id == payment_id))).one_or_none()
    return None if row is None else _hold(row)


async def find_hold_for_update(session: Session, payment_id: str) -> Hold | None:
    """Return the payment's hold, locked; its account must have been locked before."""
    row = (
        await session.execute(select(holds).where(holds.c.payment_id == payment_id).with_for_update())
    ).one_or_none()
    return None if row is None else _hold(row)


async def add_to_hold(
    session: Session, account: Account, *, payment_id: str, amount: int, expires_at: datetime
) -> None:
    """Add to what a payment holds, until a new end; the caller moves the account's held amount."""
    await session.execute(
        _ADD_TO_HOLD,
        {
            "id": new_id("hold"), "account_id": account.id, "payment_id": payment_id, "remaining": amount,
            "expires_at": expires_at,
        },
    )  # fmt: skip


async def change_hold(session: Session, hold: Hold, *, by: int, expires_at: datetime | None = None) -> Hold:
    """Add to what remains of a hold; below zero raises Conflict before the database would."""
    if hold.remaining + by < 0:
        raise Conflict("hold_exceeded", "More would be taken from the hold than remains in it.")
    row = (
        await session.execute(
            update(holds)
            .where(holds.c.id == hold.id)
            .values(remaining=holds.c.remaining + by, expires_at=expires_at or hold.expires_at)
            .returning(*holds.c)
        )
    ).one()
    return _hold(row)


async def expired_payment_ids(session: Session, *, at: datetime, limit: int) -> Sequence[str]:
    """Return the payments whose holds are past their time, oldest first."""
    rows = await session.execute(
        select(holds.c.payment_id)
        .where(holds.c.remaining > 0, holds.c.expires_at <= at)
        .order_by(holds.c.expires_at)
        .limit(limit)
    )
    return rows.scalars().all()


def account_from_row(row: Row[Any]) -> Account:
    """Build an account from its row."""
    return Account(
        id=row.id, program_id=row.program_id, code=row.code, owner_id=row.owner_id, currency=row.currency,
        posted_balance=row.posted_balance, held=row.held,
    )  # fmt: skip


def _entry_query(program_id: str, external_id: str) -> Select[Any]:
    return select(journal_entries).where(
        journal_entries.c.program_id == program_id, journal_entries.c.external_id == external_id
    )


def _entry(row: Row[Any]) -> Entry:
    return Entry(row.id, row.kind, row.external_id, row.currency, row.posted_at, was_posted_now=False)


def _hold(row: Row[Any]) -> Hold:
    return Hold(row.id, row.account_id, row.payment_id, row.remaining, row.expires_at)
