"""An export is judged with the public key alone; nothing that can be done to it goes unnoticed."""

import os
import subprocess
import sys
from pathlib import Path
from random import Random
from shutil import copy

import pytest

import cardwright.sealing
from builders import key_pem, new_key_pem
from cardwright.audit import verify_export
from cardwright.core.sensitive import Sensitive
from cardwright.db.jobs import Work
from cardwright.programs import Program
from cardwright.sealing import CheckpointSigner, Verdict, read_checkpoint
from depth import tries
from integration.audit.mutations import MUTATIONS, Exports
from integration.audit.trail import Trail

SEED = 6_962
MUTANTS = tries(1_000)


def judge(trail: Trail, export: bytes, since: str | None = None) -> Verdict:
    older = read_checkpoint(since) if since else None
    return verify_export(export.splitlines(keepends=True), trail.keys, since=older)


def lines_of(verdict: Verdict) -> list[int]:
    return [problem.line for problem in verdict.problems]


async def test_a_genuine_export_has_no_problem_and_gives_the_same_bytes_again(trail: Trail) -> None:
    await trail.write(2_500)
    await trail.seal()
    export = await trail.export()
    verdict = judge(trail, export)
    assert (verdict.entries, verdict.problems) == (2_500, ())
    assert export == await trail.export()
    assert b"192.0.2.7" not in export
    assert b"curl" not in export


async def test_random_mutations_are_all_found(trail: Trail, capsys: pytest.CaptureFixture[str]) -> None:
    exports = await exports_of(trail)
    assert judge(trail, exports.export).problems == ()
    random = Random(SEED)  # noqa: S311 - the same mutants in every run
    found, counts = 0, dict.fromkeys(MUTATIONS, 0)
    for number in range(MUTANTS):
        name = random.choice(sorted(MUTATIONS))
        mutant = MUTATIONS[name](random, exports)
        assert mutant != exports.export, f"mutation {number} ({name}) changed nothing"
        verdict = judge(trail, mutant)
        assert verdict.problems, f"mutation {number} ({name}) was not found"
        found, counts[name] = found + 1, counts[name] + 1
    with capsys.disabled():
        print(f"\n{found} of {MUTANTS} mutations found, seed {SEED}: {counts}")  # noqa: T201 - the figure asked for
    assert min(counts.values()) > 0


async def exports_of(trail: Trail) -> Exports:
    """The same exports in every run: of acts, programs and keys that are made up instead of random."""
    signer = CheckpointSigner(Sensitive(key_pem(b"s" * 32)))
    one, other = (
        Trail(
            trail.engine,
            trail.database_url,
            Work(
                trail.engine,
                trail.work.clock,
                {CheckpointSigner: signer, Program: Program(name, "", "", "USD")},
            ),
        )
        for name in ("prog_one", "prog_other")
    )
    await one.write_made_up(20)
    await one.seal()
    older = await one.export()
    await one.write_made_up(17, first=20)
    await one.seal()
    await other.write_made_up(37)
    await other.seal()
    trail.work = one.work
    return Exports(
        await one.export(), older, await other.export(), CheckpointSigner(Sensitive(key_pem(b"x" * 32)))
    )


async def test_the_line_that_is_wrong_is_named(trail: Trail) -> None:
    await trail.write(10)
    await trail.seal()
    export = await trail.export()
    lines = export.splitlines(keepends=True)
    assert 5 in lines_of(judge(trail, export.replace(b'"month":3}', b'"month":4}', 1)))
    assert 5 in lines_of(judge(trail, b"".join([*lines[:4], *lines[5:]])))
    assert 5 in lines_of(judge(trail, b"".join([*lines[:4], lines[5], lines[4], *lines[6:]])))
    assert 5 in lines_of(judge(trail, b"".join([*lines[:4], lines[3], *lines[4:]])))
    assert 5 in lines_of(judge(trail, b"".join([*lines[:4], b" " + lines[4], *lines[5:]])))
    assert lines_of(judge(trail, b"".join(lines[:-1])))[-1] == 11
    assert lines_of(judge(trail, b"")) == [1, 1]


