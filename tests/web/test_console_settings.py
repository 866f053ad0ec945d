"""What a program is made of: templates of cards and messages, and who works for it."""

from collections.abc import Callable
from uuid import uuid4

from playwright.sync_api import BrowserContext, Page, expect

from cardwright.demo.stack import Addresses
from web.conftest import enter
from web.deciding import approve_as, give_reason
from web.holder import Holder
from web.outside import Outside

Member = Callable[[str], Holder]


def test_a_template_is_offered_to_holders_until_it_is_retired(
    page: Page, context: BrowserContext, stack: Addresses, member: Member, settled_in: Holder
) -> None:
    name = f"Team lunches {uuid4().hex[:6]}"
    enter(context, member("analyst"), stack)
    page.goto("/console/templates")
    page.get_by_role("button", name="New template").click()
    panel = page.get_by_role("dialog", name="New template")
    panel.get_by_label("Name").fill(name)
    panel.get_by_label("Description").fill("For a week of lunches.")
    panel.get_by_label("Valid for days").fill("7")
    panel.get_by_role("button", name="New template").click()
    expect(page.get_by_text("The template is offered.")).to_be_visible()
    enter(context, settled_in, stack)
    page.goto("/cards/new")
    expect(page.get_by_role("button", name=name)).to_contain_text("For a week of lunches.")
    enter(context, member("analyst"), stack)
    page.goto("/console/templates")
    page.get_by_role("table", name="Card templates").get_by_role("button", name=name).click()
    panel = page.get_by_role("dialog", name=name)
    panel.get_by_role("button", name="Offer it no longer").click()
    expect(panel.get_by_text("Retired")).to_be_visible()
    enter(context, settled_in, stack)
    page.goto("/cards/new")
    expect(page.get_by_role("button", name="Everyday")).to_be_visible()
    expect(page.get_by_role("button", name=name)).to_have_count(0)


def test_a_message_is_read_in_another_language_and_sent_to_oneself(
    page: Page, context: BrowserContext, stack: Addresses, member: Member, outside: Outside
) -> None:
    enter(context, member("support"), stack)
    page.goto("/console/templates/messages")
    page.get_by_label("Search messages").fill("kyc.approved")
    found = page.get_by_role("listitem").get_by_role("button")
    expect(found).to_have_count(1)
    found.click()
    expect(page.get_by_text("kyc.approved", exact=True)).to_be_visible()
    page.get_by_role("combobox", name="Channel").click()
    page.get_by_role("option", name="E-mail").click()
    page.get_by_role("combobox", name="Language").click()
    page.get_by_role("option", name="German").click()
    message = page.locator("main [lang=de]")
    subject = message.inner_text().splitlines()[0]
    page.get_by_role("button", name="Send it to me").click()
    expect(page.get_by_text("On its way to you.")).to_be_visible()
    assert subject in outside.letter("support@cardwright.example", subject)


def test_a_role_is_given_and_taken_by_two_administrators(
    page: Page, context: BrowserContext, stack: Addresses, member: Member
) -> None:
    developer = member("developer").call("GET", "/v1/me")["id"]
    row = page.get_by_role("table", name="Team").get_by_role("row").filter(has_text=developer[-8:])
    given, taken = f"Helps out {uuid4().hex[:8]}.", f"Is done {uuid4().hex[:8]}."

    enter(context, member("admin"), stack)
    page.goto("/console/team")
    page.get_by_role("button", name="Give a role").click()
    dialog = page.get_by_role("dialog", name="Give a role")
    dialog.get_by_label("Person ID").fill(developer)
    expect(dialog.get_by_role("combobox", name="Role")).to_have_value("Support")
    give_reason(page, given)
    expect(row.get_by_text("Support")).to_have_count(0)
    approve_as(page, member("admin2"), stack, given)
    page.goto("/console/team")
    expect(row.get_by_text("Support")).to_be_visible()

    enter(context, member("admin"), stack)
    page.goto("/console/team")
    row.get_by_role("button").first.click()
    page.get_by_role("listitem").filter(has_text="Support").get_by_role("button", name="Take away").click()
    give_reason(page, taken, within="Take away the role Support?")
    approve_as(page, member("admin2"), stack, taken)
    page.goto("/console/team")
    expect(row.get_by_text("Developer")).to_be_visible()
    expect(row.get_by_text("Support")).to_have_count(0)
