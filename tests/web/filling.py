"""Forms that several tests fill in."""

import re

from playwright.sync_api import Page


def fill_profile(page: Page) -> None:
    """Say who one is, and keep it."""
    page.get_by_label("Full name").fill("Grace Hopper")
    page.get_by_label("Date of birth").fill("1986-12-09")
    page.get_by_label(re.compile("Mobile phone")).fill("+16175550177")
    page.get_by_label("Street and number").fill("1 Harbour Way")
    page.get_by_label("Postal code").fill("02108")
    page.get_by_label("City").fill("Boston")
    page.get_by_role("button", name="Save").click()
