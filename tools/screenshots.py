"""Photograph every page of the web app in a made-up world: three widths, light and dark, into a folder.

PYTHONPATH=tests python tools/screenshots.py FOLDER [LANGUAGE]
"""

import contextlib
import os
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from playwright.sync_api import Browser, Page, expect, sync_playwright

from cardwright.demo.stack import Addresses, running_stack
from optional import find_chromium
from web.conftest import ARGUMENTS, BUILT, enter
from web.holder import Holder
from web.outside import Outside, eventually

WIDTHS: Final = (390, 1024, 1600)
SCHEMES: Final[Sequence[Any]] = ("light", "dark")
LANGUAGES: Final = {"en": "en-US", "de": "de-DE", "ar": "ar"}
LOWEST, HIGHEST = 844, 2600
SHARP: Final = 1.5
MONTHLY: Final = {"cloud": 90_00, "travel": 900_00, "everyday": 400_00}
SPENT_IN_VAIN, HALF_BACK = 349_00, 44_50
PURCHASES: Final = (
    ("everyday", "green-basket", 64_18, "cleared"),
    ("everyday", "pine-books", 23_50, "cleared"),
    ("travel", "harbor-hotel", 214_00, "pending"),
    ("travel", "north-air", 186_40, "cleared"),
    ("cloud", "cloud-forge", 48_00, "cleared"),
    ("everyday", "last-mile-fuel", 41_30, "pending"),
    ("music", "tune-river", 10_99, "cleared"),
    ("travel", "swift-wheels", 58_75, "cleared"),
    ("everyday", "gadget-pier", 89_00, "refunded"),
    ("music", "gadget-pier", 129_00, "declined"),
    ("everyday", "corner-cafe", 7_80, "cleared"),
    ("everyday", "gadget-pier", SPENT_IN_VAIN, "declined"),
    ("everyday", "corner-cafe", 12_40, "pending"),
    ("cloud", "cloud-forge", 15_00, "cleared"),
    ("everyday", "green-basket", 31_05, "pending"),
)


def main() -> None:
    """Start everything, make the world, take the pictures."""
    folder = Path(sys.argv[1])
    language = (*sys.argv[2:], "en")[0]
    folder.mkdir(parents=True, exist_ok=True)
    for name in ("DATABASE_URL", "REDIS_URL"):
        os.environ.pop(name, None)
    ports = {"api_port": 0, "simulator_port": 0, "smtp_port": 0}
    with tempfile.TemporaryDirectory() as data:
        silent = contextlib.nullcontext
        with running_stack(Path(data), tell=lambda _: silent(), web=BUILT, **ports) as (where, _):
            outside = Outside(where.simulator)
            holder = Holder(where.api, outside, "ada@people.example")
            ids = make_world(holder, outside)
            newcomer = Holder(where.api, outside, "max@people.example")
            newcomer.sign_up()
            with sync_playwright() as playwright:
                browser = playwright.chromium.launch(executable_path=find_chromium(), args=list(ARGUMENTS))
                for scheme in SCHEMES:
                    for width in WIDTHS:
                        photograph(browser, where, (holder, newcomer), ids, folder, scheme, width, language)
                browser.close()
    print(f"{len(list(folder.glob('*.png')))} pictures in {folder}")  # noqa: T201 - a program for people


