"""A newcomer's whole way, against the real stack: from signing up to a decline that is explained."""

import re

from playwright.sync_api import Page, expect

from web.filling import fill_profile
from web.holder import PASSWORD, Holder
from web.outside import Outside
from web.watched import Watched


def test_from_signing_up_to_a_declined_payment_that_is_explained(
    page: Page, newcomer: Holder, outside: Outside
) -> None:
    sign_up(page, newcomer, outside)
    prove_identity(page, outside)
    top_up(page)
    card_id = create_card(page)
    see_a_payment_arrive(page, card_id, outside)
    freeze_and_read_why(page, card_id, outside)


def sign_up(page: Page, newcomer: Holder, outside: Outside) -> None:
    page.goto("/")
    expect(page).to_have_url(re.compile("/sign-in$"))
    page.get_by_role("link", name="Create an account").click()
    expect(page).to_have_title("Create your account · Cardwright")
    page.get_by_label("E-mail address").fill(newcomer.email)
    page.get_by_label("Password", exact=True).fill("too short")
    page.get_by_role("button", name="Create an account").click()
    expect(page.get_by_text("Use at least 15 characters.")).to_be_visible()
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Create an account").click()
    expect(page.get_by_role("heading", name="Enter the code")).to_be_visible()
    page.keyboard.type(outside.code(newcomer.email))
    page.get_by_role("link", name="Finish later").click()
    expect(page.get_by_role("heading", level=1, name="Home")).to_be_visible()
    expect(page.get_by_text("1 of 5 done")).to_be_visible()


def prove_identity(page: Page, outside: Outside) -> None:
    page.get_by_role("link", name="Identity", exact=True).first.click()
    fill_profile(page)
    page.get_by_role("button", name="Begin").click()
    address = page.get_by_role("link", name="Show your documents").get_attribute("href")
    outside.hand_in_documents(str(address))
    expect(page.get_by_text("You are verified. There is nothing to do.")).to_be_visible()


def top_up(page: Page) -> None:
    page.get_by_role("link", name="Home").first.click()
    page.get_by_role("link", name="Add money").last.click()
    page.get_by_label("Amount").fill("120")
    page.get_by_role("radio", name=re.compile("Visa ending 3220")).click()
    page.get_by_role("button", name="Add $120").click()
    with page.expect_popup() as opened:
        page.get_by_role("link", name=re.compile("Open the bank")).click()
    bank = opened.value
    bank.get_by_role("button").first.click()
    expect(page.get_by_role("heading", name="$120.00 is in your balance")).to_be_visible()
    bank.close()
    page.get_by_role("link", name="See your balance").click()
    expect(page.get_by_test_id("big-money")).to_have_text("$120.00")


def create_card(page: Page) -> str:
    page.get_by_role("link", name="New card").first.click()
    page.get_by_role("button", name=re.compile("^Everyday")).click()
    page.get_by_label("Monthly limit").fill("80")
    page.get_by_role("button", name="Create the card").click()
    expect(page.get_by_role("heading", name="Your card is ready")).to_be_visible()
    page.get_by_role("link", name="See the card").click()
    expect(page.get_by_role("meter", name="Each month")).to_have_attribute("aria-valuetext", "$0 of $80 used")
    return page.url.rsplit("/", 1)[-1]


def see_a_payment_arrive(page: Page, card_id: str, outside: Outside) -> None:
    page.get_by_role("link", name="Home").first.click()
    expect(page.get_by_text("No payments yet")).to_be_visible()
    outside.pay(card_id, "corner-cafe", 12_40)
    # Nobody loads the page again: it comes by itself.
    expect(page.get_by_role("link", name=re.compile(r"Corner Cafe.*\$12\.40.*Pending"))).to_be_visible()
    expect(page.get_by_test_id("big-money")).to_have_text("$107.60")
    expect(page.get_by_text("Set aside for Corner Cafe until it collects or lets go")).to_be_visible()


def freeze_and_read_why(page: Page, card_id: str, outside: Outside) -> None:
    page.goto(f"/cards/{card_id}")
    page.get_by_role("button", name="Freeze").click()
    expect(page.get_by_role("img", name=re.compile("Frozen"))).to_be_visible()
    expect(page.get_by_text("“Everyday” is frozen.")).to_be_visible()
    outside.pay(card_id, "pine-books", 5_00)
    page.get_by_role("link", name=re.compile("Pine Street Books.*Declined")).click()
    expect(page.get_by_role("heading", name="Why it was declined")).to_be_visible()
    expect(page.get_by_text("The card is frozen.")).to_be_visible()
    expect(page.get_by_text("What would let it pass")).to_be_visible()
    page.goto(f"/cards/{card_id}")
    page.get_by_role("button", name="Unfreeze").click()
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_role("img", name=re.compile("Frozen"))).to_be_visible()


def test_a_wrong_password_is_told_in_plain_words(page: Page, watched: Watched) -> None:
    watched.expect(401, "POST", "/v1/auth/sign-in")
    page.goto("/sign-in?next=/activity")
    page.get_by_label("E-mail address").fill("nobody@people.example")
    page.get_by_label("Password", exact=True).fill("wrong horse battery staple")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("alert")).to_have_text("The e-mail address or the password is not right.")


def test_a_forgotten_password_is_replaced_by_the_link_of_the_letter(
    page: Page, newcomer: Holder, outside: Outside
) -> None:
    newcomer.sign_up()
    page.goto("/forgotten-password")
    page.get_by_label("E-mail address").fill(newcomer.email)
    page.get_by_role("button", name="Send the link").click()
    expect(page.get_by_role("heading", name="Look into your inbox")).to_be_visible()
    link = re.search(r"https?://\S+/reset-password#\S+", outside.letter(newcomer.email, "reset-password"))
    assert link is not None
    page.goto(link[0])
    page.get_by_label("New password").fill("another horse battery staple")
    page.get_by_role("button", name="Confirm").click()
    expect(page.get_by_role("heading", name="Welcome back")).to_be_visible()
    page.get_by_label("E-mail address").fill(newcomer.email)
    page.get_by_label("Password", exact=True).fill("another horse battery staple")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", level=1, name="Home")).to_be_visible()
