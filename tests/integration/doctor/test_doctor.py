"""An installation is broken in one place after another, and told in plain words what is wrong with it."""

import asyncio
import json
import re
from collections.abc import Callable, Mapping
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine
from typer.testing import CliRunner

from builders import KEY_FILE
from cardwright import encryption
from cardwright.adapters.key_file import add_key
from cardwright.cli import app
from cardwright.core.clock import MovableClock, SystemClock
from cardwright.db.embedded import EmbeddedValkey
from cardwright.db.session import transaction
from cardwright.doctor import Finding, Level, Scope, examine, is_fit
from integration.payments import holders
from running_application import environment_of, running_worker
from unit.core.test_settings import SOUND

INSIDE = Scope(with_books=True, with_public_address=False)
QUICK = Scope(with_books=False, with_public_address=False)


@pytest.fixture
def installation(monkeypatch: pytest.MonkeyPatch, database_url: str, tmp_path: Path) -> Callable[..., None]:
    """Sets the environment of an installation, with changes; None takes a variable away."""

    def install(**changes: str | None) -> None:
        folders = {
            "CARDWRIGHT_BACKTESTS__FOLDER": str(tmp_path / "backtests"),
            "CARDWRIGHT_DOCUMENTS__FOLDER": str(tmp_path / "documents"),
        }
        for name, value in {**environment_of(database_url, tmp_path), **folders, **changes}.items():
            if value is None:
                monkeypatch.delenv(name, raising=False)
            else:
                monkeypatch.setenv(name, value)

    monkeypatch.delenv("REDIS_URL", raising=False)
    return install


async def looked(scope: Scope = QUICK, clock: MovableClock | None = None) -> Mapping[str, list[Finding]]:
    found: dict[str, list[Finding]] = {}
    for each in await examine(scope, clock):
        assert each.remedy or each.level in (Level.OK, Level.SKIPPED), each
        found.setdefault(each.check, []).append(each)
    return found


def only(found: Mapping[str, list[Finding]], check: str, level: Level = Level.PROBLEM) -> str:
    [said] = [each.said for each in found[check] if each.level is level]
    return said


def problems(found: Mapping[str, list[Finding]]) -> set[str]:
    return {check for check, all_of in found.items() if not is_fit(all_of)}


async def _do(engine: AsyncEngine, *statements: str) -> None:
    async with transaction(engine) as session:
        for statement in statements:
            await session.execute(text(statement))


async def test_a_sound_installation_is_fit_until_its_worker_is_gone(
    engine: AsyncEngine, database_url: str, tmp_path: Path, installation: Callable[..., None]
) -> None:
    await holders.a_holding(engine, SystemClock(), balance=50_00)
    valkey = EmbeddedValkey(tmp_path / "valkey")
    try:
        installation(REDIS_URL=valkey.start())
        with running_worker(database_url, tmp_path):
            found = await _until_the_worker_asks()
            assert problems(found) == set(), found
            assert only(found, "encryption keys", Level.OK).startswith("All 2 data keys")
            assert only(found, "valkey", Level.OK).startswith("It answers")
    finally:
        valkey.stop()
    found = await looked()
    assert only(found, "worker") == "No worker is connected to the database."
    assert only(found, "valkey") == "It does not take a key (ConnectionError)."


async def _until_the_worker_asks() -> Mapping[str, list[Finding]]:
    for _ in range(200):
        found = await looked(INSIDE)
        if "worker" not in problems(found):
            return found
        await asyncio.sleep(0.1)
    return found


async def test_the_command_speaks_to_people_and_to_programs_and_fails_where_something_must_be_done(
    installation: Callable[..., None],
) -> None:
    installation(CARDWRIGHT_PUBLIC_UR="https://misspelt.example")
    run = CliRunner().invoke
    shown = await asyncio.to_thread(run, app, ["doctor", "--quick", "--no-from-outside"])
    assert (shown.exit_code, "1 problem(s)" in shown.output) == (1, True)
    assert "Nobody reads CARDWRIGHT_PUBLIC_UR." in " ".join(shown.output.split())
    told = await asyncio.to_thread(run, app, ["doctor", "--json", "--quick", "--no-from-outside"])
    document = json.loads(told.output)
    assert (told.exit_code, document["is_fit"]) == (1, False)
    assert {it["check"]: it for it in document["findings"] if it["level"] == "problem"} == {
        "worker": {
            "check": "worker", "level": "problem", "said": "No worker is connected to the database.",
            "remedy": "Start `cardwright worker` with the same environment; look into its log if it runs.",
        }
    }  # fmt: skip


