"""What the database itself refuses about money, asked by plain SQL as the application logs in.

One table of attempts: each is what somebody with the application's rights could try, in one transaction.
None of them may change a row; a last test shows that the same login posts what is right.
"""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from secrets import token_hex

import asyncpg
import pytest
from sqlalchemy.engine import make_url
from sqlalchemy.ext.asyncio import AsyncEngine

from cardwright import ledger
from cardwright.core.clock import MovableClock
from cardwright.db.session import transaction

HEAD = "INSERT INTO journal_entries (id, program_id, kind, external_id, currency, posted_at) VALUES ({})"
ENTRY = HEAD.format("'entry_x', 'prog_1', 'gift', 'x', 'USD', now()")
LINES = """
INSERT INTO postings (entry_id, line, account_id, side, amount)
SELECT '{entry}', {first} + position, (SELECT id FROM ledger_accounts WHERE code = split_part(part, ' ', 1)
                                          AND owner_id IN ('prog_1', 'user_1') AND currency = '{currency}'),
       split_part(part, ' ', 2), split_part(part, ' ', 3)::bigint
FROM unnest(string_to_array('{lines}', ', ')) WITH ORDINALITY AS line(part, position)
"""
ACCOUNT = (
    "INSERT INTO ledger_accounts (id, program_id, code, owner_id, currency, posted_balance, held, floor)"
)


def lines(text: str, *, entry: str = "entry_x", first: int = 0, currency: str = "USD") -> str:
    """Postings written as "account side amount, …"."""
    return LINES.format(entry=entry, lines=text, first=first, currency=currency)


def change(sequence: int, month: str, action: str, until: str) -> str:
    """A month that somebody says is closed or open again."""
    snapshot = "'[]'" if action == "closed" else "NULL"
    return (
        f"INSERT INTO period_changes VALUES ('period_{sequence}', 'prog_1', {sequence},"  # noqa: S608
        f" '{month}', '{action}', '{until}T00:00:00Z', {snapshot}, '2026-11-23T12:00:00Z', 'appr_x')"
    )


@dataclass(frozen=True)
class Refused:
    """Statements of one transaction, and the error that ends it."""

    statements: Sequence[str]
    error: type[asyncpg.PostgresError]
    says: str


def refused(error: type[asyncpg.PostgresError], says: str, *statements: str) -> Refused:
    return Refused(statements, error, says)


UNSOUND = asyncpg.IntegrityConstraintViolationError
FORBIDDEN = asyncpg.RestrictViolationError
CHECKED = asyncpg.CheckViolationError

