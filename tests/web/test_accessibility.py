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
from web.pages import CONSOLE, OURS, PUBLIC, details, work
from web.watched import Watched

AXE = Path(__file__).parents[2] / "web/node_modules/axe-core/axe.min.js"
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


def findings(page: Page, path: str) -> list[str]:
    page.goto(path)
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    expect(page).to_have_title(re.compile("Cardwright"))
    expect(page.locator(".mantine-Skeleton-root")).to_have_count(0)
    page.evaluate(AXE.read_text())
    return [f"{path}: {finding}" for finding in page.evaluate(FINDINGS)]
