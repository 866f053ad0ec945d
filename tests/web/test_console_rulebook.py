"""What stands beside the rules: guardrails that two people drop, and lists, typed or from a file."""

from collections.abc import Callable
from pathlib import Path
from uuid import uuid4

from playwright.sync_api import BrowserContext, Page, expect

from cardwright.demo.stack import Addresses
from web.conftest import enter
from web.deciding import approve_as, give_reason
from web.holder import PROFILE, Holder
from web.watched import Watched

Member = Callable[[str], Holder]


def test_a_guardrail_is_kept_and_dropped_by_two_who_are_called_by_name(
    page: Page, context: BrowserContext, stack: Addresses, member: Member
) -> None:
    analyst = member("analyst")
    analyst.call("PUT", "/v1/me/profile", {**PROFILE, "full_name": "Joan Clarke"})
    name, reason = f"small_{uuid4().hex[:8]}", f"Not needed any more {uuid4().hex[:8]}."
    enter(context, analyst, stack)
    page.goto("/console/rules/guardrails")
    page.get_by_role("button", name="New guardrail").click()
    dialog = page.get_by_role("dialog", name="New guardrail")
    dialog.get_by_label("Name").fill(name)
    dialog.get_by_label("Condition").fill("amount < 100")
    give_reason(page, "Nobody is kept from a coffee.")
    kept = page.get_by_role("article").filter(has_text=name)
    expect(kept.get_by_text("Nobody is kept from a coffee.")).to_be_visible()
    kept.get_by_role("button", name="Drop").click()
    give_reason(page, reason)
    expect(page.get_by_text("Somebody else has to approve it.").last).to_be_visible()
    approve_as(page, member("admin"), stack, reason)
    # Who proposed it is told by name, wherever the team may be read.
    expect(page.get_by_text("Joan Clarke").filter(visible=True).first).to_be_visible()
    page.goto("/console/rules/guardrails")
    expect(page.get_by_role("heading", level=1, name="Guardrails")).to_be_visible()
    expect(page.get_by_role("article").filter(has_text=name)).to_have_count(0)


def test_a_list_is_made_typed_into_filled_from_a_file_and_shortened(
    page: Page, context: BrowserContext, stack: Addresses, member: Member, watched: Watched, tmp_path: Path
) -> None:
    enter(context, member("analyst"), stack)
    name = f"shops_{uuid4().hex[:8]}"
    page.goto("/console/rules/lists")
    page.get_by_role("button", name="New list").click()
    panel = page.get_by_role("dialog", name="New list")
    panel.get_by_label("Name").fill(name)
    panel.get_by_label("What it is for").fill("Shops that we watch.")
    panel.get_by_role("button", name="New list").click()
    expect(page.get_by_role("heading", level=1, name=f"lists.{name}")).to_be_visible()
    page.get_by_role("button", name="Add entries").click()
    page.get_by_role("dialog").get_by_label("Values").fill("corner cafe\npine books")
    give_reason(page, "Typed on a Monday.")
    entries = page.get_by_role("table", name="Entries")
    expect(entries.get_by_text("pine books")).to_be_visible()

    csv = tmp_path / "shops.csv"
    csv.write_text("value,expires_at\ngreen basket,2099-01-31T00:00:00Z\nodd shop,\n")
    page.locator("input[type=file]").set_input_files(csv)
    give_reason(page, "From the bank's letter.", within="Add the entries of shops.csv")
    expect(page.get_by_text("2 entries were added.")).to_be_visible()
    expect(entries.get_by_role("row").filter(has_text="green basket")).to_contain_text("2099")
    expect(entries.get_by_role("row")).to_have_count(5)

    broken = tmp_path / "broken.csv"
    broken.write_text("shop\ncorner cafe\n")
    watched.expect(422, "PUT", "/v1/rule-lists/")
    page.locator("input[type=file]").set_input_files(broken)
    dialog = page.get_by_role("dialog", name="Add the entries of broken.csv")
    dialog.get_by_role("textbox").fill("A file without a value.")
    dialog.get_by_role("button", name="Add entries").click()
    expect(dialog.get_by_role("alert")).to_be_visible()
    dialog.get_by_role("button", name="Cancel").click()
    page.get_by_role("button", name="Remove odd shop").click()
    give_reason(page, "It was a mistake.")
    expect(entries.get_by_role("row")).to_have_count(4)
