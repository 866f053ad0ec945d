"""What somebody who is signed in finds: factors, filters, notes, the keyboard, other people's things."""

import re
from pathlib import Path

import pyotp
from playwright.sync_api import BrowserContext, Page, expect

from cardwright.demo.stack import Addresses
from web.conftest import enter
from web.holder import PASSWORD, Holder
from web.watched import Watched


def test_an_authenticator_app_is_added_and_asked_for_at_the_next_sign_in(
    page: Page, newcomer: Holder, context: BrowserContext, stack: Addresses, watched: Watched
) -> None:
    # What a page still asks for while its session ends.
    watched.expect(401, "GET", "/v1/")
    newcomer.sign_up()
    enter(context, newcomer, stack)
    page.goto("/security")
    page.get_by_role("button", name="Set it up").click()
    secret = page.get_by_text(re.compile("^[A-Z2-7]{16,}$")).inner_text()
    page.get_by_role("textbox").first.click()
    page.keyboard.type(pyotp.TOTP(secret).now())
    expect(page.get_by_role("dialog", name="Keep these codes somewhere safe")).to_be_visible()
    code = page.get_by_role("dialog").get_by_role("listitem").first.inner_text()
    page.get_by_role("button", name="I have kept them").click()
    page.get_by_role("button", name="Your account").first.click()
    page.get_by_role("menuitem", name="Sign out").click()
    page.get_by_label("E-mail address").fill(newcomer.email)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", name="One more step")).to_be_visible()
    page.get_by_role("button", name="Use a recovery code").click()
    page.get_by_label("Recovery code").fill(code)
    page.get_by_role("button", name="Confirm").click()
    expect(page.get_by_role("heading", level=1, name="Home")).to_be_visible()


def test_a_number_is_not_shown_without_a_second_factor(
    page: Page, settled_in: Holder, context: BrowserContext, stack: Addresses, watched: Watched
) -> None:
    watched.expect(403, "POST", "/v1/cards/")
    enter(context, settled_in, stack)
    page.goto("/cards")
    page.get_by_role("link", name=re.compile("Everyday")).click()
    page.get_by_role("button", name="Show the number").click()
    expect(page.get_by_role("dialog", name="Add an authenticator app first")).to_be_visible()


def test_payments_are_found_by_words_and_by_state(
    page: Page, settled_in: Holder, context: BrowserContext, stack: Addresses
) -> None:
    enter(context, settled_in, stack)
    page.goto("/activity")
    rows = page.get_by_role("list", name="Payments").get_by_role("link")
    expect(rows).to_have_count(4)
    page.get_by_label("Search merchants and notes").fill("corner")
    expect(rows).to_have_count(1)
    expect(page).to_have_url(re.compile(r"text=corner"))
    page.get_by_label("Search merchants and notes").fill("nowhere at all")
    expect(page.get_by_text("Nothing fits")).to_be_visible()
    page.get_by_role("button", name="Clear the filters").click()
    expect(rows).to_have_count(4)
    page.get_by_role("combobox", name="State").click()
    page.get_by_role("option", name="Declined").click()
    expect(rows).to_have_count(1)


def test_a_payment_keeps_a_note_and_a_receipt(
    page: Page, settled_in: Holder, context: BrowserContext, stack: Addresses, tmp_path: Path
) -> None:
    enter(context, settled_in, stack)
    page.goto("/activity?text=green")
    page.get_by_role("link", name=re.compile("Green Basket")).click()
    page.get_by_role("textbox", name="Note").fill("For the <b>party</b> & more")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("The note is saved.")).to_be_visible()
    receipt = tmp_path / "lunch.pdf"
    receipt.write_bytes(b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n")
    page.locator("input[type=file]").set_input_files(receipt)
    link = page.get_by_role("link", name="Download lunch.pdf")
    expect(link).to_be_visible()
    with page.expect_download() as download:
        link.click()
    assert Path(download.value.path()).read_bytes().startswith(b"%PDF")
    page.reload()
    expect(page.get_by_role("textbox", name="Note")).to_have_value("For the <b>party</b> & more")


def test_a_session_that_ends_elsewhere_leads_to_the_sign_in_and_back(
    page: Page, newcomer: Holder, context: BrowserContext, stack: Addresses, watched: Watched
) -> None:
    watched.expect(401, "GET", "/v1/")
    newcomer.sign_up()
    enter(context, newcomer, stack)
    page.goto("/activity")
    expect(page.get_by_text("No payments yet")).to_be_visible()
    newcomer.call("POST", "/v1/auth/sign-out")
    page.get_by_label("Search merchants and notes").fill("anything")
    expect(page.get_by_role("heading", name="Welcome back")).to_be_visible()
    page.get_by_label("E-mail address").fill(newcomer.email)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", level=1, name="Activity")).to_be_visible()


def test_the_keyboard_reaches_the_content_and_every_place(
    page: Page, settled_in: Holder, context: BrowserContext, stack: Addresses
) -> None:
    enter(context, settled_in, stack)
    page.goto("/")
    expect(page.get_by_test_id("big-money")).to_be_visible()
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#content")).to_be_focused()
    page.keyboard.press("Control+k")
    expect(page.get_by_label("Search or jump to").last).to_be_focused()
    page.keyboard.type("inbox")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1, name="Inbox")).to_be_visible()
    expect(page).to_have_title("Inbox · Cardwright")


def test_somebody_elses_card_and_an_unknown_page_are_told_apart_from_failures(
    page: Page, newcomer: Holder, settled_in: Holder, context: BrowserContext, stack: Addresses,
    watched: Watched,
) -> None:  # fmt: skip
    card_id = settled_in.call("GET", "/v1/cards")["data"][0]["id"]
    watched.expect(404, "GET", f"/v1/cards/{card_id}")
    newcomer.sign_up()
    enter(context, newcomer, stack)
    page.goto(f"/cards/{card_id}")
    expect(page.get_by_role("heading", name="This is not yours to see")).to_be_visible()
    page.goto("/no-such-page")
    expect(page.get_by_role("heading", name="There is no such page")).to_be_visible()


def test_the_language_is_kept_and_arabic_reads_from_the_right(
    page: Page, settled_in: Holder, context: BrowserContext, stack: Addresses
) -> None:
    enter(context, settled_in, stack)
    page.goto("/")
    page.get_by_role("button", name="Your account").first.click()
    page.get_by_text("Deutsch").click()
    expect(page.get_by_role("heading", name="Ihre Karten")).to_be_visible()
    page.get_by_text("العربية").click()
    expect(page.locator("html")).to_have_attribute("dir", "rtl")
    page.reload()
    expect(page.locator("html")).to_have_attribute("lang", "ar")
    expect(page.get_by_role("heading", name="بطاقاتك")).to_be_visible()
