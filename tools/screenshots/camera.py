"""A camera: takes a page as high as it is, in one look, into a file that is named after both."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal

from playwright.sync_api import Browser, BrowserContext, Page, expect

from cardwright.demo.stack import Addresses

Scheme = Literal["light", "dark"]
LANGUAGES: Final = {"en": "en-US", "de": "de-DE", "ar": "ar"}
LOWEST, HIGHEST = 844, 2600
PATIENCE_MS = 20_000
RESTLESS_MS = 200
"""How long what came in at last may need to be drawn."""


@dataclass(frozen=True, slots=True)
class Look:
    """How somebody sees the app; `sharp` is how many points of the picture one of the page gets, squared."""

    width: int
    scheme: Scheme
    language: str = "en"
    sharp: float = 1.5

    @property
    def ending(self) -> str:
        """How the names of pictures in this look end."""
        return "-".join((str(self.width), self.scheme, *([] if self.language == "en" else [self.language])))


def looks(widths: Sequence[int], schemes: Sequence[Scheme], language: str, sharp: float) -> list[Look]:
    """Return each width in each scheme."""
    return [Look(width, scheme, language, sharp) for scheme in schemes for width in widths]


@contextmanager
def opened(browser: Browser, where: Addresses, look: Look) -> Iterator[BrowserContext]:
    """Open a browser that nobody used and that waits for no animation."""
    context = browser.new_context(
        base_url=where.api, color_scheme=look.scheme, locale=LANGUAGES[look.language],
        reduced_motion="reduce", timezone_id="America/New_York", device_scale_factor=look.sharp,
        viewport={"width": look.width, "height": LOWEST},
    )  # fmt: skip
    context.set_default_timeout(PATIENCE_MS)
    yield context
    context.close()


def go(page: Page, path: str) -> None:
    """Open an address and wait until all of it is there."""
    resize(page, LOWEST)
    page.goto(path)
    settle(page)


def settle(page: Page) -> None:
    """Wait until nothing is on its way any more."""
    expect(page.locator("h1, h2").first).to_be_visible()
    expect(page.locator(".mantine-Skeleton-root")).to_have_count(0)
    page.evaluate("document.fonts.ready")
    page.mouse.move(0, 0)


def take(page: Page, file: Path) -> None:
    """Take what is open, as high as it is."""
    height: Any = page.evaluate("document.documentElement.scrollHeight")
    resize(page, min(HIGHEST, max(LOWEST, int(height))))
    page.wait_for_timeout(RESTLESS_MS)
    page.screenshot(path=file)


def resize(page: Page, height: int) -> None:
    """Make the window so high; how wide it is stays."""
    page.set_viewport_size({"width": int(page.evaluate("innerWidth")), "height": height})


def overflow(page: Page) -> int:
    """Return by how many points the page is wider than the window; nothing should have to be scrolled to."""
    wide: Any = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    return int(wide)
