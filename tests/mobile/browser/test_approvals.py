"""Somebody is asked while they look at something else, and answers where they are."""

import re
from uuid import uuid4

import pytest
from playwright.sync_api import expect

from cardwright.demo.stack import Addresses
from mobile.browser.handset import Handset
from web.holder import Holder
from web.outside import Outside, eventually


@pytest.fixture
def holder(stack: Addresses, outside: Outside) -> Holder:
    """Somebody with money and a card, and no second factor yet."""
    made = Holder(stack.api, outside, f"hedy-{uuid4().hex[:8]}@people.example")
    made.sign_up()
    made.prove_identity()
    made.add_money(60_00)
    return made


def state_of_the_last(holder: Holder) -> str:
    return str(holder.call("GET", "/v1/challenges")["data"][0]["state"])


def test_a_shop_is_answered_from_any_screen_with_a_factor_where_that_takes_one(
    handset: Handset, holder: Holder, outside: Outside
) -> None:
    card_id = holder.create_card("Everyday")
    handset.open()
    handset.sign_in(holder)
    handset.tab(1)
    at_activity = handset.page.get_by_role("heading", name="Activity")
    expect(at_activity).to_be_attached()

    outside.ask_for_approval(card_id, "corner-cafe", "7.50")
    handset.sees("purchase", "$7.50, Corner Cafe, Everyday")
    expect(handset.piece("time-left")).to_have_text(re.compile(r"^\d:\d\d left$"))
    handset.tap("refuse")
    handset.does_not_see("waiting")
    eventually("the refusal", lambda: state_of_the_last(holder) == "refused")

    # Nobody approves by a password alone.
    outside.ask_for_approval(card_id, "pine-books", "9.00")
    handset.sees("purchase", "$9.00")
    handset.tap("approve")
    handset.sees("told", "passkey or an authenticator app")
    recovery_codes = holder.use_second_factor()
    handset.tap("approve")
    handset.prove(holder, recovery_codes[0])
    handset.does_not_see("waiting")
    eventually("the approval", lambda: state_of_the_last(holder) == "approved")
    expect(at_activity).to_be_attached()  # where they were before
