"""Webhooks as vendors meet us: genuine ones are kept once and acknowledged, all others change nothing."""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any

import httpx
import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from builders import AUTHORIZATION_SECRET, provided_for_tests
from cardwright.adapters.stripe import inbox as stripe_inbox
from cardwright.adapters.stripe.webhooks import StripeWebhook
from cardwright.core.clock import MovableClock
from cardwright.core.errors import Unavailable
from cardwright.core.sensitive import Sensitive
from cardwright.db.jobs import Work
from cardwright.db.session import transaction
from cardwright.http.webhooks_in import WebhookSources
from cardwright.main import AUTHORIZATION_PATH, build_app
from cardwright.payments import CardNetwork
from cardwright.programs import Program
from integration.kyc.people import deliver, drain
from unit.adapters.stripe_objects import SECRET, an_authorization, an_event, signed

PATH = "/webhooks/stripe"
BODY = an_event("issuing_card.created", {"id": "ic_1", "last4": "4242"})


@pytest.fixture
async def client(engine: AsyncEngine, clock: MovableClock) -> AsyncIterator[httpx.AsyncClient]:
    """The application with Stripe as its only sender of webhooks."""
    provided = await provided_for_tests(engine, clock)
    stripe = StripeWebhook(SECRET, program_id=provided[Program].id, clock=clock)
    sources = WebhookSources("https://cardwright.test", {"stripe": stripe})
    app = build_app(engine, {**provided, WebhookSources: sources})
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="https://cardwright.test") as opened:
        yield opened


async def send(
    client: httpx.AsyncClient, body: bytes = BODY, headers: Mapping[str, str] | None = None, path: str = PATH
) -> httpx.Response:
    return await client.post(path, content=body, headers=signed(body) if headers is None else headers)


async def kept(engine: AsyncEngine) -> Sequence[tuple[str, Any]]:
    """Return (external id, payload) of every stored message."""
    async with transaction(engine) as session:
        rows = await session.execute(text("SELECT external_id, payload FROM inbox ORDER BY id"))
        return [(row.external_id, row.payload) for row in rows]


async def test_a_genuine_webhook_is_kept_without_its_contents_and_announced(
    client: httpx.AsyncClient, engine: AsyncEngine
) -> None:
    answer = await send(client)
    assert (answer.status_code, answer.content) == (202, b"")
    assert await kept(engine) == [("evt_1", {"object_id": "ic_1"})]
    (event,) = await drain(engine)
    assert (event.type, event.payload) == ("inbox.received", {"source": "stripe"})


async def test_a_repetition_is_acknowledged_and_has_no_second_effect(
    client: httpx.AsyncClient, engine: AsyncEngine
) -> None:
    answers = [await send(client), await send(client)]
    answers += await asyncio.gather(*(send(client) for _ in range(8)))
    assert {answer.status_code for answer in answers} == {202}
    assert len(await kept(engine)) == len(await drain(engine)) == 1


async def test_what_is_not_genuine_is_refused_and_not_kept(
    client: httpx.AsyncClient, engine: AsyncEngine
) -> None:
    genuine = signed(BODY)["stripe-signature"]
    for headers in (
        {},
        {"stripe-signature": ""},
        {"stripe-signature": genuine[:-1] + ("0" if genuine[-1] != "0" else "1")},
        {"stripe-signature": genuine.replace("v1=", "v1=é").encode("latin-1").decode("latin-1")},
        signed(BODY, Sensitive("whsec_of_another_endpoint")),
        signed(BODY, AUTHORIZATION_SECRET),
        signed(BODY, at=time.time() - 3_600),
        signed(BODY + b"\n"),
    ):
        encoded = {name: value.encode("latin-1") for name, value in headers.items()}
        refused = await client.post(PATH, content=BODY, headers=encoded)
        assert (headers, refused.status_code) == (headers, 401)
        assert refused.json()["code"] == "signature_invalid"
    assert await kept(engine) == []


@pytest.mark.parametrize("body", [b"{}", b"[]", b"not json", b"\xff\xfe", b'{"id":"evt_1"}'])
async def test_what_is_signed_and_no_event_is_malformed(
    client: httpx.AsyncClient, engine: AsyncEngine, body: bytes
) -> None:
    refused = await send(client, body)
    assert (refused.status_code, refused.json()["code"]) == (400, "webhook_invalid")
    assert await kept(engine) == []


