"""Disputes as values: their states, what the holder is due of them, what counts as evidence."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import product

import pytest

from cardwright.core.errors import Conflict, Invalid
from cardwright.disputes import domain, evidence
from cardwright.disputes.domain import (
    CreditPolicy,
    Dispute,
    DisputeState,
    NetworkStatus,
    Snapshot,
)
from cardwright.disputes.evidence import ProductKind, Reason, ReturnOutcome, Statement
from cardwright.files import FileType

NOW = datetime(2026, 11, 28, 12, tzinfo=UTC)
DRAFT = Dispute(
    id="disp_1", program_id="prog_1", user_id="user_1", payment_id="pay_1", sequence=2, source="stripe",
    clearing_reference="ipi_1", merchant_name="Bakery", amount=40_00, currency="USD", reason=Reason.FRAUD,
    policy=CreditPolicy.ON_NETWORK_CREDIT, created_at=NOW, submit_by=NOW + timedelta(days=110), heard_at=NOW,
)  # fmt: skip
SUBMITTED = domain.submit(DRAFT, [], NOW)


@pytest.mark.parametrize(
    ("dispute", "state"),
    [
        (DRAFT, "draft"),
        (SUBMITTED, "submitted"),
        (domain.withdraw(DRAFT, NOW), "withdrawn"),
        (domain.withdraw(SUBMITTED, NOW), "withdrawn"),
        (domain.expire(DRAFT, DRAFT.submit_by), "expired"),
        (domain.expire(DRAFT, NOW), "draft"),
        (domain.expire(SUBMITTED, DRAFT.submit_by), "submitted"),
        (replace(DRAFT, network_status=NetworkStatus.SUBMITTED), "submitted"),
        (replace(SUBMITTED, network_status=NetworkStatus.EXPIRED), "expired"),
        (replace(SUBMITTED, network_status=NetworkStatus.LOST), "lost"),
        (replace(SUBMITTED, network_status=NetworkStatus.LOST, withdrawn_at=NOW), "withdrawn"),
        (replace(SUBMITTED, network_status=NetworkStatus.WON, withdrawn_at=NOW), "won"),
    ],
)
def test_the_state_follows_from_what_was_done_and_what_the_network_says(dispute: Dispute, state: str) -> None:
    assert dispute.state == state


@pytest.mark.parametrize(
    ("policy", "recovered", "due"),
    [
        ("at_once", 0, 40_00),
        ("on_network_credit", 0, 0),
        ("on_network_credit", 25_00, 25_00),
        ("never", 25_00, 0),
    ],
)
def test_what_the_holder_is_due_before_the_decision_is_the_policys_to_say(
    policy: str, recovered: int, due: int
) -> None:
    dispute = replace(SUBMITTED, policy=CreditPolicy(policy), recovered=recovered)
    assert dispute.advance_due == due
    assert domain.withdraw(dispute, NOW).advance_due == 0
    assert replace(dispute, network_status=NetworkStatus.LOST).advance_due == 0


@pytest.mark.parametrize("policy", list(CreditPolicy))
def test_in_the_end_the_holder_is_due_what_the_network_paid(policy: CreditPolicy) -> None:
    won = replace(SUBMITTED, policy=policy, network_status=NetworkStatus.WON, recovered=30_00)
    assert won.advance_due == 30_00
    assert not won.is_settled
    assert replace(won, advanced=30_00).is_settled


def test_a_won_dispute_waits_for_its_money() -> None:
    won = replace(SUBMITTED, policy=CreditPolicy.AT_ONCE, network_status=NetworkStatus.WON, advanced=40_00)
    assert (won.advance_due, won.is_settled) == (40_00, False)


def test_news_of_any_order_ends_in_the_highest_status() -> None:
    for first, second in product(NetworkStatus, repeat=2):
        heard = [
            domain.hear(domain.hear(SUBMITTED, Snapshot("idp_1", one), NOW), Snapshot("idp_1", other), NOW)
            for one, other in ((first, second), (second, first))
        ]
        assert heard[0] == heard[1]


@pytest.mark.parametrize(
    ("dispute", "code"),
    [(SUBMITTED, "dispute_submitted"), (domain.withdraw(DRAFT, NOW), "dispute_closed")],
)
def test_only_a_draft_is_changed_and_submitted(dispute: Dispute, code: str) -> None:
    with pytest.raises(Conflict) as refused:
        domain.submit(dispute, [], NOW)
    assert refused.value.code == code


def test_a_draft_is_submitted_complete_and_in_time() -> None:
    with pytest.raises(Invalid) as incomplete:
        domain.submit(DRAFT, ["explanation"], NOW)
    assert incomplete.value.details == {"missing": ["explanation"]}
    with pytest.raises(Conflict) as late:
        domain.submit(DRAFT, [], DRAFT.submit_by)
    assert late.value.code == "deadline_passed"


def test_what_the_network_refuses_is_given_back_unless_it_is_older_than_the_attempt() -> None:
    returned = domain.give_back(SUBMITTED, "network_refused", 1)
    assert (returned.state, returned.refusal) == (DisputeState.DRAFT, "network_refused")
    again = domain.submit(returned, [], NOW)
    assert (again.attempt, again.refusal) == (2, None)
    assert domain.give_back(again, "network_refused", 1) == again
    filed = replace(again, network_status=NetworkStatus.SUBMITTED)
    assert domain.give_back(filed, "network_refused", 2) == filed
    with pytest.raises(Conflict):
        domain.withdraw(replace(filed, network_status=NetworkStatus.LOST), NOW)


def test_what_is_told_is_written_down_and_read_again() -> None:
    told = Statement(
        explanation="Odd", product_kind=ProductKind.GOODS, expected_on=date(2026, 10, 1),
        cancellation_policy_told=False, return_outcome=ReturnOutcome.REFUSED,
    )  # fmt: skip
    assert Statement.from_json(told.to_json()) == told
    assert Statement.from_json({}) == Statement()


def test_each_reason_says_what_is_missing() -> None:
    for reason in Reason:
        assert list(evidence.missing(reason, Statement())) == list(evidence.NEEDED[reason])
        assert "explanation" in evidence.NEEDED[reason]
    told = Statement(explanation="Odd", cancellation_policy_told=False)
    assert "cancellation_policy_told" not in evidence.missing(Reason.CANCELED, told)


@pytest.mark.parametrize(
    ("content", "found"),
    [(b"%PDF-1.4", FileType.PDF), (b"\x89PNG\r\n\x1a\n", FileType.PNG), (b"\xff\xd8\xff\xe0", FileType.JPEG)],
)
def test_a_file_is_what_its_first_bytes_say(content: bytes, found: FileType) -> None:
    assert evidence.sniff(content) is found


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "file_type_not_supported"),
        (b"<svg onload='x'/>", "file_type_not_supported"),
        (b" %PDF-1.4", "file_type_not_supported"),
        (b"%PDF-" + bytes(evidence.MOST_FILE_BYTES), "file_too_large"),
    ],
)
def test_what_is_no_evidence_is_refused(content: bytes, code: str) -> None:
    with pytest.raises(Invalid) as refused:
        evidence.sniff(content)
    assert refused.value.code == code
