"""What an API key may be given, and until when it counts."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from cardwright.access import Role, permissions_of
from cardwright.api_keys.domain import KEPT_FROM_KEYS, ApiKey, ensure_lifetime, ensure_scopes
from cardwright.core.errors import Conflict, Forbidden, Invalid

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
KEY = ApiKey(
    "key_1", "prog_1", "user_1", "Export", frozenset({"cards.read"}), "hash", NOW, NOW + timedelta(days=1)
)


@pytest.mark.parametrize(
    ("lifetime", "is_fine"),
    [
        (timedelta(0), False),
        (timedelta(seconds=-1), False),
        (timedelta(seconds=1), True),
        (timedelta(days=365), True),
        (timedelta(days=365, seconds=1), False),
    ],
)
def test_a_key_ends_within_a_year(lifetime: timedelta, *, is_fine: bool) -> None:
    if is_fine:
        ensure_lifetime(NOW + lifetime, NOW)
    else:
        with pytest.raises(Invalid):
            ensure_lifetime(NOW + lifetime, NOW)


def test_a_key_counts_until_it_expires_or_is_revoked() -> None:
    assert KEY.is_alive(NOW)
    assert KEY.is_alive(KEY.expires_at - timedelta(microseconds=1))
    assert not KEY.is_alive(KEY.expires_at)
    assert not replace(KEY, revoked_at=NOW).is_alive(NOW)


def test_a_use_is_noted_once_a_minute() -> None:
    assert KEY.is_use_worth_noting(NOW)
    used = replace(KEY, last_used_at=NOW)
    assert not used.is_use_worth_noting(NOW + timedelta(seconds=59))
    assert used.is_use_worth_noting(NOW + timedelta(seconds=60))


def test_nobody_gives_a_key_what_they_have_not_themselves() -> None:
    permitted = permissions_of([Role.DEVELOPER])
    ensure_scopes({"account.read", "api_keys.read"}, permitted)
    with pytest.raises(Forbidden) as refused:
        ensure_scopes({"account.read", "cards.read", "rules.write"}, permitted)
    assert refused.value.details == {"scopes": ["cards.read", "rules.write"]}


@pytest.mark.parametrize("kept", sorted(KEPT_FROM_KEYS))
def test_no_key_can_make_itself_successors_or_change_how_its_owner_signs_in(kept: str) -> None:
    with pytest.raises(Forbidden):
        ensure_scopes({kept}, permissions_of([Role.ADMINISTRATOR]))


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"revoked_at": NOW}, "api_key_ended"),
        ({"expires_at": NOW}, "api_key_ended"),
        ({"replaced_by": "key_2"}, "api_key_replaced"),
    ],
)
def test_what_ended_or_was_replaced_has_no_further_successor(change: dict[str, object], code: str) -> None:
    KEY.ensure_replaceable(NOW)
    with pytest.raises(Conflict) as refused:
        replace(KEY, **change).ensure_replaceable(NOW)  # type: ignore[arg-type]
    assert refused.value.code == code


def test_the_hash_is_not_part_of_how_a_key_is_printed() -> None:
    assert "hash" not in repr(KEY)
