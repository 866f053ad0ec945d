"""Setting up an account in one go, in three browsers: whoever leaves goes on where they were."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from playwright.sync_api import Browser, Page, expect

from cardwright.demo.stack import Addresses
from web.conftest import PATIENCE_MS, enter
from web.filling import fill_profile
from web.holder import PASSWORD, Holder
from web.outside import Outside, eventually
from web.watched import Watched

DEVICE = {
    "protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True,
    "isUserVerified": True, "automaticPresenceSimulation": True,
}  # fmt: skip


@contextmanager
def another_browser(browser: Browser, stack: Addresses, **looks: Any) -> Iterator[Page]:
    """A browser that nobody has used; what goes wrong in it fails the test."""
    context = browser.new_context(
        base_url=stack.api, reduced_motion="reduce", **({"locale": "en-US"} | looks)
    )
    context.set_default_timeout(PATIENCE_MS)
    watched = Watched(context)
    yield context.new_page()
    context.close()
    assert watched.wrong == []


def test_an_account_is_set_up_in_three_browsers(
    browser: Browser, stack: Addresses, outside: Outside, newcomer: Holder, member: Callable[[str], Holder]
) -> None:
    with another_browser(browser, stack) as page:
        register(page, newcomer.email)
        first = outside.code(newcomer.email)
    with another_browser(browser, stack, viewport={"width": 390, "height": 800}) as phone:
        register(phone, newcomer.email)
        confirm_address(phone, outside.code(newcomer.email, other_than=first))
        recovery_code = make_passkey(phone)
        phone.get_by_role("link", name="Go on").click()
        outside.hand_in_documents(say_who_one_is(phone), outcome="processing")
        expect(phone.get_by_text("You may leave this page")).to_be_visible()
        review_id = ask_for_photos(member("reviewer"), newcomer.email)
        show_documents_to_the_camera(phone)
    approve(member("reviewer"), review_id)
    with another_browser(browser, stack) as page:
        sign_in(page, newcomer.email, recovery_code)
        expect(page.get_by_text("3 of 5 done")).to_be_visible()
        page.get_by_role("link", name="Finish setting up").click()
        expect(page).to_have_url(re.compile("/set-up/money$"))
        add_money(page)
        create_card(page)
        expect(page.get_by_role("heading", level=1, name="You are ready to pay")).to_be_visible()
        page.get_by_role("link", name="To your home page").click()
        expect(page.get_by_role("heading", level=1, name="Hello, Grace")).to_be_visible()
        expect(page.get_by_role("link", name=re.compile("Everyday"))).to_be_visible()
        expect(page.get_by_text("Finish setting up")).to_have_count(0)


def register(page: Page, email: str) -> None:
    page.goto("/sign-up")
    steps = page.get_by_role("navigation", name="Steps").get_by_role("listitem")
    expect(steps).to_have_count(5)
    expect(steps.first).to_have_attribute("aria-current", "step")
    page.get_by_label("E-mail address").fill(email)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Create an account").click()
    expect(page.get_by_role("heading", name="Enter the code")).to_be_visible()


def confirm_address(page: Page, code: str) -> None:
    page.keyboard.type(code)
    expect(page).to_have_url(re.compile("/set-up/passkey$"))


def make_passkey(page: Page) -> str:
    """Make one with the browser's own authenticator and return a recovery code."""
    cdp = page.context.new_cdp_session(page)
    cdp.send("WebAuthn.enable")
    cdp.send("WebAuthn.addVirtualAuthenticator", {"options": DEVICE})
    expect(page.get_by_role("heading", level=1, name="Sign in without a password")).to_be_visible()
    expect(page.get_by_role("link", name="Not now")).to_be_visible()
    page.get_by_label("Name of the passkey").fill("This phone")
    page.get_by_role("button", name="Add a passkey").click()
    code = page.get_by_role("dialog").get_by_role("listitem").first.inner_text()
    page.get_by_role("button", name="I have kept them").click()
    expect(page.get_by_text("Your passkey is ready.")).to_be_visible()
    return code


