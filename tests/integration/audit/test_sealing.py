"""Every entry is sealed once, in the order of its transaction, whatever commits late, aborts or is killed."""

import asyncio
import os
import signal
import sys
from collections import Counter
from functools import partial
from pathlib import Path

import asyncpg
import pytest

from builders import AUDIT_KEY, new_key_pem
from cardwright.core.ids import new_id
from cardwright.core.sensitive import Sensitive
from cardwright.sealing import CheckpointSigner, TrailBroken, sealer
from integration.audit.trail import Trail
from integration.worker.bench import eventually

DOOMED = Path(__file__).with_name("doomed.py")
INSERT = (
    "INSERT INTO audit_entries (id, program_id, actor_id, action, subject_id, details, occurred_at) "
    "VALUES ($1, $2, 'user_ada', 'card.frozen', 'card_1', '{}', now())"
)


async def test_entries_are_sealed_in_their_order_and_only_once(trail: Trail) -> None:
    first = await trail.write(3)
    assert await trail.seal() == 3
    second = await trail.write(4)
    assert [await trail.seal(), await trail.seal()] == [4, 0]
    assert await trail.sealed_ids() == [entry.id for entry in (*first, *second)]
    sizes = [row["size"] for row in await trail.ask("SELECT size FROM audit_checkpoints ORDER BY size")]
    assert sizes == [3, 7]
    assert await trail.findings() == []


async def test_what_commits_after_a_later_transaction_is_neither_lost_nor_sealed_before_its_time(
    trail: Trail,
) -> None:
    slow = await asyncpg.connect(trail.database_url)
    held = slow.transaction()
    await held.start()
    late = [new_id("audit") for _ in range(3)]
    for entry_id in late:
        await slow.execute(INSERT, entry_id, trail.program_id)
    before = await trail.write(2)
    assert await trail.seal_meanwhile() == 0, "a transaction that began earlier may still commit"
    await held.commit()
    await slow.close()
    after = await trail.write(2)
    assert await trail.seal() == 7
    assert await trail.sealed_ids() == [*late, *(entry.id for entry in (*before, *after))]
    assert await trail.findings() == []


async def test_what_is_older_than_a_running_transaction_is_sealed_meanwhile(trail: Trail) -> None:
    older = await trail.write(2)
    slow = await asyncpg.connect(trail.database_url)
    async with slow.transaction():
        await slow.execute(INSERT, new_id("audit"), trail.program_id)
        newer = await trail.write(2)
        assert await trail.seal_meanwhile() == 2
        assert await trail.sealed_ids() == [entry.id for entry in older]
    await slow.close()
    assert await trail.seal() == 3
    assert set(await trail.sealed_ids()) >= {entry.id for entry in newer}


async def test_a_transaction_that_aborts_leaves_no_gap(trail: Trail) -> None:
    first = await trail.write(2)
    slow = await asyncpg.connect(trail.database_url)
    held = slow.transaction()
    await held.start()
    await slow.execute(INSERT, new_id("audit"), trail.program_id)
    second = await trail.write(2)
    await trail.seal_meanwhile()
    await held.rollback()
    await slow.close()
    await trail.seal()
    assert await trail.sealed_ids() == [entry.id for entry in (*first, *second)]


async def test_under_many_writers_and_sealers_every_entry_has_exactly_one_leaf(
    trail: Trail, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sealer, "SEALED_AT_ONCE", 7)
    written: list[str] = []
    is_writing = True

    async def write(turn: int) -> None:
        connection = await asyncpg.connect(trail.database_url)
        for number in range(25):
            held = connection.transaction()
            await held.start()
            ids = [new_id("audit") for _ in range(1 + (turn + number) % 3)]
            for entry_id in ids:
                await connection.execute(INSERT, entry_id, trail.program_id)
                await asyncio.sleep(0.001 * ((turn * number) % 4))
            if (turn + number) % 5 == 0:
                await held.rollback()
            else:
                await held.commit()
                written.extend(ids)
        await connection.close()

    async def keep_sealing() -> int:
        count = 0
        while is_writing:
            count += await trail.seal_meanwhile()
            await asyncio.sleep(0.002)
        return count

    sealers = [asyncio.create_task(keep_sealing()) for _ in range(3)]
    await asyncio.gather(*(write(turn) for turn in range(8)))
    is_writing = False
    sealed = sum(await asyncio.gather(*sealers)) + await trail.seal()
    assert sealed == len(written)
    assert Counter(await trail.sealed_ids()) == Counter(written)
    report = await trail.verify()
    assert (report.findings, report.unsealed, report.sealed) == ([], [], len(written))


