"""The sender of push messages against the simulated Google, over real sockets."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from typing import Any

import httpx
import pytest

from cardwright.adapters.fcm import FcmPushSender
from cardwright.core.errors import Unavailable
from cardwright.notifications import AddressRefused, DeviceGone, PushMessage
from running_simulator import RunningSimulator, running_simulator

SEND = "*/messages:send"


def push_to(token: str = "token-of-adas-phone") -> PushMessage:  # noqa: S107 - made up
    return PushMessage("ntf_1", "cards.card_issued", "dev_1", "android", token, "Ready", "Card ending 4242")


@pytest.fixture
def simulator() -> Iterator[RunningSimulator]:
    with running_simulator() as simulator:
        yield simulator


@pytest.fixture
async def account(simulator: RunningSimulator) -> dict[str, Any]:
    async with httpx.AsyncClient() as client:
        document: dict[str, Any] = (
            await client.get(f"{simulator.base_url}/_sim/fcm/service-account.json")
        ).json()
    return document


@pytest.fixture
async def sender(simulator: RunningSimulator, account: dict[str, Any]) -> AsyncIterator[FcmPushSender]:
    made = FcmPushSender(account, base_url=simulator.base_url)
    yield made
    await made.aclose()


async def test_a_push_arrives_with_title_body_and_our_id(
    simulator: RunningSimulator, sender: FcmPushSender
) -> None:
    reference = await sender.send(push_to())
    [received] = simulator.world.inbox.list("push", "token-of-adas-phone")
    assert (received["subject"], received["text"]) == ("Ready", "Card ending 4242")
    assert received["extra"]["name"] == reference
    assert received["extra"]["data"] == {"notification_id": "ntf_1", "event_type": "cards.card_issued"}


async def test_many_pushes_at_once_share_one_bearer_token(
    simulator: RunningSimulator, sender: FcmPushSender
) -> None:
    references = await asyncio.gather(*(sender.send(push_to(f"token-{n}")) for n in range(5)))
    assert len(set(references)) == 5
    assert len(simulator.world.objects.list("fcm_token")) == 1


async def test_an_app_that_was_removed_is_gone(sender: FcmPushSender) -> None:
    with pytest.raises(DeviceGone) as gone:
        await sender.send(push_to("unregistered-1"))
    assert gone.value.code == "device_unregistered"


@pytest.mark.parametrize(
    ("token", "code"), [("invalid-1", "invalid_argument"), ("mismatch-1", "sender_id_mismatch")]
)
async def test_a_token_that_never_was_ours_is_refused_but_not_revoked(
    sender: FcmPushSender, token: str, code: str
) -> None:
    with pytest.raises(AddressRefused) as refused:
        await sender.send(push_to(token))
    assert refused.value.code == code


@pytest.mark.parametrize("token", ["quota-1", "unavailable-1"])
async def test_a_service_that_is_busy_is_worth_another_try(sender: FcmPushSender, token: str) -> None:
    with pytest.raises(Unavailable):
        await sender.send(push_to(token))


@pytest.mark.parametrize("kind", ["error", "drop", "drop_response"])
async def test_an_outage_is_worth_another_try_which_then_works(
    simulator: RunningSimulator, sender: FcmPushSender, kind: Any
) -> None:
    simulator.world.faults.add("api", kind, selector=SEND)
    with pytest.raises(Unavailable):
        await sender.send(push_to())
    assert await sender.send(push_to())


async def test_a_key_that_google_does_not_know_is_an_outage_for_the_operator(
    simulator: RunningSimulator, account: dict[str, Any]
) -> None:
    sender = FcmPushSender({**account, "client_email": "other@example.com"}, base_url=simulator.base_url)
    with pytest.raises(Unavailable):
        await sender.send(push_to())
    await sender.aclose()


async def test_a_project_that_is_not_ours_is_no_fault_of_the_device(
    simulator: RunningSimulator, account: dict[str, Any]
) -> None:
    sender = FcmPushSender({**account, "project_id": "another"}, base_url=simulator.base_url)
    with pytest.raises(Unavailable):
        await sender.send(push_to())
    await sender.aclose()


async def test_nobody_listening_for_token_requests_is_worth_another_try(account: dict[str, Any]) -> None:
    sender = FcmPushSender({**account, "token_uri": "http://127.0.0.1:9/token"})
    with pytest.raises(Unavailable):
        await sender.send(push_to())
    await sender.aclose()
