"""Cases as values: how urgent, in whose hands, decided once."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from cardwright.cases import domain
from cardwright.cases.domain import Answer, Case, CaseState, Finding, Priority, Source
from cardwright.cases.evidence import in_common
from cardwright.core.errors import Conflict, Invalid

AT = datetime(2026, 11, 23, 12, tzinfo=UTC)
CASE = Case(
    id="case_1", program_id="prog_1", user_id="user_1", payment_id="pay_1", card_id="card_1",
    merchant_id="mer_1", merchant_name="Bakery", last4="4242", amount=60_00, currency="USD",
    source=Source.RULES, rules=("large",), decisions=("dec_1",), score=None, state=CaseState.OPEN,
    priority=Priority.NORMAL, opened_at=AT, due_at=AT + timedelta(hours=24),
)  # fmt: skip
ASKED = domain.ask_holder(CASE, AT)
RANKS = {priority: rank for rank, priority in enumerate(Priority)}


@pytest.mark.parametrize(
    ("amount", "currency", "score", "priority"),
    [
        (499_99, "USD", None, "normal"), (500_00, "USD", None, "high"), (49_99, "USD", None, "low"),
        (50_00, "USD", None, "normal"), (1, "USD", 50, "high"), (1, "USD", 49, "normal"),
        (1, "USD", 9, "low"),
        (499, "JPY", None, "normal"), (49, "JPY", None, "low"), (500_000, "KWD", None, "high"),
        (0, "USD", -100, "low"),
    ],
)  # fmt: skip
def test_priority_follows_amount_and_points(
    amount: int, currency: str, score: int | None, priority: str
) -> None:
    assert domain.priority_of(amount, currency, score) == priority


@given(st.integers(0, 10**12), st.integers(0, 10**12), st.integers(-100, 200), st.integers(0, 100))
def test_more_money_or_more_points_never_make_a_case_less_urgent(
    amount: int, more: int, score: int, points: int
) -> None:
    less = domain.priority_of(amount, "EUR", score)
    assert RANKS[domain.priority_of(amount + more, "EUR", score + points)] <= RANKS[less]


def test_a_case_that_somebody_has_cannot_be_claimed_by_another() -> None:
    claimed = domain.claim(CASE, "ana")
    assert (claimed.state, claimed.assignee_id) == ("in_review", "ana")
    assert domain.claim(claimed, "ana") is claimed
    with pytest.raises(Conflict, match="Somebody else"):
        domain.claim(claimed, "bob")


def test_only_who_has_a_case_decides_it_and_not_unseen() -> None:
    with pytest.raises(Conflict, match="Claim"):
        domain.decide(CASE, Finding.FRAUD, by="ana", version=1, at=AT)
    claimed = domain.claim(CASE, "ana")
    with pytest.raises(Conflict, match="Somebody else"):
        domain.decide(claimed, Finding.FRAUD, by="bob", version=2, at=AT)
    with pytest.raises(Conflict, match="changed"):
        domain.decide(claimed, Finding.FRAUD, by="ana", version=1, at=AT)
    decided = domain.decide(claimed, Finding.FRAUD, by="ana", version=2, at=AT)
    with pytest.raises(Conflict, match="resolved"):
        domain.decide(decided, Finding.GENUINE, by="ana", version=3, at=AT)


def test_a_flag_told_twice_changes_nothing_and_another_makes_it_more_urgent_only() -> None:
    assert domain.flag_again(CASE, "dec_1", ["large"], 90, AT) is CASE
    again = domain.flag_again(CASE, "dec_2", ["large", "odd"], 90, AT + timedelta(hours=1))
    assert (again.rules, again.priority) == (("large", "odd"), "high")
    assert again.due_at == AT + timedelta(hours=5)
    late = domain.flag_again(again, "dec_3", [], None, AT + timedelta(hours=4))
    assert (late.priority, late.due_at, late.score) == ("high", again.due_at, 90)


def test_a_holder_answers_once_and_in_time() -> None:
    assert domain.hear(ASKED, Answer.YES, AT).finding is Finding.GENUINE
    refused = domain.hear(ASKED, Answer.NO, AT)
    assert (refused.state, refused.priority) == ("open", "high")
    with pytest.raises(Conflict, match="answered"):
        domain.hear(refused, Answer.YES, AT)
    with pytest.raises(Conflict, match="over"):
        domain.hear(ASKED, Answer.NO, AT + domain.TIME_TO_ANSWER)
    with pytest.raises(Conflict, match="looked into"):
        domain.hear(CASE, Answer.NO, AT)


def test_a_report_opens_what_was_found_genuine_and_not_what_is_known_to_be_fraud() -> None:
    genuine = domain.hear(ASKED, Answer.YES, AT)
    reported = domain.report(genuine, AT)
    assert (reported.state, reported.answer, reported.finding) == ("open", "no", None)
    with pytest.raises(Conflict, match="already"):
        domain.report(reported, AT)
    fraud = domain.decide(domain.claim(CASE, "ana"), Finding.FRAUD, by="ana", version=2, at=AT)
    with pytest.raises(Conflict, match="known"):
        domain.report(fraud, AT)


@pytest.mark.parametrize(
    ("finding", "card", "has_dispute"),
    [("genuine", "lock", False), ("genuine", "replace", False), ("fraud", "unlock", False),
     ("unclear", "keep", True)],
)  # fmt: skip
def test_effects_that_contradict_the_finding_are_refused(
    finding: str, card: str, *, has_dispute: bool
) -> None:
    with pytest.raises(Invalid):
        domain.ensure_effects_fit(Finding(finding), card, has_dispute=has_dispute)


def test_what_cases_have_in_common_is_named() -> None:
    other = replace(CASE, id="case_2", card_id="card_2", user_id="user_2", rules=("large", "odd"))
    assert in_common(CASE, other) == ["merchant", "rule large"]


class Life(RuleBasedStateMachine):
    """Whatever is done in whatever order: the state agrees with who has it and what was found."""

    def __init__(self) -> None:
        super().__init__()
        self.case, self.at, self.answers = ASKED, AT, 0

    def attempt(self, act: str, *given: object, **more: object) -> None:
        before = self.case
        self.at += timedelta(hours=1)
        try:
            self.case = getattr(domain, act)(before, *given, **more)
        except Conflict:
            self.case = before
        if self.case is not before:
            assert self.case.version == before.version + 1

    @rule(who=st.sampled_from(["ana", "bob"]))
    def claim(self, who: str) -> None:
        self.attempt("claim", who)

    @rule(who=st.sampled_from(["ana", "bob", None]))
    def assign(self, who: str | None) -> None:
        self.attempt("assign", who, self.case.version)

    @rule(who=st.sampled_from(["ana", "bob"]), finding=st.sampled_from(Finding))
    def decide(self, who: str, finding: Finding) -> None:
        self.attempt("decide", finding, by=who, version=self.case.version, at=self.at)

    @rule()
    def reopen(self) -> None:
        self.attempt("reopen", self.case.version, self.at)

    @rule(said=st.sampled_from(Answer))
    def hear(self, said: Answer) -> None:
        before = self.case
        self.attempt("hear", said, self.at)
        self.answers += self.case is not before
        assert self.answers <= 1

    @rule()
    def flag(self) -> None:
        self.attempt("flag_again", f"dec_{self.case.version}", ["odd"], 5, self.at)

    @invariant()
    def agrees_with_itself(self) -> None:
        case = self.case
        assert (case.assignee_id is not None and case.finding is None) == (case.state == "in_review") or (
            case.state == "resolved"
        )
        assert (case.finding is not None) == (case.state == "resolved") == (case.resolved_at is not None)


TestLife = Life.TestCase
