"""Somebody with an account, made over the API as fast as that goes, for tests of what comes afterwards."""

from typing import Any
from uuid import uuid4

import httpx
import pyotp

from web.outside import Outside, eventually

PASSWORD = "correct horse battery staple"
COOKIE = "__Host-cardwright"
OUR_PAGE = {
    "Sec-Fetch-Site": "same-origin", "X-CSRF-Protection": "1",
    "User-Agent": "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/150.0.0.0 Safari/537.36",
}  # fmt: skip
PROFILE = {
    "full_name": "Grace Hopper", "date_of_birth": "1986-12-09", "locale": "en-US",
    "time_zone": "America/New_York", "phone": "+16175550142",
    "address": {"line1": "1 Harbour Way", "city": "Boston", "postal_code": "02108", "country": "US"},
}  # fmt: skip


class Holder:
    """A cardholder; `secret` is what the cookie of their session holds, `agent` their browser's name."""

    def __init__(self, api: str, outside: Outside, email: str) -> None:
        self._http = httpx.Client(base_url=api, timeout=20)
        self._outside = outside
        self.email = email
        self.secret = ""
        self.agent = "Mozilla/5.0 (tests)"

    def call(self, method: str, path: str, body: Any = None) -> Any:
        """Make one call as our pages do and return what came back; anything but success fails the test."""
        headers = {**OUR_PAGE, "User-Agent": self.agent}
        if self.secret:
            headers["Cookie"] = f"{COOKIE}={self.secret}"
        if method == "POST":
            headers["Idempotency-Key"] = str(uuid4())
        answer = self._http.request(method, path, json=body, headers=headers)
        assert answer.is_success, f"{method} {path}: {answer.status_code} {answer.text}"
        # A session gets another secret whenever it may do more.
        self.secret = answer.cookies.get(COOKIE) or self.secret
        return answer.json() if answer.content else None

    def sign_up(self) -> None:
        """Register, prove the address, sign in."""
        wanted = {"email": self.email, "password": PASSWORD}
        registered = self.call("POST", "/v1/auth/register", wanted)
        proof = {"email": self.email, "code": self._outside.code(self.email), **registered}
        self.call("POST", "/v1/auth/verify-email", proof)
        self.sign_in(PASSWORD)

    def use_second_factor(self) -> list[str]:
        """Set up an authenticator app, which some things ask for, and return the recovery codes."""
        secret = self.call("POST", "/v1/me/totp")["secret"]
        made = self.call("POST", "/v1/me/totp/confirm", {"code": pyotp.TOTP(secret).now()})
        return list(made["recovery_codes"])

    def sign_in(self, password: str) -> None:
        """Open a session, as a cardholder or as staff."""
        self.call("POST", "/v1/auth/sign-in", {"email": self.email, "password": password})

    def prove_identity(self) -> None:
        """Fill in the profile and be verified."""
        self.call("PUT", "/v1/me/profile", PROFILE)
        self.call("POST", "/v1/identity-verifications")
        url = eventually("the verifier's page", lambda: self.call("GET", "/v1/me/identity")["url"])
        self._outside.hand_in_documents(url)
        eventually("the verification", lambda: self.call("GET", "/v1/me/identity")["status"] == "approved")

    def add_money(self, amount: int) -> None:
        """Top up and wait until the money is there."""
        body = {"amount": amount, "currency": "USD", "payment_method_token": "pm_card_visa"}
        self.call("POST", "/v1/top-ups", body)
        eventually("the money", lambda: self.call("GET", "/v1/wallet")["posted_balance"] >= amount)

    def create_card(self, label: str, **terms: Any) -> str:
        """Create a card, wait until it can pay, and return its id."""
        made = self.call("POST", "/v1/cards", {"label": label, **terms})
        path = f"/v1/cards/{made['id']}"
        eventually("the card", lambda: self.call("GET", path)["state"] == "active")
        return str(made["id"])
