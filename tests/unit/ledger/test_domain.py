"""An entry balances in one currency, and a debit that must happen is split without losing a unit."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cardwright.core.errors import CardwrightError
from cardwright.core.money import MAX_MINOR_UNITS
from cardwright.ledger.domain import CHART, Account, Posting, Side, ensure_balanced, split_debit
from cardwright.ledger.statements import TrialBalance, TrialBalanceLine

WALLET = Account("acct_1", "prog_1", "wallet", "user_1", "USD", posted_balance=500, held=200)
TRANSIT = Account("acct_2", "prog_1", "funding_in_transit", "prog_1", "USD", posted_balance=0, held=0)
amounts = st.integers(1, MAX_MINOR_UNITS)


def refusal(*lines: Posting) -> str | None:
    try:
        ensure_balanced(lines)
    except CardwrightError as error:
        return error.code
    return None


@given(st.lists(amounts, min_size=1, max_size=5))
def test_sides_that_add_up_to_the_same_are_balanced(parts: list[int]) -> None:
    whole = Posting(TRANSIT, Side.DEBIT, min(sum(parts), MAX_MINOR_UNITS))
    lines = [Posting(WALLET, Side.CREDIT, part) for part in parts]
    assert refusal(whole, *lines) == (None if sum(parts) <= MAX_MINOR_UNITS else "entry_unbalanced")


@pytest.mark.parametrize(
    ("lines", "code"),
    [
        ([], "entry_mixed_currency"),
        ([Posting(WALLET, Side.CREDIT, 5)], "entry_unbalanced"),
        ([Posting(WALLET, Side.CREDIT, 5), Posting(TRANSIT, Side.DEBIT, 6)], "entry_unbalanced"),
        ([Posting(WALLET, Side.CREDIT, 5), Posting(TRANSIT, Side.CREDIT, 5)], "entry_unbalanced"),
        ([Posting(WALLET, Side.CREDIT, 0), Posting(TRANSIT, Side.DEBIT, 0)], "entry_amount_invalid"),
        ([Posting(WALLET, Side.CREDIT, -5), Posting(TRANSIT, Side.DEBIT, -5)], "entry_amount_invalid"),
        (
            [Posting(WALLET, Side.CREDIT, 5), Posting(replace(TRANSIT, currency="EUR"), Side.DEBIT, 5)],
            "entry_mixed_currency",
        ),
        ([Posting(WALLET, Side.CREDIT, 10**16), Posting(TRANSIT, Side.DEBIT, 10**16)], "amount_invalid"),
        ([Posting(WALLET, Side.CREDIT, True), Posting(TRANSIT, Side.DEBIT, True)], "amount_invalid"),
    ],
)
def test_what_is_not_balanced_is_refused_by_name(lines: list[Posting], code: str) -> None:
    assert refusal(*lines) == code


@pytest.mark.parametrize("code", CHART)
def test_a_posting_on_the_normal_side_adds_and_on_the_other_takes_away(code: str) -> None:
    account = replace(WALLET, code=code)
    normal = CHART[code].normal_side
    other = Side.CREDIT if normal is Side.DEBIT else Side.DEBIT
    assert (Posting(account, normal, 7).change, Posting(account, other, 7).change) == (7, -7)


def test_only_the_accounts_of_cardholders_have_a_floor_and_a_running_balance() -> None:
    assert {code for code, of in CHART.items() if not of.shared} == {"wallet", "receivable"}
    assert all((of.floor is None) == of.shared for of in CHART.values())
    assert all(of.purpose.endswith(".") for of in CHART.values())


def test_what_is_held_is_not_available() -> None:
    assert WALLET.available_balance == 300


@given(amounts, st.integers(-MAX_MINOR_UNITS, MAX_MINOR_UNITS))
def test_a_split_loses_nothing_and_never_takes_more_than_there_is(amount: int, available: int) -> None:
    covered, owed = split_debit(amount, available)
    assert covered + owed == amount
    assert 0 <= covered <= max(0, available)
    assert owed >= 0
    assert owed == 0 or covered == max(0, available)


def test_a_trial_balance_tells_the_difference_of_each_currency() -> None:
    lines = (
        TrialBalanceLine("wallet", "EUR", 0, 5),
        TrialBalanceLine("funding_in_transit", "USD", 10, 0),
        TrialBalanceLine("wallet", "USD", 4, 13),
    )
    balance = TrialBalance(lines)
    assert [line.balance for line in lines] == [5, 10, 9]
    assert balance.difference == {"EUR": -5, "USD": 1}
    assert TrialBalance(()).difference == {}
