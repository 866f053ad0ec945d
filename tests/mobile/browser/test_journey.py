"""Somebody's first day with the app, against the real stack: from signing in to an explained decline."""

from uuid import uuid4

import httpx
import pytest
from playwright.sync_api import expect

from cardwright.demo.stack import Addresses
from mobile.browser.handset import Handset
from web.holder import Holder
from web.outside import Outside


@pytest.fixture
def holder(stack: Addresses, outside: Outside) -> Holder:
    """Somebody with money and a card, who has not seen the app yet."""
    made = Holder(stack.api, outside, f"grace-{uuid4().hex[:8]}@people.example")
    made.sign_up()
    made.prove_identity()
    made.add_money(120_00)
    return made


def test_from_signing_in_to_a_declined_payment_that_is_explained(
    handset: Handset, holder: Holder, outside: Outside
) -> None:
    card_id = holder.create_card("Everyday", limits=[{"window": "month", "amount": 80_00}])
    handset.open()
    handset.sign_in(holder)
    handset.sees("balance", "$120.00")
    handset.sees("held", "Nothing held")
    expect(handset.button("^Everyday, ending [0-9]{4}, Active")).to_be_attached()

    outside.pay(card_id, "corner-cafe", 12_40)
    # Nobody loads the page again: it comes by itself.
    expect(handset.button(r"Corner Cafe, \$12\.40, Pending")).to_be_attached()
    handset.sees("balance", "$107.60")
    handset.sees("held", "$12.40 held")

    handset.piece(f"card-{card_id}").click()
    handset.sees("limit-0", "$67.60 left")
    handset.piece("freeze").click()
    handset.sees("face", "Frozen")
    assert holder.call("GET", f"/v1/cards/{card_id}")["state"] == "frozen"

    outside.pay(card_id, "pine-books", 5_00)
    handset.button(r"Pine Street Books, \$5\.00, Declined").click()
    handset.sees("reason", "The card is frozen.")
    handset.sees("element-1", "Authorization")
    handset.back()

    handset.piece("freeze").click()
    handset.sees("face", "Active")
    assert holder.call("GET", f"/v1/cards/{card_id}")["state"] == "active"


def test_a_card_is_made_from_a_template(
    handset: Handset, holder: Holder, stack: Addresses, outside: Outside
) -> None:
    analyst = Holder(stack.api, outside, "analyst@cardwright.example")
    analyst.sign_in(stack.staff_password)
    name = f"Team lunch {uuid4().hex[:4]}"
    analyst.call("POST", "/v1/card-templates", {"name": name, "description": "For restaurants."})
    handset.open()
    handset.sign_in(holder)
    handset.piece("first-card").get_by_role("button").click()
    handset.button(f"^{name}").click()
    handset.piece("create").get_by_role("button").click()
    handset.sees("face", "Active")
    [card] = holder.call("GET", "/v1/cards")["data"]
    assert card["label"] == name


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