async def test_a_sealer_that_is_killed_leaves_nothing_half_done(trail: Trail, tmp_path: Path) -> None:
    await trail.write(5)
    await trail.seal()
    for turn in range(3):
        entries = await trail.write(30)
        began = tmp_path / f"began-{turn}"
        process = await asyncio.create_subprocess_exec(
            sys.executable, str(DOOMED), trail.database_url, trail.program_id, str(began),
            env={**os.environ, "AUDIT_KEY": AUDIT_KEY.reveal()},
        )  # fmt: skip
        await eventually(partial(asyncio.to_thread, began.exists))
        process.send_signal(signal.SIGKILL)
        await process.wait()
        # The server lets go of the tree when it notices that its client is gone.
        await eventually(trail.seal)
        assert (await trail.sealed_ids())[-30:] == [entry.id for entry in entries]
    report = await trail.verify()
    assert (report.findings, report.unsealed, report.sealed) == ([], [], 95)


async def test_entries_that_come_out_of_a_backup_of_another_server_are_sealed_too(trail: Trail) -> None:
    old = await trail.write(3)
    await trail.seal()
    restored = [new_id("audit") for _ in range(2)]
    for entry_id, transaction_id in zip(restored, (5_000_000_002, 5_000_000_001), strict=True):
        await trail.ask(
            INSERT.replace("occurred_at)", "occurred_at, written_in)").replace("now())", "now(), $3)"),
            entry_id, trail.program_id, transaction_id,
        )  # fmt: skip
    await trail.tamper("UPDATE audit_entries SET written_in = 5000000000 WHERE written_in < 5000000000")
    assert await trail.seal() == 2
    new = await trail.write(2)
    assert await trail.seal() == 2
    newest = await trail.write(1)
    assert await trail.seal() == 1
    expected = [*(entry.id for entry in old), *restored[::-1], *(entry.id for entry in (*new, *newest))]
    assert await trail.sealed_ids() == expected
    assert await trail.findings() == []


async def test_a_number_that_no_parser_agrees_on_does_not_stop_the_sealing(trail: Trail) -> None:
    statement = INSERT.replace("'{}'", """'{"n": 123456789012345678901234567890, "m": 1e400, "f": 0.5}'""")
    await trail.ask(statement, new_id("audit"), trail.program_id)
    assert await trail.seal() == 1
    assert await trail.findings() == []


async def test_trails_of_programs_are_kept_apart(trail: Trail) -> None:
    other = new_id("prog")
    await trail.write(2, program_id=other)
    await trail.write(3)
    assert await trail.seal() == 3
    report = await trail.verify()
    assert (report.sealed, len(report.unsealed), report.findings) == (3, 2, [])


@pytest.mark.parametrize(
    "forgery",
    [
        "UPDATE audit_checkpoints SET root = decode(repeat('00', 32), 'hex')",
        "UPDATE audit_checkpoints SET peaks = decode(repeat('00', 32), 'hex')",
        "UPDATE audit_checkpoints SET note = replace(note, 'cardwright/audit', 'elsewhere/audit')",
        "UPDATE audit_checkpoints SET size = 5",
    ],
)
async def test_a_sealer_vouches_for_no_checkpoint_that_was_not_signed_here(
    trail: Trail, forgery: str
) -> None:
    await trail.write(4)
    await trail.seal()
    await trail.tamper(forgery)
    await trail.write(1)
    with pytest.raises(TrailBroken, match="not signed here"):
        await trail.seal()


async def test_another_key_goes_on_only_when_it_knows_the_one_before(trail: Trail) -> None:
    await trail.write(2)
    await trail.seal()
    await trail.write(1)
    new_pem, before = Sensitive(new_key_pem()), trail.work.get(CheckpointSigner)
    stranger, heir = CheckpointSigner(new_pem), CheckpointSigner(new_pem, [before.public_key_pem()])
    with pytest.raises(TrailBroken):
        await trail.seal_with(stranger)
    assert await trail.seal_with(heir) == 1
    assert (await trail.verify(*heir.public_keys)).findings == []
    assert len((await trail.verify(*before.public_keys)).findings) == 1


@pytest.mark.parametrize("table", ["audit_entries", "audit_seals", "audit_checkpoints"])
@pytest.mark.parametrize("change", ["UPDATE {} SET program_id = 'x'", "DELETE FROM {}", "TRUNCATE {}"])
async def test_the_database_refuses_to_change_what_was_recorded_or_sealed(
    trail: Trail, table: str, change: str
) -> None:
    await trail.write()
    await trail.seal()
    with pytest.raises(asyncpg.RestrictViolationError, match="append-only"):
        await trail.ask(change.format(table))


@pytest.mark.parametrize(
    ("size", "reason"), [(1, "does not shrink"), (2, "does not shrink"), (4, "as many leaves")]
)
async def test_the_database_refuses_a_checkpoint_that_does_not_cover_the_leaves(
    trail: Trail, size: int, reason: str
) -> None:
    await trail.write(2)
    await trail.seal()
    with pytest.raises(asyncpg.IntegrityConstraintViolationError, match=reason):
        await trail.ask(
            "INSERT INTO audit_checkpoints "
            "SELECT program_id, $1, root, peaks, note, now() FROM audit_checkpoints",
            size,
        )
