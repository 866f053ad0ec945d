"""Addresses of databases, and JSON that is the same every time it is written."""

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cardwright.core.sensitive import Sensitive
from cardwright.db.session import canonical_json, create_engine


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+asyncpg"])
def test_a_postgresql_address_is_taken_however_it_is_written(scheme: str) -> None:
    engine = create_engine(f"{scheme}://ada:hunter2@db.example:5433/cards")
    assert (engine.url.drivername, engine.url.host, engine.url.database) == (
        "postgresql+asyncpg", "db.example", "cards",
    )  # fmt: skip
    assert "hunter2" not in repr(engine)


@pytest.mark.parametrize(
    "url", ["", "db.example", "mysql://db.example", "sqlite:///cards.db", "redis://db.example"]
)
def test_any_other_address_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match="PostgreSQL"):
        create_engine(url)


members = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=10,
)


@given(st.dictionaries(st.text(max_size=3), members))
def test_the_order_of_keys_does_not_matter(value: dict[str, Any]) -> None:
    turned = dict(reversed(value.items()))
    assert canonical_json(turned) == canonical_json(value)


def test_instants_are_written_in_iso_8601_and_texts_as_they_are() -> None:
    at = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
    assert canonical_json({"b": "Zoë", "a": at}) == '{"a":"2026-11-23T12:00:00+00:00","b":"Zoë"}'


@pytest.mark.parametrize("value", [float("nan"), float("inf"), {1}, b"1", object(), Sensitive("hunter2")])
def test_what_is_not_json_is_refused(value: Any) -> None:
    with pytest.raises((TypeError, ValueError)) as refused:
        canonical_json({"value": value})
    assert "hunter2" not in str(refused.value)
