"""axe-core finds nothing on any page: light and dark, from the left and from the right, wide and narrow."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from cardwright.demo.stack import Addresses
from optional import do_without
from web.conftest import enter
from web.desk import Desk
from web.holder import Holder
from web.watched import Watched

AXE = Path(__file__).parents[2] / "web/node_modules/axe-core/axe.min.js"
PUBLIC = ("/sign-in", "/sign-up", "/forgotten-password", "/reset-password#token")
OURS = (
    "/", "/cards", "/cards/new", "/activity", "/top-up", "/identity", "/inbox", "/security", "/approvals",
    "/disputes", "/money", "/money/withdraw", "/money/sources", "/notification-preferences", "/developers",
    "/set-up/passkey", "/set-up/identity", "/set-up/money", "/set-up/card", "/set-up/done",
)  # fmt: skip
CONSOLE = (
    "/console", "/console/customers", "/console/reviews", "/console/cases", "/console/disputes",
    "/console/approvals",
    "/console/rules", "/console/rules/edit", "/console/rules/review", "/console/rules/backtests",
    "/console/rules/shadow", "/console/rules/versions", "/console/rules/guardrails", "/console/rules/lists",
    "/console/rules/models", "/console/payments", "/console/ledger", "/console/ledger/entries",
    "/console/ledger/accounts", "/console/ledger/months", "/console/ledger/seals", "/console/reconciliation",
    "/console/reconciliation/runs", "/console/reconciliation/days", "/console/audit", "/console/templates",
    "/console/templates/messages", "/console/team", "/console/health", "/console/developers",
)  # fmt: skip
LOOKS = (("light", "en", 1280), ("dark", "en", 390), ("dark", "ar", 1280))
FINDINGS = """async () => {
  const {violations} = await axe.run(document, {resultTypes: ['violations']})
  const told = (id, node) => `${id}: ${node.html} ${node.failureSummary}`
  return violations.flatMap(({id, nodes}) => nodes.map((node) => told(id, node)))
}"""


@pytest.mark.parametrize(("scheme", "language", "width"), LOOKS)
def test_no_page_has_a_violation(
    browser: Browser, stack: Addresses, settled_in: Holder, member: Callable[[str], Holder],
    desk: Desk, scheme: Any, language: str, width: int,
) -> None:  # fmt: skip
    if not AXE.is_file():
        do_without("axe-core is not installed; `make web` installs it")
    context = browser.new_context(
        base_url=stack.api, color_scheme=scheme, locale={"en": "en-US", "ar": "ar"}[language],
        reduced_motion="reduce", viewport={"width": width, "height": 860},
    )  # fmt: skip
    watched = Watched(context)
    page = context.new_page()
    found = [finding for path in PUBLIC for finding in findings(page, path)]
    enter(context, settled_in, stack)
    for path in (*OURS, *details(settled_in)):
        found += findings(page, path)
    # No page of the holder's is left that could ask with the cookie of staff.
    page.goto("about:blank")
    enter(context, member("admin"), stack)
    for path in (*CONSOLE, *work(desk)):
        found += findings(page, path)
    assert page.locator("html").get_attribute("dir") == {"en": "ltr", "ar": "rtl"}[language]
    context.close()
    assert found == []
    assert watched.wrong == []


def details(holder: Holder) -> list[str]:
    cards = [f"/cards/{card['id']}" for card in holder.call("GET", "/v1/cards")["data"][:2]]
    payments = holder.call("GET", "/v1/payments")["data"]
    declined = next(payment["id"] for payment in payments if payment["status"] == "declined")
    settled = next(payment["id"] for payment in payments if payment["status"] == "settled")
    return [*cards, f"/payments/{declined}", f"/payments/{settled}", f"/payments/{settled}/dispute"]


def work(desk: Desk) -> list[str]:
    queues = (("cases", desk.case_id), ("disputes", desk.dispute_id))
    opened = [f"/console/{queue}?open={thing}" for queue, thing in queues]
    return [f"/console/customers/{desk.customer_id}", f"/console/reviews/{desk.review_id}", *opened]


def findings(page: Page, path: str) -> list[str]:
    page.goto(path)
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    expect(page).to_have_title(re.compile("Cardwright"))
    expect(page.locator(".mantine-Skeleton-root")).to_have_count(0)
    page.evaluate(AXE.read_text())
    return [f"{path}: {finding}" for finding in page.evaluate(FINDINGS)]