async def test_what_is_missing_in_the_environment_is_named_and_no_secret_is_shown(
    installation: Callable[..., None], capsys: pytest.CaptureFixture[str]
) -> None:
    installation(**{**dict.fromkeys(SOUND), "CARDWRIGHT_SECURITY__CODE_KEY": "hunter2-hunter2-hunter2"})
    found = await looked()
    said = [each.said for each in found["settings"]]
    assert "CARDWRIGHT_STRIPE__API_KEY: field required." in said
    assert only(found, "schema", Level.SKIPPED) == "Not looked at: DATABASE_URL is missing."
    assert "hunter2" not in repr(found) + capsys.readouterr().out


async def test_production_is_told_each_weakness_by_itself(installation: Callable[..., None]) -> None:
    installation(**SOUND, CARDWRIGHT_ENVIRONMENT="production", CARDWRIGHT_DEBUG="true")
    said = [each.said for each in (await looked())["settings"]]
    assert "Production refuses it: debug must be off." in said
    assert "Production refuses it: stripe.base_url must be left out." in said
    assert "hunter2" not in " ".join(said)


@pytest.mark.parametrize(
    ("change", "check", "said"),
    [
        ({"STRIPE__API_KEY": "pk_live_abc"}, "stripe", "publishable key"),
        ({"STRIPE__WEBHOOK_SECRET": "hunter2"}, "stripe", "webhook_secret is not a signing secret"),
        ({"FCM__SERVICE_ACCOUNT_FILE": "/nowhere.json"}, "fcm", "cannot be read"),
        ({"AUDIT__SIGNING_KEY_PEM": "-----BEGIN hunter2"}, "audit key", "not the PEM of an Ed25519 key"),
        ({"ENCRYPTION__KEY_FILE": "/nowhere.json"}, "encryption keys", "cannot be read"),
        ({"PUBLIC_URL": "http://cards.example"}, "cookies", "Browsers refuse the session cookie"),
        ({"PUBLIC_URL": "https://cards.example/app"}, "address", "more than an origin"),
        ({"DATABASE_POOL_SIZE": "100"}, "connections", "may want 313 of"),
        ({"WEB__FOLDER": "/nowhere"}, "folders", "There is no web app in /nowhere"),
        ({"BACKTESTS__FOLDER": "/proc/1/nowhere"}, "folders", "The folder of backtests"),
        ({"SMTP__USERNAME": "somebody"}, "mail", "name without a password"),
    ],
)  # fmt: skip
async def test_each_setting_that_cannot_work_is_told(
    installation: Callable[..., None], change: Mapping[str, str], check: str, said: str
) -> None:
    installation(**{f"CARDWRIGHT_{name}": value for name, value in change.items()})
    found = await looked()
    assert said in only(found, check)
    assert problems(found) == {check, "worker"}
    assert "hunter2" not in repr(found)


async def test_an_address_that_is_no_database_of_ours_is_told(installation: Callable[..., None]) -> None:
    installation(DATABASE_URL="mysql://db.example/cards")
    assert only(await looked(), "database").startswith("DATABASE_URL is not the address of a PostgreSQL")
    installation(DATABASE_URL="postgresql://127.0.0.1:9/cards")
    assert only(await looked(), "database").startswith("The database cannot be reached: nothing answers")


@pytest.mark.parametrize(
    ("statement", "check", "said"),
    [
        ("UPDATE alembic_version SET version_num = '0001'", "schema", "migration(s) behind, at 0001"),
        ("UPDATE alembic_version SET version_num = 'ffff'", "schema", "nobody here knows ffff"),
        ("DROP TABLE alembic_version", "schema", "The database is empty."),
    ],
)
async def test_a_schema_of_another_version_is_told_and_nothing_is_judged_by_it(
    engine: AsyncEngine, installation: Callable[..., None], statement: str, check: str, said: str
) -> None:
    await _do(engine, "CREATE TABLE not_to_be_lent_again ()", statement)
    installation()
    found = await looked()
    assert said in only(found, check)
    assert problems(found) == {"schema"}
    assert only(found, "worker", Level.SKIPPED).startswith("Not looked at")


