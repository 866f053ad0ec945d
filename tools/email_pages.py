"""Look at e-mails: `make email-pages` photographs a chosen set in Chromium and writes docs/emails.md anew.

Each picture shows the same e-mail twice: on a phone (390 px) and at a desk (1024 px), half of them dark.
"""

import io
import sys
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from PIL import Image
from playwright.sync_api import Browser, sync_playwright

from cardwright.notifications.brand import Brand, Links
from cardwright.notifications.catalogue import CATALOGUE
from cardwright.notifications.examples import example_facts
from cardwright.notifications.rendering import Letter, render_letter
from cardwright.notifications.speech import speech_of

DOCS: Final = Path(__file__).parent.parent / "docs"
WIDTHS: Final = (390, 1024)
ARGUMENTS: Final = (
    "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update",
    "--disable-sync", "--no-first-run", "--disable-quic", "--font-render-hinting=none",
)  # fmt: skip
_AT: Final = datetime(2026, 11, 23, 12, 15, tzinfo=UTC)
_ZONES: Final = {
    "en": "Europe/London", "de": "Europe/Berlin", "fr": "Europe/Paris", "es": "Europe/Madrid",
    "ar": "Asia/Dubai",
}  # fmt: skip
_BRANDS: Final = (Brand("Northwind Cards"), Brand("Meridian", "#0f766e"), Brand("Amber Pay", "#f5b301"))
_QUALITY: Final = 62
_GAP: Final = 24


@dataclass(frozen=True, slots=True)
class Shot:
    """One picture: a type of event, the language, the colour scheme, and the brand."""

    event_type: str
    language: str = "en"
    is_dark: bool = False
    brand: Brand = _BRANDS[0]

    @property
    def name(self) -> str:
        """The picture's file name."""
        looks = "dark" if self.is_dark else "light"
        return f"{self.event_type.partition('.')[2]}-{self.language}-{looks}.webp"


SHOTS: Final = (
    Shot("payments.authorization_approved"),
    Shot("payments.authorization_declined", is_dark=True),
    Shot("funding.top_up_succeeded", brand=_BRANDS[1]),
    Shot("payments.refund_received", is_dark=True, brand=_BRANDS[1]),
    Shot("authentication.signed_in_from_new_device"),
    Shot("authentication.email_change_requested", is_dark=True, brand=_BRANDS[2]),
    Shot("authentication.verification_requested", brand=_BRANDS[2]),
    Shot("authentication.password_reset_issued", is_dark=True),
    Shot("kyc.rejected", brand=_BRANDS[1]),
    Shot("disputes.deadline_near"),
    Shot("cases.question_asked", is_dark=True, brand=_BRANDS[2]),
    Shot("cards.card_expiring"),
    Shot("payments.authorization_declined", "de"),
    Shot("authentication.verification_requested", "de", is_dark=True),
    Shot("payments.authorization_declined", "fr", brand=_BRANDS[1]),
    Shot("authentication.signed_in_from_new_device", "fr", is_dark=True),
    Shot("payments.authorization_declined", "es", is_dark=True, brand=_BRANDS[2]),
    Shot("disputes.deadline_near", "es"),
    Shot("payments.authorization_declined", "ar"),
    Shot("authentication.signed_in_from_new_device", "ar", is_dark=True),
    Shot("authentication.verification_requested", "ar", brand=_BRANDS[1]),
    Shot("funding.top_up_succeeded", "ar", is_dark=True, brand=_BRANDS[1]),
)

_INTRODUCTION: Final = """# E-mails

What `make email-pages` photographs: each e-mail on a phone (390 px) and at a desk (1024 px), light or dark,
with invented facts and three invented brands. The layouts are written in MJML (`tools/mail/layouts`), the
words are gettext catalogues (`src/cardwright/notifications/languages`);
[ADR 57](adr/0057-words-and-looks-of-messages.md) says why. Fonts are those of the reader's device; these
pictures were made with Roboto and Noto.
"""


def letter_of(shot: Shot) -> Letter:
    """Return the e-mail of a picture, with every link it can have."""
    entry = CATALOGUE[shot.event_type]
    action = None if entry.template == "verification_requested" else "https://example.com/app"
    is_essential = shot.event_type.startswith(("authentication.", "cases.", "kyc."))
    unsubscribe = None if is_essential else "https://example.com/unsubscribe"
    links = Links(action, unsubscribe, "https://example.com/preferences")
    speech = speech_of(shot.language, _ZONES[shot.language])
    return render_letter(
        entry.template, example_facts(entry, _AT), brand=shot.brand, speech=speech, links=links
    )


def photograph(browser: Browser, html: str, width: int, *, is_dark: bool) -> Image.Image:
    """Return what an e-mail looks like at a width, as high as it is."""
    context = browser.new_context(
        viewport={"width": width, "height": 320},
        color_scheme="dark" if is_dark else "light",
        java_script_enabled=False,
    )
    page = context.new_page()
    page.set_content(html)
    picture = page.screenshot(full_page=True)
    context.close()
    return Image.open(io.BytesIO(picture)).convert("RGB")


def _together(pictures: list[Image.Image]) -> Image.Image:
    height = max(picture.height for picture in pictures)
    width = sum(picture.width for picture in pictures) + _GAP * (len(pictures) - 1)
    sheet = Image.new("RGB", (width, height), "#8a94a0")
    left = 0
    for picture in pictures:
        ground = picture.getpixel((0, 0))
        sheet.paste(Image.new("RGB", (picture.width, height), ground), (left, 0))
        sheet.paste(picture, (left, 0))
        left += picture.width + _GAP
    return sheet


def _page() -> str:
    lines = [_INTRODUCTION]
    for shot in SHOTS:
        title = f"{shot.event_type}, {shot.language}, {'dark' if shot.is_dark else 'light'}"
        lines += [f"## {title}", "", f"![{title}](emails/{shot.name})", ""]
    return "\n".join(lines)


def main() -> int:
    """Write every picture and the page that shows them."""
    (DOCS / "emails").mkdir(exist_ok=True)
    for old in (DOCS / "emails").iterdir():
        old.unlink()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=sys.argv[1], args=list(ARGUMENTS))
        for shot in SHOTS:
            html = letter_of(shot).html
            pictures = [photograph(browser, html, width, is_dark=shot.is_dark) for width in WIDTHS]
            _together(pictures).save(DOCS / "emails" / shot.name, quality=_QUALITY, method=6)
        browser.close()
    (DOCS / "emails.md").write_text(_page())
    return 0


if __name__ == "__main__":
    sys.exit(main())
