"""Staff at work: customers, reviews, cases, approvals, disputes and the overview, by keyboard too."""

import re
from collections.abc import Callable

from playwright.sync_api import BrowserContext, Page, expect

from cardwright.demo.stack import Addresses
from web.conftest import enter
from web.deciding import give_reason
from web.desk import Desk
from web.holder import PROFILE, Holder

Member = Callable[[str], Holder]


def test_support_finds_a_customer_and_acts_for_them_with_a_reason(
    page: Page, context: BrowserContext, stack: Addresses, member: Member, desk: Desk
) -> None:
    enter(context, member("support"), stack)
    page.goto("/console")
    page.get_by_role("navigation").get_by_role("link", name="Customers").click()
    people = page.get_by_role("table", name="Customers")
    expect(people.get_by_role("row").nth(2)).to_be_visible()
    page.keyboard.press("/")
    page.keyboard.type(desk.name.lower())
    expect(people.get_by_role("row")).to_have_count(2)
    people.get_by_role("link").first.press("Enter")
    expect(page.get_by_role("heading", level=1, name=re.compile(f"Mary {desk.name}"))).to_be_visible()
    expect(page.get_by_role("table", name="Latest payments").get_by_role("row")).to_have_count(4)
    page.get_by_role("button", name="Lock Weekend trips").click()
    give_reason(page, "They called: the card was stolen.")
    page.get_by_role("button", name="Unlock Weekend trips").click()
    expect(page.get_by_role("button", name="Lock Weekend trips", exact=True)).to_be_visible()
    page.get_by_role("button", name="Sign out everywhere").click()
    give_reason(page, "The phone was stolen, too.")
    expect(page.get_by_text("Nowhere at the moment.")).to_be_visible()


def test_a_customer_leads_to_all_their_payments_and_to_what_was_done_to_them(
    page: Page, context: BrowserContext, stack: Addresses, member: Member, desk: Desk, settled_in: Holder
) -> None:
    enter(context, member("admin"), stack)
    # Whoever looks at a whole record is told by name in the trail.
    member("reviewer").call("PUT", "/v1/me/profile", {**PROFILE, "full_name": "Edith Clarke"})
    member("reviewer").call("GET", f"/v1/users/{desk.customer_id}")
    page.goto(f"/console/customers/{desk.customer_id}")
    trail = page.get_by_role("table", name="Audit trail")
    expect(trail.get_by_text("Edith Clarke").first).to_be_visible()
    page.get_by_role("link", name="All payments").click()
    payments = page.get_by_role("table", name="Payments").get_by_role("row")
    expect(payments).to_have_count(4)
    page.get_by_role("button", name="Clear the filters").click()
    expect(payments.nth(4)).to_be_visible()
    page.goto(f"/console/customers/{desk.customer_id}")
    page.get_by_role("link", name="The whole trail").click()
    expect(page.get_by_label("Action, person or thing")).to_have_value(desk.customer_id)
    entries = page.get_by_role("table", name="Audit trail").get_by_role("row")
    expect(entries.nth(1)).to_be_visible()
    expect(page).to_have_url(re.compile(f"subject={desk.customer_id}$"))


def test_finance_is_told_that_its_role_does_not_reach_customers(
    page: Page, context: BrowserContext, stack: Addresses, member: Member
) -> None:
    enter(context, member("finance"), stack)
    page.goto("/console/customers")
    expect(page.get_by_role("heading", name="Your role does not reach this")).to_be_visible()
    navigation = page.get_by_role("navigation", name="Main navigation").first
    expect(navigation.get_by_role("link", name="Disputes")).to_be_visible()
    expect(navigation.get_by_role("link", name="Customers")).to_have_count(0)