ATTEMPTS: Mapping[str, Refused] = {
    # An entry balances, in one currency of one program.
    "an entry with more credits than debits": refused(
        UNSOUND, "not balanced", ENTRY, lines("wallet credit 5, funding_in_transit debit 4")
    ),
    "an entry with one side": refused(UNSOUND, "not balanced", ENTRY, lines("wallet credit 5")),
    "an entry without lines": refused(UNSOUND, "not balanced", ENTRY),
    "lines without an entry": refused(
        UNSOUND, "not balanced", lines("wallet credit 5, funding_in_transit debit 5")
    ),
    "an entry of another currency than its accounts": refused(
        UNSOUND, "another currency", ENTRY.replace("'USD'", "'EUR'"),
        lines("wallet credit 5, funding_in_transit debit 5"),
    ),
    "an entry with accounts of two currencies": refused(
        UNSOUND, "another currency", ENTRY, lines("wallet credit 5"),
        lines("funding_in_transit debit 5", first=1, currency="EUR"),
    ),
    "an entry in another program's books": refused(
        UNSOUND, "another currency or program", ENTRY.replace("'prog_1'", "'prog_2'"),
        lines("wallet credit 5, funding_in_transit debit 5"),
    ),
    "a line of nothing": refused(CHECKED, "amount", ENTRY, lines("wallet credit 0, fees debit 0")),
    "a line below zero": refused(CHECKED, "amount", ENTRY, lines("wallet credit -5, fees debit -5")),
    "a line on no side": refused(CHECKED, "side", ENTRY, lines("wallet left 5, fees debit 5")),
    # What is posted stands.
    "changing an amount": refused(FORBIDDEN, "append-only", "UPDATE postings SET amount = 1"),
    "moving a line to another account": refused(
        FORBIDDEN, "append-only", "UPDATE postings SET account_id = 'acct_x'"
    ),
    "removing lines": refused(FORBIDDEN, "append-only", "DELETE FROM postings"),
    "changing an entry": refused(FORBIDDEN, "append-only", "UPDATE journal_entries SET kind = 'gift'"),
    "dating an entry anew": refused(FORBIDDEN, "append-only", "UPDATE journal_entries SET posted_at = now()"),
    "removing an entry": refused(FORBIDDEN, "append-only", "DELETE FROM journal_entries"),
    "replacing an entry": refused(
        FORBIDDEN, "append-only",
        HEAD.format("'entry_x', 'prog_1', 'gift', 'top_up:1', 'USD', now()")
        + " ON CONFLICT (program_id, external_id) DO UPDATE SET kind = 'gift'",
    ),
    "adding lines to an entry that stands": refused(
        FORBIDDEN, "nothing is added to it",
        lines("wallet credit 5, funding_in_transit debit 5", entry="POSTED", first=10),
    ),
    "emptying the postings": refused(asyncpg.InsufficientPrivilegeError, "denied", "TRUNCATE postings"),
    "emptying the journal": refused(asyncpg.InsufficientPrivilegeError, "denied", "TRUNCATE journal_entries"),
    "taking the guards away": refused(
        asyncpg.InsufficientPrivilegeError, "owner", "ALTER TABLE postings DISABLE TRIGGER ALL"
    ),
    "switching the guards off": refused(
        asyncpg.InsufficientPrivilegeError, "denied", "SET session_replication_role = replica"
    ),
    # One effect per external id, one reversal per entry.
    "a second entry for one external id": refused(
        asyncpg.UniqueViolationError, "external_id",
        HEAD.format("'entry_x', 'prog_1', 'top_up', 'top_up:1', 'USD', now()"),
        lines("wallet credit 5, funding_in_transit debit 5"),
    ),
    "an entry that reverses another without two people": refused(
        CHECKED, "reversal",
        ENTRY.replace("posted_at)", "posted_at, reverses_id)").replace("now()", "now(), 'POSTED'"),
    ),
    "an entry made by hand without two people": refused(
        FORBIDDEN, "nobody approved", ENTRY.replace("'gift'", "'manual'"),
        lines("wallet credit 5, funding_in_transit debit 5"),
    ),
    # No balance goes under its floor, and the floor stays where it is.
    "spending more than there is": refused(
        CHECKED, "floor", "UPDATE ledger_accounts SET posted_balance = -1 WHERE code = 'wallet'"
    ),
    "holding more than there is": refused(
        CHECKED, "floor", "UPDATE ledger_accounts SET held = 10001 WHERE code = 'wallet'"
    ),
    "holding less than nothing": refused(
        CHECKED, "held", "UPDATE ledger_accounts SET held = -1 WHERE code = 'wallet'"
    ),
    "owing less than nothing": refused(
        CHECKED, "floor", "UPDATE ledger_accounts SET posted_balance = -1 WHERE code = 'receivable'"
    ),
    "a hold of less than nothing": refused(
        CHECKED, "remaining",
        "INSERT INTO holds SELECT 'hold_x', id, 'pay_x', -1, now() FROM ledger_accounts",
    ),
    "taking the floor away": refused(
        FORBIDDEN, "keeps what it is", "UPDATE ledger_accounts SET floor = NULL WHERE code = 'wallet'"
    ),
    "lowering the floor": refused(
        FORBIDDEN, "keeps what it is", "UPDATE ledger_accounts SET floor = -100 WHERE code = 'wallet'"
    ),
    "opening a wallet without a floor": refused(
        CHECKED, "floored", f"{ACCOUNT} VALUES ('acct_x', 'prog_1', 'wallet', 'user_2', 'USD', 0, 0, NULL)"
    ),
    "opening a wallet with money in it": refused(
        FORBIDDEN, "opened empty",
        f"{ACCOUNT} VALUES ('acct_x', 'prog_1', 'wallet', 'user_2', 'USD', 500, 0, 0)",
    ),
    "a second wallet": refused(
        asyncpg.UniqueViolationError, "owner_id",
        f"{ACCOUNT} VALUES ('acct_x', 'prog_1', 'wallet', 'user_1', 'USD', 0, 0, 0)",
    ),
    "giving an account to somebody else": refused(
        FORBIDDEN, "keeps what it is", "UPDATE ledger_accounts SET owner_id = 'user_2' WHERE code = 'wallet'"
    ),
    "making one account another": refused(
        FORBIDDEN, "keeps what it is", "UPDATE ledger_accounts SET code = 'fees' WHERE code = 'wallet'"
    ),
    "changing an account's currency": refused(
        FORBIDDEN, "keeps what it is", "UPDATE ledger_accounts SET currency = 'JPY' WHERE code = 'wallet'"
    ),
    "removing an account": refused(FORBIDDEN, "never removed", "DELETE FROM ledger_accounts"),
    # What is closed is closed by two, and what is sealed stays sealed.
    "dating an entry into a month that is closed": refused(
        FORBIDDEN, "closed until 2026-10-01", ENTRY.replace("now()", "'2026-09-30T23:59:59Z'")
    ),
    "closing a month alone": refused(
        FORBIDDEN, "nobody approved", change(2, "2026-10-01", "closed", "2026-11-01")
    ),
    "closing a month that is not over": refused(
        FORBIDDEN, "once it is over", change(2, "2026-11-01", "closed", "2026-12-01")
    ),
    "closing less than is closed": refused(
        FORBIDDEN, "and once", change(2, "2026-08-01", "closed", "2026-09-01")
    ),
    "opening a month again alone": refused(
        FORBIDDEN, "nobody approved", change(2, "2026-09-01", "reopened", "2026-09-01")
    ),
    "opening all of the past": refused(
        FORBIDDEN, "closed last", change(2, "2026-08-01", "reopened", "2026-08-01")
    ),
    "closing out of turn": refused(
        FORBIDDEN, "one by one", change(4, "2026-10-01", "closed", "2026-11-01")
    ),
    "forgetting that a month was closed": refused(FORBIDDEN, "append-only", "DELETE FROM period_changes"),
    "closing less, afterwards": refused(
        FORBIDDEN, "append-only", "UPDATE period_changes SET closed_until = '2026-01-01T00:00:00Z'"
    ),
    "a checkpoint of leaves that are not there": refused(
        UNSOUND, "as many leaves",
        r"INSERT INTO ledger_checkpoints VALUES ('prog_1', 3, '\x', '\x', '', now())"
    ),
}  # fmt: skip