def make_world(holder: Holder, outside: Outside) -> Mapping[str, str]:
    """Let somebody have cards of several kinds and pay with them; return the ids that pages need."""
    holder.sign_up()
    holder.prove_identity()
    profile = {"full_name": "Ada Byron", "date_of_birth": "1985-12-10", "locale": "en-US"}
    address = {"line1": "1 Harbour Way", "city": "Boston", "postal_code": "02108", "country": "US"}
    holder.call(
        "PUT", "/v1/me/profile",
        {**profile, "time_zone": "America/New_York", "phone": "+16175550142", "address": address},
    )  # fmt: skip
    holder.add_money(1_850_00)
    monthly = {name: [{"window": "month", "amount": amount}] for name, amount in MONTHLY.items()}
    daily = {"window": "day", "amount": 250_00}
    cards = {
        "cloud": holder.create_card(
            "Cloud bills", type="recurring", colour="blue", limits=monthly["cloud"]
        ),
        "music": holder.create_card("Music", type="merchant_locked", colour="violet"),
        "travel": holder.create_card("Lisbon trip", colour="orange", limits=monthly["travel"]),
        "everyday": holder.create_card(
            "Everyday", colour="evergreen", limits=[*monthly["everyday"], daily]
        ),
    }  # fmt: skip
    frozen = holder.create_card("Old gym", type="standard", colour="slate")
    holder.call("POST", f"/v1/cards/{frozen}/freeze")
    for card, merchant, amount, outcome in PURCHASES:
        authorization = outside.pay(cards[card], merchant, amount)
        if outcome in ("cleared", "refunded") and authorization["approved"]:
            transaction = outside.clear(authorization["id"], amount)
            if outcome == "refunded":
                outside.refund(transaction, amount // 2)
    eventually("all payments", lambda: len(payments(holder)) == len(PURCHASES))
    eventually("what was cleared", lambda: any(found["posted"] == HALF_BACK for found in payments(holder)))
    listed = payments(holder)
    declined = next(p for p in listed if p["status"] == "declined" and p["amount"] == SPENT_IN_VAIN)
    refunded = next(p for p in listed if p["posted"] == HALF_BACK)
    note = {"note": "Headphones; one of the two went back.", "tags": []}
    holder.call("PUT", f"/v1/payments/{refunded['id']}/annotation", note)
    return {**cards, "declined": declined["id"], "refunded": refunded["id"], "frozen": frozen}


def payments(holder: Holder) -> list[dict[str, Any]]:
    """Return all payments of somebody."""
    found: list[dict[str, Any]] = holder.call("GET", "/v1/payments?limit=50")["data"]
    return found


def photograph(
    browser: Browser, where: Addresses, people: tuple[Holder, Holder], ids: Mapping[str, str], folder: Path,
    scheme: Any, width: int, language: str,
) -> None:  # fmt: skip
    """Take every page at one width in one scheme."""
    context = browser.new_context(
        base_url=where.api, color_scheme=scheme, locale=LANGUAGES[language], reduced_motion="reduce",
        timezone_id="America/New_York", viewport={"width": width, "height": LOWEST},
        device_scale_factor=SHARP,
    )  # fmt: skip
    holder, newcomer = people
    page = context.new_page()
    ending = f"{width}-{scheme}{'' if language == 'en' else '-' + language}.png"
    for name, path in (
        ("sign-in", "/sign-in"),
        ("sign-up", "/sign-up"),
        ("forgotten", "/forgotten-password"),
    ):
        take(page, path, folder / f"{name}-{ending}")
    enter(context, newcomer, where)
    for name, path in (("newcomer", "/"), ("profile", "/identity"), ("no-payments", "/activity")):
        take(page, path, folder / f"{name}-{ending}")
    enter(context, holder, where)
    pages = {
        "home": "/", "cards": "/cards", "card": f"/cards/{ids['everyday']}",
        "frozen": f"/cards/{ids['frozen']}",
        "new-card": "/cards/new", "activity": "/activity", "declined": f"/payments/{ids['declined']}",
        "refunded": f"/payments/{ids['refunded']}", "top-up": "/top-up", "identity": "/identity",
        "inbox": "/inbox", "security": "/security", "missing": "/no-such-page",
    }  # fmt: skip
    for name, path in pages.items():
        take(page, path, folder / f"{name}-{ending}")
    page.goto("/cards/new")
    page.locator("main button").first.click()
    expect(page.locator("form")).to_be_visible()
    page.screenshot(path=folder / f"new-card-2-{ending}")
    context.close()


def take(page: Page, path: str, file: Path) -> None:
    """Take one page, as high as it is."""
    page.set_viewport_size({"width": page.viewport_size["width"], "height": LOWEST})  # type: ignore[index]
    page.goto(path)
    expect(page.locator("h1, h2").first).to_be_visible()
    expect(page.locator(".mantine-Skeleton-root")).to_have_count(0)
    page.evaluate("document.fonts.ready")
    page.mouse.move(0, 0)
    height = min(HIGHEST, max(LOWEST, int(page.evaluate("document.documentElement.scrollHeight"))))
    page.set_viewport_size({"width": page.viewport_size["width"], "height": height})  # type: ignore[index]
    page.wait_for_timeout(150)
    page.screenshot(path=file)


if __name__ == "__main__":
    main()
