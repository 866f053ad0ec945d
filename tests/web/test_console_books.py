"""Finance at work: books and vendors that are compared, and a month that two people close."""

import re
from collections.abc import Callable
from datetime import date

from playwright.sync_api import BrowserContext, Page, expect

from cardwright.demo.stack import Addresses
from web.conftest import enter
from web.deciding import approve_as, give_reason
from web.holder import Holder

Member = Callable[[str], Holder]


def test_everything_is_compared_when_finance_asks_for_it_and_agrees(
    page: Page, context: BrowserContext, stack: Addresses, member: Member, settled_in: Holder
) -> None:
    # What is younger than an hour is no difference yet, so that none can be made here.
    finance = member("finance")
    earlier = len(finance.call("GET", "/v1/reconciliation/runs")["data"])
    enter(context, finance, stack)
    page.goto("/console/reconciliation/runs")
    page.get_by_role("button", name="Compare now").click()
    runs = page.get_by_role("table", name="Runs").get_by_role("row")
    expect(runs).to_have_count(1 + earlier + 1)
    expect(runs.nth(1).get_by_text("Done")).to_be_visible(timeout=60_000)
    newest = finance.call("GET", "/v1/reconciliation/runs")["data"][0]
    assert (newest["fetched"] > 0, newest["found"]) == (True, 0)
    page.get_by_role("link", name="Differences").click()
    expect(page.get_by_role("heading", name="Everything agrees")).to_be_visible()
    page.get_by_role("combobox", name="Kind").click()
    page.get_by_role("option", name="Missing here").click()
    expect(page).to_have_url(re.compile("kind=missing_here$"))


def test_a_month_is_closed_and_opened_again_by_two(
    page: Page, context: BrowserContext, stack: Addresses, member: Member
) -> None:
    newest = page.get_by_role("table", name="Months").get_by_role("row").nth(1)
    for deed, done in (("Close it, with all before it", "Closed"), ("Open it again", "Reopened")):
        enter(context, member("finance"), stack)
        page.goto("/console/ledger/months")
        page.get_by_role("button", name="Close or reopen").click()
        dialog = page.get_by_role("dialog", name="Close or reopen")
        dialog.get_by_role("combobox", name="What was done").click()
        page.get_by_role("option", name=deed).click()
        month = dialog.get_by_label(re.compile("^Month")).input_value()
        give_reason(page, f"{month}: {deed.lower()}.")
        expect(page.get_by_text("Proposed. Somebody else has to approve it.").first).to_be_visible()
        approve_as(page, member("admin"), stack, f"{month}: {deed.lower()}.")
        enter(context, member("finance"), stack)
        page.goto("/console/ledger/months")
        expect(newest.get_by_text(done)).to_be_visible()
        named = f"{date.fromisoformat(f'{month}-01'):%B %Y}"
        expect(newest.get_by_text(named)).to_be_visible()
