"""E-mails in a real Chromium: nothing is wider than a phone, in any layout, language, or with long names."""

from datetime import UTC, datetime
from typing import Any, Final

import pytest
from playwright.async_api import async_playwright

from browser.conftest import ARGUMENTS
from cardwright.notifications.brand import Brand, Links
from cardwright.notifications.catalogue import CATALOGUE
from cardwright.notifications.examples import example_facts
from cardwright.notifications.rendering import render_letter
from cardwright.notifications.speech import LANGUAGES, speech_of

AT: Final = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
ONE_OF_EACH_LAYOUT: Final = (
    "payments.authorization_approved",
    "payments.authorization_declined",
    "cases.question_asked",
    "authentication.signed_in_from_new_device",
    "authentication.verification_requested",
    "authentication.password_reset_issued",
    "kyc.reverification_due",
    "disputes.deadline_near",
    "cards.card_expiring",
)
LONG: Final = "W" * 60
LINKS: Final = Links(f"https://example.com/{'a' * 200}", "https://example.com/u", "https://example.com/p")
FOUND: Final = """() => ({
  width: document.documentElement.scrollWidth,
  direction: getComputedStyle(document.querySelector('[role=article]')).direction,
  ground: getComputedStyle(document.body).backgroundColor,
  images: document.images.length,
})"""


def page_of(event_type: str, language: str, **changed: Any) -> str:
    entry = CATALOGUE[event_type]
    facts = example_facts(entry, AT)
    facts |= {name: value for name, value in changed.items() if name in facts}
    speech = speech_of(language, "Asia/Kolkata")
    letter = render_letter(entry.template, facts, brand=Brand(LONG), speech=speech, links=LINKS)
    return letter.html


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_no_e_mail_is_wider_than_a_phone_and_none_asks_for_anything_outside(
    chromium: str, scheme: Any
) -> None:
    asked: list[str] = []
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=chromium, args=[*ARGUMENTS])
        context = await browser.new_context(viewport={"width": 390, "height": 800}, color_scheme=scheme)
        page = await context.new_page()
        page.on("request", lambda request: asked.append(request.url))
        for event_type in ONE_OF_EACH_LAYOUT:
            for language in LANGUAGES:
                long = {"merchant_name": LONG, "device": LONG, "amount": 10**14, "link": LINKS.action}
                await page.set_content(page_of(event_type, language, **long))
                found = await page.evaluate(FOUND)
                assert found["width"] <= 390, (event_type, language)
                assert found["direction"] == ("rtl" if language == "ar" else "ltr")
                assert (found["ground"] == "rgb(13, 17, 23)") is (scheme == "dark")
                assert found["images"] == 0
        await browser.close()
    assert asked == []
