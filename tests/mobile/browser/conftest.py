"""The mobile app as Flutter in a Chromium of a phone's size, beside everything the demo starts.

Run apart from tests/web: two stacks cannot be started around one Playwright.
"""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from cardwright.demo.stack import Addresses
from mobile.browser.handset import Handset
from mobile.browser.serving import serving
from mobile.conftest import HAS_PACKAGES
from optional import do_without
from web.conftest import browser, built, outside, stack

__all__ = ["browser", "built", "outside", "stack"]
PATIENCE_MS = 20_000
# A canvas tells screen readers later than a page would, and later still on a busy machine.
expect.set_options(timeout=PATIENCE_MS)


@pytest.fixture(scope="session")
def served(stack: Addresses, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Where the app is served, by a process of its own."""
    if not HAS_PACKAGES:
        do_without("the mobile app's packages are not installed; `uv sync --group mobile` installs them")
    with serving(stack.api, tmp_path_factory.mktemp("mobile") / "app.log") as address:
        yield address


@pytest.fixture
def handset(browser: Browser, served: str) -> Iterator[Handset]:
    """A phone that nobody has used, which reaches nothing but this machine."""
    context = browser.new_context(
        locale="en-US", timezone_id="America/New_York", reduced_motion="reduce", has_touch=True,
        is_mobile=True, viewport={"width": 390, "height": 844}, device_scale_factor=2,
    )  # fmt: skip
    context.set_default_timeout(PATIENCE_MS)
    page: Page = context.new_page()
    page.route("**/*", lambda route: route.continue_() if _is_near(route.request.url) else route.abort())
    yield Handset(page, served)
    context.close()


def _is_near(url: str) -> bool:
    return url.startswith(("http://127.0.0.1:", "http://localhost:", "blob:", "data:"))
