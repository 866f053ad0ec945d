"""What one subject's four views say: each disagreement has the cause that tells which view stands alone."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from cardwright.reconciliation.domain import Found, Ours, Settled, Theirs
from cardwright.reconciliation.matching import compare_holds, compare_money

AT = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
LISTED = Theirs(-500, "USD", "clearing", "ic_1", AT, "print")
SETTLED = Settled(-500, "USD", 1, 0, AT, AT)
OURS = Ours(-500, "USD", "clearing", "ic_1", AT, AT, "print", "pay_1", posted=-500, posted_at=AT)
HOLD_THERE = replace(LISTED, amount=500, variant="hold")
HOLD_SETTLED = replace(SETTLED, amount=500, count=1)
HOLD_HERE = replace(OURS, amount=500, variant="hold", happened_at=None, posted=None, posted_at=None)


def said(found: list[Found]) -> list[tuple[str, str, int]]:
    return [(it.kind.value, it.cause.value, it.delta) for it in found]


@pytest.mark.parametrize(
    ("theirs", "settled", "ours", "is_copy", "expected"),
    [
        (LISTED, SETTLED, OURS, False, []),
        (None, None, None, False, []),
        (None, SETTLED, None, False, [("missing_here", "only_in_balance", -500)]),
        (LISTED, SETTLED, None, False, [("missing_here", "not_heard", -500)]),
        (LISTED, None, None, False, [("missing_here", "not_heard", 0)]),
        (LISTED, None, None, True, [("duplicated_there", "copied_there", 0)]),
        (LISTED, SETTLED, None, True, [("duplicated_there", "copied_there", -500)]),
        (None, None, OURS, False, [("missing_there", "unknown_there", 500)]),
        (None, SETTLED, OURS, False, [("missing_there", "not_listed", 0)]),
        (None, None, OURS, True, [("duplicated_here", "copied_here", 500)]),
        (LISTED, None, OURS, False, [("missing_there", "not_settled", 500)]),
        (replace(LISTED, times=2), SETTLED, OURS, False, [("duplicated_there", "listed_twice", 0)]),
        (
            LISTED,
            replace(SETTLED, amount=-1000, count=2),
            OURS,
            False,
            [("duplicated_there", "settled_twice", -500)],
        ),
        (replace(LISTED, amount=-507), SETTLED, OURS, False, [("amount_differs", "list_says_otherwise", 0)]),
        (
            replace(LISTED, amount=-507),
            replace(SETTLED, amount=-507),
            OURS,
            False,
            [("amount_differs", "recorded_otherwise", -7)],
        ),
        (
            LISTED,
            replace(SETTLED, amount=-507),
            OURS,
            False,
            [("amount_differs", "balance_says_otherwise", -7)],
        ),
        (
            LISTED,
            SETTLED,
            replace(OURS, posted=None, posted_at=None),
            False,
            [("missing_here", "not_posted", -500)],
        ),
        (
            LISTED,
            SETTLED,
            replace(OURS, posted=-400),
            False,
            [("amount_differs", "ledger_says_otherwise", -100)],
        ),
        (
            replace(LISTED, currency="EUR"),
            SETTLED,
            OURS,
            False,
            [("currency_differs", "list_says_otherwise", 0)],
        ),
        (
            LISTED,
            replace(SETTLED, currency="EUR"),
            OURS,
            False,
            [("currency_differs", "balance_says_otherwise", 0)],
        ),
        (
            replace(LISTED, variant="refund"),
            SETTLED,
            OURS,
            False,
            [("variant_differs", "list_says_otherwise", 0)],
        ),
        (replace(LISTED, card="ic_2"), SETTLED, OURS, False, [("card_differs", "recorded_otherwise", 0)]),
        (replace(LISTED, card=None), SETTLED, OURS, False, []),
        (
            replace(LISTED, happened_at=AT - timedelta(hours=2)),
            SETTLED,
            OURS,
            False,
            [("date_differs", "recorded_otherwise", 0)],
        ),
        (
            LISTED,
            SETTLED,
            replace(OURS, posted_at=AT + timedelta(days=1, seconds=1)),
            False,
            [("late", "heard_late", 0)],
        ),
        (LISTED, SETTLED, replace(OURS, posted_at=AT + timedelta(days=1)), False, []),
        (
            replace(LISTED, amount=-507, card="ic_2", times=2),
            SETTLED,
            OURS,
            False,
            [
                ("duplicated_there", "listed_twice", 0),
                ("card_differs", "recorded_otherwise", 0),
                ("amount_differs", "list_says_otherwise", 0),
            ],
        ),
    ],
)
def test_money_differs_where_one_view_stands_alone(
    theirs: Theirs | None,
    settled: Settled | None,
    ours: Ours | None,
    is_copy: bool,
    expected: list[tuple[str, str, int]],
) -> None:
    assert said(compare_money(theirs, settled, ours, is_copy=is_copy)) == expected


@pytest.mark.parametrize(
    ("theirs", "settled", "ours", "is_copy", "expected"),
    [
        (HOLD_THERE, HOLD_SETTLED, HOLD_HERE, False, []),
        (None, None, None, False, []),
        (replace(HOLD_THERE, amount=0), None, None, False, []),
        (HOLD_THERE, HOLD_SETTLED, None, False, [("hold_missing", "hold_not_heard")]),
        (HOLD_THERE, None, None, True, [("duplicated_there", "copied_there")]),
        (
            replace(HOLD_THERE, amount=0),
            replace(HOLD_SETTLED, amount=0),
            HOLD_HERE,
            False,
            [("hold_left_open", "hold_not_heard")],
        ),
        (
            replace(HOLD_THERE, amount=400),
            replace(HOLD_SETTLED, amount=400),
            HOLD_HERE,
            False,
            [("amount_differs", "hold_not_heard")],
        ),
        (None, HOLD_SETTLED, HOLD_HERE, False, [("hold_left_open", "not_listed")]),
        (None, None, HOLD_HERE, False, [("hold_left_open", "unknown_there")]),
        (
            replace(HOLD_THERE, amount=507),
            HOLD_SETTLED,
            HOLD_HERE,
            False,
            [("amount_differs", "list_says_otherwise")],
        ),
        (
            HOLD_THERE,
            replace(HOLD_SETTLED, amount=507),
            HOLD_HERE,
            False,
            [("amount_differs", "balance_says_otherwise")],
        ),
        (
            HOLD_THERE,
            replace(HOLD_SETTLED, amount=1000, copies=1),
            HOLD_HERE,
            False,
            [("duplicated_there", "settled_twice")],
        ),
        (
            replace(HOLD_THERE, currency="EUR"),
            HOLD_SETTLED,
            HOLD_HERE,
            False,
            [("currency_differs", "list_says_otherwise")],
        ),
    ],
)
def test_holds_differ_where_one_view_stands_alone(
    theirs: Theirs | None,
    settled: Settled | None,
    ours: Ours | None,
    is_copy: bool,
    expected: list[tuple[str, str]],
) -> None:
    assert [it[:2] for it in said(compare_holds(theirs, settled, ours, is_copy=is_copy))] == expected
