"""A run of tests that leaves a number anywhere fails, though each of its tests passes."""

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import pytest

from canary.watch import write_on_purpose

ROOT: Final = Path(__file__).parents[2]
MAKES_A_NUMBER: Final = """
    from sqlalchemy import text
    NUMBER = "400000999" + "0777777"
"""
WIPED_LONG_AGO: Final = """
    async def test_one(engine):
        async with engine.begin() as it:
            await it.execute(text("CREATE TABLE kept (words text)"))
            await it.execute(text("INSERT INTO kept VALUES (:it)"), {"it": NUMBER})
            await it.execute(text("DROP TABLE kept"))
        async with engine.begin() as it:
            await it.execute(text("SELECT pg_switch_wal()"))
    async def test_another(engine):
        pass
"""
LOGGED_BY_THE_DATABASE: Final = """
    async def test_one(session):
        try:
            await session.execute(text(f"SELECT {NUMBER}/0"))
        except Exception:
            await session.rollback()
"""
LOGGED_BY_A_PROCESS: Final = """
    def test_one(tmp_path):
        (tmp_path / "api.log").write_text(f'{{"number": "{NUMBER}"}}')
"""
PRINTED: Final = """
    def test_one():
        print(NUMBER)
"""
MAILED: Final = """
    from running_simulator import running_simulator
    def test_one():
        with running_simulator() as it:
            it.world.inbox.add("email", to="a@b.example", sender="b", subject="Yours", text=NUMBER)
"""
NOTHING: Final = """
    async def test_one(session, tmp_path):
        (tmp_path / "api.log").write_text(NUMBER[-4:])
"""


def run(folder: Path, planted: Sequence[str]) -> "subprocess.CompletedProcess[str]":
    """Run tests, a module for each source, with the fixtures and hooks that all tests have."""
    modules = [folder / f"test_planting_{number}.py" for number, _ in enumerate(planted)]
    for module, source in zip(modules, planted, strict=True):
        lines = (MAKES_A_NUMBER + source).splitlines()
        module.write_text("\n".join(line.removeprefix("    ") for line in lines))
    command = [sys.executable, "-m", "pytest", "-c", ROOT / "pyproject.toml", "-p", "conftest"]
    command += ["-p", "no:cacheprovider", "--basetemp", folder / "run", *modules]
    environment = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
    environment = {**environment, "PYTHONPATH": str(ROOT / "tests")}
    return subprocess.run(command, capture_output=True, text=True, timeout=150, check=False, env=environment)


@pytest.mark.parametrize(
    ("planted", "places"),
    [
        # Three at once, as each run starts a server of its own.
        pytest.param(
            [WIPED_LONG_AGO, LOGGED_BY_THE_DATABASE, MAILED],
            ["segments-with-numbers/", "pg/postgres.log: digits", "inbox of a simulator: digits"],
            id="wiped long ago, logged by the database, mailed",
        ),
        pytest.param(
            [LOGGED_BY_A_PROCESS, PRINTED],
            ["api.log: digits", "Captured stdout call of "],
            id="logged by a process, printed",
        ),
    ],
)  # fmt: skip
def test_a_run_that_leaves_a_number_fails(
    tmp_path: Path, planted: Sequence[str], places: Sequence[str]
) -> None:
    ended = run(write_on_purpose(tmp_path), planted)
    assert ended.returncode == 1, ended.stdout + ended.stderr
    assert "card numbers in clear" in ended.stdout
    # Each is told, and one that is told is enough to fail.
    assert [place for place in places if place not in ended.stdout] == []
    assert "passed" in ended.stdout.splitlines()[-1]


def test_a_run_that_leaves_none_passes(tmp_path: Path) -> None:
    ended = run(tmp_path, [NOTHING])
    assert ended.returncode == 0, ended.stdout + ended.stderr
