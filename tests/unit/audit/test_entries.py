"""What a leaf commits to, what is personal, and texts that nothing obeys."""

import re
from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
import rfc8785

import cardwright
from cardwright.audit.actions import ACTIONS, CATALOGUE, handbook
from cardwright.audit.domain import AuditEntry, PersonalData, inert, leaf_of

AT = datetime(2026, 11, 23, 12, 0, 0, 120, tzinfo=UTC)
ENTRY = AuditEntry(
    "audit_1", "prog_1", "user_1", "card.frozen", "card_1", {"before": "active"}, AT, "req_1", "00"
)
SOURCES = Path(cardwright.__file__).parent


def leaf_bytes(entry: AuditEntry) -> bytes:
    return rfc8785.dumps(leaf_of(entry))


def test_a_leaf_is_canonical_and_the_same_in_every_time_zone() -> None:
    assert leaf_bytes(ENTRY) == (
        b'{"action":"card.frozen","actor_id":"user_1","details":{"before":"active"},"id":"audit_1",'
        b'"occurred_at":"2026-11-23T12:00:00.000120+00:00","personal_digest":"00","program_id":"prog_1",'
        b'"request_id":"req_1","subject_id":"card_1"}'
    )
    elsewhere = replace(ENTRY, occurred_at=AT.astimezone(timezone(timedelta(hours=5))))
    assert leaf_bytes(elsewhere) == leaf_bytes(ENTRY)


@pytest.mark.parametrize("field", [field.name for field in fields(AuditEntry) if field.name != "personal"])
def test_a_leaf_changes_with_every_field_of_its_entry(field: str) -> None:
    others = {"details": {"before": "frozen"}, "occurred_at": AT + timedelta(microseconds=1)}
    changed = replace(ENTRY, **{field: others.get(field, "other")})
    assert leaf_bytes(changed) != leaf_bytes(ENTRY)


@pytest.mark.parametrize("number", [2**53, 10**400, -(2**60), 1.5, float("inf")])
def test_no_number_stops_the_sealing_and_each_is_told_from_its_neighbour(number: float) -> None:
    sealed = leaf_bytes(replace(ENTRY, details={"n": [number]}))
    assert b"$number" in sealed
    assert sealed != leaf_bytes(replace(ENTRY, details={"n": [number - 1]})) or number == float("inf")


def test_what_is_personal_is_committed_to_under_a_key_of_its_own() -> None:
    here = PersonalData("192.0.2.1", "curl/8", b"k" * 32)
    assert len(here.digest()) == 64
    others = [
        replace(here, client_address="192.0.2.2"),
        replace(here, user_agent=None),
        replace(here, key=b"l" * 32),
        PersonalData("curl/8", "192.0.2.1", b"k" * 32),
    ]
    assert here.digest() not in {other.digest() for other in others}
    assert "k" * 32 not in repr(here)


HOSTILE = "a\r\nb\x1b[2Jc\x9b31md\u202ee\u2028f\ud800g\x00h\x7f"


def test_nothing_in_a_text_is_obeyed_by_a_terminal_or_a_log() -> None:
    shown = inert({HOSTILE: [HOSTILE, {"deep": HOSTILE}], "when": AT, "n": 1, "b": True, "none": None})
    text = str(shown)
    assert text.isprintable()
    assert r"\x1b[2J" in text
    assert shown["n"] == 1
    assert shown["b"] is True
    assert inert("Zoë 日本 👍") == "Zoë 日本 👍"


@pytest.mark.parametrize("value", [1.5, b"bytes", {1, 2}, object()])
def test_what_is_not_json_is_a_mistake_of_whoever_records(value: object) -> None:
    with pytest.raises(TypeError, match="does not belong"):
        inert({"value": value})


def test_every_act_of_the_catalogue_is_recorded_somewhere_and_the_other_way_round() -> None:
    assert set(CATALOGUE) == ACTIONS
    sources = "".join(
        path.read_text() for path in SOURCES.rglob("*.py") if path != SOURCES / "audit" / "actions.py"
    )
    assert {action for action in ACTIONS if f'"{action}"' not in sources} == set()
    for action, meaning in CATALOGUE.items():
        assert re.fullmatch(r"[a-z_]+\.[a-z_]+", action)
        assert f"| `{action}` | {meaning.what} |" in handbook()
