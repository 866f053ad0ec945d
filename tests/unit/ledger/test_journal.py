"""What a leaf of the journal commits to, and which closings of months are in force."""

from dataclasses import fields, replace
from datetime import UTC, date, datetime, timedelta, timezone

import pytest
import rfc8785

from cardwright.ledger.domain import PeriodAction, PeriodChange, month_begins, month_ends, snapshots_in_force
from cardwright.ledger.journal import leaf_of
from cardwright.ledger.statements import JournalEntry, JournalLine

AT = datetime(2026, 11, 23, 12, 0, 0, 120, tzinfo=UTC)
LINE = JournalLine(1, "acct_1", "funding_in_transit", "prog_1", "debit", 2_500, None)
OTHER = JournalLine(2, "acct_2", "wallet", "user_1", "credit", 2_500, 2**60)
ENTRY = JournalEntry(
    "entry_1", "prog_1", "top_up", "top_up:1", "USD", None, AT, None, None, postings=(LINE, OTHER)
)


def leaf_bytes(entry: JournalEntry) -> bytes:
    return rfc8785.dumps(leaf_of(entry))


def test_a_leaf_is_canonical_and_the_same_in_every_time_zone() -> None:
    assert leaf_bytes(ENTRY) == (
        b'{"approval_id":null,"currency":"USD","external_id":"top_up:1","id":"entry_1","kind":"top_up",'
        b'"payment_id":null,"posted_at":"2026-11-23T12:00:00.000120+00:00","postings":['
        b'{"account_id":"acct_1","amount":"2500","balance_after":null,"code":"funding_in_transit","line":"1",'
        b'"owner_id":"prog_1","side":"debit"},'
        b'{"account_id":"acct_2","amount":"2500","balance_after":"1152921504606846976","code":"wallet",'
        b'"line":"2","owner_id":"user_1","side":"credit"}],"program_id":"prog_1","reverses_id":null}'
    )
    elsewhere = replace(ENTRY, posted_at=AT.astimezone(timezone(timedelta(hours=-5))))
    assert leaf_bytes(elsewhere) == leaf_bytes(ENTRY)


@pytest.mark.parametrize("field", [field.name for field in fields(JournalEntry)])
def test_a_leaf_changes_with_every_field_of_its_entry(field: str) -> None:
    others = {"posted_at": AT + timedelta(microseconds=1), "postings": (OTHER, LINE)}
    assert leaf_bytes(replace(ENTRY, **{field: others.get(field, "other")})) != leaf_bytes(ENTRY)


@pytest.mark.parametrize("field", [field.name for field in fields(JournalLine)])
def test_a_leaf_changes_with_every_field_of_its_lines(field: str) -> None:
    changed = replace(LINE, **{field: 7 if field in {"line", "amount", "balance_after"} else "other"})
    assert leaf_bytes(replace(ENTRY, postings=(changed, OTHER))) != leaf_bytes(ENTRY)


def changes(*done: str) -> list[PeriodChange]:
    """Return the changes that were made, newest first; "+10" closes October, "-10" opens it again."""
    found = []
    for number, one in enumerate(done, 1):
        month, is_closing = date(2026, int(one[1:]), 1), one[0] == "+"
        until = month_ends(month) if is_closing else month_begins(month)
        action = PeriodAction.CLOSED if is_closing else PeriodAction.REOPENED
        found.append(PeriodChange(one, "prog_1", number, month, action, until, [], AT, "appr_1"))
    return found[::-1]


@pytest.mark.parametrize(
    ("done", "in_force"),
    [
        ([], []),
        (["+8", "+9"], ["+9", "+8"]),
        (["+8", "-8"], []),
        (["+8", "+9", "-9"], ["+8"]),
        (["+8", "+9", "-9", "-8", "+9"], ["+9"]),
        (["+8", "+9", "-9", "+9", "+10"], ["+10", "+9", "+8"]),
    ],
)
def test_a_closing_is_in_force_until_its_month_is_opened_again(done: list[str], in_force: list[str]) -> None:
    assert [closed.id for closed in snapshots_in_force(changes(*done))] == in_force
