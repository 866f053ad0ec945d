"""Every call that carries a message x every way it can go wrong: a person is told once, the end is known."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

import pytest

import outgoing_calls
from cardwright.adapters import fcm, smtp, twilio
from cardwright.core.clock import MovableClock
from cardwright.core.errors import Unavailable
from cardwright.db.jobs import Work
from cardwright.notifications import BrowserSubscription
from cardwright.notifications.domain import ATTEMPT_LEASE
from integration.notifications.test_trouble import queue, stored
from message_desk import send
from outgoing_calls import LATE_MILLISECONDS, awaited_in, modules_that_import, until_late_calls_are_over
from running_simulator import RunningSimulator

FAULTS: Mapping[str, Mapping[str, Any]] = {**outgoing_calls.FAULTS, "busy": {"kind": "error", "status": 503}}
# To a mail server a five hundred is a refusal for ever; what passes is a four hundred.
REPLY_CODES = {500: 451, 503: 421}
CALLS: Mapping[str, tuple[str, str, str, str]] = {
    "send a text message": ("twilio", "self._client.messages.create_async", "sms", "POST */Messages.json"),
    "send a push": ("fcm", "self._http.post", "push", "POST */messages:send"),
    "send a push to a browser": ("web_push", "self._http.send", "push", "POST /push/*"),
    "renew a token": ("fcm", "self._credentials.refresh", "push", "POST /token"),
    "send a letter": ("smtp", "connection.send_message", "email", "*"),
}
CARRIERS = {"valkey_signals", "sendgrid"}
"""What wakes open windows, and what only hears of bounces: neither sends anybody anything."""
# What stays in this process, or is one of the calls above as the SDK passes it on.
INSIDE = {
    "twilio": {
        "self._transport.aclose",
        "self._http.aclose",
        "self._http.request",
        # Carries no message: it is asked what became of one, and goes wrong in test_trouble.py.
        "self._client.messages.list_async",
    },
    "fcm": {"self._http.aclose", "self._token"},
    "smtp": {
        "self._usable",
        "self._connected",
        "connection.connect",
        "connection.rset",
        "_leave",
        "connection.quit",
    },
    "web_push": {"self._http.aclose", "self._post", "answer.aclose"},
    "push_by_platform": {
        "self._apps.aclose",
        "self._apps.send",
        "self._browsers.aclose",
        "self._browsers.send",
    },
}


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    for adapter in (fcm, smtp, twilio):
        monkeypatch.setattr(adapter, "_TIMEOUT_SECONDS", LATE_MILLISECONDS / 2_000)


def arrived(simulator: RunningSimulator, channel: str) -> Sequence[str]:
    """Return what a person is shown, by what the receiver tells repeats by."""
    world = simulator.world
    if channel == "sms":
        return [str(it["sid"]) for it in world.objects.list("twilio_message")]
    kept = world.inbox.list(channel)
    if channel == "push":
        return sorted({it["extra"]["data"]["notification_id"] for it in kept})
    ids = [line for it in kept for line in it["extra"]["raw"].splitlines() if line.startswith("Message-ID")]
    assert len(ids) == len(kept)
    return sorted(set(ids))


@pytest.mark.usefixtures("same_time")
@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("call", CALLS)
async def test_a_call_that_goes_wrong_tells_a_person_once(
    work: Work, simulator: RunningSimulator, ada: Any, own_device: Callable[..., Awaitable[str]],
    own_browser: Callable[..., Awaitable[BrowserSubscription]], call: str, fault: str, clock: MovableClock,
) -> None:  # fmt: skip
    _, _, channel, selector = CALLS[call]
    if call == "send a push to a browser":
        await own_browser(ada)
    else:
        await own_device(ada, "token-of-adas-phone")
    queued = await queue(work, ada, "cards.card_issued" if channel == "sms" else "cards.card_frozen", channel)
    order = dict(FAULTS[fault])
    if channel == "email" and "status" in order:
        order["status"] = REPLY_CODES[order["status"]]
    simulator.world.faults.add("mail" if channel == "email" else "api", selector=selector, **order)

    failures = 0
    for _ in range(4):
        try:
            await send(work, queued)
        except Unavailable:
            failures += 1
    assert simulator.world.faults.list() == [], "the call was never made"
    if order["kind"] == "delay":
        await until_late_calls_are_over()
    here = await stored(work, channel)
    if channel == "sms" and order["kind"] != "error":
        # Whether it was taken cannot be told before the attempt is over; then it is looked up.
        assert (here.state, failures) == ("unknown", 4)
        assert len(arrived(simulator, channel)) == (0 if order["kind"] == "drop" else 1)
        clock.advance(ATTEMPT_LEASE)
        await send(work, queued)
        assert len(arrived(simulator, channel)) == 1
        assert (await stored(work, channel)).provider_reference == arrived(simulator, channel)[0]
        return
    # Google's library tries again by itself when the server of tokens says that it has trouble.
    tried = 0 if call == "renew a token" and order["kind"] == "error" else 1
    assert (here.state, failures, here.attempts) == ("sent", tried, tried + 1)
    assert len(arrived(simulator, channel)) == 1


def test_every_call_that_carries_a_message_has_a_row() -> None:
    assert modules_that_import("cardwright.notifications") - CARRIERS == set(INSIDE)
    for adapter, inside in INSIDE.items():
        rows = {made for module, made, _, _ in CALLS.values() if module == adapter}
        assert awaited_in(adapter) - inside == rows, adapter
