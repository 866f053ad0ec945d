"""Rates follow from the amounts that the network told, whatever the currencies' decimals."""

from datetime import UTC, datetime

import pytest

from cardwright.payments.domain import Element, ElementKind
from cardwright.payments.exchange import exchange_rate


def _spent(amount: int, merchant_amount: int | None, merchant_currency: str | None) -> Element:
    return Element(
        1, ElementKind.CLEARING, amount, "c", datetime(2026, 1, 1, tzinfo=UTC),
        merchant_amount=merchant_amount, merchant_currency=merchant_currency,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("amount", "merchant_amount", "merchant_currency", "rate"),
    [
        (33_00, 30_00, "EUR", "1.1"),
        (65_12, 10_000, "JPY", "0.006512"),
        (32_58, 10_000, "KWD", "3.258"),
        (10_00, 30_00, "EUR", "0.33333333"),
        (1_00_00, 3_00, "EUR", "33.333333"),
        (0, 30_00, "EUR", "0"),
    ],
)
def test_a_rate_is_units_for_units(
    amount: int, merchant_amount: int, merchant_currency: str, rate: str
) -> None:
    assert exchange_rate(_spent(amount, merchant_amount, merchant_currency), "USD") == rate


@pytest.mark.parametrize(
    ("merchant_amount", "merchant_currency"), [(30_00, "USD"), (None, None), (0, "EUR"), (30_00, "QQQ")]
)
def test_there_is_no_rate_where_nothing_was_exchanged(
    merchant_amount: int | None, merchant_currency: str | None
) -> None:
    assert exchange_rate(_spent(30_00, merchant_amount, merchant_currency), "USD") is None
