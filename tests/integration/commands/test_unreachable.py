"""Every command that needs a database says in one sentence that there is none."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy.exc import DBAPIError

from cardwright.unreachable import sentence_of
from running_application import environment_of

NOWHERE = "postgresql://cardwright@127.0.0.1:1/none"


@pytest.mark.parametrize("command", [["worker"], ["serve"], ["score", "list"]])
def test_without_a_database_a_command_says_so_in_a_sentence(command: list[str], tmp_path: Path) -> None:
    settings = environment_of(NOWHERE, tmp_path)
    told = subprocess.run(
        [sys.executable, "-m", "cardwright", *command],
        capture_output=True, text=True, timeout=60, check=False, env={**os.environ, **settings},
    )  # fmt: skip
    assert told.returncode == 1
    assert "The database cannot be reached: nothing answers at 127.0.0.1:1" in told.stdout
    assert "Traceback" not in told.stdout + told.stderr


def test_a_mistake_of_ours_is_not_taken_for_a_missing_database() -> None:
    assert sentence_of(KeyError("x")) is None
    assert sentence_of(FileNotFoundError(2, "No such file", "rules.json")) is None
    assert sentence_of(DBAPIError("SELECT", None, RuntimeError("wrong"))) is None


def test_every_way_of_not_being_there_has_its_sentence() -> None:
    both = OSError("Multiple exceptions: [Errno 111] Connect call failed ('::1', 1, 0, 0)")
    assert "nothing answers at ::1:1" in str(sentence_of(both))
    assert "cannot be reached; is PostgreSQL" in str(sentence_of(TimeoutError()))
