"""The page of budgets says what the code does."""

from dataclasses import fields
from pathlib import Path

import pytest

from cardwright.authentication import locks
from cardwright.authentication.hashing import MOST_WAITING, THREADS
from cardwright.authentication.limits import AuthLimits, Budget
from cardwright.cards import reveals
from cardwright.settings import SmsSettings
from cardwright.users import sms_budgets

PAGE = (Path(__file__).parents[3] / "docs" / "budgets.md").read_text()
USUAL = AuthLimits()
PLAIN = [it.name for it in fields(USUAL) if isinstance(getattr(USUAL, it.name), Budget)]


@pytest.mark.parametrize("name", PLAIN)
def test_every_budget_has_its_row(name: str) -> None:
    budget: Budget = getattr(USUAL, name)
    assert f"| {name} | {budget.per_client} | {budget.per_address} | {budget.when_away} |" in PAGE


def test_the_budgets_of_signing_in_have_their_rows() -> None:
    budget = USUAL.sign_in
    for who, limit in (
        ("one client, all addresses", budget.per_client),
        ("one client, one address", budget.per_pair),
        ("all strangers together, one address", budget.per_address),
        ("one known device, its address", budget.per_device),
    ):
        assert f"| {who} | {limit} | {budget.when_away} |" in PAGE


def test_the_budgets_of_text_messages_have_their_rows() -> None:
    for what, limit in (
        ("one client", sms_budgets.PER_CLIENT),
        ("one person", sms_budgets.PER_PERSON),
        ("one number", sms_budgets.PER_TARGET),
        ("one block of 10,000 numbers", sms_budgets.PER_PREFIX),
    ):
        assert f"| {what} | {limit} | refuse |" in PAGE
    assert f"| tries of codes of one person | {sms_budgets.CONFIRMATIONS} | local |" in PAGE
    assert f"`sms.most_per_day`, {SmsSettings().most_per_day:,} | refuse" in PAGE


def test_the_budgets_of_seeing_a_number_have_their_rows() -> None:
    for whose, limit in (("holder", reveals.PER_HOLDER), ("card", reveals.PER_CARD)):
        assert f"| grants and ephemeral keys of one {whose} | {limit} | local |" in PAGE


def test_what_is_counted_in_the_database_and_in_the_process_is_said() -> None:
    minutes = int(locks.LOCK.total_seconds()) // 60
    assert f"| {locks.MOST_ATTEMPTS}, then locked for {minutes} minutes" in PAGE
    assert f"| {THREADS} at once, {MOST_WAITING} waiting," in PAGE
