"""Second factors over HTTP: adding them, signing in with them, finishing a sign-in, confirming."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import httpx
import pyotp
import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from browsers import OUR_PAGE, cookie_set_by, headers_of, opened_for
from cardwright.core.clock import MovableClock
from cardwright.db.session import transaction
from integration.kyc.people import a_person
from proven_people import PASSWORD
from software_authenticator import SoftwareAuthenticator

EMAIL = "robin@example.com"
AN_ID = "passkey_01kb3x9p4fe8s8b9xkq5n2r7vt"
CREDENTIALS = {"email": EMAIL, "password": PASSWORD}


@dataclass
class Browser:
    """A browser that keeps the cookie it was given last, with an authenticator and an authenticator app."""

    client: httpx.AsyncClient
    clock: MovableClock
    device: SoftwareAuthenticator = field(default_factory=SoftwareAuthenticator)
    app: pyotp.TOTP | None = None
    secret: str = ""

    @property
    def headers(self) -> Mapping[str, str]:
        return headers_of(self.secret) if self.secret else OUR_PAGE

    async def call(self, method: str, path: str, body: Any = None) -> httpx.Response:
        response = await self.client.request(method, path, json=body, headers=self.headers)
        if "set-cookie" in response.headers:
            self.secret = cookie_set_by(response)
        return response

    async def post(self, path: str, body: Any = None) -> httpx.Response:
        return await self.call("POST", path, body)

    async def sign_in(self) -> httpx.Response:
        self.secret = ""
        return await self.post("/v1/auth/sign-in", CREDENTIALS)

    async def make_passkey(self) -> httpx.Response:
        ceremony = (await self.post("/v1/me/passkeys/options")).json()
        body = {"ceremony_id": ceremony["ceremony_id"], "name": "Phone"}
        return await self.post(
            "/v1/me/passkeys", {**body, "credential": self.device.make(ceremony["public_key"])}
        )

    async def use_passkey(self, where: str, **forged: Any) -> httpx.Response:
        options = "passkey/options" if where == "passkey/sign-in" else f"{where}/options"
        ceremony = (await self.post(f"/v1/auth/{options}")).json()
        answer = self.device.use(ceremony["public_key"], **forged)
        return await self.post(
            f"/v1/auth/{where}", {"ceremony_id": ceremony["ceremony_id"], "credential": answer}
        )

    async def add_app(self) -> httpx.Response:
        shown = (await self.post("/v1/me/totp")).json()
        self.app = pyotp.TOTP(shown["secret"])
        return await self.post("/v1/me/totp/confirm", {"code": self.code})

    @property
    def code(self) -> str:
        assert self.app is not None
        return self.app.at(self.clock.now())


@pytest.fixture
async def robin(client: httpx.AsyncClient, engine: AsyncEngine, clock: MovableClock) -> Browser:
    await a_person(engine, clock, EMAIL)
    browser = Browser(client, clock)
    assert (await browser.sign_in()).json()["state"] == "signed_in"
    return browser


def told(response: httpx.Response) -> tuple[int, str]:
    return response.status_code, response.json()["code"]


async def test_a_passkey_is_added_signs_in_and_confirms(robin: Browser, clock: MovableClock) -> None:
    before = robin.secret
    added = await robin.make_passkey()
    assert added.status_code == 201
    assert added.json()["passkey"]["name"] == "Phone"
    assert len(added.json()["recovery_codes"]) == 10
    assert robin.secret != before
    old = await robin.client.get("/v1/me/factors", headers=headers_of(before))
    assert told(old) == (401, "session_ended")

    await robin.post("/v1/auth/sign-out")
    robin.secret = ""
    clock.advance(timedelta(hours=1))
    signed_in = await robin.use_passkey("passkey/sign-in")
    assert (signed_in.status_code, signed_in.json()["state"]) == (200, "signed_in")
    sessions = (await robin.call("GET", "/v1/auth/sessions")).json()["data"]
    assert [it["methods"] for it in sessions] == [["hwk"]]
    factors = (await robin.call("GET", "/v1/me/factors")).json()
    assert factors["passkeys"][0]["last_used_at"] == clock.now().isoformat().replace("+00:00", "Z")
    assert (factors["totp_confirmed_at"], factors["recovery_codes_left"]) == (None, 10)

    clock.advance(timedelta(minutes=6))
    stale = await robin.post("/v1/me/recovery-codes")
    assert told(stale) == (401, "step_up_required")
    assert (await robin.use_passkey("step-up/passkey")).status_code == 200
    assert (await robin.post("/v1/me/recovery-codes")).status_code == 200


async def test_a_password_alone_is_half_a_sign_in_once_there_is_a_factor(
    robin: Browser, clock: MovableClock
) -> None:
    await robin.add_app()
    clock.advance(timedelta(minutes=10))
    half = await robin.sign_in()
    assert half.json()["state"] == "factor_required"
    for method, path in (("GET", "/v1/me/factors"), ("POST", "/v1/me/totp"), ("GET", "/v1/me")):
        assert told(await robin.call(method, path)) == (401, "factor_required")
    assert told(await robin.post("/v1/auth/step-up/totp", {"code": "000000"})) == (401, "code_invalid")
    half_secret = robin.secret
    whole = await robin.post("/v1/auth/step-up/totp", {"code": robin.code})
    assert whole.json() == {**half.json(), "state": "signed_in"}
    assert robin.secret != half_secret
    assert (await robin.call("GET", "/v1/me/factors")).json()["totp_confirmed_at"] is not None
    again = await robin.client.post(
        "/v1/auth/step-up/totp", json={"code": robin.code}, headers=headers_of(half_secret)
    )
    assert told(again) == (401, "session_ended")


async def test_a_recovery_code_or_a_passkey_finishes_a_sign_in_as_well(robin: Browser) -> None:
    codes = (await robin.make_passkey()).json()["recovery_codes"]
    for body, is_good in (({"code": "0000-0000-0000-0000"}, False), ({"code": codes[0]}, True)):
        await robin.sign_in()
        answer = await robin.post("/v1/auth/step-up/recovery-code", body)
        assert answer.is_success is is_good
    await robin.sign_in()
    assert told(await robin.post("/v1/auth/step-up/recovery-code", {"code": codes[0]})) == (
        401, "code_invalid",
    )  # fmt: skip
    assert (await robin.use_passkey("step-up/passkey")).status_code == 200
    assert (await robin.call("GET", "/v1/me/factors")).json()["recovery_codes_left"] == 9


async def test_everything_lost_but_a_recovery_code_is_enough_to_begin_anew(robin: Browser) -> None:
    codes = (await robin.add_app()).json()["recovery_codes"]
    await robin.sign_in()
    await robin.post("/v1/auth/step-up/recovery-code", {"code": codes[3]})
    assert (await robin.call("DELETE", "/v1/me/totp")).status_code == 204
    assert told(await robin.post("/v1/me/recovery-codes")) == (409, "factor_missing")
    assert (await robin.make_passkey()).status_code == 201


async def test_a_challenge_answers_once(robin: Browser) -> None:
    await robin.make_passkey()
    ceremony = (await robin.post("/v1/auth/passkey/options")).json()
    body = {"ceremony_id": ceremony["ceremony_id"], "credential": robin.device.use(ceremony["public_key"])}
    assert (await robin.post("/v1/auth/passkey/sign-in", body)).status_code == 200
    assert told(await robin.post("/v1/auth/passkey/sign-in", body)) == (401, "ceremony_unknown")
    # Nor after an answer that was refused.
    ceremony = (await robin.post("/v1/auth/passkey/options")).json()
    evil = robin.device.use(ceremony["public_key"], origin="https://evil.example")
    good = robin.device.use(ceremony["public_key"])
    for credential, code in ((evil, "passkey_refused"), (good, "ceremony_unknown")):
        body = {"ceremony_id": ceremony["ceremony_id"], "credential": credential}
        assert told(await robin.post("/v1/auth/passkey/sign-in", body)) == (401, code)


async def test_a_registration_that_is_refused_uses_its_challenge_up(robin: Browser) -> None:
    ceremony = (await robin.post("/v1/me/passkeys/options")).json()
    evil = robin.device.make(ceremony["public_key"], origin="https://evil.example")
    good = robin.device.make(ceremony["public_key"])
    for credential, code in ((evil, "passkey_refused"), (good, "ceremony_unknown")):
        body = {"ceremony_id": ceremony["ceremony_id"], "name": "Phone", "credential": credential}
        assert told(await robin.post("/v1/me/passkeys", body)) == (422, code)


async def test_a_ceremony_of_one_session_is_no_good_in_another(
    robin: Browser, engine: AsyncEngine, clock: MovableClock
) -> None:
    await robin.make_passkey()
    eve_id = await a_person(engine, clock, "eve@example.com")
    eve = Browser(robin.client, clock, secret=(await opened_for(engine, clock, eve_id)).secret.reveal())
    assert (await eve.make_passkey()).status_code == 201
    ceremony = (await robin.post("/v1/auth/step-up/passkey/options")).json()
    for device in (robin.device, eve.device):
        body = {"ceremony_id": ceremony["ceremony_id"], "credential": device.use(ceremony["public_key"])}
        assert told(await eve.post("/v1/auth/step-up/passkey", body)) == (401, "ceremony_unknown")
    own = (await eve.post("/v1/auth/step-up/passkey/options")).json()
    body = {"ceremony_id": own["ceremony_id"], "credential": robin.device.use(own["public_key"])}
    assert told(await eve.post("/v1/auth/step-up/passkey", body)) == (401, "passkey_refused")


async def test_a_copied_passkey_signs_nobody_in_and_leaves_traces(
    robin: Browser, engine: AsyncEngine
) -> None:
    await robin.make_passkey()
    assert (await robin.use_passkey("passkey/sign-in", sign_count=9)).status_code == 200
    for sign_count in (3, 10):
        answer = await robin.use_passkey("passkey/sign-in", sign_count=sign_count)
        assert told(answer) == (401, "passkey_refused")
    async with transaction(engine) as session:
        query = "SELECT details FROM audit_entries WHERE action = 'passkey.counter_rolled_back'"
        found = (await session.execute(text(query))).scalars().all()
    assert found == [{"known_count": 9, "told_count": 3}]


async def test_the_first_factor_needs_a_sign_in_of_the_last_five_minutes(
    robin: Browser, clock: MovableClock
) -> None:
    clock.advance(timedelta(minutes=5, seconds=1))
    for path in ("/v1/me/totp", "/v1/me/passkeys/options"):
        refused = await robin.post(path)
        assert told(refused) == (401, "sign_in_again")
        assert refused.json()["max_age_seconds"] == 300
    await robin.sign_in()
    assert (await robin.add_app()).status_code == 200


async def test_the_next_factor_and_every_removal_need_a_factor_used_lately(
    robin: Browser, clock: MovableClock
) -> None:
    passkey_id = (await robin.make_passkey()).json()["passkey"]["id"]
    second = await robin.add_app()
    assert second.json()["recovery_codes"] == []
    clock.advance(timedelta(minutes=5, seconds=1))
    for method, path in (
        ("POST", "/v1/me/totp"), ("POST", "/v1/me/passkeys/options"), ("DELETE", "/v1/me/totp"),
        ("DELETE", f"/v1/me/passkeys/{passkey_id}"), ("POST", "/v1/me/recovery-codes"),
    ):  # fmt: skip
        refused = await robin.call(method, path)
        assert told(refused) == (401, "step_up_required")
        assert refused.json()["methods"] == ["passkey", "totp", "recovery_code"]
        assert refused.json()["max_age_seconds"] == 300
        assert refused.headers["WWW-Authenticate"] == (
            'Bearer error="insufficient_user_authentication",'
            ' error_description="A strong factor has to be used again", max_age="300"'
        )
    assert (await robin.post("/v1/auth/step-up/totp", {"code": robin.code})).status_code == 200
    assert (await robin.call("DELETE", f"/v1/me/passkeys/{passkey_id}")).status_code == 204
    assert told(await robin.call("DELETE", f"/v1/me/passkeys/{AN_ID}")) == (404, "passkey_unknown")
    assert (await robin.call("DELETE", "/v1/me/totp")).status_code == 204
    assert told(await robin.call("DELETE", "/v1/me/totp")) == (404, "totp_missing")


async def test_wrong_codes_end_in_a_wait_that_passkeys_do_not_share(robin: Browser) -> None:
    await robin.make_passkey()
    await robin.add_app()
    robin.clock.advance(timedelta(minutes=1))
    wrong = f"{(int(robin.code) + 1) % 1_000_000:06d}"
    answers = [await robin.post("/v1/auth/step-up/totp", {"code": wrong}) for _ in range(6)]
    assert [told(answer)[1] for answer in answers] == ["code_invalid"] * 5 + ["codes_exhausted"]
    assert answers[-1].headers["Retry-After"] == "901"
    assert told(await robin.post("/v1/auth/step-up/totp", {"code": robin.code}))[0] == 429
    assert (await robin.use_passkey("step-up/passkey")).status_code == 200


async def test_a_passkey_is_renamed_without_more_ado(robin: Browser, clock: MovableClock) -> None:
    passkey_id = (await robin.make_passkey()).json()["passkey"]["id"]
    clock.advance(timedelta(hours=1))
    renamed = await robin.call("PATCH", f"/v1/me/passkeys/{passkey_id}", {"name": "Laptop"})
    assert renamed.json()["name"] == "Laptop"
    assert told(await robin.call("PATCH", f"/v1/me/passkeys/{AN_ID}", {"name": "Laptop"})) == (
        404, "passkey_unknown",
    )  # fmt: skip
    for name in ("", "x" * 61, "two\nlines", None):
        refused = await robin.call("PATCH", f"/v1/me/passkeys/{passkey_id}", {"name": name})
        assert told(refused) == (422, "validation_failed")


async def test_whoever_has_no_passkey_cannot_begin_to_confirm_with_one(robin: Browser) -> None:
    assert told(await robin.post("/v1/auth/step-up/passkey/options")) == (409, "passkey_missing")


async def test_another_sites_page_signs_nobody_in_with_a_passkey(robin: Browser) -> None:
    await robin.make_passkey()
    ceremony = (await robin.post("/v1/auth/passkey/options")).json()
    body = {"ceremony_id": ceremony["ceremony_id"], "credential": robin.device.use(ceremony["public_key"])}
    refused = await robin.client.post(
        "/v1/auth/passkey/sign-in", json=body, headers={"Sec-Fetch-Site": "cross-site"}
    )
    assert told(refused) == (403, "cross_site_refused")


async def test_what_is_no_credential_is_refused_by_its_shape(robin: Browser) -> None:
    ceremony = (await robin.post("/v1/auth/passkey/options")).json()
    good = robin.device.use(ceremony["public_key"], user_handle="AAAA")
    for broken in (
        {"id": "not base64!"}, {"type": "password"}, {"response": {}}, {"rawId": None}, {"id": "a" * 2_000},
    ):  # fmt: skip
        body = {"ceremony_id": ceremony["ceremony_id"], "credential": {**good, **broken}}
        assert told(await robin.post("/v1/auth/passkey/sign-in", body)) == (422, "validation_failed")
