"""A hand on the app: Flutter paints on a canvas, so it is used by what it tells screen readers."""

import re

from playwright.sync_api import Locator, Page, expect

from web.holder import PASSWORD, Holder

PATIENCE_MS = 20_000


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

    def sign_in(self, holder: Holder) -> None:
        """Go the whole way: the app, the server's page in the browser, and back."""
        self.piece("sign-in").get_by_role("button").click()
        self.page.get_by_label("E-mail address").fill(holder.email)
        self.page.get_by_label("Password", exact=True).fill(PASSWORD)
        self.page.get_by_role("button", name="Sign in", exact=True).click()
        self.page.get_by_role("button", name="Allow").click()
        self.page.wait_for_url(re.compile(f"^{re.escape(self._address)}/"))
        self._wake()

    def tab(self, position: int) -> None:
        """Choose one of the tabs at the bottom."""
        self.page.get_by_role("tab").nth(position).click()

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