async def test_an_export_extends_every_older_checkpoint_and_no_rewritten_history_does(trail: Trail) -> None:
    notes = []
    for count in (3, 1, 4):
        await trail.write(count)
        await trail.seal()
        notes.append(await trail.note())
    export = await trail.export()
    for note in notes:
        assert judge(trail, export, note).problems == ()
    await trail.tamper(
        "DELETE FROM audit_checkpoints WHERE size > 3",
        "DELETE FROM audit_seals WHERE leaf_index >= 3",
        "DELETE FROM audit_entries WHERE id IN (SELECT id FROM audit_entries ORDER BY id DESC LIMIT 2)",
    )
    rolled_back = await trail.export()
    assert judge(trail, rolled_back, notes[0]).problems == ()
    assert "rolled back" in judge(trail, rolled_back, notes[2]).problems[-1].what
    await trail.write(2)
    await trail.seal()
    rewritten = await trail.export()
    assert judge(trail, rewritten).problems == (), "a forged future of the same length, signed by the sealer"
    assert "rolled back" in judge(trail, rewritten, notes[2]).problems[-1].what


async def test_an_older_checkpoint_of_somebody_else_is_not_extended(trail: Trail) -> None:
    await trail.write(3)
    await trail.seal()
    stranger = CheckpointSigner(Sensitive(new_key_pem()))
    signed = read_checkpoint(await trail.note())
    foreign = stranger.sign(signed.origin, signed.size, signed.root)
    assert [problem.what for problem in judge(trail, await trail.export(), foreign).problems] == [
        "the older checkpoint is of another trail, or not signed by the key"
    ]


async def test_a_row_that_a_database_administrator_changed_shows_in_the_export(trail: Trail) -> None:
    await trail.write(5)
    await trail.seal()
    await trail.tamper(
        "UPDATE audit_entries SET actor_id = 'user_eve' WHERE subject_id = 'card_1'",
        "DELETE FROM audit_entries WHERE subject_id = 'card_3'",
    )
    assert lines_of(judge(trail, await trail.export()))[:2] == [3, 5]


PROGRAM = """
import sys
from cryptography.hazmat.primitives.serialization import load_pem_public_key
from cardwright.sealing.verifier import ExportFormat, verify_export
ours = {name for name in sys.modules if name.startswith("cardwright")}
with open(sys.argv[1], "rb") as lines, open(sys.argv[2], "rb") as key:
    verdict = verify_export(ExportFormat("audit"), lines, [load_pem_public_key(key.read())])
sys.exit(0 if not verdict.problems and len(ours) == 4 else 1)
"""


def _run_copy(folder: Path, key: Path, content: bytes) -> int:
    export = folder / "export.jsonl"
    export.write_bytes(content)
    environment = {**os.environ, "PYTHONPATH": str(folder / "copied")}
    command = [sys.executable, "-c", PROGRAM, str(export), str(key)]
    return subprocess.run(command, env=environment, check=False, timeout=60).returncode


async def test_the_verifier_works_where_nothing_else_of_ours_is(trail: Trail, tmp_path: Path) -> None:
    await trail.write(5)
    await trail.seal()
    package = tmp_path / "copied" / "cardwright" / "sealing"
    package.mkdir(parents=True)
    for name in ("merkle.py", "verifier.py"):
        copy(Path(cardwright.sealing.__file__).with_name(name), package)
    for folder in (package, package.parent):
        (folder / "__init__.py").touch()
    key = tmp_path / "key.pem"
    key.write_text(trail.work.get(CheckpointSigner).public_key_pem())
    genuine = await trail.export()
    assert _run_copy(tmp_path, key, genuine) == 0
    assert _run_copy(tmp_path, key, genuine.replace(b"ada", b"eve", 1)) == 1
    assert len((package / "verifier.py").read_text().splitlines()) < 240
