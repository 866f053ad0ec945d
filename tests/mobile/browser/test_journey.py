"""Somebody's first day with the app, against the real stack: from signing in to a dispute."""

from uuid import uuid4

import httpx
import pytest
from playwright.sync_api import expect

from cardwright.demo.stack import Addresses
from mobile.browser.handset import Handset
from web.holder import Holder
from web.outside import Outside, eventually

SOON_MS = 2_000


@pytest.fixture
def holder(stack: Addresses, outside: Outside) -> Holder:
    """Somebody with money and a card, who has not seen the app yet."""
    made = Holder(stack.api, outside, f"grace-{uuid4().hex[:8]}@people.example")
    made.sign_up()
    made.prove_identity()
    made.add_money(120_00)
    return made


@pytest.fixture(scope="module", autouse=True)
def templates(stack: Addresses, outside: Outside) -> None:
    """What cards are made from."""
    analyst = Holder(stack.api, outside, "analyst@cardwright.example")
    analyst.sign_in(stack.staff_password)
    limits = [{"window": "month", "amount": 80_00}]
    analyst.call(
        "POST", "/v1/card-templates", {"name": "Groceries", "description": "Food.", "limits": limits}
    )


def test_from_signing_in_to_a_dispute(handset: Handset, holder: Holder, outside: Outside) -> None:
    handset.open()
    handset.sign_in(holder)
    handset.sees("balance", "$120.00")
    handset.sees("held", "Nothing held")

    handset.tap("first-card")
    handset.button("^Groceries").click()
    handset.tap("create")
    handset.sees("face", "Active")
    [card] = holder.call("GET", "/v1/cards")["data"]
    card_id = card["id"]
    handset.back()
    expect(handset.button("^Groceries, ending [0-9]{4}, Active")).to_be_attached()

    paid = outside.pay(card_id, "corner-cafe", 12_40)
    # Nobody loads the page again: it comes by itself, while the shop still says thank you.
    expect(handset.button(r"Corner Cafe, \$12\.40, Pending")).to_be_attached(timeout=SOON_MS)
    handset.sees("balance", "$107.60")
    handset.sees("held", "$12.40 held")

    handset.piece(f"card-{card_id}").click()
    handset.piece("freeze").click()
    handset.sees("face", "Frozen")
    assert holder.call("GET", f"/v1/cards/{card_id}")["state"] == "frozen"
    outside.pay(card_id, "pine-books", 5_00)
    handset.choose(r"Pine Street Books, \$5\.00, Declined")
    handset.sees("reason", "The card is frozen.")
    handset.sees("element-1", "Authorization")
    handset.back()
    handset.piece("freeze").click()
    handset.sees("face", "Active")
    assert holder.call("GET", f"/v1/cards/{card_id}")["state"] == "active"

    recovery_codes = holder.use_second_factor()
    outside.ask_for_approval(card_id, "green-basket", "31.00")
    handset.sees("purchase", "$31.00")
    handset.tap("approve")
    handset.prove(holder, recovery_codes[0])
    challenges = "/v1/challenges"
    eventually("the approval", lambda: holder.call("GET", challenges)["data"][0]["decision"] == "approved")
    handset.does_not_see("waiting")

    outside.clear(paid["id"], 12_40)
    handset.choose(r"Corner Cafe, \$12\.40, Settled")
    handset.tap("dispute")
    handset.tap("reason-fraud")
    handset.type("field-explanation", "I was in bed with a cold on that day.")
    handset.tap("hand-in")
    handset.sees("dispute-state", "With the network")
    [dispute] = holder.call("GET", "/v1/disputes")["data"]
    assert (dispute["reason"], dispute["state"], dispute["amount"]) == ("fraud", "submitted", 12_40)


def test_the_device_stays_signed_in_until_somebody_signs_out(handset: Handset, holder: Holder) -> None:
    handset.open()
    handset.sign_in(holder)
    handset.sees("balance", "$120.00")
    handset.open("/settings")
    handset.piece("language-de").click()
    expect(handset.piece("sign-out")).to_contain_text("Abmelden")
    handset.piece("sign-out").get_by_role("button").click()
    expect(handset.piece("sign-in")).to_be_attached()
    handset.open()
    expect(handset.piece("sign-in")).to_be_attached()


def test_the_page_takes_nothing_from_elsewhere_and_lends_nothing(served: str) -> None:
    headers = httpx.get(served, timeout=10).headers
    policy = headers["content-security-policy"]
    assert "http:" not in policy
    assert "https:" not in policy
    assert "frame-ancestors 'none'" in policy
    assert "access-control-allow-origin" not in headers