def test_a_review_is_judged_by_keyboard_and_turned_around_by_two(
    page: Page, context: BrowserContext, stack: Addresses, member: Member, desk: Desk
) -> None:
    enter(context, member("reviewer"), stack)
    names: list[str] = []
    page.on("request", lambda it: names.append(it.url) if "/v1/users?id=" in it.url else None)
    page.goto("/console/reviews")
    reviews = page.get_by_role("table", name="Identity reviews")
    expect(reviews.get_by_text("Asked for by staff").first).to_be_visible()
    expect(reviews.get_by_text("Samuel Morse").first).to_be_visible()
    assert len(names) == 1
    page.goto(f"/console/reviews/{desk.review_id}")
    expect(page.get_by_text("Whoever takes it decides it.")).to_be_visible()
    page.keyboard.press("c")
    expect(page.get_by_text("It is yours to decide.")).to_be_visible()
    page.get_by_text("Passport").first.click()
    page.keyboard.press("o")
    picture = page.get_by_role("img", name="Passport, page 1")
    expect(picture).to_be_visible()
    assert picture.evaluate("image => image.decode().then(() => image.naturalWidth)") > 100
    page.keyboard.press("]")
    page.keyboard.press("+")
    expect(picture).to_have_attribute("style", re.compile(r"140%.*rotate\(90deg\)"))
    page.keyboard.press("r")
    page.get_by_label("The reason, for the audit trail").fill("It is on the list of stolen passports.")
    page.keyboard.press("Control+Enter")
    expect(page.get_by_text("A second person has to agree to the decision.")).to_be_visible()
    page.get_by_role("link", name="See the proposal").click()
    expect(page.get_by_text("You proposed it, so somebody else has to approve it.")).to_be_visible()
    expect(page.get_by_role("button", name="Approve")).to_have_count(0)
    enter(context, member("admin"), stack)
    page.reload()
    expect(page.get_by_text("You are the second pair of eyes.")).to_be_visible()
    page.keyboard.press("a")
    give_reason(page, "Agreed.")
    expect(page.get_by_role("list", name="History").get_by_text("In effect")).to_be_visible()
    page.goto(f"/console/reviews/{desk.review_id}")
    expect(page.get_by_text("Rejected").first).to_be_visible()


def test_a_case_is_claimed_and_found_to_be_fraud_by_keyboard(
    page: Page, context: BrowserContext, stack: Addresses, member: Member, desk: Desk
) -> None:
    enter(context, member("analyst"), stack)
    page.goto("/console/cases")
    rows = page.get_by_role("table", name="Cases").get_by_role("link")
    rows.first.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Rules that matched")).to_be_visible()
    page.goto(f"/console/cases?open={desk.case_id}")
    expect(page.get_by_role("heading", name="Gadget Pier")).to_be_visible()
    expect(page.get_by_role("list", name="What happened").get_by_text("Authorization")).to_be_visible()
    page.keyboard.press("c")
    expect(page.get_by_text("What was it?")).to_be_visible()
    page.keyboard.press("f")
    expect(page.get_by_role("dialog", name="It was fraud")).to_be_visible()
    give_reason(page, "Another country, an hour after the last purchase.")
    expect(page.get_by_text("It is resolved.")).to_be_visible()
    cards = member("support").call("GET", f"/v1/users/{desk.customer_id}/cards")["data"]
    assert [card["is_locked_by_staff"] for card in cards] == [True]


def test_support_hands_in_a_dispute_for_its_holder(
    page: Page, context: BrowserContext, stack: Addresses, member: Member, desk: Desk
) -> None:
    enter(context, member("support"), stack)
    page.goto("/console/disputes")
    page.get_by_role("table", name="Disputes").get_by_role(
        "link", name=re.compile("pine street books", re.IGNORECASE)
    ).first.click()
    page.goto(f"/console/disputes?open={desk.dispute_id}")
    expect(page.get_by_text("I was never in that shop.")).to_be_visible()
    expect(page.get_by_text("It is complete.")).to_be_visible()
    page.keyboard.press("s")
    give_reason(page, "They asked on the phone.")
    expect(page.get_by_text("The network decides.")).to_be_visible()


def test_the_overview_shows_what_was_decided_and_what_waits(
    page: Page, context: BrowserContext, stack: Addresses, member: Member, desk: Desk
) -> None:
    enter(context, member("developer"), stack)
    page.goto("/console?hours=1")
    expect(page.get_by_role("img", name=re.compile(r"[1-9]\d* approved and \d+ declined"))).to_be_visible()
    expect(page.get_by_role("list", name="Time by stage, p99").get_by_text("In total")).to_be_visible()
    expect(page.get_by_text("Cases", exact=True)).to_be_visible()
    expect(page.get_by_text("Stripe", exact=False).first).to_be_visible()
