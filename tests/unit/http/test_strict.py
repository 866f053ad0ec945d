"""JSON that two parsers could read in two ways is refused, and money is a whole number and nothing else."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, TypeAdapter, ValidationError

from cardwright.core.errors import Malformed
from cardwright.core.money import MAX_MINOR_UNITS
from cardwright.http.strict import Amount, CurrencyCode, Id, Input, Instant, StrictRequest

HALF_A_PAIR = b'"\\ud800"'


async def parse(body: bytes) -> Any:
    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": body, "more_body": False}

    return await StrictRequest({"type": "http", "headers": [], "method": "POST"}, receive).json()


json_texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"))
json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**30), 10**30) | json_texts,
    lambda inner: st.lists(inner) | st.dictionaries(json_texts, inner),
)


@given(json_values)
async def test_whatever_is_json_is_read_as_it_is(value: Any) -> None:
    assert await parse(json.dumps(value).encode()) == value
    assert await parse(json.dumps(value, ensure_ascii=False).encode()) == value


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b'{"a":1,"a":1}', "json_duplicate_key"),
        (b'[{"b":{"a":1,"\\u0061":2}}]', "json_duplicate_key"),
        (b'{"a":NaN}', "json_invalid"),
        (b"[Infinity]", "json_invalid"),
        (b"-Infinity", "json_invalid"),
        (b"{", "json_invalid"),
        (b"", "json_invalid"),
        (b"{'a':1}", "json_invalid"),
        (b'{"a":1,}', "json_invalid"),
        (b'{"a":01}', "json_invalid"),
        (b'{"a":1}{', "json_invalid"),
        (b'"\xff"', "json_invalid"),
        ('{"a":1}'.encode("utf-16"), "json_invalid"),
        (b'\xef\xbb\xbf{"a":1}', "json_invalid"),
        (b'{"a":"b\\u0000c"}', "json_invalid"),
        (b'{"b\\u0000":1}', "json_invalid"),
        (b'[["\\u0000"]]', "json_invalid"),
        (b'{"a":"b\0c"}', "json_invalid"),
        (HALF_A_PAIR, "json_invalid"),
        (b"{" + HALF_A_PAIR + b":1}", "json_invalid"),
        (b"1" * 5_000, "json_invalid"),
        (b"[" * 100_000, "json_invalid"),
        (b"[" * 20_000 + b"]" * 20_000, "json_invalid"),
    ],
    ids=range(23),
)
async def test_anything_else_is_malformed(body: bytes, code: str) -> None:
    with pytest.raises(Malformed) as refused:
        await parse(body)
    assert refused.value.code == code


async def test_a_malformed_body_is_located_and_not_repeated() -> None:
    with pytest.raises(Malformed) as refused:
        await parse(b'{"password": "hunter2", oops}')
    assert refused.value.details == {"position": 24}
    assert "hunter2" not in refused.value.message


@pytest.mark.parametrize("amount", [1, 2_500, MAX_MINOR_UNITS])
def test_a_whole_positive_number_is_an_amount(amount: int) -> None:
    assert TypeAdapter(Amount).validate_python(amount) == amount


@pytest.mark.parametrize("amount", [0, -1, 1.0, 1.5, True, "1", None, [], {}, MAX_MINOR_UNITS + 1, 10**40])
def test_nothing_else_is(amount: Any) -> None:
    with pytest.raises(ValidationError):
        TypeAdapter(Amount).validate_python(amount)


@pytest.mark.parametrize("code", ["usd", "US", "USDD", "", "USD\n", " USD", 840, None, b"USD"])
def test_a_currency_is_three_capitals(code: Any) -> None:
    with pytest.raises(ValidationError):
        TypeAdapter(CurrencyCode).validate_python(code)


@pytest.mark.parametrize("text", ["card_1", "", 1, "card_01kb3x9p4fe8s8b9xkq5n2r7vt\n", "x" * 100])
def test_an_id_has_its_shape(text: Any) -> None:
    with pytest.raises(ValidationError):
        TypeAdapter(Id).validate_python(text)


@pytest.mark.parametrize(
    "text", ["2026-11-23T12:00:00Z", "2000-01-01T00:00:00+00:00", "2026-11-23T12:00:00+14:00"]
)
def test_an_instant_has_a_zone(text: str) -> None:
    assert TypeAdapter(Instant).validate_python(text).utcoffset() is not None


@pytest.mark.parametrize(
    "text",
    ["2026-11-23T12:00:00", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "1999-12-31T23:59:59Z"],
)
def test_an_instant_without_one_or_at_the_edge_of_the_calendar_is_none(text: str) -> None:
    with pytest.raises(ValidationError):
        TypeAdapter(Instant).validate_python(text)


class Order(Input):
    amount: Amount
    note: str = ""


@pytest.mark.parametrize("body", [{}, {"amount": 1, "more": 2}, {"amount": 1, "note": 2}, [], None, "amount"])
def test_a_body_has_what_it_needs_and_nothing_besides(body: Any) -> None:
    with pytest.raises(ValidationError):
        Order.model_validate(body)


def test_a_body_does_not_change_once_it_was_read() -> None:
    order: BaseModel = Order(amount=1)
    with pytest.raises(ValidationError):
        order.amount = 2  # type: ignore[attr-defined]
