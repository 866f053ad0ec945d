"""The commands on the trail: copy it, keep its checkpoint, judge the copy and the database."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine
from typer.testing import CliRunner

from builders import AUDIT_KEY, new_key_pem
from cardwright.cli import app
from cardwright.core.clock import MovableClock
from cardwright.core.ids import new_id
from cardwright.core.sensitive import Sensitive
from cardwright.sealing import CheckpointSigner
from integration.audit.trail import Trail

Run = Callable[..., Awaitable[str]]


@pytest.fixture
async def trail(engine: AsyncEngine, database_url: str, clock: MovableClock) -> Trail:
    return await Trail.begin(engine, database_url, clock)


@pytest.fixture
def key(tmp_path: Path, trail: Trail) -> str:
    path = tmp_path / "public.pem"
    path.write_text(trail.work.get(CheckpointSigner).public_key_pem())
    return str(path)


@pytest.fixture
def run(database_url: str) -> Run:
    """Run a command on a thread, as it has a loop of its own; return what it said."""
    known = {
        "DATABASE_URL": database_url,
        "CARDWRIGHT_AUDIT__SIGNING_KEY_PEM": AUDIT_KEY.reveal(),
        "COLUMNS": "200",
    }

    async def run(*command: str, exit_code: int = 0, without: str = "") -> str:
        environment = {name: None if name == without else value for name, value in known.items()}
        done = await asyncio.to_thread(CliRunner().invoke, app, command, env=environment)
        assert done.exit_code == exit_code, done.output
        return done.output

    return run


async def test_a_copy_is_judged_with_the_key_that_a_command_prints(
    trail: Trail, run: Run, tmp_path: Path
) -> None:
    await trail.write(12)
    await trail.seal()
    copy, key = tmp_path / "export.jsonl", tmp_path / "key.pem"
    key.write_text(await run("audit", "public-key"))
    assert "12 entries are in" in await run("audit", "export", str(copy))
    said = await run("verify", "audit", str(copy), "--key", str(key), without="DATABASE_URL")
    assert "12 entries are what was sealed, whole and in order" in said
    copy.write_bytes(copy.read_bytes().replace(b"user_ada", b"user_eve", 1))
    said = await run("verify", "audit", str(copy), "--key", str(key), exit_code=1)
    assert "the entry is not what its leaf hash commits to" in said
    last = await trail.ask("SELECT action, actor_id, details FROM audit_entries ORDER BY id DESC LIMIT 1")
    assert tuple(last[0]) == ("audit.exported", "operator", '{"size": 12}')


async def test_a_copy_must_extend_what_was_kept_before(
    trail: Trail, run: Run, key: str, tmp_path: Path
) -> None:
    await trail.write(3)
    await trail.seal()
    note, copy, older = tmp_path / "checkpoint", tmp_path / "export.jsonl", tmp_path / "older.jsonl"
    note.write_text(await run("audit", "checkpoint"))
    await run("audit", "export", str(older))
    await trail.seal()
    await run("audit", "export", str(copy))
    for kept in (note, older):
        said = await run("verify", "audit", str(copy), "--key", key, "--since", str(kept))
        assert "They extend the older checkpoint of 3 entries." in said
    note.write_text(note.read_text().replace("\n3\n", "\n4\n"))
    said = await run("verify", "audit", str(copy), "--key", key, "--since", str(note), exit_code=1)
    assert "rolled back" in said


async def test_what_an_operator_can_mend_is_said_in_one_line(
    trail: Trail, run: Run, key: str, tmp_path: Path
) -> None:
    copy, none = tmp_path / "export.jsonl", str(tmp_path / "none")
    assert "Nothing has been sealed yet" in await run("audit", "checkpoint", exit_code=1)
    await trail.write(1)
    await trail.seal()
    await trail.write(1, program_id=new_id("prog"))
    assert "choose one with --program" in await run("audit", "export", str(copy), exit_code=1)
    assert "1 entries" in await run("audit", "export", str(copy), "--program", trail.program_id)
    assert "Not verified" in await run("verify", "audit", none, "--key", key, exit_code=1)
    assert "Not verified" in await run("verify", "audit", str(copy), "--key", none, exit_code=1)
    assert "Not verified" in await run(
        "verify", "audit", str(copy), "--key", key, "--since", key, exit_code=1
    )
    without = "CARDWRIGHT_AUDIT__SIGNING_KEY_PEM"
    assert "is not set" in await run("audit", "public-key", exit_code=1, without=without)
    assert "give a database" in await run("verify", exit_code=2, without="DATABASE_URL")


async def test_a_copy_of_hostile_content_says_nothing_to_the_terminal(
    trail: Trail, run: Run, key: str, tmp_path: Path
) -> None:
    await trail.write(1)
    await trail.seal()
    hostile = b"\x1b[2J[red]\x9b31m"
    copy = tmp_path / "export.jsonl"
    for place in (b"user_ada", b"entry", b"prog_"):
        copy.write_bytes((await trail.export()).replace(place, hostile))
        said = await run("verify", "audit", str(copy), "--key", key, exit_code=1)
        assert "\x1b[2J" not in said
        assert "\x9b" not in said


async def test_verify_compares_the_database_with_what_was_sealed(trail: Trail, run: Run, key: str) -> None:
    await trail.write(5)
    await trail.seal()
    waiting = await trail.write(1)
    said = await run("verify")
    assert "Every balance equals its postings" in said
    assert "Every one of 5 sealed audit entries hashes to its leaf" in said
    assert "is signed" in said
    assert waiting[0].id in said
    without = "CARDWRIGHT_AUDIT__SIGNING_KEY_PEM"
    assert "no key is known" in await run("verify", without=without)
    assert "is signed" in await run("verify", "--audit-key", key, without=without)
    await trail.tamper("UPDATE audit_entries SET subject_id = 'card_9' WHERE subject_id = 'card_3'")
    assert "is not what was sealed as leaf 3" in await run("verify", exit_code=1)


async def test_verify_refuses_checkpoints_of_another_key(trail: Trail, run: Run) -> None:
    await trail.write(2)
    await trail.seal_with(CheckpointSigner(Sensitive(new_key_pem())))
    assert "checkpoint of 2 is not signed by the key" in await run("verify", exit_code=1)


async def test_a_key_that_was_retired_still_vouches(
    trail: Trail, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    older = CheckpointSigner(Sensitive(new_key_pem()))
    await trail.write(2)
    await trail.seal_with(older)
    retired = json.dumps([older.public_key_pem()])
    monkeypatch.setenv("CARDWRIGHT_AUDIT__RETIRED_KEYS_PEM", retired)
    assert "is signed" in await run("verify")
