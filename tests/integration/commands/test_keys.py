"""The commands that operators use on keys, and a production that does not start with bad ones."""

import json
import os
import subprocess
import sys
from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from builders import KEY_FILE
from cardwright.adapters.key_file import add_key
from cardwright.audit.service import list_entries
from cardwright.core.clock import SystemClock
from cardwright.db.session import transaction
from cardwright.encryption import warm
from cardwright.oauth import ensure_signing_keys
from unit.core.test_settings import SOUND

Run = Callable[..., Awaitable[str]]


@pytest.fixture
def key_file(tmp_path: Path) -> Path:
    path = tmp_path / "keys.json"
    add_key(path)
    return path


def _start(command: str, environment: Mapping[str, str]) -> "subprocess.CompletedProcess[str]":
    clean = {name: value for name, value in os.environ.items() if not name.startswith("CARDWRIGHT_")}
    return subprocess.run(
        [sys.executable, "-m", "cardwright", command],
        env={**clean, **environment}, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip


def _zero(path: Path) -> None:
    path.write_text(json.dumps({"current": "kek_a", "keys": {"kek_a": "A" * 43 + "="}, "demo": False}))


@pytest.mark.parametrize(
    ("spoil", "reason"),
    [
        (lambda path: path.unlink(), "cannot be read"),
        (lambda path: path.chmod(0o644), "chmod 600"),
        (_zero, "is not random"),
        (lambda path: path.write_text(path.read_text().replace("false", "true")), "made by a demo"),
    ],
)
def test_the_api_does_not_start_in_production_with_a_key_file_that_protects_nothing(
    key_file: Path, spoil: Callable[[Path], None], reason: str
) -> None:
    spoil(key_file)
    refused = _start("serve", {**SOUND, "CARDWRIGHT_ENCRYPTION__KEY_FILE": str(key_file)})
    assert refused.returncode == 1
    assert refused.stdout.startswith("Not started:")
    assert reason in " ".join(refused.stdout.split())


def test_the_worker_does_not_start_in_production_with_a_default_secret(key_file: Path) -> None:
    environment = {**SOUND, "CARDWRIGHT_ENCRYPTION__KEY_FILE": str(key_file)}
    refused = _start("worker", {**environment, "CARDWRIGHT_STRIPE__WEBHOOK_SECRET": "changeme"})
    assert (refused.returncode, "stripe.webhook_secret is a default" in " ".join(refused.stdout.split())) == (
        1,
        True,
    )


async def test_a_rotation_leaves_its_traces_in_the_status(engine: AsyncEngine, run: Run) -> None:
    async with transaction(engine) as session:
        await warm(session, "prog_a")
    assert "superseded" not in await run("keys", "status")
    assert "0 records are under the newest key" in await run("keys", "rotate")
    shown = await run("keys", "status")
    assert shown.count("prog_a") == 3
    assert shown.count("retired") == 1
    assert "0 records" in await run("keys", "rotate", "--resume")
    assert (await run("keys", "status")).count("prog_a") == 3


async def test_a_new_key_encryption_key_wraps_every_data_key(engine: AsyncEngine, run: Run) -> None:
    async with transaction(engine) as session:
        await warm(session, "prog_a")
    added = (await run("keys", "add-kek", str(KEY_FILE))).split("the key ")[1].rstrip(".")
    assert added not in await run("keys", "status")
    assert "2 data keys are wrapped" in await run("keys", "rewrap")
    assert (await run("keys", "status")).count(added) == 2
    async with transaction(engine) as session:
        [entry] = await list_entries(session, program_id="prog_a", before=None, limit=9)
    said = (entry.actor_id, entry.action, entry.details)
    assert said == ("operator", "data_key.rewrapped", {"keys": 2})


async def test_the_next_signing_key_takes_over(engine: AsyncEngine, run: Run) -> None:
    an_hour_ago = SystemClock().now() - timedelta(hours=1)
    async with transaction(engine) as session:
        await ensure_signing_keys(session, "prog_a", an_hour_ago)
    rotated = await run("keys", "rotate-signing")
    assert "prog_a: tokens are signed by" in rotated
    assert "less than ten minutes ago" in await run("keys", "rotate-signing", exit_code=1)
    assert "tokens are signed by" in await run("keys", "rotate-signing", "--compromised")
    async with transaction(engine) as session:
        entries = await list_entries(session, program_id="prog_a", before=None, limit=9)
    said = [(one.actor_id, one.details["is_compromised"]) for one in entries]
    assert said == [
        ("operator", True),
        ("operator", False),
    ]


async def test_what_an_operator_can_mend_is_said_in_one_line(run: Run, tmp_path: Path) -> None:
    broken = tmp_path / "broken.json"
    broken.touch(mode=0o600)
    assert "is not a key file" in await run("keys", "add-kek", str(broken), exit_code=1)
    assert "No key was added" in await run("keys", "add-kek", str(tmp_path / "no" / "folder"), exit_code=1)
