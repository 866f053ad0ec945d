"""A vendor's answers come late, twice and in any order: the verification ends in the same state."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise, permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cardwright.core.errors import Conflict
from cardwright.kyc.domain import (
    DECIDED_STATES,
    EXPLANATIONS,
    RENEWAL_NOTICE,
    TRANSITIONS,
    RejectionReason,
    Verification,
    VerificationResult,
    VerificationState,
    apply,
    decide,
    expire,
    release,
    require_renewal,
    send_back,
    submit,
    take_into_review,
)

AT = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
LATER = AT + timedelta(minutes=4)
State = VerificationState
ANSWERABLE = [state for state in State if state not in {State.REQUESTED, State.EXPIRED}]
DECIDED = {State.APPROVED, State.REJECTED, State.CANCELED}


def a_verification(state: State = State.REQUESTED, reason: RejectionReason | None = None) -> Verification:
    return Verification("idv_1", "prog_1", "user_1", state, AT, AT, reason=reason)


def an_answer(status: State, reason: RejectionReason | None = None) -> VerificationResult:
    url = "https://verify.example/1" if status is State.COLLECTING else None
    return VerificationResult(status, "vs_1", "idv_1", url=url, reason=reason)


def after(
    answers: Sequence[VerificationResult], first: Verification | None = None, *, is_held: bool = False
) -> list[Verification]:
    history = [first or a_verification()]
    for answer in answers:
        history.append(apply(history[-1], answer, at=LATER, is_held=is_held))
    return history


answers = st.builds(an_answer, st.sampled_from(ANSWERABLE), st.none() | st.sampled_from(RejectionReason))


@given(st.lists(answers, min_size=1, max_size=4), st.booleans())
def test_any_order_of_the_same_answers_decides_the_same(
    given_answers: list[VerificationResult], is_held: bool
) -> None:
    ends = [after(order, is_held=is_held)[-1] for order in permutations(given_answers)]
    outcomes = {(end.state, end.can_retry, end.answer) for end in ends}
    decided = {state for state, _, _ in outcomes} & DECIDED
    assert len(outcomes) == 1 or not decided
    assert len({answer for _, _, answer in outcomes}) == 1


@given(st.lists(answers, max_size=6), st.booleans())
def test_repeated_answers_end_where_each_of_them_once_does(
    given_answers: list[VerificationResult], is_held: bool
) -> None:
    doubled = [answer for answer in given_answers for _ in range(2)]
    once, twice = after(given_answers, is_held=is_held)[-1], after(doubled, is_held=is_held)[-1]
    assert (once.state, once.reason, once.answer, once.contradicted_by) == (
        twice.state, twice.reason, twice.answer, twice.contradicted_by,
    )  # fmt: skip


@given(st.lists(answers, max_size=4), st.booleans(), st.lists(answers, max_size=8), st.booleans())
def test_no_vendor_ever_changes_what_staff_decided(
    before: list[VerificationResult], approve: bool, later: list[VerificationResult], is_held: bool
) -> None:
    handed_in = after([an_answer(State.SUBMITTED), *before])[-1]
    if handed_in.state in {State.CANCELED, State.COLLECTING}:
        return
    decided = decide(handed_in, approve=approve, reason=RejectionReason.FACE_MISMATCH, by="usr_1", at=LATER)
    for known in after(later, decided, is_held=is_held):
        assert (known.state, known.reason, known.decided_by) == (decided.state, decided.reason, "usr_1")
        assert (known.good_until, known.renew_from) == (decided.good_until, decided.renew_from)


@given(st.lists(answers, max_size=8))
def test_what_staff_sent_back_waits_for_the_person_whatever_a_vendor_says(
    later: list[VerificationResult],
) -> None:
    sent_back = send_back(after([an_answer(State.IN_REVIEW)])[-1], [], at=LATER)
    assert {known.state for known in after(later, sent_back)} == {State.COLLECTING}
    assert sent_back.can_submit


@given(st.lists(answers, max_size=8), st.booleans())
def test_each_contradiction_is_noted_once_and_changes_nothing(
    given_answers: list[VerificationResult], is_held: bool
) -> None:
    for old, new in pairwise(after(given_answers, is_held=is_held)):
        if new.contradicted_by is not old.contradicted_by:
            assert old.contradicted_by is None
            assert (new.state, new.contradicted_by) == (old.state, State.REJECTED)
            assert State.APPROVED in {old.state, old.answer}


def test_a_vendor_that_takes_an_approval_back_is_noted() -> None:
    flips = [an_answer(State.APPROVED), an_answer(State.REJECTED), an_answer(State.APPROVED)]
    known = after(flips)[-1]
    assert (known.state, known.answer, known.contradicted_by) == (
        State.APPROVED, State.APPROVED, State.REJECTED,
    )  # fmt: skip


@pytest.mark.parametrize("approve", [True, False])
def test_a_vendor_that_later_says_the_opposite_of_staff_is_noted(approve: bool) -> None:
    in_review = after([an_answer(State.IN_REVIEW)])[-1]
    decided = decide(in_review, approve=approve, reason=None, by="usr_1", at=LATER)
    opposite, same = (State.REJECTED, State.APPROVED) if approve else (State.APPROVED, State.REJECTED)
    assert after([an_answer(same)], decided)[-1].contradicted_by is None
    assert after([an_answer(opposite)], decided)[-1].contradicted_by is opposite


def test_an_answer_that_staff_overrode_is_no_contradiction_when_it_is_repeated() -> None:
    overridden = decide(
        after([an_answer(State.APPROVED)])[-1], approve=False, reason=None, by="usr_1", at=LATER
    )
    assert after([an_answer(State.APPROVED)], overridden)[-1] is overridden


def test_an_approval_that_is_held_stays_in_review_when_the_hold_is_over() -> None:
    held = apply(a_verification(), an_answer(State.APPROVED), at=LATER, is_held=True)
    assert (held.state, held.answer, held.good_until) == (State.IN_REVIEW, State.APPROVED, None)
    assert apply(held, an_answer(State.APPROVED), at=LATER) is held


def test_an_approval_that_was_held_is_let_go_unless_staff_has_it() -> None:
    held = apply(a_verification(), an_answer(State.APPROVED), at=AT, is_held=True)
    released = release(held, at=LATER)
    assert (released.state, released.good_until) == (State.APPROVED, LATER + released.good_for)
    with_staff = replace(held, sent_back_at=AT)
    open_at_vendor = after([an_answer(State.IN_REVIEW)])[-1]
    for other in (with_staff, open_at_vendor, released):
        assert release(other, at=LATER) is other


def test_an_approval_ends_with_the_document_it_stands_on() -> None:
    told = VerificationResult(State.APPROVED, "vs_1", document_expires_on=date(2027, 3, 1))
    known = apply(a_verification(), told, at=LATER)
    assert known.good_until == datetime(2027, 3, 2, tzinfo=UTC)
    assert known.renew_from == datetime(2027, 3, 2, tzinfo=UTC) - RENEWAL_NOTICE


def test_a_renewal_that_is_required_never_puts_the_end_off() -> None:
    approved = apply(a_verification(), an_answer(State.APPROVED), at=AT)
    required = require_renewal(approved, at=LATER)
    assert (required.renew_from, required.good_until) == (LATER, LATER + RENEWAL_NOTICE)
    again = require_renewal(required, at=LATER + timedelta(days=9))
    assert (again.renew_from, again.good_until) == (required.renew_from, required.good_until)
    with pytest.raises(Conflict):
        require_renewal(required, at=LATER + RENEWAL_NOTICE)


def moves_of(known: Verification) -> list[Verification]:
    """All that can happen to a verification."""
    found = [
        apply(known, an_answer(status), at=LATER, is_held=held)
        for status in ANSWERABLE
        for held in (True, False)
    ]
    deeds = [
        lambda: decide(known, approve=True, reason=None, by="usr_1", at=LATER),
        lambda: decide(known, approve=False, reason=None, by="usr_1", at=LATER),
        lambda: send_back(known, [], at=LATER),
        lambda: submit(known, at=LATER),
        lambda: take_into_review(known, at=LATER),
        lambda: expire(known, at=LATER),
        lambda: release(known, at=LATER),
    ]
    for deed in deeds:
        with suppress(Conflict):
            found.append(deed())
    return found


def test_the_transitions_that_are_named_are_those_that_can_happen() -> None:
    known = {a_verification(), replace(a_verification(), provider="manual")}
    fresh, seen = set(known), set()
    while fresh:
        met = {(old, new) for old in fresh for new in moves_of(old)}
        seen |= {(old.state, new.state) for old, new in met if old.state is not new.state}
        fresh = {new for _, new in met} - known
        known |= fresh
    assert seen == {(old, new) for old, following in TRANSITIONS.items() for new in following}


def test_staff_decides_only_what_was_handed_in() -> None:
    for state in set(State) - {State.SUBMITTED, State.IN_REVIEW, *DECIDED_STATES}:
        with pytest.raises(Conflict) as caught:
            decide(a_verification(state), approve=True, reason=None, by="usr_1", at=LATER)
        assert caught.value.code == "verification_undecidable"


@given(st.lists(answers, max_size=8), st.data())
def test_a_repeated_answer_changes_nothing_that_is_decided(
    given_answers: list[VerificationResult], data: st.DataObject
) -> None:
    final = after(given_answers)[-1]
    if final.state in DECIDED:
        again = data.draw(st.sampled_from(given_answers))
        known = apply(final, again, at=LATER + timedelta(days=1))
        assert (known.state, known.reason, known.good_until) == (final.state, final.reason, final.good_until)


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
