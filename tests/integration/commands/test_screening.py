"""The commands of screening, as an operator runs them."""

import asyncio
from importlib.resources import files
from pathlib import Path

import pytest
from typer.testing import CliRunner

from cardwright.cli import app
from running_application import environment_of

LIST = Path(str(files("cardwright.kyc.screening"))) / "data" / "fictitious.csv"


async def test_a_list_is_imported_run_and_told_of_and_a_bad_one_changes_nothing(
    database_url: str, tmp_path: Path
) -> None:
    environment = environment_of(database_url, tmp_path)

    async def run(*words: str) -> tuple[int, str]:
        done = await asyncio.to_thread(CliRunner().invoke, app, ["screening", *words], env=environment)
        return done.exit_code, " ".join(done.output.split())

    assert "Import a list first" in (await run("run"))[1]
    assert "No list is in use" in (await run("list"))[1]
    imported = await run("import", str(LIST), "--name", "made-up")
    assert imported[0] == 0
    assert imported[1].startswith("made-up: 25 persons in use, 1 rows about others left out. The worker")
    assert "is in use already" in (await run("import", str(LIST), "--name", "made-up"))[1]
    assert (await run("run"))[1].startswith("0 people screened")
    bad = tmp_path / "bad.csv"
    bad.write_bytes(LIST.read_bytes() + b'"too","few"\n')
    exit_code, said = await run("import", str(bad), "--name", "made-up")
    assert (exit_code, "line 28: 2 columns instead of 15" in said) == (1, True), said
    assert "made-up" in (await run("list"))[1]


@pytest.mark.parametrize("threshold", ["49", "101", "many"])
def test_a_threshold_that_makes_no_sense_is_refused(threshold: str, tmp_path: Path) -> None:
    environment = environment_of("postgresql://nobody@127.0.0.1:1/none", tmp_path)
    done = CliRunner().invoke(
        app, ["screening", "list"], env=environment | {"CARDWRIGHT_SCREENING__THRESHOLD": threshold}
    )
    assert (done.exit_code, "CARDWRIGHT_SCREENING__THRESHOLD" in done.output) == (1, True)
