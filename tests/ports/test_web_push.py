"""The sender of push messages to browsers, against the simulated push service, over real sockets."""

import json
from collections.abc import AsyncIterator, Callable, Iterator
from datetime import timedelta
from typing import Any

import httpx
import pytest
from pywebpush import webpush

from cardwright.adapters.guarded_http import OutboundPolicy
from cardwright.adapters.push_by_platform import PushByPlatform
from cardwright.adapters.web_push import MOST_PAYLOAD_BYTES, WebPushSender
from cardwright.core.clock import MovableClock, SystemClock
from cardwright.core.errors import Invalid, Unavailable
from cardwright.core.sensitive import Sensitive
from cardwright.db.jobs import pause_after
from cardwright.notifications import (
    AddressRefused,
    BrowserSubscription,
    DeviceGone,
    NoBrowserPush,
    PushAction,
    PushMessage,
)
from running_simulator import RunningSimulator, running_simulator

KEY = Sensitive("Zm9yIHRlc3RzIG9ubHksIGFuZCBmb3Igbm90aGluZyE")
CONTACT = "mailto:operator@cardwright.example"
LOOPBACK = OutboundPolicy.of(("127.0.0.1/32",), is_http_allowed=True)
ID = "ntf_01jd9zq3f8e7vtm5g6w2x4y8zn"
Browser = Callable[..., BrowserSubscription]


@pytest.fixture(scope="module")
def simulator() -> Iterator[RunningSimulator]:
    with running_simulator() as simulator:
        yield simulator


@pytest.fixture
async def sender() -> AsyncIterator[WebPushSender]:
    made = WebPushSender(KEY, CONTACT, LOOPBACK, SystemClock())
    yield made
    await made.aclose()


@pytest.fixture
def browser(simulator: RunningSimulator, sender: WebPushSender) -> Browser:
    """Make a browser that subscribed with our key; `state` is what its push service answers."""

    def make(**wanted: Any) -> BrowserSubscription:
        asked = {"application_server_key": sender.public_key, **wanted}
        made = httpx.post(f"{simulator.base_url}/_sim/push/subscriptions", json=asked).json()
        return BrowserSubscription(made["endpoint"], made["keys"]["p256dh"], made["keys"]["auth"])

    return make


def push_to(
    browser: BrowserSubscription, event_type: str = "cards.card_issued", **different: Any
) -> PushMessage:
    told = {"title": "Ready", "body": "Card ending 4242", "notification_id": ID, **different}
    return PushMessage(
        event_type=event_type, device_id="dev_1", platform="web", push_token=browser.as_token(), **told
    )


async def test_a_push_arrives_decrypted_with_its_buttons(
    simulator: RunningSimulator, sender: WebPushSender, browser: Browser
) -> None:
    own = browser()
    reference = await sender.send(push_to(own, actions=(PushAction("no", "Not me", Sensitive("act_1.x")),)))
    [received] = simulator.world.inbox.list("push", own.endpoint)
    assert (received["subject"], received["text"], received["from"]) == ("Ready", "Card ending 4242", CONTACT)
    assert received["extra"]["data"] == {
        "notification_id": ID,
        "event_type": "cards.card_issued",
        "actions": [{"action": "no", "title": "Not me", "token": "act_1.x"}],
    }
    assert reference.endswith(received["id"])


async def test_a_repeat_replaces_the_first(
    simulator: RunningSimulator, sender: WebPushSender, browser: Browser
) -> None:
    own = browser()
    for body in ("first", "again"):
        await sender.send(push_to(own, body=body))
    await sender.send(push_to(own, body="other", notification_id=f"{ID[:-1]}x"))
    assert [it["text"] for it in simulator.world.inbox.list("push", own.endpoint)] == ["other", "again"]


@pytest.mark.parametrize(
    ("event_type", "ttl_seconds", "urgency"),
    [
        ("challenges.challenge_requested", 600, "high"),
        ("payments.authorization_approved", 21_600, "normal"),
        ("funding.top_up_failed", 86_400, "normal"),
    ],
)
async def test_how_long_it_is_kept_and_how_soon_it_comes_depends_on_what_it_tells(
    simulator: RunningSimulator, sender: WebPushSender, browser: Browser,
    event_type: str, ttl_seconds: int, urgency: str,
) -> None:  # fmt: skip
    own = browser()
    await sender.send(push_to(own, event_type))
    [received] = simulator.world.inbox.list("push", own.endpoint)
    assert (received["extra"]["ttl_seconds"], received["extra"]["urgency"]) == (ttl_seconds, urgency)


async def test_what_is_too_long_is_cut_and_still_read(
    simulator: RunningSimulator, sender: WebPushSender, browser: Browser
) -> None:
    own = browser()
    await sender.send(push_to(own, title="é" * 4000, body="𝄞" * 4000))
    [received] = simulator.world.inbox.list("push", own.endpoint)
    assert received["subject"].endswith("…")
    assert received["text"].endswith("…")
    told = {"title": received["subject"], "body": received["text"], **received["extra"]["data"]}
    assert len(json.dumps(told, ensure_ascii=False, separators=(",", ":")).encode()) <= MOST_PAYLOAD_BYTES


