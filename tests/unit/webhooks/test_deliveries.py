"""What follows of an attempt: retries over three days, success, and endpoints that are given up."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cardwright.core.errors import Invalid
from cardwright.webhooks.domain import (
    GIVEN_UP_AFTER,
    Attempt,
    Delivery,
    DeliveryState,
    DisabledBecause,
    Endpoint,
    Signature,
    ensure_event_types,
    filters_for,
    next_pause,
    settle,
)
from cardwright.webhooks.domain.schedule import LONGEST_RETRY_AFTER, PAUSES

AT = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
ENDPOINT = Endpoint(
    "wep_1", "prog_1", None, "user_1", "https://hooks.example.com/", "", ("*",), (Signature.HMAC,), AT, AT
)
HELD = Delivery(
    "whd_1", "prog_1", None, "wep_1", "evt_1", "payments.settled", AT, due_at=AT, tries=1, attempts=1,
    claim="whc_1", claimed_until=AT + timedelta(seconds=60),
)  # fmt: skip


def answered(status: int | None, *, retry_after: timedelta | None = None) -> Attempt:
    error = "timeout" if status is None else None
    return Attempt("wha_1", 1, AT, 5, ENDPOINT.url, {}, status, error=error, retry_after=retry_after)


@given(chance=st.floats(0, 1))
def test_the_tries_are_about_a_dozen_and_last_three_days(chance: float) -> None:
    pauses = [next_pause(tries, chance) for tries in range(1, len(PAUSES) + 1)]
    whole = sum((pause for pause in pauses if pause is not None), timedelta())
    assert len(pauses) + 1 == 11
    assert timedelta(days=3) * 0.9 <= whole <= timedelta(days=3) * 1.1
    assert pauses == sorted(pauses, key=lambda pause: pause or timedelta())
    assert next_pause(len(PAUSES) + 1, chance) is None


def test_what_failed_together_does_not_come_back_together() -> None:
    assert len({next_pause(6, chance / 100) for chance in range(101)}) == 101


@pytest.mark.parametrize(
    ("asked", "waited"),
    [
        (timedelta(seconds=1), PAUSES[0]),
        (timedelta(hours=1), timedelta(hours=1)),
        (timedelta(days=400), LONGEST_RETRY_AFTER),
    ],
)
def test_a_receiver_that_asks_for_time_gets_it_up_to_a_day(asked: timedelta, waited: timedelta) -> None:
    settled = settle(HELD, ENDPOINT, HELD, answered(503, retry_after=asked), at=AT, chance=0.5)
    assert settled.delivery.due_at == AT + waited


@pytest.mark.parametrize("status", [200, 201, 204, 299])
def test_any_2xx_is_success_and_ends_a_row_of_failures(status: int) -> None:
    failing = replace(ENDPOINT, failing_since=AT - timedelta(days=1))
    settled = settle(HELD, failing, HELD, answered(status), at=AT, chance=0.5)
    assert settled.delivery.state is DeliveryState.SUCCEEDED
    assert settled.delivery.due_at is settled.delivery.claim is None
    assert settled.endpoint.failing_since is None


@pytest.mark.parametrize("status", [None, 100, 199, 300, 301, 302, 307, 308, 400, 404, 429, 500, 503])
def test_anything_else_is_a_failure_and_tried_again(status: int | None) -> None:
    settled = settle(HELD, ENDPOINT, HELD, answered(status), at=AT, chance=0.5)
    assert (settled.delivery.state, settled.delivery.due_at) == (DeliveryState.PENDING, AT + PAUSES[0])
    assert settled.endpoint.failing_since == AT
    assert settled.endpoint.is_enabled


def test_after_the_last_try_a_delivery_is_given_up() -> None:
    last = replace(HELD, tries=len(PAUSES) + 1)
    settled = settle(last, ENDPOINT, last, answered(500), at=AT, chance=0.5)
    assert (settled.delivery.state, settled.delivery.due_at) == (DeliveryState.FAILED, None)


def test_an_endpoint_that_says_it_is_gone_is_disabled_at_once() -> None:
    settled = settle(HELD, ENDPOINT, HELD, answered(410), at=AT, chance=0.5)
    assert settled.endpoint.disabled_because is DisabledBecause.GONE
    assert settled.delivery.state is DeliveryState.FAILED


def test_an_endpoint_is_given_up_after_days_without_a_success_and_not_before() -> None:
    for since, is_enabled in ((GIVEN_UP_AFTER - timedelta(seconds=1), True), (GIVEN_UP_AFTER, False)):
        failing = replace(ENDPOINT, failing_since=AT - since)
        settled = settle(HELD, failing, HELD, answered(500), at=AT, chance=0.5)
        assert settled.endpoint.is_enabled is is_enabled
        assert settled.delivery.state is (DeliveryState.PENDING if is_enabled else DeliveryState.FAILED)


@pytest.mark.parametrize("status", [200, 500])
def test_a_replay_that_was_asked_for_while_sending_is_still_to_come(status: int) -> None:
    asked = replace(HELD, replays=1, tries=0, due_at=AT)
    settled = settle(asked, ENDPOINT, HELD, answered(status), at=AT, chance=0.5)
    assert (settled.delivery.state, settled.delivery.due_at) == (DeliveryState.PENDING, AT)
    assert settled.delivery.claim is None


def test_what_was_canceled_while_sending_stays_so_unless_it_succeeded() -> None:
    canceled = replace(HELD, state=DeliveryState.CANCELED, due_at=None)
    assert settle(canceled, ENDPOINT, HELD, answered(500), at=AT, chance=0.5).delivery.state == "canceled"
    assert settle(canceled, ENDPOINT, HELD, answered(200), at=AT, chance=0.5).delivery.state == "succeeded"


def test_a_claim_that_another_has_taken_over_is_left_to_them() -> None:
    others = replace(HELD, claim="whc_2", tries=2)
    settled = settle(others, ENDPOINT, HELD, answered(500), at=AT, chance=0.5)
    assert (settled.delivery.claim, settled.delivery.due_at) == ("whc_2", AT)
    assert settle(others, ENDPOINT, HELD, answered(200), at=AT, chance=0.5).delivery.state == "succeeded"


def test_filters_are_known_types_their_areas_and_everything() -> None:
    assert filters_for("payments.settled") == ("*", "payments.*", "payments.settled")
    known = {"payments.settled": {"holder", "developer"}, "users.phone_verified": {"holder"}}
    ensure_event_types(["*", "payments.*", "payments.settled"], known, "developer")
    for unknown in ("payments", "payment.*", "payments.set*", "users.*", "users.phone_verified"):
        with pytest.raises(Invalid):
            ensure_event_types([unknown], known, "developer")
