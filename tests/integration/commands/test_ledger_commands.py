"""The commands on the books: the trial balance, a copy of the journal, judging the copy and the database."""

import asyncio
from pathlib import Path

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine
from typer.testing import CliRunner

from cardwright.cli import app
from cardwright.core.clock import MovableClock
from cardwright.sealing import CheckpointSigner
from integration.commands.conftest import Run
from integration.ledger.journal import INDEX, Journal


@pytest.fixture
async def journal(engine: AsyncEngine, database_url: str, clock: MovableClock) -> Journal:
    return await Journal.begin(engine, database_url, clock)


@pytest.fixture
def key(tmp_path: Path, journal: Journal) -> str:
    path = tmp_path / "public.pem"
    path.write_text(journal.work.get(CheckpointSigner).public_key_pem())
    return str(path)


async def test_a_copy_is_judged_by_anyone_who_has_the_public_key(
    journal: Journal, run: Run, key: str, tmp_path: Path
) -> None:
    copy, note = tmp_path / "journal.jsonl", tmp_path / "checkpoint"
    assert "Nothing has been sealed yet" in await run("ledger", "checkpoint", exit_code=1)
    await journal.post(5)
    await journal.seal()
    note.write_text((await asyncio.to_thread(
        CliRunner().invoke, app, ["ledger", "checkpoint", "--database", journal.database_url]
    )).output)  # fmt: skip
    await journal.post(3)
    await journal.seal()
    assert "8 entries are in" in await run("ledger", "export", str(copy))
    said = await run("verify", "ledger", str(copy), "--key", key, "--since", str(note))
    assert "8 entries are what was sealed, whole and in order" in said
    assert "They extend the older checkpoint of 5 entries." in said
    copy.write_bytes(copy.read_bytes().replace(b'"amount":"103"', b'"amount":"104"', 1))
    said = await run("verify", "ledger", str(copy), "--key", key, exit_code=1)
    assert "the entry is not what its leaf hash commits to" in said


async def test_the_journal_in_the_database_is_judged_too(journal: Journal, run: Run, key: str) -> None:
    await journal.post(4)
    await journal.seal()
    assert "Every one of 4 sealed journal entries" in await run("verify", "ledger", "--key", key)
    assert "Every one of 4 sealed journal entries" in await run("verify")
    third = INDEX.format(2)
    await journal.tamper(f"UPDATE postings SET amount = 1 WHERE entry_id = {third}")  # noqa: S608
    said = await run("verify", "ledger", "--key", key, exit_code=1)
    assert f"{journal.posted[2]} is not what was sealed as leaf 2" in said
    assert "is not what was sealed as leaf 2" in await run("verify", exit_code=1)


async def test_the_trial_balance_is_printed_now_and_as_it_stood(journal: Journal, run: Run) -> None:
    await journal.post(2)
    said = await run("trial-balance")
    assert "wallet │ USD │ 0.00 │ 2.01 │ 2.01" in said
    assert "Debits and credits are the same." in said
    assert "wallet" not in await run("trial-balance", "--at", "2026-10-31T23:59:59Z")
    assert "lacks its zone" in await run("trial-balance", "--at", "2026-10-31", exit_code=1)
    assert "there is no program nowhere" in await run("trial-balance", "--program", "nowhere", exit_code=1)
    await journal.tamper("DELETE FROM postings WHERE line = 1")
    assert "the books are wrong" in await run("trial-balance", exit_code=1)
