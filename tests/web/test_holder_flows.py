"""What a cardholder does beside paying: answers, disputes, money out, messages, sessions, webhooks."""

import re
from pathlib import Path
from uuid import uuid4

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from cardwright.demo.stack import Addresses
from web.conftest import enter
from web.holder import PASSWORD, Holder
from web.outside import Outside, eventually

PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"


@pytest.fixture(scope="module")
def busy(stack: Addresses, outside: Outside) -> Holder:
    """Somebody with a factor, money, a card and a purchase that was charged."""
    holder = Holder(stack.api, outside, f"mary-{uuid4().hex[:8]}@people.example")
    holder.sign_up()
    holder.use_second_factor()
    holder.prove_identity()
    holder.add_money(200_00)
    card = holder.create_card("Everyday")
    outside.clear(outside.pay(card, "green-basket", 42_80)["id"], 42_80)
    eventually("the charge", lambda: holder.call("GET", "/v1/payments")["data"][0]["posted"])
    return holder


@pytest.fixture
def hers(page: Page, busy: Holder, context: BrowserContext, stack: Addresses) -> Page:
    enter(context, busy, stack)
    return page


def card_of(holder: Holder) -> str:
    return str(holder.call("GET", "/v1/cards")["data"][0]["id"])


def test_a_purchase_that_waits_appears_over_the_page_and_is_answered(
    hers: Page, busy: Holder, outside: Outside
) -> None:
    hers.goto("/cards")
    expect(hers.get_by_role("heading", level=1, name="Cards")).to_be_visible()
    outside.ask_for_approval(card_of(busy), "corner-cafe", "7.50")
    banner = hers.get_by_role("complementary", name="Waiting for your answer")
    expect(banner.get_by_text("A shop wants your approval")).to_be_visible()
    banner.get_by_role("button", name="Approve").click()
    expect(hers.get_by_text("Approved. The shop goes on.")).to_be_visible()
    expect(banner).to_have_count(0)
    hers.goto("/approvals")
    expect(hers.get_by_text("Nothing waits for you")).to_be_visible()
    outside.ask_for_approval(card_of(busy), "corner-cafe", "9.00")
    hers.get_by_role("button", name="It is not me: refuse and report").click()
    expect(hers.get_by_text("Reported as fraud")).to_be_visible()
    busy.call("POST", f"/v1/cards/{card_of(busy)}/unfreeze")


def test_a_dispute_is_told_shown_left_found_again_and_handed_in(hers: Page, tmp_path: Path) -> None:
    hers.goto("/activity?text=green")
    hers.get_by_role("link", name=re.compile("Green Basket")).click()
    hers.get_by_role("link", name="Dispute this payment").click()
    hers.get_by_role("button", name=re.compile("^I did not pay this")).click()
    hers.get_by_label("What happened").fill("I was in bed with a cold on that day.")
    hers.get_by_role("button", name="Save for later").click()
    expect(hers.get_by_text("The draft is saved.")).to_be_visible()
    letter = tmp_path / "letter.pdf"
    letter.write_bytes(PDF)
    hers.locator("input[type=file]").set_input_files(letter)
    expect(hers.get_by_role("link", name="Download: Documentation")).to_be_visible()
    hers.goto("/disputes")
    hers.get_by_role("link", name=re.compile("Draft")).click()
    expect(hers.get_by_label("What happened")).to_have_value("I was in bed with a cold on that day.")
    hers.get_by_role("button", name="Hand it in").click()
    expect(hers.get_by_test_id("dispute")).to_have_attribute("data-state", "submitted")
    expect(hers.get_by_text("Handed in", exact=True)).to_be_visible()
    hers.get_by_role("link", name="See the payment").click()
    expect(hers.get_by_role("link", name="Your dispute is with the network")).to_be_visible()


def test_a_card_is_renamed_limited_locked_and_opened_for_a_quarter_of_an_hour(
    hers: Page, busy: Holder
) -> None:
    hers.goto(f"/cards/{card_of(busy)}")
    hers.get_by_role("button", name="Name and colour").click()
    hers.get_by_label("Name of the card").fill("Daily things")
    hers.get_by_role("button", name="Save").click()
    expect(hers.get_by_role("heading", level=1, name="Daily things")).to_be_visible()
    hers.get_by_role("button", name="Change the limits").click()
    hers.get_by_label("Each day").fill("90")
    hers.get_by_role("button", name="Save").click()
    expect(hers.get_by_role("meter", name="Each day")).to_be_visible()
    pick(hers, "green")
    hers.get_by_role("button", name="Lock to this merchant").click()
    expect(hers.get_by_text("Only at this merchant")).to_be_visible()
    pick(hers, "green")
    hers.get_by_role("button", name="Allow for 15 minutes").click()
    expect(hers.get_by_text("Let through for now")).to_be_visible()
    hers.get_by_role("button", name="End now").click()
    expect(hers.get_by_text("Let through for now")).to_have_count(0)
    hers.get_by_role("button", name="Unlock").click()
    expect(hers.get_by_text("At any merchant.")).to_be_visible()