BOOKS = ("journal_entries", "postings", "ledger_accounts", "holds", "period_changes", "ledger_checkpoints")


@pytest.fixture
async def posted(engine: AsyncEngine, clock: MovableClock) -> str:
    """The id of a top-up's entry of 100.00 USD; the program has an account in euros, too."""
    async with transaction(engine) as session:
        entry = await ledger.credit_wallet(
            session, program_id="prog_1", user_id="user_1", currency="USD", amount=10_000,
            contra="funding_in_transit", kind="top_up", external_id="top_up:1", at=clock.now(),
        )  # fmt: skip
        for currency, owner in (("EUR", "user_2"), ("USD", "user_1")):
            await ledger.credit_wallet(
                session, program_id="prog_1", user_id=owner, currency=currency, amount=1, contra="fees",
                kind="gift", external_id=f"gift:{currency}", at=clock.now(),
            )  # fmt: skip
            await ledger.credit_wallet(
                session, program_id="prog_1", user_id=owner, currency=currency, amount=1,
                contra="funding_in_transit", kind="gift", external_id=f"top_up:{currency}", at=clock.now(),
            )  # fmt: skip
    return entry.id


@pytest.fixture
async def application(database_url: str, posted: str) -> AsyncIterator[asyncpg.Connection]:
    """The database as production's processes log in to it: owner of nothing, bound by no policy."""
    login = f"cardwright_login_{token_hex(4)}"
    owner = await asyncpg.connect(database_url)
    # September is closed; who agreed on that is for other tests.
    await owner.execute("SET session_replication_role = replica")
    await owner.execute(change(1, "2026-09-01", "closed", "2026-10-01"))
    await owner.execute(f"CREATE ROLE {login} LOGIN BYPASSRLS IN ROLE cardwright_customer, cardwright_staff")
    url = make_url(database_url).set(username=login).render_as_string(hide_password=False)
    connection = await asyncpg.connect(url)
    yield connection
    await connection.close()
    await owner.execute(f"DROP ROLE {login}")
    await owner.close()


async def fingerprint(connection: asyncpg.Connection) -> list[str]:
    return [
        await connection.fetchval(
            f"SELECT md5(coalesce(string_agg(row::text, '' ORDER BY row::text), '')) FROM {table} AS row"  # noqa: S608
        )
        for table in BOOKS
    ]


async def run(connection: asyncpg.Connection, statements: Sequence[str]) -> None:
    async with connection.transaction():
        for statement in statements:
            await connection.execute(statement)


@pytest.mark.parametrize("attempt", ATTEMPTS)
async def test_the_database_refuses(application: asyncpg.Connection, posted: str, attempt: str) -> None:
    wanted, before = ATTEMPTS[attempt], await fingerprint(application)
    with pytest.raises(wanted.error, match=wanted.says):
        await run(application, [statement.replace("POSTED", posted) for statement in wanted.statements])
    assert await fingerprint(application) == before


async def test_the_same_login_posts_what_is_right(application: asyncpg.Connection, posted: str) -> None:
    await run(application, [ENTRY, lines("fees debit 5, funding_in_transit credit 5")])
    assert await application.fetchval("SELECT count(*) FROM postings WHERE entry_id = 'entry_x'") == 2


@pytest.mark.parametrize("table", ["postings", "journal_entries", "ledger_accounts", "period_changes"])
async def test_not_even_the_owner_empties_a_table_of_the_books(
    database_url: str, posted: str, table: str
) -> None:
    owner = await asyncpg.connect(database_url)
    with pytest.raises(asyncpg.RestrictViolationError):
        await owner.execute(f"TRUNCATE {table}")
    await owner.close()
