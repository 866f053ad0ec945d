"""Lists that go on for many pages: all of it can be reached, and the document stays small."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from playwright.sync_api import BrowserContext, Locator, Page, expect
from sqlalchemy import text

from cardwright.db.session import create_engine, transaction
from cardwright.demo.stack import Addresses
from web.conftest import enter
from web.holder import Holder
from web.outside import Outside
from written_payments import Written, write_payments

PAYMENTS = 600
MOST_ROWS, MOST_ELEMENTS = 70, 1_500
OLDEST = f"pay_{1:026d}"
UNTIL = datetime(2025, 6, 1, tzinfo=UTC)


@pytest.fixture(scope="module")
def regular(stack: Addresses, outside: Outside) -> Holder:
    """Somebody who paid 600 times over a year."""
    holder = Holder(stack.api, outside, f"regular-{uuid4().hex[:8]}@people.example")
    holder.sign_up()
    user_id = holder.call("GET", "/v1/me")["id"]
    # Playwright's loop runs in this thread.
    with ThreadPoolExecutor(1) as thread:
        thread.submit(asyncio.run, written(stack.database, user_id)).result()
    return holder


async def written(database: str, user_id: str) -> None:
    engine = create_engine(database)
    async with transaction(engine) as session:
        program = (await session.execute(text("SELECT id FROM programs"))).scalar_one()
        since = UNTIL - timedelta(days=365)
        await write_payments(session, Written(program, PAYMENTS, since, UNTIL, owner=user_id))
    await engine.dispose()


def test_activity_is_scrolled_to_its_first_payment(
    page: Page, regular: Holder, context: BrowserContext, stack: Addresses
) -> None:
    enter(context, regular, stack)
    page.goto("/activity")
    rows = page.get_by_role("list", name="Payments").get_by_role("listitem")
    scroll_to_the_end(page, rows)
    rows.last.get_by_role("link").click()
    expect(page).to_have_url(f"{stack.api}/payments/{OLDEST}")


def test_the_explorer_is_scrolled_to_its_first_payment(
    page: Page, regular: Holder, member: Callable[[str], Holder], context: BrowserContext, stack: Addresses
) -> None:
    enter(context, member("admin"), stack)
    page.goto("/console/payments")
    rows = page.get_by_role("table", name="Payments").get_by_role("row")
    scroll_to_the_end(page, rows)
    rows.last.get_by_role("link").click()
    expect(page).to_have_url(f"{stack.api}/console/payments/{OLDEST}")


def scroll_to_the_end(page: Page, rows: Locator) -> None:
    """Scroll until nothing more comes; nowhere on the way is more in the document than a few windows hold."""
    expect(rows.nth(5)).to_be_visible()
    first = rows.nth(1).inner_text()
    heights: list[int] = []
    # A page has fifty rows or a hundred; each takes a moment to come.
    while len(heights) < 10 or len(set(heights[-10:])) > 1:
        heights.append(
            page.evaluate("window.scrollTo(0, document.body.scrollHeight), document.body.scrollHeight")
        )
        page.wait_for_timeout(60)
        assert rows.count() <= MOST_ROWS
        assert page.evaluate("document.querySelectorAll('*').length") <= MOST_ELEMENTS
    assert heights[-1] > PAYMENTS * 40
    assert rows.last.inner_text() != first
