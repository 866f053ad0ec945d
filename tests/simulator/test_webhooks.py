import asyncio
import socket
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from running_stripe import Receiver, served
from simulator.clock import VirtualClock
from simulator.faults import Faults
from simulator.objects import ObjectStore
from simulator.stripe.signatures import signature_headers
from simulator.webhooks import Dispatcher, Message

QUICK_RETRIES_SECONDS = (0.02, 0.04)


@dataclass(frozen=True, slots=True)
class Post:
    """A dispatcher, the faults in its way, and the receiver at the other end."""

    dispatcher: Dispatcher
    faults: Faults
    receiver: Receiver
    url: str

    def send(self, number: int, endpoint: str = "we_1") -> str:
        message = Message(
            channel="stripe",
            endpoint=endpoint,
            url=self.url,
            topic=f"thing.number{number}",
            reference=f"evt_{number}",
            body=f'{{"type": "thing.number{number}"}}',
            secret="whsec_x",
        )
        return self.dispatcher.submit(message)

    def numbers(self) -> list[int]:
        return [int(name.removeprefix("thing.number")) for name in self.receiver.types]

    def statuses(self) -> list[str]:
        return [it["status"] for it in reversed(self.dispatcher.deliveries())]


@pytest.fixture
def receiver_url() -> Iterator[tuple[Receiver, str]]:
    receiver = Receiver()
    with socket.create_server(("127.0.0.1", 0)) as listener, served(receiver.app, listener):
        yield receiver, f"http://127.0.0.1:{listener.getsockname()[1]}/events/1"


def new_post(store: ObjectStore, receiver: Receiver, url: str) -> Post:
    faults = Faults(store)
    dispatcher = Dispatcher(store, VirtualClock(store), faults, retry_delays_seconds=QUICK_RETRIES_SECONDS)
    dispatcher.register_signer("stripe", signature_headers)
    return Post(dispatcher, faults, receiver, url)


@pytest.fixture
async def post(receiver_url: tuple[Receiver, str]) -> AsyncIterator[Post]:
    post = new_post(ObjectStore(), *receiver_url)
    await post.dispatcher.start()
    yield post
    await post.dispatcher.stop()


async def test_messages_to_one_endpoint_arrive_in_order(post: Post) -> None:
    for number in range(10):
        post.send(number)
    await post.dispatcher.settle(5)
    assert post.numbers() == list(range(10))
    assert set(post.statuses()) == {"delivered"}
    assert all("secret" not in it for it in post.dispatcher.deliveries())
    assert [it["reference"] for it in post.dispatcher.deliveries("evt_3")] == ["evt_3"]


async def test_a_message_is_sent_again_until_it_arrives(post: Post) -> None:
    post.receiver.failures_left = 2
    post.send(1)
    await post.dispatcher.settle(5)
    [delivery] = post.dispatcher.deliveries()
    assert [attempt["status"] for attempt in delivery["attempts"]] == [500, 500, 202]
    assert post.numbers() == [1]


async def test_a_message_that_never_arrives_fails_in_the_end(post: Post) -> None:
    post.receiver.failures_left = 99
    post.send(1)
    await post.dispatcher.settle(5)
    [delivery] = post.dispatcher.deliveries()
    assert (delivery["status"], len(delivery["attempts"])) == ("failed", 1 + len(QUICK_RETRIES_SECONDS))


async def test_a_dropped_message_never_leaves(post: Post) -> None:
    post.faults.add("webhook", "drop", selector="thing.number1")
    for number in range(3):
        post.send(number)
    await post.dispatcher.settle(5)
    assert post.numbers() == [0, 2]
    assert post.statuses() == ["delivered", "dropped", "delivered"]


async def test_a_duplicated_message_arrives_twice(post: Post) -> None:
    post.faults.add("webhook", "duplicate")
    post.send(1)
    post.send(2)
    await post.dispatcher.settle(5)
    assert post.numbers() == [1, 1, 2]
    assert post.receiver.arrivals[0][0] == post.receiver.arrivals[1][0]


async def test_a_reordered_message_is_overtaken_by_the_next(post: Post) -> None:
    post.faults.add("webhook", "reorder", selector="thing.number1")
    for number in (1, 2, 3):
        post.send(number)
    await post.dispatcher.settle(5)
    assert post.numbers() == [2, 1, 3]


async def test_a_reordered_message_with_none_behind_it_leaves_all_the_same(post: Post) -> None:
    post.faults.add("webhook", "reorder")
    post.send(1)
    await post.dispatcher.settle(5)
    assert post.numbers() == [1]


async def test_a_delayed_message_lets_the_others_pass(post: Post) -> None:
    post.faults.add("webhook", "delay", selector="thing.number1", delay_milliseconds=200)
    for number in (1, 2):
        post.send(number)
    await post.dispatcher.settle(5)
    assert post.numbers() == [2, 1]


async def test_an_endpoint_that_is_gone_gets_nothing_more(post: Post) -> None:
    post.faults.add("webhook", "delay", delay_milliseconds=200)
    post.send(1, endpoint="we_gone")
    post.dispatcher.abandon("we_gone")
    await asyncio.sleep(0.4)
    assert post.numbers() == []
    assert post.statuses() == ["abandoned"]


async def test_what_was_under_way_arrives_after_a_restart(
    tmp_path: Path, receiver_url: tuple[Receiver, str]
) -> None:
    store = ObjectStore(tmp_path / "store.sqlite3")
    stopped = new_post(store, *receiver_url)
    for number in (1, 2):
        stopped.send(number)
    store.close()
    restarted = new_post(ObjectStore(tmp_path / "store.sqlite3"), *receiver_url)
    await restarted.dispatcher.start()
    await restarted.dispatcher.settle(5)
    await restarted.dispatcher.stop()
    assert restarted.numbers() == [1, 2]
