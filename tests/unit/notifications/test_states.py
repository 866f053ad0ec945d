"""How a notification moves between its states, in whatever order the news arrives."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import permutations

import pytest

from cardwright.notifications.domain import (
    ATTEMPT_LEASE,
    Notification,
    Report,
    ReportedState,
    apply_report,
    begin_attempt,
    is_in_flight,
    leave_unknown,
    postpone,
    refuse,
)

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
QUEUED = Notification(
    id="ntf_1",
    program_id="prog_1",
    user_id="user_1",
    event_id="evt_1",
    event_type="cards.card_issued",
    channel="sms",
    state="queued",
    facts={"last4": "4242"},
    created_at=NOW,
)
SENDING = begin_attempt(QUEUED, "default", NOW)


def report(state: ReportedState, error_code: str | None = None) -> Report:
    return Report(state, "SM1", error_code, NOW + timedelta(seconds=1))


def test_an_attempt_is_counted_and_dated_before_it_is_made() -> None:
    again = begin_attempt(SENDING, "default", NOW + timedelta(minutes=2))
    assert (SENDING.state, SENDING.attempts, SENDING.attempted_at) == ("sending", 1, NOW)
    assert (again.state, again.attempts) == ("sending", 2)


def test_an_attempt_is_in_flight_until_its_lease_runs_out() -> None:
    assert is_in_flight(SENDING, NOW + ATTEMPT_LEASE - timedelta(microseconds=1))
    assert not is_in_flight(SENDING, NOW + ATTEMPT_LEASE)
    assert not is_in_flight(QUEUED, NOW)


@pytest.mark.parametrize("order", list(permutations([report("sent"), report("delivered")])))
def test_sent_and_delivered_end_as_delivered_in_any_order(order: tuple[Report, ...]) -> None:
    reached = SENDING
    for news in order:
        reached = apply_report(reached, news)
    assert reached.state == "delivered"
    assert reached.provider_reference == "SM1"
    assert reached.error_code is None


def test_a_failure_is_not_undone_by_the_late_news_of_its_sending() -> None:
    failed = apply_report(apply_report(SENDING, report("undeliverable", "30003")), report("sent"))
    assert (failed.state, failed.error_code) == ("undeliverable", "30003")


def test_the_first_of_two_failures_stands() -> None:
    failed = apply_report(apply_report(SENDING, report("failed", "30001")), report("undeliverable", "30003"))
    assert (failed.state, failed.error_code) == ("failed", "30001")


def test_the_same_report_twice_changes_nothing() -> None:
    once = apply_report(SENDING, report("delivered"))
    later = replace(report("delivered"), at=NOW + timedelta(hours=1))
    assert apply_report(once, later) == once


def test_what_was_surely_not_taken_is_queued_again() -> None:
    assert postpone(SENDING, NOW).state == "queued"


def test_a_report_outranks_the_doubt_and_the_delay_of_the_sender() -> None:
    reported = apply_report(SENDING, report("sent"))
    assert postpone(reported, NOW) == reported
    assert leave_unknown(reported) == reported


def test_doubt_ends_with_the_first_report() -> None:
    unknown = leave_unknown(SENDING)
    assert (unknown.state, unknown.error_code) == ("unknown", "outcome_unknown")
    assert apply_report(unknown, report("sent")).state == "sent"
    assert apply_report(unknown, report("sent")).error_code is None


def test_a_refused_address_is_undeliverable_with_the_reason() -> None:
    refused = refuse(SENDING, "21610")
    assert (refused.state, refused.error_code) == ("undeliverable", "21610")


def test_what_a_person_is_told_stays_out_of_the_repr() -> None:
    assert "4242" not in repr(QUEUED)
