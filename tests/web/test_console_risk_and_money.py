"""Staff of risk and money at work: a rule from its typed condition to a proposal, books, the trail."""

import re
from collections.abc import Callable

from playwright.sync_api import BrowserContext, Page, expect

from cardwright.demo.stack import Addresses
from web.conftest import enter
from web.holder import Holder
from web.watched import Watched

Member = Callable[[str], Holder]


def test_an_analyst_types_a_rule_tries_it_keeps_it_and_proposes_it(
    context: BrowserContext, page: Page, stack: Addresses, settled_in: Holder, member: Member
) -> None:
    enter(context, member("analyst"), stack)
    page.goto("/console/rules/edit")
    condition = page.get_by_role("textbox", name="Condition")
    condition.click()
    page.keyboard.type("amuont > 3000")
    expect(page.get_by_text("Did you mean")).to_contain_text("amount")
    page.keyboard.press("ControlOrMeta+A")
    page.keyboard.type("amount > 3000 ")
    expect(page.get_by_text("The condition is valid.")).to_be_visible()
    page.get_by_text("Form", exact=True).click()
    expect(page.get_by_role("group", name="Row 1").get_by_label("Value")).to_have_value("3000")
    page.get_by_role("group", name="Row 1").get_by_label("Value").fill("4000")
    page.get_by_role("button", name="Try", exact=True).click()
    expect(page.get_by_text(re.compile(r"USD > 40\.00"))).to_be_visible()
    page.get_by_label("Name").fill("above_forty")
    page.get_by_role("textbox", name="Reason").fill("More than forty.")
    page.get_by_role("button", name="Keep in the draft").click()
    expect(page.get_by_text("1 change is not proposed yet")).to_be_visible()
    page.get_by_role("link", name="Review and propose").click()
    expect(page.get_by_role("heading", name="What would change")).to_be_visible(timeout=30_000)
    page.get_by_label("A note for whoever approves").fill("Watch what is above forty.")
    page.get_by_role("button", name="Propose").click()
    expect(page.get_by_text("Somebody else has to approve it.")).to_be_visible(timeout=30_000)
    waiting = member("admin").call("GET", "/v1/approvals?state=proposed")["data"]
    assert any(it["reason"] == "Watch what is above forty." for it in waiting)


def test_a_payment_is_found_explained_and_computed_again(
    context: BrowserContext, page: Page, stack: Addresses, settled_in: Holder, member: Member
) -> None:
    enter(context, member("admin"), stack)
    page.goto("/console/payments?status=declined")
    page.get_by_role("table", name="Payments").get_by_role("link").first.click()
    expect(page.get_by_role("list", name="Checks").get_by_role("img", name="Failed")).to_be_visible()
    page.get_by_role("button", name="Compute again").click()
    expect(page.get_by_text("The same, bit for bit")).to_be_visible()


def test_finance_reads_the_books_and_the_trail_is_as_it_was_sealed(
    context: BrowserContext, page: Page, stack: Addresses, settled_in: Holder, member: Member
) -> None:
    enter(context, member("finance"), stack)
    page.goto("/console/ledger")
    expect(page.get_by_text("In balance")).to_be_visible()
    page.get_by_role("link", name="wallet").click()
    page.get_by_role("table", name="Accounts").get_by_role("link").first.click()
    page.get_by_role("table", name="Journal").get_by_role("button").first.click()
    expect(page.get_by_role("dialog").get_by_role("button", name="Take it back")).to_be_visible()
    enter(context, member("admin"), stack)
    page.goto("/console/audit")
    page.get_by_role("button", name="Compare every entry").click()
    expect(page.get_by_text("All as it was sealed")).to_be_visible()


def test_a_role_that_does_not_reach_the_books_is_told_so(
    context: BrowserContext, page: Page, watched: Watched, stack: Addresses, member: Member
) -> None:
    enter(context, member("analyst"), stack)
    watched.expect(403, "GET", "/v1/ledger/trial-balance")
    page.goto("/console/ledger")
    expect(page.get_by_text("Your role does not reach this")).to_be_visible()
