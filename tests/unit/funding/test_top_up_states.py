"""A gateway's answers come late, twice and in any order: the top-up ends the same, credited at most once."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise, permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cardwright.core.errors import Invalid
from cardwright.core.money import Money
from cardwright.funding.domain import (
    CHARGE_WINDOW,
    EXPLANATIONS,
    ChargeResult,
    ChargeStatus,
    TopUp,
    TopUpReason,
    TopUpState,
    apply,
    ensure_within_bounds,
    is_chargeable,
)

AT = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
LATER = AT + timedelta(seconds=3)
ASKED = Money(50_00, "USD")
State = TopUpState
DECIDED = {State.CANCELED, State.FAILED, State.SUCCEEDED, State.REVIEW}


def a_top_up(state: State = State.REQUESTED, *, currency: str = "USD") -> TopUp:
    return TopUp("topup_1", "prog_1", "user_1", ASKED.amount, currency, state, AT, AT)


def an_answer(status: ChargeStatus, *, reference: str = "pi_1", money: Money = ASKED) -> ChargeResult:
    url = "https://bank.example/3ds" if status is ChargeStatus.REQUIRES_ACTION else None
    return ChargeResult(status, reference, money, "topup_1", action_url=url)


def after(answers: Sequence[ChargeResult]) -> list[TopUp]:
    history = [a_top_up()]
    for answer in answers:
        history.append(apply(history[-1], answer, at=LATER))
    return history


def reached(history: Sequence[TopUp]) -> list[State]:
    return [new.state for old, new in pairwise(history) if new.state is not old.state]


consistent = st.builds(an_answer, st.sampled_from(ChargeStatus))
contradictory = st.builds(
    an_answer,
    st.sampled_from(ChargeStatus),
    reference=st.sampled_from(["pi_1", "pi_2"]),
    money=st.sampled_from([ASKED, Money(49_00, "USD"), Money(50_00, "EUR")]),
)


@given(st.lists(consistent, min_size=1, max_size=4))
def test_any_order_of_the_same_answers_decides_the_same(answers: list[ChargeResult]) -> None:
    outcomes = {after(order)[-1].state for order in permutations(answers)}
    assert len(outcomes) == 1 or not outcomes & DECIDED


@given(st.lists(consistent, max_size=8).filter(bool), st.data())
def test_a_repeated_answer_changes_nothing_that_is_decided(
    answers: list[ChargeResult], data: st.DataObject
) -> None:
    final = after(answers)[-1]
    if final.state in DECIDED:
        assert apply(final, data.draw(st.sampled_from(answers)), at=LATER + timedelta(days=1)) is final


@given(st.lists(consistent, max_size=8))
def test_money_that_was_taken_is_credited_whatever_else_was_said(answers: list[ChargeResult]) -> None:
    history = after([*answers, an_answer(ChargeStatus.SUCCEEDED), *answers])
    assert history[-1].state is State.SUCCEEDED
    assert reached(history).count(State.SUCCEEDED) == 1


@given(st.lists(contradictory, max_size=12))
def test_no_answers_however_contradictory_credit_twice(answers: list[ChargeResult]) -> None:
    states = reached(after(answers))
    assert all(states.count(state) <= 1 for state in DECIDED)


@given(st.lists(contradictory, max_size=12))
def test_a_differing_amount_is_never_credited(answers: list[ChargeResult]) -> None:
    differing = [replace(answer, money=Money(50_01, "USD")) for answer in answers]
    assert State.SUCCEEDED not in reached(after(differing))


@given(st.lists(contradictory, max_size=8))
def test_a_reason_and_an_address_stand_only_where_they_belong(answers: list[ChargeResult]) -> None:
    final = after(answers)[-1]
    assert (final.reason_code is not None) == (final.state in {State.FAILED, State.REVIEW})
    assert (final.action_url is not None) == (final.state is State.REQUIRES_ACTION)


def test_a_second_charge_for_one_top_up_waits_for_people() -> None:
    history = after([an_answer(ChargeStatus.SUCCEEDED), an_answer(ChargeStatus.SUCCEEDED, reference="pi_2")])
    assert reached(history) == [State.SUCCEEDED, State.REVIEW]
    assert history[-1].reason_code is TopUpReason.CHARGED_TWICE
    assert history[-1].provider_reference == "pi_1"


def test_a_differing_currency_waits_for_people() -> None:
    (_, final) = after([an_answer(ChargeStatus.SUCCEEDED, money=Money(ASKED.amount, "EUR"))])
    assert (final.state, final.reason_code) == (State.REVIEW, TopUpReason.AMOUNT_DIFFERS)


def test_an_action_may_be_followed_by_waiting_and_success() -> None:
    steps = [ChargeStatus.REQUIRES_ACTION, ChargeStatus.PENDING, ChargeStatus.SUCCEEDED]
    states = reached(after([an_answer(status) for status in steps]))
    assert states == [State.REQUIRES_ACTION, State.PENDING, State.SUCCEEDED]


@pytest.mark.parametrize(
    ("currency", "least", "most"), [("USD", 100, 1_000_000), ("JPY", 1, 10_000), ("KWD", 1_000, 10_000_000)]
)
def test_the_bounds_follow_the_currencys_number_of_places(currency: str, least: int, most: int) -> None:
    ensure_within_bounds(Money(least, currency), program_currency=currency)
    ensure_within_bounds(Money(most, currency), program_currency=currency)
    for outside in (least - 1, most + 1):
        with pytest.raises(Invalid) as caught:
            ensure_within_bounds(Money(outside, currency), program_currency=currency)
        assert caught.value.code == "amount_out_of_bounds"


def test_a_foreign_currency_is_refused() -> None:
    with pytest.raises(Invalid) as caught:
        ensure_within_bounds(Money(50_00, "EUR"), program_currency="USD")
    assert caught.value.code == "currency_not_supported"


def test_a_charge_is_not_tried_when_the_gateway_may_have_forgotten_the_first() -> None:
    assert is_chargeable(a_top_up(), at=AT + CHARGE_WINDOW)
    assert not is_chargeable(a_top_up(), at=AT + CHARGE_WINDOW + timedelta(seconds=1))


@pytest.mark.parametrize("reason", TopUpReason)
def test_every_reason_is_explained(reason: TopUpReason) -> None:
    assert EXPLANATIONS[reason].endswith(".")
