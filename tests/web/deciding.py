"""What staff do again and again: giving a reason, and being the second pair of eyes."""

from playwright.sync_api import Page, expect

from cardwright.demo.stack import Addresses
from web.conftest import enter
from web.holder import Holder


def give_reason(page: Page, words: str, within: str | None = None) -> None:
    """Say why in the dialog that asks, by keyboard; `within` is its title where there are several."""
    dialog = page.get_by_role("dialog", name=within) if within else page.get_by_role("dialog")
    dialog.get_by_role("textbox").last.fill(words)
    page.keyboard.press("Control+Enter")
    expect(dialog).to_have_count(0)


def approve_as(page: Page, somebody: Holder, stack: Addresses, reason: str) -> None:
    """Approve what was proposed for a reason, as somebody else."""
    enter(page.context, somebody, stack)
    page.goto("/console/approvals?state=proposed")
    page.get_by_role("table", name="Approvals").get_by_role("link").filter(has_text=reason).first.click()
    expect(page.get_by_text("You are the second pair of eyes.")).to_be_visible()
    page.keyboard.press("a")
    give_reason(page, "Agreed.")
    expect(page.get_by_role("list", name="History").get_by_text("In effect")).to_be_visible()
