"""The app's way to tokens and from each to the next, against the real authorization server."""

import asyncio
import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import httpx

from cardwright.core.clock import MovableClock
from cardwright.oauth.domain import LOST_RESPONSE_WINDOW
from mobile.conftest import CALLBACK, Phone


async def test_the_browser_goes_to_the_server_and_comes_back_signed_in(phone: Phone) -> None:
    client = await phone.sign_in()
    assert (await client.me()).id == phone.holding.user_id
    assert phone.session.trouble == ""


async def test_what_the_device_kept_signs_in_at_the_next_start(phone: Phone) -> None:
    from cardwright_mobile.state.session import Session

    await phone.sign_in()
    restarted: Any = Session(phone.http, phone.session.storage)
    assert not restarted.is_known
    await restarted.begin()
    assert restarted.is_known
    assert (await restarted.client.me()).id == phone.holding.user_id


async def test_the_answer_to_somebody_elses_attempt_signs_nobody_in(phone: Phone) -> None:
    back = await phone.browse(await phone.session.address_to_sign_in(CALLBACK))
    await phone.session.address_to_sign_in(CALLBACK)
    assert not await phone.session.come_back(back)
    assert (phone.session.client, phone.session.trouble) == (None, "no_code")


async def test_a_refusal_comes_back_as_one(phone: Phone) -> None:
    address = await phone.session.address_to_sign_in(CALLBACK)
    state = httpx.URL(address).params["state"]
    refused = f"{CALLBACK}?state={state}&error=access_denied&error_description=You+said+no."
    assert not await phone.session.come_back(refused)
    assert (phone.session.trouble, phone.session.detail) == ("access_denied", "You said no.")


async def test_a_page_that_is_loaded_again_after_signing_in_changes_nothing(phone: Phone) -> None:
    back = await phone.browse(await phone.session.address_to_sign_in(CALLBACK))
    assert await phone.session.come_back(back)
    assert await phone.session.come_back(back)
    assert phone.session.client is not None


async def test_many_calls_at_once_renew_the_tokens_once(phone: Phone, clock: MovableClock) -> None:
    client = await phone.sign_in()
    first = client._tokens
    client._tokens = replace(first, expires_at=0.0)
    await asyncio.gather(*(client.wallet() for _ in range(8)))
    second = client._tokens
    assert second.refresh_token != first.refresh_token
    kept = json.loads(await phone.session.storage.get("cardwright.tokens"))
    assert kept[1] == second.refresh_token
    clock.advance(LOST_RESPONSE_WINDOW + timedelta(seconds=1))
    assert (await client.wallet()).currency == "USD"


async def test_a_stolen_token_without_the_devices_key_is_worth_nothing(phone: Phone) -> None:
    from cardwright_mobile.api.client import Client
    from cardwright_mobile.api.problems import SignedOut
    from cardwright_mobile.api.proofs import DeviceKey

    client = await phone.sign_in()

    async def keep(_: object) -> None:
        raise AssertionError

    thief = Client(phone.http, replace(client._tokens, key=DeviceKey()), keep)
    try:
        await thief.me()
    except SignedOut:
        return
    raise AssertionError("the thief was let in")


async def test_signing_out_ends_the_tokens_here_and_there(phone: Phone) -> None:
    from cardwright_mobile.api.problems import SignedOut
    from cardwright_mobile.api.sign_in import renew

    client = await phone.sign_in()
    await phone.session.sign_out()
    assert phone.session.client is None
    assert await phone.session.storage.get("cardwright.tokens") is None
    try:
        await renew(phone.http, client._tokens)
    except SignedOut:
        return
    raise AssertionError("the tokens outlived the session")


async def test_no_secret_shows_in_what_is_printed(phone: Phone) -> None:
    client = await phone.sign_in()
    tokens = client._tokens
    assert tokens.access_token not in repr(tokens)
    assert tokens.refresh_token not in repr(tokens)
