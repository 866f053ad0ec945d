"""The states of a challenge: one decision, nothing after the end, and one result whatever the order."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import permutations

import pytest

from cardwright.challenges.domain import (
    AnswerState,
    Challenge,
    ChallengeState,
    Decision,
    Merchant,
    decide,
    ensure_open,
    hear,
    mark_delivered,
)
from cardwright.core.errors import Conflict

AT = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
END = AT + timedelta(minutes=5)
INSTANT = timedelta(microseconds=1)
PENDING = Challenge(
    "chal_1", "prog_1", "card_1", "user_1", "acs", "acsch_1", "Groceries", "4242",
    Merchant("Corner Bakery", "5462", "US", "m_1"), 49_00, "USD", ChallengeState.PENDING, AT, END,
)  # fmt: skip


def decided(decision: Decision, at: datetime = AT) -> Challenge:
    return decide(PENDING, decision, by="user_1", key="ans_1", at=at)


@pytest.mark.parametrize("decision", list(Decision))
def test_a_decision_waits_for_the_server_under_its_key(decision: Decision) -> None:
    made = decided(decision)
    assert (made.state.value, made.decision, made.answer, made.answer_key) == (
        decision.value, decision, AnswerState.WAITING, "ans_1",
    )  # fmt: skip
    assert (made.decided_by, made.decided_at) == ("user_1", AT)


def test_the_last_instant_counts_and_the_end_does_not() -> None:
    assert decided(Decision.APPROVED, END - INSTANT).state is ChallengeState.APPROVED
    with pytest.raises(Conflict) as late:
        decided(Decision.APPROVED, END)
    assert late.value.code == "challenge_expired"


@pytest.mark.parametrize(
    ("challenge", "code"),
    [
        (decided(Decision.APPROVED), "challenge_decided"),
        (decided(Decision.REFUSED), "challenge_decided"),
        (hear(PENDING, ChallengeState.EXPIRED), "challenge_expired"),
        (hear(PENDING, ChallengeState.CANCELED), "challenge_canceled"),
        (hear(decided(Decision.APPROVED), ChallengeState.EXPIRED), "challenge_expired"),
    ],
)
def test_what_ended_is_decided_no_more(challenge: Challenge, code: str) -> None:
    with pytest.raises(Conflict) as refused:
        ensure_open(challenge, AT)
    assert refused.value.code == code


@pytest.mark.parametrize("decision", list(Decision))
@pytest.mark.parametrize("end", [ChallengeState.EXPIRED, ChallengeState.CANCELED])
def test_what_the_server_says_of_the_end_outranks_a_decision_and_keeps_it(
    decision: Decision, end: ChallengeState
) -> None:
    for challenge in (decided(decision), mark_delivered(decided(decision))):
        ended = hear(challenge, end)
        assert (ended.state, ended.answer, ended.decision) == (end, AnswerState.TOO_LATE, decision)
        assert mark_delivered(ended) == ended


@pytest.mark.parametrize("told", [ChallengeState.PENDING, ChallengeState.APPROVED, ChallengeState.REFUSED])
def test_nobody_decides_but_people(told: ChallengeState) -> None:
    assert hear(PENDING, told) == PENDING


def test_every_order_of_the_same_news_ends_in_the_same_state() -> None:
    news = [ChallengeState.PENDING, ChallengeState.EXPIRED, ChallengeState.CANCELED, ChallengeState.EXPIRED]
    for start in (PENDING, decided(Decision.APPROVED), mark_delivered(decided(Decision.REFUSED))):
        ends = set()
        for order in permutations(news):
            challenge = start
            for told in order:
                challenge = hear(challenge, told)
            ends.add(challenge)
        assert len(ends) == 1
        assert ends.pop().state is ChallengeState.CANCELED


def test_what_is_overdue_is_shown_as_expired_before_anybody_wrote_it() -> None:
    assert PENDING.state_at(END - INSTANT) is ChallengeState.PENDING
    assert PENDING.state_at(END) is ChallengeState.EXPIRED
    assert replace(PENDING, state=ChallengeState.CANCELED).state_at(END) is ChallengeState.CANCELED