async def test_walls_and_guards_that_somebody_took_down_are_told(
    engine: AsyncEngine, installation: Callable[..., None]
) -> None:
    installation()
    await _do(
        engine,
        "ALTER TABLE cards DISABLE ROW LEVEL SECURITY",
        "CREATE POLICY everybody ON payments USING (true)",
        "REVOKE SELECT ON cases FROM cardwright_staff",
        "GRANT USAGE ON SCHEMA vault TO cardwright_customer",
        "ALTER TABLE postings DISABLE TRIGGER balanced",
        "DROP TRIGGER append_only ON decisions",
    )
    found = await looked()
    assert {each.said for each in found["row security"]} == {
        "It is off for cards.", "payments.everybody lets everything through.",
    }  # fmt: skip
    assert {each.said for each in found["roles"]} == {
        "Staff are locked out of cases.", "Requests can look into the vault of card numbers.",
    }  # fmt: skip
    assert only(found, "guards") == "Missing or switched off: decisions.append_only, postings.balanced."


async def test_books_that_do_not_add_up_are_told_and_a_quick_look_leaves_them_out(
    engine: AsyncEngine, installation: Callable[..., None]
) -> None:
    await holders.a_holding(engine, SystemClock(), balance=50_00)
    installation()
    await _do(
        engine,
        "SET LOCAL session_replication_role = replica",
        "UPDATE ledger_accounts SET posted_balance = posted_balance + 1 WHERE code = 'wallet'",
    )
    assert "is 5001, not 5000" in only(await looked(INSIDE), "books")
    assert only(await looked(QUICK), "books", Level.SKIPPED).startswith("Not looked at")


async def test_keys_under_a_key_that_is_gone_are_told(
    engine: AsyncEngine, installation: Callable[..., None], tmp_path: Path
) -> None:
    holding = await holders.a_holding(engine, SystemClock())
    async with transaction(engine) as session:
        await encryption.warm(session, holding.program_id)
    other = tmp_path / "other.json"
    add_key(other, is_demo=True)
    installation(CARDWRIGHT_ENCRYPTION__KEY_FILE=str(other))
    assert "sealing 1, under kek_" in only(await looked(), "encryption keys")
    installation(CARDWRIGHT_ENCRYPTION__KEY_FILE=str(KEY_FILE))
    assert "encryption keys" not in problems(await looked())


async def test_work_that_waits_too_long_and_jobs_that_were_given_up_are_told(
    engine: AsyncEngine, installation: Callable[..., None]
) -> None:
    installation()
    await _do(
        engine,
        """INSERT INTO outbox (id, type, program_id, subject_id, payload, occurred_at)
           VALUES ('evt_x', 'cards.card_frozen', 'prog_x', 'card_x', '{}', now() - interval '1 hour')""",
        """INSERT INTO pgqueuer (priority, status, entrypoint, execute_after, attempts)
           VALUES (0, 'queued', 'event', now() - interval '1 minute', 0),
                  (0, 'queued', 'event', now() + interval '1 hour', 3), (0, 'failed', 'event', now(), 12)""",
    )
    found = await looked()
    # Looking takes some seconds itself on a busy machine.
    assert re.match(r"1 event\(s\) wait to be relayed, the oldest for 36\d\d s", only(found, "outbox"))
    due, *others = [each.said for each in found["queue"]]
    assert re.fullmatch(r"1 job\(s\) are due, the oldest for [6-9]\d s\.", due)
    assert others == [
        "1 job(s) failed twelve times and wait for people.",
        "1 job(s) failed and are tried again.",
    ]


@pytest.mark.parametrize(("apart", "level"), [(0, Level.OK), (3, Level.WARNING), (-20, Level.PROBLEM)])
async def test_a_clock_that_is_wrong_is_told(
    installation: Callable[..., None], apart: int, level: Level
) -> None:
    installation()
    clock = MovableClock(SystemClock().now() + timedelta(seconds=apart))
    # The clock stands still while the examination goes on; half a second is allowed for that.
    assert only(await looked(clock=clock), "clock", level)
