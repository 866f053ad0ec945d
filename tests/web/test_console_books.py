"""Finance at work: what a vendor has and the books do not, and a month that two people close."""

import re
from collections.abc import Callable
from datetime import date

from playwright.sync_api import BrowserContext, Page, expect

from cardwright.demo.stack import Addresses
from web.conftest import enter
from web.deciding import approve_as, give_reason
from web.holder import Holder
from web.outside import Outside

Member = Callable[[str], Holder]


def test_a_charge_that_nobody_here_asked_for_is_found_explained_and_accepted(
    page: Page, context: BrowserContext, stack: Addresses, member: Member, outside: Outside
) -> None:
    outside.charge_elsewhere(23_45)
    enter(context, member("finance"), stack)
    page.goto("/console/reconciliation/runs")
    page.get_by_role("button", name="Compare now").click()
    newest = page.get_by_role("table", name="Runs").get_by_role("row").nth(1)
    expect(newest.get_by_text("Done")).to_be_visible(timeout=60_000)
    page.get_by_role("link", name="Differences").click()
    differences = page.get_by_role("table", name="Differences")
    found = differences.get_by_role("row").filter(has_text=re.compile("Missing here.*23\\.45"))
    expect(found).to_have_count(1)
    expect(found.get_by_text("Open")).to_be_visible()
    found.get_by_role("button").click()
    panel = page.get_by_role("dialog", name="Missing here")
    expect(panel.get_by_text("Nothing", exact=True)).to_be_visible()
    panel.get_by_role("button", name="Explain").click()
    give_reason(page, "Somebody charged it at the vendor's own pages.", within="Explain the difference")
    expect(panel.get_by_text("Explained")).to_be_visible()
    panel.get_by_role("button", name="Accept").click()
    give_reason(page, "Finance knows of it.", within="Accept the difference")
    expect(panel.get_by_text("Accepted")).to_be_visible()
    expect(panel.get_by_role("button", name="Accept")).to_have_count(0)


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
