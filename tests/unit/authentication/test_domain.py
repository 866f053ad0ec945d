"""Addresses, codes and sessions that still count."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cardwright.authentication.domain import (
    CARDHOLDERS,
    CODE_LIFETIME,
    FACTOR_PATIENCE,
    MAX_CODE_ATTEMPTS,
    STAFF,
    AuthSession,
    Credentials,
    EmailVerification,
    Identity,
    Lifetime,
    Purpose,
    normalize_email,
)
from cardwright.authentication.letters import Letter
from cardwright.core.errors import Invalid

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
SECOND = timedelta(seconds=1)


@pytest.mark.parametrize(
    "text", ["ada@example.com", "a.b+c@sub.example.co.uk", "O'Brien@example.org", "x_y@xn--bcher-kva.example"]
)
def test_ordinary_addresses_are_accepted_in_lower_case(text: str) -> None:
    assert normalize_email(text) == text.lower()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "ada",
        "@example.com",
        "ada@",
        "ada@localhost",
        "ada@example..com",
        ".ada@example.com",
        "a..b@example.com",
        "ada@-example.com",
        "ada lovelace@example.com",
        "ada@example.com\n",
        "ada@example.com\r\nBcc: eve@example.com",
        "ada@exam\u00adple.com",
        "ada@example.com,eve@example.com",
        "Ada <ada@example.com>",
        "ada\x00@example.com",
        "ada@ex\u0430mple.com",
        "a" * 65 + "@example.com",
        "a@" + "b" * 63 + "." + "c" * 63 + "." + "d" * 63 + "." + "e" * 63 + ".com",
    ],
)
def test_what_is_no_plain_address_is_refused(text: str) -> None:
    with pytest.raises(Invalid, match="e-mail"):
        normalize_email(text)


@given(st.emails())
def test_normalizing_twice_changes_nothing_more(text: str) -> None:
    try:
        once = normalize_email(text)
    except Invalid:
        return
    assert normalize_email(once) == once == text.lower()


def test_a_code_counts_until_it_is_used_expired_or_tried_too_often() -> None:
    fresh = EmailVerification(
        "verif_1", "reg_1", "user_1", Purpose.EMAIL_ADDRESS, NOW + CODE_LIFETIME, "$argon2id$pending"
    )
    assert fresh.is_open(NOW)
    assert fresh.is_open(NOW + CODE_LIFETIME - SECOND)
    assert not fresh.is_open(NOW + CODE_LIFETIME)
    assert not replace(fresh, attempts=1, used_at=NOW).is_open(NOW)
    assert replace(fresh, attempts=MAX_CODE_ATTEMPTS - 1).is_open(NOW)
    assert not replace(fresh, attempts=MAX_CODE_ATTEMPTS).is_open(NOW)
    assert "argon2id" not in repr(fresh)


def a_session() -> AuthSession:
    return AuthSession("ses_1", "user_1", "prog_1", None, NOW, NOW, NOW + timedelta(days=30), "digest")


@pytest.mark.parametrize("lifetime", [CARDHOLDERS, STAFF])
def test_a_session_is_alive_until_it_expires_or_lies_unused(lifetime: Lifetime) -> None:
    fresh = a_session()
    assert fresh.is_alive(NOW + lifetime.idle - SECOND, lifetime)
    assert not fresh.is_alive(NOW + lifetime.idle, lifetime)
    end = NOW + lifetime.absolute
    in_use = replace(fresh, last_seen_at=end - SECOND)
    assert in_use.is_alive(end - SECOND, lifetime)
    assert not in_use.is_alive(end, lifetime)
    assert not replace(in_use, expires_at=NOW + SECOND).is_alive(NOW + SECOND, lifetime)
    assert not replace(fresh, revoked_at=NOW).is_alive(NOW, lifetime)


def test_a_session_that_awaits_its_factor_does_not_wait_for_long() -> None:
    waiting = replace(a_session(), awaits_factor=True, last_seen_at=NOW + FACTOR_PATIENCE - SECOND)
    assert waiting.is_alive(NOW + FACTOR_PATIENCE - SECOND, CARDHOLDERS)
    assert not waiting.is_alive(NOW + FACTOR_PATIENCE, CARDHOLDERS)


def test_staff_sessions_are_as_short_as_card_schemes_ask_for() -> None:
    assert timedelta(minutes=15) >= STAFF.idle
    assert timedelta(hours=12) >= STAFF.absolute


def test_no_secret_shows_in_a_repr() -> None:
    identity = Identity("user_1", "prog_1", "ada@example.com", None, NOW)
    shown = repr(
        [Credentials(identity, "$argon2id$secret"), Letter("ada@example.com", {"code": "123456"}, NOW)]
    )
    assert "argon2id" not in shown
    assert "123456" not in shown
