"""What the people of these tests do outside the app, without a browser: inbox, bank, merchants."""

import json
import re
import time
from collections.abc import Callable
from typing import Any, TypeVar

import httpx
from playwright.sync_api import Page

from cardwright.demo.simulated import simulator_client

T = TypeVar("T")
PATIENCE_SECONDS = 20.0


def eventually(what: str, look: Callable[[], T | None], patience: float = PATIENCE_SECONDS) -> T:
    """Look again and again until there is something to see, for at most so many seconds."""
    deadline = time.monotonic() + patience
    while time.monotonic() < deadline:
        found = look()
        if found:
            return found
        time.sleep(0.05)
    raise AssertionError(f"waited {patience:.0f} s for: {what}")


class Outside:
    """The simulator: over HTTP, and Stripe's part by its official client."""

    def __init__(self, address: str) -> None:
        self._http = httpx.Client(base_url=address, timeout=20)
        self._stripe = simulator_client(address)

    def letter(self, to: str, containing: str) -> str:
        """Return the newest e-mail to somebody that contains a text."""

        def look() -> str | None:
            answer = self._http.get("/_sim/inbox", params={"channel": "email", "to": to}).raise_for_status()
            texts = (f"{message.get('subject')} {message['text']}" for message in answer.json()["data"])
            return next((text for text in texts if containing.lower() in text.lower()), None)

        return eventually(f"an e-mail to {to} with {containing!r}", look)

    def code(self, to: str, other_than: str | None = None) -> str:
        """Return the six digits that somebody was sent, and not those of an earlier letter."""

        def look() -> str | None:
            found = re.search(r"\b[0-9]{6}\b", self.letter(to, "code"))
            assert found is not None
            return None if found[0] == other_than else found[0]

        return eventually("another code", look)

    def hand_in_documents(self, url: str, outcome: str = "verified") -> None:
        """Do what the page of the verifier asks for."""
        session = url.rstrip("/").rsplit("/", 1)[-1]
        self._http.post(
            f"/_sim/stripe/identity/{session}/submit", json={"outcome": outcome}
        ).raise_for_status()

    def pay(self, card_id: str, merchant: str, amount: int) -> Any:
        """Pay with one of our cards at a made-up merchant and return the network's authorization."""
        card = self._card(card_id)
        shown = self._stripe.v1.issuing.cards.retrieve(card.id, {"expand": ["number", "cvc"]})
        number = {name: getattr(shown, name) for name in ("number", "exp_month", "exp_year", "cvc")}
        wish = {"card": number, "merchant": merchant, "amount": amount}
        return self._http.post("/_sim/stripe/pay", json=wish).raise_for_status().json()

    def ask_for_approval(self, card_id: str, merchant: str, amount: str) -> None:
        """Begin a purchase that its holder has to approve; the merchant's page waits."""
        wish = {"card": self._card(card_id).id, "merchant": merchant, "amount": amount}
        begun = self._http.post("/pay/confirm", data=wish, follow_redirects=False)
        assert "/pay/confirm/" in begun.headers["location"], begun.headers["location"]

    def clear(self, authorization: str, amount: int) -> str:
        """Let the merchant collect and return the transaction."""
        done = self._stripe.v1.test_helpers.issuing.authorizations.capture(
            authorization, {"capture_amount": amount, "close_authorization": True}
        )
        return str(done.transactions[-1].id)

    def charge_as(self, card_id: str, merchant: dict[str, str], amount: int) -> None:
        """Let a merchant that calls itself what it likes take money."""
        asked: Any = {"card": self._card(card_id).id, "amount": amount, "merchant_data": merchant}
        made = self._stripe.v1.test_helpers.issuing.authorizations.create(asked)
        self.clear(made.id, amount)

    def refund(self, transaction: str, amount: int) -> None:
        """Let the merchant refund a part of a transaction."""
        self._stripe.v1.test_helpers.issuing.transactions.refund(transaction, {"refund_amount": amount})

    def receiver(self, name: str) -> str:
        """Return an address that takes webhooks and keeps them."""
        return f"{str(self._http.base_url).rstrip('/')}/receivers/{name}"

    def lend_push_service(self, page: Page) -> str:
        """Give a page a subscription of the simulator's push service, and return its address.

        Chromium has none without Google's.
        """
        page.context.grant_permissions(["notifications"])
        made = self._http.post("/_sim/push/subscriptions", json={}).raise_for_status().json()
        page.add_init_script(
            f"""let made = null
            const lent = {{
              toJSON: () => ({json.dumps(made)}),
              unsubscribe: async () => ((made = null), true),
            }}
            PushManager.prototype.subscribe = async () => (made = lent)
            PushManager.prototype.getSubscription = async () => made"""
        )
        return str(made["endpoint"])

    def pushed(self, endpoint: str, containing: str) -> dict[str, Any]:
        """Return the newest message to a browser that contains a text, as its worker is given it."""

        def look() -> dict[str, Any] | None:
            params = {"channel": "push", "to": endpoint}
            found = self._http.get("/_sim/inbox", params=params).raise_for_status().json()["data"]
            told = [
                {"title": it["subject"], "body": it["text"], **it["extra"]["data"]}
                for it in found
                if containing.lower() in f"{it['subject']} {it['text']}".lower()
            ]
            return told[0] if told else None

        return eventually(f"a push with {containing!r}", look)

    def _card(self, card_id: str) -> Any:
        cards = self._stripe.v1.issuing.cards.list({"limit": 100})
        return next(c for c in cards.auto_paging_iter() if c.metadata.to_dict().get("card_id") == card_id)
