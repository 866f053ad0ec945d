"""The client of the access control server against the simulated one, over real sockets."""

import asyncio
import json
from collections.abc import AsyncIterator, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from cardwright.adapters.acs import AcsChallengeServer, AcsWebhook, AnswerRefused
from cardwright.challenges import Outcome
from cardwright.core.clock import MovableClock, SystemClock
from cardwright.core.errors import Malformed, Unauthenticated, Unavailable
from cardwright.core.sensitive import Sensitive
from running_simulator import QUICK, RunningSimulator, running_simulator
from simulator.acs import Wanted
from simulator.acs.signatures import new_signing_secret, signature_headers

ANSWERS = "*/answer"
SECRET = new_signing_secret()
URL = "https://cardwright.test/webhooks/acs"
PURCHASE = {
    "card": "ic_1",
    "merchant": {"id": "m_1", "name": "Corner Bakery", "category_code": "5462", "country": "US"},
    "amount": 4_900,
    "currency": "USD",
}


@pytest.fixture
def simulator() -> Iterator[RunningSimulator]:
    with running_simulator() as simulator:
        yield simulator


@pytest.fixture
async def server(simulator: RunningSimulator) -> AsyncIterator[AcsChallengeServer]:
    made = AcsChallengeServer(simulator.base_url, Sensitive(QUICK.acs_api_key))
    yield made
    await made.aclose()


def ask(simulator: RunningSimulator) -> str:
    return str(simulator.world.acs.create(Wanted.model_validate(PURCHASE))["id"])


@pytest.mark.parametrize("approved", [True, False])
async def test_an_answer_is_taken_and_its_repetition_has_no_second_effect(
    simulator: RunningSimulator, server: AcsChallengeServer, approved: bool
) -> None:
    reference = ask(simulator)
    for _ in range(2):
        assert await server.answer(reference, approved=approved, key="ans_1") is Outcome.TAKEN
    assert simulator.world.acs.answers() == 1
    assert simulator.world.acs.get(reference)["status"] == ("approved" if approved else "refused")


async def test_the_same_answer_many_times_at_once_is_taken_once(
    simulator: RunningSimulator, server: AcsChallengeServer
) -> None:
    reference = ask(simulator)
    answers = (server.answer(reference, approved=True, key="ans_1") for _ in range(10))
    assert set(await asyncio.gather(*answers)) == {Outcome.TAKEN}
    assert simulator.world.acs.answers() == 1


async def test_whoever_answers_after_the_end_is_told_how_it_ended(
    simulator: RunningSimulator, server: AcsChallengeServer
) -> None:
    canceled, timed_out = ask(simulator), ask(simulator)
    simulator.world.acs.cancel(canceled)
    simulator.world.clock.advance(300)
    assert await server.answer(canceled, approved=True, key="ans_1") is Outcome.CANCELED
    assert await server.answer(timed_out, approved=True, key="ans_2") is Outcome.TIMED_OUT


@pytest.mark.parametrize("kind", ["error", "drop", "drop_response"])
async def test_an_outage_is_worth_another_try_and_the_try_has_the_same_outcome(
    simulator: RunningSimulator, server: AcsChallengeServer, kind: Any
) -> None:
    reference = ask(simulator)
    simulator.world.faults.add("api", kind, selector=ANSWERS)
    with pytest.raises(Unavailable):
        await server.answer(reference, approved=True, key="ans_1")
    assert await server.answer(reference, approved=True, key="ans_1") is Outcome.TAKEN
    assert simulator.world.acs.answers() == 1


async def test_nobody_at_the_address_is_an_outage_too() -> None:
    nobody = AcsChallengeServer("http://127.0.0.1:9", Sensitive("key"))
    with pytest.raises(Unavailable):
        await nobody.answer("acsch_1", approved=True, key="ans_1")
    await nobody.aclose()


async def test_what_the_server_will_never_take_is_no_outage(
    simulator: RunningSimulator, server: AcsChallengeServer
) -> None:
    reference = ask(simulator)
    assert await server.answer(reference, approved=True, key="ans_1") is Outcome.TAKEN
    with pytest.raises(AnswerRefused):
        await server.answer(reference, approved=False, key="ans_2")
    with pytest.raises(AnswerRefused):
        await server.answer("acsch_of/nobody", approved=False, key="ans_3")
    stranger = AcsChallengeServer(simulator.base_url, Sensitive("wrong"))
    with pytest.raises(AnswerRefused):
        await stranger.answer(reference, approved=True, key="ans_4")
    await stranger.aclose()


def a_webhook(**changes: Any) -> bytes:
    data = {**PURCHASE, "id": "acsch_1", "status": "pending", "expires_at": 1_800_000_000, **changes}
    return json.dumps({"id": "msg_1", "type": "challenge.created", "data": data}).encode()


def signed(body: bytes, secret: str = SECRET) -> Mapping[str, str]:
    return signature_headers(URL, body.decode(), secret)


def hook(clock: MovableClock | SystemClock | None = None) -> AcsWebhook:
    return AcsWebhook(Sensitive(SECRET), program_id="prog_1", clock=clock or SystemClock())


def test_a_genuine_webhook_is_kept_under_its_id_with_the_whole_challenge() -> None:
    body = a_webhook(pan="4242424242424242")
    message = hook().read(signed(body), body, URL)
    assert (message.source, message.external_id, message.type) == ("acs", "msg_1", "challenge.created")
    assert message.payload["merchant"]["name"] == "Corner Bakery"
    assert "pan" not in message.payload


@pytest.mark.parametrize("name", ["webhook-id", "webhook-timestamp", "webhook-signature"])
@pytest.mark.parametrize("value", [None, "", "x", "1", "é", "v1,é", "9" * 30])
def test_a_webhook_without_its_own_signature_is_refused(name: str, value: str | None) -> None:
    body = a_webhook()
    headers = {**signed(body), name: value}
    given = {key: found for key, found in headers.items() if found is not None}
    with pytest.raises(Unauthenticated):
        hook().read(given, body, URL)


def test_a_webhook_of_another_body_another_secret_or_another_time_is_refused() -> None:
    body = a_webhook()
    with pytest.raises(Unauthenticated):
        hook().read(signed(body), a_webhook(amount=1), URL)
    with pytest.raises(Unauthenticated):
        hook().read(signed(body, new_signing_secret()), body, URL)
    for minutes in (-6, 6):
        moved = MovableClock(datetime.now(UTC) + timedelta(minutes=minutes))
        with pytest.raises(Unauthenticated):
            hook(moved).read(signed(body), body, URL)


def test_one_of_several_signatures_suffices_while_secrets_are_replaced() -> None:
    body = a_webhook()
    headers = signed(body)
    both = {**headers, "webhook-signature": f"v1,b2xk {headers['webhook-signature']}"}
    assert hook().read(both, body, URL).external_id == "msg_1"


@pytest.mark.parametrize(
    "changes",
    [
        {"amount": -1}, {"amount": 1.5}, {"amount": 10**16}, {"currency": "usd"}, {"currency": "XXX"},
        {"expires_at": -1}, {"expires_at": 10**12}, {"merchant": None}, {"card": 5},
    ],
)  # fmt: skip
def test_a_signed_body_that_tells_of_no_challenge_is_refused(changes: Mapping[str, Any]) -> None:
    body = a_webhook(**changes)
    with pytest.raises(Malformed):
        hook().read(signed(body), body, URL)


def test_a_secret_that_is_not_the_servers_stops_the_start() -> None:
    with pytest.raises(ValueError, match="base64"):
        AcsWebhook(Sensitive("whsec_not base64!"), program_id="prog_1", clock=SystemClock())