@pytest.mark.parametrize("odd", [r"\u0000", r"\ud800"])
async def test_text_that_cannot_be_kept_is_malformed(
    client: httpx.AsyncClient, engine: AsyncEngine, odd: str
) -> None:
    for body in (
        f'{{"id":"evt_{odd}","type":"a","data":{{"object":{{"id":"x"}}}}}}',
        f'{{"id":"evt_1","type":"a{odd}","data":{{"object":{{"id":"x"}}}}}}',
        f'{{"id":"evt_1","type":"a","data":{{"object":{{"id":"x{odd}"}}}}}}',
    ):
        refused = await send(client, body.encode())
        assert (body, refused.status_code) == (body, 400)
    assert await kept(engine) == []


async def test_a_sender_nobody_knows_and_a_body_beyond_the_limit_are_refused(
    client: httpx.AsyncClient, engine: AsyncEngine
) -> None:
    unknown = await send(client, path="/webhooks/paypal")
    assert (unknown.status_code, unknown.json()["code"]) == (404, "webhook_source_unknown")
    too_large = await send(client, b" " * 1_100_000)
    assert (too_large.status_code, too_large.json()["code"]) == (413, "body_too_large")
    assert (await client.get(PATH)).status_code == 405
    assert await kept(engine) == []


async def test_a_type_that_concerns_nobody_is_marked_and_done_with(
    client: httpx.AsyncClient, engine: AsyncEngine, clock: MovableClock
) -> None:
    await send(client)
    work = Work(engine, clock, {})
    (event,) = await deliver(work, stripe_inbox.SUBSCRIPTIONS)
    async with transaction(engine) as session:
        handled = await session.execute(text("SELECT handled_at FROM inbox"))
        assert handled.scalar_one() == clock.now()
    await stripe_inbox.handle(work, event)


async def test_a_webhook_whose_vendor_is_down_is_not_marked(
    client: httpx.AsyncClient, engine: AsyncEngine, clock: MovableClock
) -> None:
    class NetworkThatIsDown:
        source = "stripe"

        async def authorization(self, reference: str) -> Any:
            raise Unavailable("processor_unavailable", f"No answer about {reference}.")

    await send(client, an_event("issuing_authorization.created", {"id": "iauth_1"}))
    work = Work(engine, clock, {CardNetwork: NetworkThatIsDown()})
    with pytest.raises(Unavailable, match="iauth_1"):
        await deliver(work, stripe_inbox.SUBSCRIPTIONS)
    async with transaction(engine) as session:
        assert (await session.execute(text("SELECT handled_at FROM inbox"))).scalar_one() is None


async def decide(
    client: httpx.AsyncClient, body: bytes, headers: Mapping[str, str] | None = None
) -> httpx.Response:
    headers = signed(body, AUTHORIZATION_SECRET) if headers is None else headers
    return await client.post(AUTHORIZATION_PATH, content=body, headers=headers)


async def test_a_question_about_a_card_nobody_issued_is_answered_with_a_decline(
    client: httpx.AsyncClient,
) -> None:
    answer = await decide(client, an_event("issuing_authorization.request", an_authorization()))
    assert answer.status_code == 200
    assert answer.json()["approved"] is False
    assert answer.headers["stripe-version"]


@pytest.mark.parametrize(
    ("body", "is_signed", "status"),
    [
        (an_event("issuing_authorization.request", an_authorization()), False, 401),
        (an_event("issuing_authorization.request", an_authorization(card=None)), True, 400),
        (an_event("issuing_authorization.request", an_authorization(merchant_data={})), True, 400),
        (b"[]", True, 400),
        (b"\xff", True, 400),
        (b" " * 300_000, True, 413),
    ],
    ids=["not signed", "no card", "no merchant", "no event", "no text", "too large"],
)
async def test_a_question_that_is_not_genuine_is_not_decided(
    client: httpx.AsyncClient, body: bytes, status: int, *, is_signed: bool
) -> None:
    refused = await decide(client, body, None if is_signed else {})
    assert (refused.status_code, json.loads(refused.content)) == (status, {"approved": False})


async def test_an_event_that_asks_nothing_is_acknowledged_by_the_real_time_endpoint(
    client: httpx.AsyncClient,
) -> None:
    answer = await decide(client, an_event("issuing_authorization.created", an_authorization()))
    assert (answer.status_code, answer.json()) == (200, {})
    assert (await client.get(AUTHORIZATION_PATH)).status_code == 405