def pick(page: Page, letters: str) -> None:
    page.get_by_role("combobox", name="Merchant").fill(letters)
    page.get_by_role("option").first.click()


def test_money_is_taken_out_and_the_month_is_kept_as_a_file(hers: Page) -> None:
    hers.goto("/money/withdraw")
    hers.get_by_label("Amount").fill("5")
    hers.get_by_role("button", name="Take out $5").click()
    expect(hers.get_by_role("heading", name="$5.00 is on its way to your bank")).to_be_visible()
    hers.get_by_role("link", name="Back to your money").click()
    expect(hers.get_by_role("list", name="Movements").get_by_role("listitem").first).to_be_visible()
    for kind, begins in (("PDF", b"%PDF"), ("CSV", b""), ("JSON", b"{")):
        hers.get_by_role("button", name="Download").click()
        with hers.expect_download() as download:
            hers.get_by_role("menuitem", name=kind).click()
        assert Path(download.value.path()).read_bytes().startswith(begins)


def test_the_inbox_is_read_and_choices_are_kept(hers: Page, outside: Outside) -> None:
    outside.lend_push_service(hers)
    hers.goto("/inbox")
    hers.get_by_role("button", name="Mark all as read").click()
    expect(hers.get_by_text(re.compile("unread message"))).to_have_count(0)
    hers.get_by_role("link", name="What to tell me").click()
    hers.get_by_role("switch", name="Quiet hours").click(force=True)
    expect(hers.get_by_label("From")).to_have_value("22:00")
    hers.reload()
    expect(hers.get_by_label("From")).to_have_value("22:00")
    hers.get_by_role("switch", name="Push in this browser").click(force=True)
    expect(hers.get_by_role("switch", name="Push in this browser")).to_be_checked()
    workers = hers.evaluate("navigator.serviceWorker.getRegistrations().then(all => all.length)")
    assert workers == 1, "the page's policy lets the one worker in"


def test_all_other_sessions_are_ended_at_once(
    page: Page, newcomer: Holder, context: BrowserContext, stack: Addresses
) -> None:
    newcomer.sign_up()
    # In another browser: where one is signed in already, the old session would end.
    newcomer.secret = ""
    newcomer.sign_in(PASSWORD)
    enter(context, newcomer, stack)
    page.goto("/security")
    page.get_by_role("button", name="Sign out all others").click()
    expect(page.get_by_text("All other sessions are ended.")).to_be_visible()
    expect(page.get_by_text("This browser")).to_be_visible()


def test_an_endpoint_is_made_tried_and_its_secret_shown_once(hers: Page, stack: Addresses) -> None:
    hers.goto("/developers")
    hers.get_by_label("Address").fill(f"{stack.simulator}/_sim/receivers/nowhere")
    hers.get_by_role("button", name="Create the endpoint").click()
    expect(hers.get_by_test_id("secret")).to_have_text(re.compile("^whsec_"))
    hers.get_by_role("button", name="I have kept it").click()
    hers.get_by_role("button", name="Send a test event").click()
    expect(hers.get_by_text(re.compile("attempt")).first).to_be_visible()
    hers.get_by_role("tab", name="Events").click()
    expect(hers.get_by_text("payments.payment_cleared").first).to_be_visible()


def test_what_is_paid_at_the_made_up_shop_arrives_in_the_app(hers: Page, busy: Holder) -> None:
    card_id = card_of(busy)
    hers.goto(f"/cards/{card_id}")
    with hers.expect_popup() as opened:
        hers.get_by_role("link", name="Pay at a made-up shop").click()
    shop = opened.value
    shop.get_by_text("Corner Cafe").click()
    shop.get_by_role("button", name="Pay", exact=True).click()
    expect(shop).to_have_url(re.compile("/pay/iauth"))
    shop.close()
    expect(hers.get_by_role("link", name=re.compile(r"Corner Cafe.*\$12\.50"))).to_be_visible()
