"""What a database administrator changes with the triggers off is found by comparing rows with leaves."""

import pytest

from builders import new_key_pem
from cardwright.audit import erase_personal_data
from cardwright.core.sensitive import Sensitive
from cardwright.db.session import transaction
from cardwright.sealing import CheckpointSigner
from integration.audit.trail import Trail

ENTRY = "(SELECT entry_id FROM audit_seals WHERE leaf_index = 4)"


CHANGED = "is not what was sealed as leaf 4"
NO_HASH = "decode(repeat('00', 32), 'hex')"
TAMPERED = {
    "UPDATE audit_entries SET actor_id = 'user_eve' WHERE id = ENTRY": CHANGED,
    "UPDATE audit_entries SET action = 'card.frozen' WHERE id = ENTRY": CHANGED,
    "UPDATE audit_entries SET details = '{}' WHERE id = ENTRY": CHANGED,
    "UPDATE audit_entries SET details = jsonb_set(details, '{after,day}', '5.01') WHERE id = ENTRY": CHANGED,
    "UPDATE audit_entries SET occurred_at = occurred_at + interval '1 us' WHERE id = ENTRY": CHANGED,
    "UPDATE audit_entries SET personal_digest = NULL WHERE id = ENTRY": CHANGED,
    "UPDATE audit_entries SET program_id = 'prog_x' WHERE id = ENTRY": CHANGED,
    "DELETE FROM audit_entries WHERE id = ENTRY": "is gone, and was sealed as leaf 4",
    "DELETE FROM audit_seals WHERE leaf_index = 4": "leaf 4 is missing",
    "DELETE FROM audit_seals WHERE leaf_index >= 8": "leaf 8 is missing",
    "UPDATE audit_seals SET leaf_hash = NO_HASH WHERE leaf_index = 4": "checkpoint of 6 is not the root",
    "UPDATE audit_personal_data SET user_agent = 'x' WHERE entry_id = ENTRY": "another origin beside it",
    "UPDATE audit_checkpoints SET note = 'x' WHERE size = 6": "checkpoint of 6 this is not a checkpoint",
    "UPDATE audit_checkpoints SET note = replace(note, 'audit/prog', 'audit/qrog')": "6 is not signed by",
    "UPDATE audit_checkpoints SET root = NO_HASH WHERE size = 6": "checkpoint of 6 is not the root",
}


@pytest.mark.parametrize("statement", TAMPERED)
async def test_a_row_that_was_changed_or_removed_is_named(trail: Trail, statement: str) -> None:
    for count in (6, 4):
        await trail.write(count)
        await trail.seal()
    assert await trail.findings() == []
    await trail.tamper(statement.replace("ENTRY", ENTRY).replace("NO_HASH", NO_HASH))
    assert TAMPERED[statement] in "\n".join(await trail.findings())


async def test_two_entries_that_changed_places_are_both_named(trail: Trail) -> None:
    await trail.write(3)
    await trail.seal()
    await trail.tamper(
        "UPDATE audit_seals SET entry_id = 'x' WHERE leaf_index = 0",
        "UPDATE audit_seals SET entry_id = (SELECT entry_id FROM audit_seals WHERE leaf_index = 2) || '_' "
        "WHERE leaf_index = 1",
    )
    # Once for the leaf that has no entry, and once for the entry that has no leaf.
    assert len(await trail.findings()) == 4


async def test_who_rewrites_leaves_and_checkpoints_too_lacks_the_key(trail: Trail) -> None:
    await trail.write(3)
    await trail.seal()
    await trail.tamper(
        "DELETE FROM audit_checkpoints",
        "DELETE FROM audit_seals",
        "UPDATE audit_entries SET actor_id = 'user_eve'",
    )
    await trail.seal_with(CheckpointSigner(Sensitive(new_key_pem())))
    assert await trail.findings() == ["checkpoint of 3 is not signed by the key"]


async def test_entries_that_wait_to_be_sealed_are_listed(trail: Trail) -> None:
    await trail.write(2)
    await trail.seal()
    waiting = await trail.write(2)
    report = await trail.verify()
    assert (report.sealed, report.findings) == (2, [])
    assert report.unsealed == [entry.id for entry in waiting]


async def test_what_is_personal_is_erased_and_everything_verifies_as_before(trail: Trail) -> None:
    await trail.write(3)
    await trail.seal()
    export = await trail.export()
    async with transaction(trail.engine) as session:
        count = await erase_personal_data(
            session,
            program_id=trail.program_id,
            person_id="user_ada",
            by="operator",
            at=trail.work.clock.now(),
        )
    assert count == 3
    assert await trail.ask("SELECT 1 FROM audit_personal_data") == []
    await trail.seal()
    report = await trail.verify()
    assert (report.findings, report.erased, report.sealed) == ([], 3, 4)
    assert (await trail.export()).splitlines()[1:4] == export.splitlines()[1:4]
    rows = await trail.ask("SELECT actor_id, subject_id, details FROM audit_entries ORDER BY id DESC LIMIT 1")
    assert tuple(rows[0]) == ("operator", "user_ada", '{"count": 3}')


async def test_personal_data_cannot_be_altered_only_erased(trail: Trail) -> None:
    await trail.write(1)
    with pytest.raises(Exception, match="append-only"):
        await trail.ask("UPDATE audit_personal_data SET user_agent = 'other'")
    await trail.ask("DELETE FROM audit_personal_data")
