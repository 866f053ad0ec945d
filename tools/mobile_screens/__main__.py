"""Photograph every screen of the mobile app, as large as a phone: light, dark, right to left.

PYTHONPATH=tests:tools python -m mobile_screens FOLDER --only card
"""

import contextlib
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright
from rich.console import Console

from cardwright.demo.stack import running_stack
from mobile.browser.handset import Handset
from mobile.browser.serving import serving
from mobile_screens.screens import LOOKS, Look, Screen, sittings
from mobile_screens.world import World, make_world
from optional import find_chromium
from web.conftest import ARGUMENTS, BUILT

PATIENCE_MS = 30_000
RESTLESS_MS, MOST_LOOKS = 900, 8
TOO_SMALL = """() => [...document.querySelectorAll('[role=button],[role=tab],[role=switch],[role=textbox]')]
  .map((it) => [it, it.getBoundingClientRect()])
  // What is cut off by an edge is larger than is seen.
  .filter(([, box]) => box.left > 0 && box.right < innerWidth && box.top > 0 && box.bottom < innerHeight - 80)
  .filter(([, box]) => box.width > 0 && (box.width < 47.5 || box.height < 47.5))
  .map(([it, box]) => `${it.getAttribute('aria-label') ?? it.textContent} `
    + `${Math.round(box.width)} x ${Math.round(box.height)}`)"""
console = Console()


def main(
    folder: Annotated[Path, typer.Argument(help="Where the pictures go.")],
    only: Annotated[str, typer.Option(help="Only screens whose name has this in it.")] = "",
    look: Annotated[list[str], typer.Option(help="light, dark or arabic.")] = list(LOOKS),  # noqa: B006
    sharp: Annotated[float, typer.Option(help="Points of the picture to one of the screen.")] = 1.5,
) -> None:
    """Start everything, make the world, take the pictures."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in ("DATABASE_URL", "REDIS_URL"):
        os.environ.pop(name, None)
    ports = {"api_port": 0, "simulator_port": 0, "smtp_port": 0}
    with (
        tempfile.TemporaryDirectory() as data,
        running_stack(Path(data), tell=console.status, web=BUILT, **ports) as (where, _),
    ):
        with console.status("Ada lives with her cards"):
            world = make_world(where)
        with serving(where.api, Path(data) / "app.log") as address, sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=find_chromium(), args=list(ARGUMENTS))
            for name in look:
                for shown in _taken(browser, address, world, LOOKS[name], folder, only, sharp):
                    console.print(shown)
            browser.close()
    console.print(f"{len(list(folder.glob('*.png')))} pictures in {folder}")


def _taken(
    browser: Browser, address: str, world: World, look: Look, folder: Path, only: str, sharp: float
) -> Iterator[str]:
    for sitting in sittings(world):
        asked = [screen for screen in sitting.screens if only in screen.name]
        if not asked:
            continue
        with _opened(browser, look, sharp) as context:
            handset = Handset(context.new_page(), address)
            handset.open()
            if look.language != "en":
                handset.tap(f"language-{look.language}")
            if sitting.who is not None:
                handset.sign_in(sitting.who, sitting.code())
                handset.piece("balance").wait_for(state="attached")
            for screen in asked:
                yield _take(handset, screen, folder / f"{screen.name}-{look.name}.png")


def _take(handset: Handset, screen: Screen, file: Path) -> str:
    page = handset.page
    if screen.place:
        handset.open(screen.place)
        page.locator("[flt-semantics-identifier]").first.wait_for(state="attached")
    screen.act(handset)
    handset.does_not_see("loading")
    file.write_bytes(_at_rest(page))
    small: list[str] = page.evaluate(TOO_SMALL)
    return f"{file.name}, too small for a finger: {', '.join(small)}" if small else file.name


def _at_rest(page: Page) -> bytes:
    """Return the picture once it stays the same: what moves in has come, fonts and colours are there."""
    before = b""
    for _ in range(MOST_LOOKS):
        page.wait_for_timeout(RESTLESS_MS)
        taken = page.screenshot()
        if taken == before:
            break
        before = taken
    return before


@contextlib.contextmanager
def _opened(browser: Browser, look: Look, sharp: float) -> Iterator[BrowserContext]:
    context = browser.new_context(
        locale="en-US", timezone_id="America/New_York", color_scheme=look.scheme, reduced_motion="reduce",
        has_touch=True, is_mobile=True, viewport={"width": 390, "height": 844}, device_scale_factor=sharp,
    )  # fmt: skip
    context.set_default_timeout(PATIENCE_MS)
    yield context
    context.close()


if __name__ == "__main__":
    typer.run(main)
