"""Dividing withdrawals, keeping methods, weighing rules: the values alone."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cardwright.core.errors import Conflict, Invalid
from cardwright.funding.domain import (
    FAILURES_BEFORE_OFF,
    OFF_EXPLANATIONS,
    REFUND_EXPLANATIONS,
    AutoTopUp,
    AutoUsage,
    CardDetails,
    MethodState,
    OffReason,
    RefundReason,
    SavedMethod,
    SetupResult,
    SetupStatus,
    Source,
    TopUpReason,
    allocate,
    apply_setup,
    ensure_chargeable,
    is_due,
    remove,
)

AT = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
CARD = CardDetails("visa", "4242", 12, 2030)
METHOD = SavedMethod("pmt_1", "prog_1", "user_1", MethodState.REQUESTED, AT, AT)
RULE = AutoTopUp("user_1", "prog_1", "pmt_1", "USD", 20_00, 50_00, 100_00, 150_00, AT)
NOTHING_YET = AutoUsage(0, 0, 0, is_one_open=False)
sources = st.lists(st.integers(1, 1_000), max_size=8).map(
    lambda lefts: [Source(f"topup_{number}", left) for number, left in enumerate(lefts)]
)


@given(amount=st.integers(1, 5_000), known=sources)
def test_a_withdrawal_is_divided_exactly_and_takes_of_no_top_up_more_than_is_left(
    amount: int, known: Sequence[Source]
) -> None:
    total = sum(source.left for source in known)
    if amount > total:
        with pytest.raises(Conflict) as caught:
            allocate(amount, known)
        assert caught.value.details == {"refundable": total}
        return
    parts = allocate(amount, known)
    left = {source.top_up_id: source.left for source in known}
    assert sum(part.left for part in parts) == amount
    assert all(0 < part.left <= left[part.top_up_id] for part in parts)
    # In order: only the last of those that give something keeps a rest.
    assert all(part.left == left[part.top_up_id] for part in parts[:-1])


def an_answer(status: SetupStatus) -> SetupResult:
    is_ready = status is SetupStatus.SUCCEEDED
    return SetupResult(
        status, "seti_1", "pm_1" if is_ready else None, "pmt_1", CARD if is_ready else None,
        TopUpReason.CARD_DECLINED if status is SetupStatus.FAILED else None,
        "https://bank.example" if status is SetupStatus.REQUIRES_ACTION else None,
    )  # fmt: skip


def test_every_order_of_answers_keeps_the_same_method() -> None:
    for order in permutations(SetupStatus):
        method = METHOD
        for status in order:
            method = apply_setup(method, an_answer(status), at=AT)
        assert (method.state, method.card, method.reason_code, method.action_url) == (
            MethodState.ACTIVE, CARD, None, None,
        ), order  # fmt: skip
        assert (method.setup_reference, method.provider_reference) == ("seti_1", "pm_1")


def test_what_was_let_go_stays_gone_and_still_learns_what_to_detach() -> None:
    gone = remove(METHOD, at=AT)
    learned = apply_setup(gone, an_answer(SetupStatus.SUCCEEDED), at=AT)
    assert (learned.state, learned.provider_reference) == (MethodState.REMOVED, "pm_1")
    assert remove(gone, at=AT) is gone


@pytest.mark.parametrize("state", MethodState)
def test_only_an_active_method_of_ones_own_is_charged(state: MethodState) -> None:
    method = replace(METHOD, state=state)
    if state is MethodState.ACTIVE:
        assert ensure_chargeable(method, user_id="user_1") is method
    else:
        with pytest.raises((Conflict, Invalid)):
            ensure_chargeable(method, user_id="user_1")
    for nobodys in (None, replace(METHOD, state=state, user_id="user_2")):
        with pytest.raises(Invalid):
            ensure_chargeable(nobodys, user_id="user_1")


def test_a_rule_acts_below_its_threshold_and_not_at_it() -> None:
    assert is_due(RULE, NOTHING_YET, available=19_99)
    assert not is_due(RULE, NOTHING_YET, available=20_00)


@pytest.mark.parametrize(
    "usage",
    [
        replace(NOTHING_YET, is_one_open=True),
        replace(NOTHING_YET, failures=FAILURES_BEFORE_OFF),
        replace(NOTHING_YET, today=50_01),
        replace(NOTHING_YET, this_month=100_01),
    ],
)
def test_a_rule_does_not_act_beyond_its_bounds(usage: AutoUsage) -> None:
    assert not is_due(RULE, usage, available=0)
    assert not is_due(replace(RULE, off_reason=OffReason.SWITCHED_OFF), NOTHING_YET, available=0)
    assert is_due(RULE, AutoUsage(50_00, 100_00, FAILURES_BEFORE_OFF - 1, is_one_open=False), available=0)


def test_every_reason_is_explained() -> None:
    assert set(OFF_EXPLANATIONS) == set(OffReason)
    assert set(REFUND_EXPLANATIONS) == set(RefundReason)