@pytest.mark.parametrize("state", ["gone", "missing"])
async def test_a_subscription_that_is_over_ends_the_device(
    sender: WebPushSender, browser: Browser, state: str
) -> None:
    with pytest.raises(DeviceGone):
        await sender.send(push_to(browser(state=state)))


@pytest.mark.parametrize("state", ["busy", "down"])
async def test_who_is_told_when_to_come_back_does_not_come_sooner(
    sender: WebPushSender, browser: Browser, state: str
) -> None:
    with pytest.raises(Unavailable) as refused:
        await sender.send(push_to(browser(state=state)))
    assert refused.value.details["retry_after_seconds"] == 7
    assert pause_after(1, refused.value) == timedelta(seconds=7)
    assert pause_after(9, refused.value) > timedelta(seconds=7)


async def test_a_browser_of_another_key_is_refused_and_kept(sender: WebPushSender, browser: Browser) -> None:
    other = WebPushSender(
        Sensitive("Zm9yIHRlc3RzIG9ubHksIGFuZCBmb3Igbm90aGluZy4"), CONTACT, LOOPBACK, SystemClock()
    )
    with pytest.raises(AddressRefused, match="push_refused_403"):
        await other.send(push_to(browser()))
    await other.aclose()


async def test_a_signature_that_is_over_is_not_taken(browser: Browser) -> None:
    clock = MovableClock(SystemClock().now() - timedelta(hours=13))
    late = WebPushSender(KEY, CONTACT, LOOPBACK, clock)
    with pytest.raises(AddressRefused, match="push_refused_403"):
        await late.send(push_to(browser()))
    await late.aclose()


async def test_only_the_browser_can_read_it(
    simulator: RunningSimulator, sender: WebPushSender, browser: Browser
) -> None:
    own, other = browser(), browser()
    mixed = BrowserSubscription(own.endpoint, other.p256dh, other.auth)
    with pytest.raises(AddressRefused, match="push_refused_400"):
        await sender.send(push_to(mixed))
    assert simulator.world.inbox.list("push", own.endpoint) == []


def test_the_push_service_takes_what_others_send(simulator: RunningSimulator, browser: Browser) -> None:
    own = browser()
    known = {"endpoint": own.endpoint, "keys": {"p256dh": own.p256dh, "auth": own.auth}}
    told = json.dumps({"title": "Theirs", "body": "By pywebpush"})
    answer = webpush(known, told, vapid_private_key=KEY.reveal(), vapid_claims={"sub": CONTACT}, ttl=60)
    assert answer.status_code == 201
    [received] = simulator.world.inbox.list("push", own.endpoint)
    assert received["subject"] == "Theirs"


@pytest.mark.parametrize(
    ("endpoint", "reason"),
    [
        ("https://169.254.169.254/latest", "address"),
        ("https://[::1]/x", "address"),
        ("http://push.example/x", "scheme"),
        ("https://ada:secret@push.example/x", "userinfo"),
        ("https://localhost/x", "host"),
        ("https://10.0.0.8:6379/x", "address"),
    ],
)
async def test_an_endpoint_inside_the_house_is_refused_at_once_and_when_sending(
    browser: Browser, endpoint: str, reason: str
) -> None:
    known = browser()
    bad = BrowserSubscription(endpoint, known.p256dh, known.auth)
    strict = WebPushSender(KEY, CONTACT, OutboundPolicy(), SystemClock())
    with pytest.raises(Invalid) as refused:
        strict.ensure_acceptable(bad)
    assert (refused.value.code, refused.value.details["reason"]) == ("subscription_refused", reason)
    with pytest.raises(AddressRefused, match=f"endpoint_refused_{reason}"):
        await strict.send(push_to(bad))
    await strict.aclose()


@pytest.mark.parametrize(
    ("p256dh", "auth"),
    [("B" + "A" * 86, "BTBZMqHH6r4Tts7J_aSIgg"), (None, "BTBZMqHH6r4Tts7J"), ("", "")],
)
def test_keys_that_no_browser_has_are_refused(
    sender: WebPushSender, browser: Browser, p256dh: str | None, auth: str
) -> None:
    known = browser()
    bad = BrowserSubscription(known.endpoint, known.p256dh if p256dh is None else p256dh, auth)
    with pytest.raises(Invalid, match="keys"):
        sender.ensure_acceptable(bad)


def test_a_key_or_a_contact_that_is_none_is_refused_at_the_start() -> None:
    for key in ("short", "", "not base64 at all!"):
        with pytest.raises(ValueError, match="private_key"):
            WebPushSender(Sensitive(key), CONTACT, LOOPBACK, SystemClock())
    with pytest.raises(ValueError, match="signed"):
        WebPushSender(KEY, "mailto:", LOOPBACK, SystemClock())


async def test_without_a_key_browsers_get_nothing(browser: Browser) -> None:
    own = browser()
    with pytest.raises(Exception, match="no push messages"):
        NoBrowserPush().ensure_acceptable(own)
    alone = PushByPlatform(_NoApps(), None)  # type: ignore[arg-type]
    with pytest.raises(AddressRefused, match="browser_push_unavailable"):
        await alone.send(push_to(own))


class _NoApps:
    """Nothing may be asked of it."""
