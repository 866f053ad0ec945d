"""Whatever a database administrator does to the journal is found and named, also in an export."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from cardwright import ledger, sealing
from cardwright.core.clock import MovableClock
from cardwright.db.session import Session
from integration.ledger.journal import INDEX, Journal

FIRST, SECOND = 6, 4
"""How many entries each of two checkpoints adds."""
FOURTH = INDEX.format(4)
SHIFT = "UPDATE ledger_seals SET leaf_index = leaf_index + 1000 WHERE leaf_index {}"
BACK = "UPDATE ledger_seals SET leaf_index = leaf_index - {} WHERE leaf_index >= 1000"
MADE_UP = (
    "INSERT INTO journal_entries (id, program_id, kind, external_id, currency, posted_at, written_in)"
    " SELECT 'entry_made_up', program_id, 'top_up', 'made_up', 'USD', posted_at, written_in {}"
    " FROM journal_entries WHERE id = ENTRY"
)
MADE_UP_LINES = (
    "INSERT INTO postings SELECT 'entry_made_up', line, account_id, side, amount, balance_after"
    " FROM postings WHERE entry_id = ENTRY"
)
MADE_UP_LEAF = (
    "INSERT INTO ledger_seals SELECT program_id, 4, 'entry_made_up', sha256('made up') FROM ledger_seals"
    " WHERE leaf_index = 0"
)

CHANGED = ("POSTED is not what was sealed as leaf 4", "what its leaf hash commits to")
GONE = ("POSTED is gone, and was sealed as leaf 4", "entry 4 is gone")
AMONG = "look at leaf 0 to 5"
TAMPERED: dict[str, tuple[Sequence[str], str, str]] = {
    "an amount": (["UPDATE postings SET amount = amount + 1 WHERE entry_id = ENTRY"], *CHANGED),
    "one of two amounts": (
        ["UPDATE postings SET amount = amount + 1 WHERE line = 2 AND entry_id = ENTRY"],
        *CHANGED,
    ),
    "the sides": (
        ["UPDATE postings SET side = 'debit' WHERE line = 2 AND entry_id = ENTRY"],
        *CHANGED,
    ),
    "the account": (
        ["UPDATE postings SET account_id = 'acct_other' WHERE line = 2 AND entry_id = ENTRY"],
        *CHANGED,
    ),
    "the balance after": (
        ["UPDATE postings SET balance_after = 0 WHERE line = 2 AND entry_id = ENTRY"],
        *CHANGED,
    ),
    "a line removed": (["DELETE FROM postings WHERE line = 2 AND entry_id = ENTRY"], *CHANGED),
    "the date": (
        ["UPDATE journal_entries SET posted_at = posted_at - interval '1 us' WHERE id = ENTRY"],
        *CHANGED,
    ),
    "the external id": (["UPDATE journal_entries SET external_id = 'x' WHERE id = ENTRY"], *CHANGED),
    "the kind": (["UPDATE journal_entries SET kind = 'gift' WHERE id = ENTRY"], *CHANGED),
    "whose account it was": (
        ["UPDATE ledger_accounts SET owner_id = 'user_eve' WHERE owner_id = 'user_1'"],
        *CHANGED,
    ),
    "an entry removed": (["DELETE FROM journal_entries WHERE id = ENTRY"], *GONE),
    "an entry removed with its lines": (
        [
            "DELETE FROM postings WHERE entry_id = ENTRY",
            "DELETE FROM journal_entries WHERE id = ENTRY",
        ],
        *GONE,
    ),
    "an entry removed with its leaf": (
        [
            "DELETE FROM journal_entries WHERE id = ENTRY",
            "DELETE FROM ledger_seals WHERE leaf_index = 4",
        ],
        "leaf 4 is missing",
        "entry 5 stands where entry 4 should",
    ),
    "an entry removed, the gap closed": (
        [
            "DELETE FROM journal_entries WHERE id = ENTRY",
            "DELETE FROM ledger_seals WHERE leaf_index = 4",
            SHIFT.format("> 4"),
            BACK.format(1001),
        ],
        AMONG,
        "look at 0 to 5",
    ),
    "an entry put in behind what was sealed": (
        [MADE_UP.format("- 1"), MADE_UP_LINES],
        "entry_made_up was put in behind what had been sealed",
        "",
    ),
    "an entry put in with a leaf": (
        [MADE_UP.format(""), MADE_UP_LINES, SHIFT.format(">= 4"), BACK.format(999), MADE_UP_LEAF],
        "entry_made_up is not what was sealed as leaf 4",
        "what its leaf hash commits to",
    ),
    "two entries that changed places": (
        [
            SHIFT.format("= 2"),
            "UPDATE ledger_seals SET leaf_index = 2 WHERE leaf_index = 4",
            "UPDATE ledger_seals SET leaf_index = 4 WHERE leaf_index = 1002",
        ],
        AMONG,
        "look at 0 to 5",
    ),
    "two entries that changed places, later": (
        [
            SHIFT.format("= 7"),
            "UPDATE ledger_seals SET leaf_index = 7 WHERE leaf_index = 8",
            "UPDATE ledger_seals SET leaf_index = 8 WHERE leaf_index = 1007",
        ],
        "look at leaf 6 to 9",
        "look at 6 to 9",
    ),
    "the end cut off": (
        ["DELETE FROM ledger_seals WHERE leaf_index >= 8"],
        "leaf 8 is missing",
        "8 entries are here and 10 were signed",
    ),
    "the last checkpoint removed": (
        ["DELETE FROM ledger_checkpoints WHERE size = 10"],
        "leaf 6 is under no checkpoint",
        "",
    ),
}
"""What is done; what comparing the database says; what judging an export says, if that can tell."""


@pytest.fixture
async def journal(engine: AsyncEngine, database_url: str, clock: MovableClock) -> Journal:
    """Ten entries under two checkpoints."""
    begun = await Journal.begin(engine, database_url, clock)
    for count in (FIRST, SECOND):
        await begun.post(count)
        assert await begun.seal() == count
    return begun


async def test_a_journal_nobody_touched_verifies_in_the_database_and_as_an_export(journal: Journal) -> None:
    assert await journal.findings() == []
    verdict = journal.judge(await journal.export())
    assert (verdict.entries, verdict.problems) == (FIRST + SECOND, ())
    assert verdict.checkpoint is not None
    assert verdict.checkpoint.origin == f"cardwright/ledger/{journal.program_id}"


async def test_what_is_sealed_while_somebody_verifies_is_no_finding(journal: Journal) -> None:
    async def read_and_seal(session: Session, entry_ids: Sequence[str]) -> Mapping[str, Any]:
        await journal.post(1)
        assert await journal.seal() == 1
        return await ledger.JOURNAL.read(session, entry_ids)

    async with journal.work.transaction() as session:
        report = await sealing.verify(session, replace(ledger.JOURNAL, read=read_and_seal))
    assert (report.sealed, report.findings) == (FIRST + SECOND, [])


@pytest.mark.parametrize("done", TAMPERED)
async def test_what_was_tampered_with_is_found_and_named(journal: Journal, done: str) -> None:
    statements, in_the_database, in_an_export = TAMPERED[done]
    await journal.tamper(*(statement.replace("ENTRY", FOURTH) for statement in statements))
    said = "\n".join(await journal.findings())
    assert in_the_database.replace("POSTED", journal.posted[4]) in said
    problems = [
        f"{problem.line}: {problem.what}" for problem in journal.judge(await journal.export()).problems
    ]
    if in_an_export:
        assert in_an_export in "\n".join(problems)


async def test_an_export_shows_the_checkpoints_on_the_way_and_verifies_without_them(journal: Journal) -> None:
    lines = (await journal.export()).splitlines(keepends=True)
    marks = [number for number, line in enumerate(lines) if line.startswith(b'{"checkpoint"')]
    assert marks == [1 + FIRST, len(lines) - 1]
    assert journal.judge(b"".join([*lines[: 1 + FIRST], *lines[2 + FIRST :]])).problems == ()
    assert journal.judge(b"".join(lines[:-1])).problems, "cut off at a checkpoint, it does not end with one"


async def test_a_journal_that_was_rolled_back_and_written_anew_does_not_extend_what_was_kept(
    journal: Journal,
) -> None:
    kept = json.loads((await journal.export()).splitlines()[-1])["checkpoint"]
    assert journal.judge(await journal.export(), since=kept).problems == ()
    await journal.tamper(
        "DELETE FROM ledger_checkpoints WHERE size > 6",
        "DELETE FROM journal_entries WHERE id IN (SELECT entry_id FROM ledger_seals WHERE leaf_index >= 6)",
        "DELETE FROM ledger_seals WHERE leaf_index >= 6",
    )
    await journal.post(SECOND)
    await journal.seal()
    rewritten = await journal.export()
    assert journal.judge(rewritten).problems == (), "a forged future, signed by the sealer"
    assert "rolled back" in journal.judge(rewritten, since=kept).problems[-1].what


async def test_an_audit_trail_is_no_journal(journal: Journal) -> None:
    export = (await journal.export()).replace(b"cardwright/ledger/", b"cardwright/audit/")
    problems = {found.what for found in journal.judge(export).problems}
    assert problems == {"the origin is not that of the program", "the checkpoint is not signed by the key"}
