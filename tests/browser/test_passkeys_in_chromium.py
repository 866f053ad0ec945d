"""Passkeys in a real browser, with the virtual authenticator that it brings along."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from playwright.async_api import CDPSession, Page
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from cardwright.core.clock import MovableClock
from cardwright.db.session import transaction
from integration.kyc.people import a_person
from proven_people import PASSWORD

EMAIL = "robin@example.com"
DEVICE = {
    "protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True,
    "isUserVerified": True, "automaticPresenceSimulation": True,
}  # fmt: skip


@dataclass
class Visitor:
    """Somebody at the browser, with a device that holds passkeys."""

    page: Page
    cdp: CDPSession
    device: str

    async def does(self, what: str, *arguments: Any) -> Any:
        return await self.page.evaluate(
            "([what, given]) => globalThis[what](...given)", [what, list(arguments)]
        )

    async def told(self, what: str, *arguments: Any) -> tuple[int, Any]:
        answer = await self.does(what, *arguments)
        return answer["status"], (answer["body"] or {}).get("code")

    async def sign_in_with_password(self) -> Mapping[str, Any]:
        body = {"email": EMAIL, "password": PASSWORD}
        return (await self.does("call", "POST", "/v1/auth/sign-in", body))["body"]  # type: ignore[no-any-return]

    async def sign_out(self) -> None:
        assert (await self.does("call", "POST", "/v1/auth/sign-out"))["status"] == 204


@pytest.fixture
async def visitor(page: Page, engine: AsyncEngine, clock: MovableClock) -> Visitor:
    await a_person(engine, clock, EMAIL)
    cdp = await page.context.new_cdp_session(page)
    await cdp.send("WebAuthn.enable")
    added = await cdp.send("WebAuthn.addVirtualAuthenticator", {"options": DEVICE})
    return Visitor(page, cdp, added["authenticatorId"])


async def test_a_passkey_is_made_signs_in_and_confirms_in_a_real_browser(
    visitor: Visitor, clock: MovableClock
) -> None:
    assert (await visitor.sign_in_with_password())["state"] == "signed_in"
    made = await visitor.does("enrol", "This laptop")
    assert (made["status"], made["body"]["passkey"]["name"]) == (201, "This laptop")
    assert len(made["body"]["recovery_codes"]) == 10
    assert await visitor.page.evaluate("document.cookie") == ""

    await visitor.sign_out()
    assert await visitor.told("call", "GET", "/v1/me/factors") == (401, "token_missing")
    clock.advance(timedelta(hours=1))
    signed_in = await visitor.does("signIn")
    assert (signed_in["status"], signed_in["body"]["state"]) == (200, "signed_in")
    factors = (await visitor.does("call", "GET", "/v1/me/factors"))["body"]
    assert [it["last_used_at"] is not None for it in factors["passkeys"]] == [True]

    assert (await visitor.does("call", "POST", "/v1/me/recovery-codes"))["status"] == 200
    clock.advance(timedelta(minutes=6))
    stale = await visitor.does("call", "POST", "/v1/me/recovery-codes")
    assert (stale["status"], stale["body"]["code"]) == (401, "step_up_required")
    assert stale["body"]["methods"] == ["passkey", "recovery_code"]
    assert (await visitor.does("stepUp"))["status"] == 200
    assert (await visitor.does("call", "POST", "/v1/me/recovery-codes"))["status"] == 200


async def test_a_passkey_finishes_a_sign_in_that_began_with_a_password(visitor: Visitor) -> None:
    await visitor.sign_in_with_password()
    await visitor.does("enrol", "This laptop")
    await visitor.sign_out()
    assert (await visitor.sign_in_with_password())["state"] == "factor_required"
    assert await visitor.told("call", "GET", "/v1/me") == (401, "factor_required")
    assert (await visitor.does("stepUp"))["body"]["state"] == "signed_in"
    assert (await visitor.does("call", "GET", "/v1/me"))["status"] == 200


async def test_the_browser_gives_nothing_without_verifying_the_person(visitor: Visitor) -> None:
    await visitor.sign_in_with_password()
    await visitor.does("enrol", "This laptop")
    unverified = {"authenticatorId": visitor.device, "isUserVerified": False}
    await visitor.cdp.send("WebAuthn.setUserVerified", unverified)
    assert await visitor.does("stepUp") == {"refusedByBrowser": "NotAllowedError"}


async def test_the_browser_gives_nothing_to_another_origin(visitor: Visitor, origin: str) -> None:
    await visitor.sign_in_with_password()
    await visitor.does("enrol", "This laptop")
    await visitor.page.goto(f"{origin.replace('localhost', '127.0.0.1')}/ceremony.html")
    assert await visitor.does("signIn") == {"refusedByBrowser": "SecurityError"}


async def test_a_copy_of_the_authenticator_is_found_out(visitor: Visitor, engine: AsyncEngine) -> None:
    await visitor.sign_in_with_password()
    await visitor.does("enrol", "This laptop")
    found = await visitor.cdp.send("WebAuthn.getCredentials", {"authenticatorId": visitor.device})
    (stolen,) = found["credentials"]
    for _ in range(3):
        assert (await visitor.does("stepUp"))["status"] == 200
    await visitor.cdp.send("WebAuthn.removeVirtualAuthenticator", {"authenticatorId": visitor.device})
    other = await visitor.cdp.send("WebAuthn.addVirtualAuthenticator", {"options": DEVICE})
    copied = {"authenticatorId": other["authenticatorId"], "credential": stolen}
    await visitor.cdp.send("WebAuthn.addCredential", copied)
    assert await visitor.told("signIn") == (401, "passkey_refused")
    async with transaction(engine) as session:
        query = "SELECT count(*) FROM audit_entries WHERE action = 'passkey.counter_rolled_back'"
        assert (await session.execute(text(query))).scalar_one() == 1
