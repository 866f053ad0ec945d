"""A hand on the app: Flutter paints on a canvas, so it is used by what it tells screen readers."""

import re
from contextlib import suppress

from playwright.sync_api import Locator, Page, expect

from web.holder import PASSWORD, Holder

PATIENCE_MS = 20_000
TAPS, LOST_MS = 4, 4_000
LOWEST = 830
"""As far down as something may reach and still be tapped."""
LETTER_MS = 25
RESTLESS_MS, MOST_STEPS = 700, 15


class Handset:
    """The app in a browser of a phone's size."""

    def __init__(self, page: Page, address: str) -> None:
        self.page = page
        self._address = address

    def open(self, place: str = "/") -> None:
        """Load the app anew, at one of its places."""
        self.page.goto(f"{self._address}{place}")
        self._wake()

    def piece(self, identifier: str) -> Locator:
        """Return the piece that the app calls so."""
        return self.page.locator(f"[flt-semantics-identifier='{identifier}']").first

    def button(self, name: str) -> Locator:
        """Return the button whose name has this in it; it may be a pattern."""
        return self.page.get_by_role("button", name=re.compile(name)).first

    def sign_in(self, holder: Holder, recovery_code: str | None = None) -> None:
        """Go the whole way: the app, the server's page in the browser, and back."""
        self.piece("sign-in").get_by_role("button").click()
        self.prove(holder, recovery_code)

    def prove(self, holder: Holder, recovery_code: str | None = None) -> None:
        """Say on the server's page who it is, by a second factor where there is one, and come back."""
        self.page.get_by_label("E-mail address").fill(holder.email)
        self.page.get_by_label("Password", exact=True).fill(PASSWORD)
        self.page.get_by_role("button", name="Sign in", exact=True).click()
        if recovery_code is not None:
            self.page.get_by_role("button", name="Use a recovery code").click()
            self.page.get_by_label("Recovery code").fill(recovery_code)
            self.page.get_by_role("button", name="Confirm").click()
        self.page.get_by_role("button", name="Allow").click()
        self.page.wait_for_url(re.compile(f"^{re.escape(self._address)}/"))
        self._wake()

    def tap(self, identifier: str) -> None:
        """Tap the button that a piece is, or has in it."""
        piece = self.piece(identifier)
        expect(piece).to_be_attached(timeout=PATIENCE_MS)
        inner = piece.get_by_role("button")
        (inner if inner.count() else piece).first.click()

    def type(self, identifier: str, text: str) -> None:
        """Type into a field, as slowly as Flutter takes letters."""
        box = self.piece(identifier).get_by_role("textbox")
        box.focus()
        expect(box).to_be_focused()
        self.page.wait_for_timeout(150)
        self.page.keyboard.type(text, delay=LETTER_MS)
        if box.input_value() != text:
            # A busy machine lets Flutter miss a letter; whoever types sees that and does it again.
            self.page.keyboard.press("ControlOrMeta+A")
            self.page.keyboard.type(text, delay=3 * LETTER_MS)
        expect(box).to_have_value(text)

    def choose(self, name: str) -> None:
        """Scroll down to a button and tap it.

        What lies below the screen is told to screen readers before it can be tapped, and where it is told to
        be lags behind the picture.
        """
        button = self.button(name)
        expect(button).to_be_attached(timeout=PATIENCE_MS)
        before, steps = -1.0, 0
        while steps < MOST_STEPS:
            box = button.bounding_box()
            assert box is not None, name
            if box["y"] + box["height"] > LOWEST:
                self.page.mouse.move(195, 500)
                self.page.mouse.wheel(0, 200)
            elif box["y"] == before:
                break
            before, steps = box["y"], steps + 1
            self.page.wait_for_timeout(RESTLESS_MS)
        button.click()

    def does_not_see(self, identifier: str) -> None:
        """Wait until a piece is gone."""
        expect(self.piece(identifier)).to_have_count(0, timeout=PATIENCE_MS)

    def tab(self, position: int) -> None:
        """Choose one of the tabs at the bottom; whoever sees that a tap was lost taps again."""
        tab = self.page.get_by_role("tab").nth(position)
        for _ in range(TAPS):
            tab.click()
            with suppress(AssertionError):
                expect(tab).to_have_attribute("aria-selected", "true", timeout=LOST_MS)
                return
        expect(tab).to_have_attribute("aria-selected", "true")

    def back(self) -> None:
        """Go back by the arrow at the top."""
        self.page.get_by_role("button", name="Back").click()

    def sees(self, identifier: str, text: str) -> None:
        """Wait until a piece tells a text, by its name or within it."""
        piece = self.piece(identifier)
        expect(piece).to_be_attached(timeout=PATIENCE_MS)
        expect(self.page.locator(f"[flt-semantics-identifier='{identifier}']").filter(has_text=text).or_(
            self.page.locator(f"[flt-semantics-identifier='{identifier}'][aria-label*='{text}']")
        ).first).to_be_attached(timeout=PATIENCE_MS)  # fmt: skip

    def _wake(self) -> None:
        # Until somebody asks for it, Flutter keeps no tree for screen readers.
        self.page.wait_for_selector("flt-semantics-placeholder", state="attached", timeout=60_000)
        self.page.evaluate("document.querySelector('flt-semantics-placeholder').click()")
        self.page.wait_for_selector("flt-semantics-host flt-semantics", state="attached")