def say_who_one_is(page: Page) -> str:
    """Fill in the profile, begin, and return the verifier's page."""
    expect(page.get_by_role("heading", level=1, name="Prove who you are")).to_be_visible()
    fill_profile(page)
    page.get_by_role("button", name="Begin").click()
    return str(page.get_by_role("link", name="Show your documents").get_attribute("href"))


def ask_for_photos(reviewer: Holder, email: str) -> str:
    """Have staff ask for documents while the verifier looks at its own, and return the review's id."""
    [person] = reviewer.call("GET", f"/v1/users?text={email}")["data"]
    wanted = {"user_id": person["id"], "reason": "Their camera shakes."}
    review_id = str(reviewer.call("POST", "/v1/identity-reviews", wanted)["id"])
    claimed = reviewer.call("POST", f"/v1/identity-reviews/{review_id}/claim")
    asked = {
        "missing": ["passport", "selfie"], "reason": "Blurred.", "version": claimed["version"],
        "message": "The verifier could not read yours.",
    }  # fmt: skip
    reviewer.call("POST", f"/v1/identity-reviews/{review_id}/ask-for-more", asked)
    return review_id


def show_documents_to_the_camera(page: Page) -> None:
    expect(page.get_by_text("The verifier could not read yours.")).to_be_visible()
    for kind in ("Passport", "Photo of your face"):
        page.get_by_role("combobox", name="What you hand in").click()
        page.get_by_role("option", name=kind).click()
        page.get_by_role("button", name="Take a photo").click()
        page.get_by_role("dialog", name=kind).get_by_role("button", name="Take the photo").click()
        expect(page.get_by_text(f"{kind}: handed over.")).to_be_visible()
    page.get_by_role("button", name="Hand them in to be checked").click()
    expect(page.get_by_text("You may leave this page")).to_be_visible()


def approve(reviewer: Holder, review_id: str) -> None:
    """Decide what was handed in, once it is there."""
    path = f"/v1/identity-reviews/{review_id}"
    file = eventually(
        "the documents",
        lambda: next(
            (file for file in [reviewer.call("GET", path)] if file["review"]["state"] == "in_review"), None
        ),
    )
    assert {document["kind"] for document in file["documents"]} == {"passport", "selfie"}
    version = file["review"]["version"]
    decision = {"decision": "approved", "reason": "It is them.", "version": version}
    reviewer.call("POST", f"{path}/decide", decision)


def sign_in(page: Page, email: str, recovery_code: str) -> None:
    page.goto("/")
    page.get_by_label("E-mail address").fill(email)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.get_by_role("button", name="Use a recovery code").click()
    page.get_by_label("Recovery code").fill(recovery_code)
    page.get_by_role("button", name="Confirm").click()


def add_money(page: Page) -> None:
    page.get_by_label("Amount").fill("60")
    page.get_by_role("button", name="Add $60").click()
    expect(page.get_by_text("Your money is there.")).to_be_visible()
    page.get_by_role("link", name="Go on").click()


def create_card(page: Page) -> None:
    expect(page.get_by_role("heading", level=1, name="Create your first card")).to_be_visible()
    page.get_by_role("button", name=re.compile("^Everyday")).click()
    page.get_by_role("button", name="Create the card").click()
    expect(page.get_by_role("heading", name="Your card is ready", exact=True)).to_be_visible()
    page.get_by_role("link", name="Go on").click()


def test_the_passkey_is_skipped_and_what_comes_later_stays_shut(
    browser: Browser, stack: Addresses, newcomer: Holder
) -> None:
    newcomer.sign_up()
    with another_browser(browser, stack, locale="ar") as page:
        enter(page.context, newcomer, stack)
        page.goto("/set-up")
        expect(page.locator("html")).to_have_attribute("dir", "rtl")
        page.get_by_role("link", name="ليس الآن").click()
        expect(page).to_have_url(re.compile("/set-up/identity$"))
        page.goto("/set-up/card")
        expect(page.get_by_text("خطوة قبل هذه")).to_be_visible()
        page.get_by_role("link", name="تابع").click()
        expect(page).to_have_url(re.compile("/set-up/passkey$"))
        page.get_by_role("link", name="أكمل لاحقًا").click()
        expect(page.get_by_text("أُنجز 1 من 5")).to_be_visible()
