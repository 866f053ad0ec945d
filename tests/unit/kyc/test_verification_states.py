"""A vendor's answers come late, twice and in any order: the verification ends in the same state."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import pairwise, permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cardwright.core.errors import Conflict
from cardwright.kyc.domain import (
    EXPLANATIONS,
    KycLevel,
    RejectionReason,
    Verification,
    VerificationResult,
    VerificationState,
    apply,
    ensure_may_request,
    level_of,
)

AT = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
LATER = AT + timedelta(minutes=4)
State = VerificationState
ANSWERABLE = [state for state in State if state is not State.REQUESTED]
DECIDED = {State.APPROVED, State.REJECTED, State.CANCELED}


def a_verification(state: State = State.REQUESTED, reason: RejectionReason | None = None) -> Verification:
    return Verification("idv_1", "prog_1", "user_1", state, AT, AT, reason=reason)


def an_answer(status: State, reason: RejectionReason | None = None) -> VerificationResult:
    url = "https://verify.example/1" if status is State.COLLECTING else None
    return VerificationResult(status, "vs_1", "idv_1", url=url, reason=reason)


def after(answers: Sequence[VerificationResult]) -> list[Verification]:
    history = [a_verification()]
    for answer in answers:
        history.append(apply(history[-1], answer, at=LATER))
    return history


answers = st.builds(an_answer, st.sampled_from(ANSWERABLE), st.none() | st.sampled_from(RejectionReason))


@given(st.lists(answers, min_size=1, max_size=4))
def test_any_order_of_the_same_answers_decides_the_same(given_answers: list[VerificationResult]) -> None:
    outcomes = {after(order)[-1].state for order in permutations(given_answers)}
    decided = outcomes & DECIDED
    assert len(outcomes) == 1 or not decided


@given(st.lists(answers, max_size=8), st.data())
def test_a_repeated_answer_changes_nothing_that_is_decided(
    given_answers: list[VerificationResult], data: st.DataObject
) -> None:
    final = after(given_answers)[-1]
    if final.state in DECIDED:
        again = data.draw(st.sampled_from(given_answers))
        assert apply(final, again, at=LATER + timedelta(days=1)) is final


@given(st.lists(answers, max_size=12))
def test_each_decision_is_reached_at_most_once(given_answers: list[VerificationResult]) -> None:
    history = after(given_answers)
    reached = [new.state for old, new in pairwise(history) if new.state is not old.state]
    assert all(reached.count(state) <= 1 for state in DECIDED)


@given(st.lists(answers, max_size=8))
def test_the_secret_address_is_kept_only_while_documents_are_collected(
    given_answers: list[VerificationResult],
) -> None:
    final = after(given_answers)[-1]
    assert (final.url is not None) == (final.state is State.COLLECTING)
    assert (final.reason is not None) == (final.state is State.REJECTED)


def test_an_approval_after_a_rejection_counts() -> None:
    rejected, approved = after(
        [an_answer(State.REJECTED, RejectionReason.FACE_MISMATCH), an_answer(State.APPROVED)]
    )[1:]
    assert rejected.reason is RejectionReason.FACE_MISMATCH
    assert (approved.state, approved.reason) == (State.APPROVED, None)


def test_an_answer_about_another_session_is_not_applied() -> None:
    collecting = after([an_answer(State.COLLECTING)])[-1]
    foreign = VerificationResult(State.APPROVED, "vs_2", "idv_1")
    assert apply(collecting, foreign, at=LATER) is collecting


def test_a_fresh_address_replaces_the_one_that_was_used() -> None:
    collecting = after([an_answer(State.COLLECTING)])[-1]
    fresh = VerificationResult(State.COLLECTING, "vs_1", "idv_1", url="https://verify.example/2")
    assert apply(collecting, fresh, at=LATER).url == "https://verify.example/2"


def test_a_rejection_without_a_reason_still_names_one() -> None:
    assert after([an_answer(State.REJECTED)])[-1].reason is RejectionReason.UNVERIFIED


@pytest.mark.parametrize("reason", RejectionReason)
def test_every_rejection_is_explained(reason: RejectionReason) -> None:
    assert EXPLANATIONS[reason].endswith(".")


@pytest.mark.parametrize(
    ("state", "reason", "code"),
    [
        (State.REQUESTED, None, "verification_open"),
        (State.COLLECTING, None, "verification_open"),
        (State.SUBMITTED, None, "verification_open"),
        (State.APPROVED, None, "already_verified"),
        (State.REJECTED, RejectionReason.UNDER_AGE, "verification_not_retryable"),
    ],
)
def test_another_verification_is_refused(state: State, reason: RejectionReason | None, code: str) -> None:
    with pytest.raises(Conflict) as caught:
        ensure_may_request([a_verification(state, reason)])
    assert caught.value.code == code


@pytest.mark.parametrize(
    ("state", "reason"), [(State.CANCELED, None), (State.REJECTED, RejectionReason.DOCUMENT_EXPIRED)]
)
def test_another_verification_may_follow_one_that_can_be_retried(
    state: State, reason: RejectionReason | None
) -> None:
    known = a_verification(state, reason)
    ensure_may_request([known])
    assert known.can_retry


def test_only_an_approved_document_raises_the_level() -> None:
    others = [a_verification(state) for state in State if state is not State.APPROVED]
    assert level_of(others, is_reachable=False) == KycLevel.NONE == 0
    assert level_of(others, is_reachable=True) == KycLevel.BASIC == 1
    approved = [*others, a_verification(State.APPROVED)]
    assert level_of(approved, is_reachable=False) == KycLevel.FULL == 2
