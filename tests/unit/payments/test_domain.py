"""What a payment's elements add up to, against a model that counts otherwise; how long holds are good."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cardwright.payments.domain import (
    Element,
    ElementKind,
    Merchant,
    Payment,
    PaymentStatus,
    Totals,
    totals,
    validity,
)

AT: Final = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
ADDING: Final = (ElementKind.AUTHORIZATION, ElementKind.INCREMENT)
TAKING: Final = (ElementKind.REVERSAL, ElementKind.CLEARING)


def element(kind: str, amount: int, *, approved: bool = True, is_final: bool = False) -> Element:
    return Element(1, ElementKind(kind), amount, "x", AT, approved=approved, is_final=is_final)


def of(*steps: tuple[str, int]) -> Totals:
    return totals([element(kind, amount) for kind, amount in steps])


@st.composite
def elements(draw: st.DrawFn) -> Element:
    kind = draw(st.sampled_from(ElementKind))
    return Element(
        1, kind, draw(st.integers(0, 9)), "x", AT,
        approved=kind not in ADDING or draw(st.booleans()),
        is_final=kind is ElementKind.CLEARING and draw(st.integers(0, 3)) == 0,
    )  # fmt: skip


def modelled_held(history: Sequence[Element]) -> int:
    """The largest net sum of any run that reaches to the end and begins after the last lapse."""
    lapses = [n for n, it in enumerate(history) if it.kind is ElementKind.EXPIRY or it.is_final]
    since = history[lapses[-1] + 1 :] if lapses else history
    sign = {**dict.fromkeys(ADDING, 1), **dict.fromkeys(TAKING, -1)}
    changes = [sign.get(it.kind, 0) * it.amount * it.approved for it in since]
    return max(sum(changes[start:]) for start in range(len(changes) + 1))


def modelled_status(held: int, history: Sequence[Element]) -> str:
    moved = {it.kind for it in history if it.amount and it.approved}
    happened = {it.kind for it in history if it.approved}
    answers = (
        ("pending", held > 0),
        ("settled", bool(moved & {"clearing", "force_post", "refund"})),
        ("declined", "authorization" not in happened),
        ("expired", "expiry" in happened),
        ("voided", "reversal" in moved),
        ("settled", True),
    )
    return next(status for status, applies in answers if applies)


@given(st.lists(elements(), max_size=12))
def test_totals_and_status_are_those_of_the_model(history: list[Element]) -> None:
    found = totals(history)
    moved = {
        kind: sum(it.amount for it in history if it.kind is kind and it.approved) for kind in ElementKind
    }
    cleared = moved[ElementKind.CLEARING] + moved[ElementKind.FORCE_POST]
    assert found.held == modelled_held(history)
    assert found.cleared == cleared
    assert found.refunded == moved[ElementKind.REFUND]
    assert found.posted == cleared - moved[ElementKind.REFUND]
    assert found.counted == modelled_held(history) + cleared
    assert found.status == modelled_status(found.held, history)


@given(st.lists(elements(), max_size=12))
def test_the_semantics_formula_holds_wherever_nothing_lapsed_or_was_cleared_beyond_the_hold(
    history: list[Element],
) -> None:
    authorized = reversed_ = matched = 0
    for it in history:
        if it.kind is ElementKind.EXPIRY or it.is_final:
            return
        authorized += it.amount * it.approved if it.kind in ADDING else 0
        reversed_ += it.amount if it.kind is ElementKind.REVERSAL else 0
        matched += it.amount if it.kind is ElementKind.CLEARING else 0
        if authorized - reversed_ - matched < 0:
            return
    assert totals(history).held == authorized - reversed_ - matched


@given(st.lists(elements(), max_size=12))
def test_declined_requests_change_nothing_but_what_was_asked(history: list[Element]) -> None:
    without = totals([it for it in history if it.approved])
    assert replace(totals(history), asked=0) == replace(without, asked=0)


@pytest.mark.parametrize(
    ("steps", "amount"),
    [
        ([("declined", 70), ("declined", 90)], 70),
        ([("authorization", 100), ("declined", 900)], 100),
        ([("authorization", 100), ("increment", 20), ("reversal", 120)], 120),
        ([("authorization", 100), ("expiry", 0)], 100),
        ([("authorization", 100), ("clearing", 30)], 100),
        ([("authorization", 100), ("clearing", 130)], 130),
        ([("authorization", 100), ("clearing", 100), ("refund", 40)], 60),
        ([("force_post", 50), ("refund", 50)], 0),
        ([("refund", 50)], -50),
        ([], 0),
    ],
)
def test_a_payment_comes_to_what_it_cost_or_to_what_was_asked(
    steps: list[tuple[str, int]], amount: int
) -> None:
    history = [
        element("authorization" if kind == "declined" else kind, cost, approved=kind != "declined")
        for kind, cost in steps
    ]
    assert totals(history).amount == amount


def test_a_payment_of_which_nothing_is_known_is_declined() -> None:
    assert totals([]) == Totals()
    assert totals([]).status is PaymentStatus.DECLINED


@pytest.mark.parametrize(
    ("steps", "held", "posted", "status"),
    [
        ([("authorization", 100)], 100, 0, "pending"),
        ([("authorization", 0)], 0, 0, "settled"),
        ([("authorization", 100), ("increment", 20)], 120, 0, "pending"),
        ([("authorization", 100), ("reversal", 100)], 0, 0, "voided"),
        ([("authorization", 100), ("reversal", 250)], 0, 0, "voided"),
        ([("authorization", 100), ("expiry", 100)], 0, 0, "expired"),
        ([("authorization", 100), ("expiry", 100), ("clearing", 90)], 0, 90, "settled"),
        ([("authorization", 100), ("clearing", 60), ("clearing", 60)], 0, 120, "settled"),
        ([("authorization", 100), ("clearing", 60), ("refund", 60)], 40, 0, "pending"),
        ([("force_post", 40)], 0, 40, "settled"),
        ([("refund", 40)], 0, -40, "settled"),
        ([("authorization", 100), ("clearing", 120), ("increment", 50)], 50, 120, "pending"),
        ([("authorization", 100), ("expiry", 100), ("increment", 50)], 50, 0, "pending"),
        ([("authorization", 100), ("expiry", 100), ("increment", 50), ("expiry", 50)], 0, 0, "expired"),
    ],
)
def test_these_purchases_stand_so(steps: list[tuple[str, int]], held: int, posted: int, status: str) -> None:
    found = of(*steps)
    assert (found.held, found.posted, found.status) == (held, posted, status)


def test_a_final_clearing_leaves_nothing_held_though_it_was_lower() -> None:
    history = [element("authorization", 100), element("clearing", 30, is_final=True)]
    assert (totals(history).held, totals(history).counted) == (0, 30)
    assert totals([*history, element("clearing", 10)]).posted == 40


def test_a_payment_finds_its_elements_by_the_networks_id() -> None:
    merchant = Merchant("m_1", "Bakery", "5462", "US", None)
    first, second = (Element(n, ElementKind.CLEARING, n, f"tx_{n}", AT) for n in (1, 2))
    payment = Payment(
        "pay_1", "prog_1", "user_1", "card_1", None, "USD", "stripe", "iauth_1", merchant, "ecommerce", AT,
        (first, second),
    )  # fmt: skip
    assert payment.find_element("tx_2") is second
    assert payment.find_element("tx_3") is None
    assert payment.totals.posted == 3


@pytest.mark.parametrize(
    ("mcc", "amount", "days"),
    [
        *[(mcc, 100_00, 31) for mcc in ("3351", "3441", "3501", "3790", "4411", "7011")],
        *[(mcc, 100_00, 7) for mcc in ("3350", "3442", "3500", "3791", "4410", "4412", "7010", "7012")],
        *[(mcc, amount, 1) for mcc in ("5541", "5542") for amount in (0, 1, 1_00)],
        *[(mcc, 1_01, 7) for mcc in ("5541", "5542")],
        *[(mcc, 0, 7) for mcc in ("5540", "5543", "0000", "", "no", "-541")],
        ("7011", 0, 31),
    ],
)
def test_holds_are_good_for_as_long_as_the_merchants_trade_needs(mcc: str, amount: int, days: int) -> None:
    assert validity(mcc, amount) == timedelta(days=days)
