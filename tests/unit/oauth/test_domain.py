"""What presenting a refresh token means, and when a grant is over."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cardwright.oauth.domain import (
    GRANT_LIFETIME,
    LOST_RESPONSE_WINDOW,
    Grant,
    Rotation,
    assurance,
    judge_refresh,
)

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
SECOND = timedelta(seconds=1)
GRANT = Grant(
    "grant_1", "prog_1", "client_1", "user_1", "ses_1", frozenset({"openid"}), ("pwd",), NOW,
    NOW + GRANT_LIFETIME,
)  # fmt: skip


def presented(generation: int) -> Grant:
    return replace(GRANT, generation=generation, rotated_at=NOW if generation else None)


@pytest.mark.parametrize(
    ("newest_presented", "generation", "after", "expected"),
    [
        (0, 1, SECOND, Rotation.ROTATED),
        (1, 2, SECOND, Rotation.ROTATED),
        (1, 2, timedelta(days=3), Rotation.ROTATED),
        (1, 1, SECOND, Rotation.REPEATED),
        (1, 1, LOST_RESPONSE_WINDOW, Rotation.REPEATED),
        (1, 1, LOST_RESPONSE_WINDOW + SECOND, Rotation.REUSED),
        (2, 1, SECOND, Rotation.REUSED),
        (9, 1, timedelta(0), Rotation.REUSED),
    ],
)
def test_presenting_a_refresh_token(
    newest_presented: int, generation: int, after: timedelta, expected: Rotation
) -> None:
    assert judge_refresh(presented(newest_presented), generation, NOW + after) is expected


def test_a_thief_and_an_owner_who_both_hold_a_successor_cannot_both_go_on() -> None:
    # The owner presented token 1, the thief repeated it within the window: both hold a token of generation 2.
    later = NOW + timedelta(minutes=10)
    assert judge_refresh(presented(1), 2, later) is Rotation.ROTATED
    after_thief = replace(GRANT, generation=2, rotated_at=later)
    assert judge_refresh(after_thief, 2, later + timedelta(minutes=1)) is Rotation.REUSED


@given(st.integers(0, 50), st.integers(1, 50), st.integers(0, 10_000))
def test_a_token_that_is_not_the_newest_never_works_twice_after_the_window(
    newest: int, generation: int, seconds: int
) -> None:
    ruling = judge_refresh(presented(newest), generation, NOW + timedelta(seconds=seconds))
    assert (ruling is Rotation.ROTATED) == (generation > newest)
    if generation < newest or (generation == newest and seconds > LOST_RESPONSE_WINDOW.total_seconds()):
        assert ruling is Rotation.REUSED


def test_a_grant_ends_by_revocation_and_by_time() -> None:
    assert GRANT.is_alive(NOW + GRANT_LIFETIME - SECOND)
    assert not GRANT.is_alive(NOW + GRANT_LIFETIME)
    assert not replace(GRANT, revoked_at=NOW).is_alive(NOW)


def test_a_passkey_or_a_code_beside_the_password_counts_for_more() -> None:
    assert [assurance(methods) for methods in (("pwd",), ("fed",), ("pwd", "otp"), ("hwk",))] == [
        "aal1", "aal1", "aal2", "aal2",
    ]  # fmt: skip
