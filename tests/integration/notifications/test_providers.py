"""Several providers on a channel: the second takes over, and nobody is told twice, whatever breaks."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from cardwright.adapters.smtp import SmtpEmailSender
from cardwright.adapters.twilio import TwilioSmsSender
from cardwright.core.clock import MovableClock
from cardwright.core.errors import Unavailable
from cardwright.core.sensitive import Sensitive
from cardwright.db.jobs import Work, pause_after
from cardwright.notifications import Chain, EmailMessage, EmailSender, Provider, PushSender, SmsSender
from cardwright.notifications.domain import ATTEMPT_LEASE
from integration.notifications.test_trouble import queue, stored
from message_desk import send
from running_simulator import QUICK, RunningSimulator, running_simulator

SEND_SMS = "*/Messages.json"


class Killed(BaseException):
    """What ends a worker in the middle of something."""


class Deadly:
    """A sender in whose hands the worker dies, after or before the message was taken."""

    def __init__(self, sender: Any, *, takes: bool) -> None:
        self.sender = sender
        self.takes = takes

    async def send(self, message: EmailMessage) -> str:
        if self.takes:
            await self.sender.send(message)
        raise Killed


@pytest.fixture
async def other(simulator: RunningSimulator) -> AsyncIterator[RunningSimulator]:
    with running_simulator() as second:
        yield second


def smtp(simulator: RunningSimulator) -> SmtpEmailSender:
    return SmtpEmailSender(
        "127.0.0.1", simulator.smtp_port, None, None, "no-reply@cardwright.example", start_tls=False
    )


def twilio(simulator: RunningSimulator) -> TwilioSmsSender:
    token = Sensitive(QUICK.twilio_auth_token)
    return TwilioSmsSender(QUICK.twilio_account_sid, token, QUICK.twilio_numbers[0], simulator.base_url)


def with_chain(work: Work, port: type, *senders: Any) -> Work:
    chain = Chain(work.clock, [Provider(f"provider_{place}", it) for place, it in enumerate(senders, 1)])
    return replace(work, provided={**work.provided, port: chain})


def letters(*simulators: RunningSimulator) -> Sequence[int]:
    return [len(it.world.inbox.list("email")) for it in simulators]


async def attempt(work: Work, queued: str) -> Unavailable | None:
    try:
        await send(work, queued)
    except Unavailable as error:
        return error
    return None


async def test_the_second_mail_server_takes_what_the_first_refuses_for_now(
    work: Work, simulator: RunningSimulator, other: RunningSimulator, ada: Any
) -> None:
    both = with_chain(work, EmailSender, smtp(simulator), smtp(other))
    queued = await queue(both, ada, "cards.card_frozen", "email")
    simulator.world.faults.add("mail", "error", status=451)
    await send(both, queued)
    here = await stored(both, "email")
    assert (here.state, here.provider, here.attempts) == ("sent", "provider_2", 1)
    assert letters(simulator, other) == [0, 1]


@pytest.mark.parametrize("fault", ["drop", "drop_response", "garbage"])
async def test_after_a_doubt_the_first_mail_server_gets_it_again_and_nobody_else(
    work: Work, simulator: RunningSimulator, other: RunningSimulator, ada: Any, fault: Any
) -> None:
    both = with_chain(work, EmailSender, smtp(simulator), smtp(other))
    queued = await queue(both, ada, "cards.card_frozen", "email")
    simulator.world.faults.add("mail", fault)
    assert await attempt(both, queued) is not None
    assert (await stored(both, "email")).provider == "provider_1"
    # Even a sure no of the first does not let the second have it: the doubt remains.
    simulator.world.faults.add("mail", "error", status=451)
    assert await attempt(both, queued) is not None
    assert await attempt(both, queued) is None
    assert (await stored(both, "email")).provider == "provider_1"
    ids = {
        line
        for letter in simulator.world.inbox.list("email")
        for line in letter["extra"]["raw"].splitlines()
        if line.startswith("Message-ID")
    }
    assert len(ids) == 1
    assert letters(other) == [0]


@pytest.mark.parametrize("takes", [True, False])
async def test_a_worker_that_dies_at_the_second_server_leaves_it_to_that_one(
    work: Work, simulator: RunningSimulator, other: RunningSimulator, ada: Any, clock: MovableClock,
    takes: bool,
) -> None:  # fmt: skip
    dying = with_chain(work, EmailSender, smtp(simulator), Deadly(smtp(other), takes=takes))
    queued = await queue(dying, ada, "cards.card_frozen", "email")
    simulator.world.faults.add("mail", "error", status=451)
    with pytest.raises(Killed):
        await send(dying, queued)
    clock.advance(ATTEMPT_LEASE)
    alive = with_chain(work, EmailSender, smtp(simulator), smtp(other))
    await send(alive, queued)
    assert (await stored(alive, "email")).provider == "provider_2"
    assert letters(simulator, other) == [0, 2 if takes else 1]


async def test_the_second_sender_of_texts_takes_what_the_first_has_surely_not(
    work: Work, simulator: RunningSimulator, other: RunningSimulator, ada: Any
) -> None:
    both = with_chain(work, SmsSender, twilio(simulator), twilio(other))
    queued = await queue(both, ada, "cards.card_issued", "sms")
    simulator.world.faults.add("api", "error", selector=SEND_SMS)
    await send(both, queued)
    assert (await stored(both, "sms")).provider == "provider_2"
    sent = [len(it.world.objects.list("twilio_message")) for it in (simulator, other)]
    assert sent == [0, 1]


@pytest.mark.parametrize("fault", ["drop", "drop_response", "garbage"])
async def test_a_text_in_doubt_goes_to_no_second_sender(
    work: Work, simulator: RunningSimulator, other: RunningSimulator, ada: Any, fault: Any
) -> None:
    both = with_chain(work, SmsSender, twilio(simulator), twilio(other))
    queued = await queue(both, ada, "cards.card_issued", "sms")
    simulator.world.faults.add("api", fault, selector=SEND_SMS)
    for _ in range(3):
        assert await attempt(both, queued) is not None
    assert (await stored(both, "sms")).state == "unknown"
    assert other.world.objects.list("twilio_message") == []


async def test_a_provider_that_is_left_alone_loses_nothing_and_gets_no_attempts(
    work: Work, simulator: RunningSimulator, ada: Any, clock: MovableClock
) -> None:
    alone = with_chain(work, EmailSender, smtp(simulator))
    queued = await queue(alone, ada, "cards.card_frozen", "email")
    simulator.world.faults.add("mail", "error", count=None, status=451)
    errors = [await attempt(alone, queued) for _ in range(12)]
    assert [error.code for error in errors if error] == ["email_unavailable"] * 5 + ["provider_resting"] * 7
    assert (await stored(alone, "email")).attempts == 5
    simulator.world.faults.clear()
    clock.advance(timedelta(seconds=15))
    await send(alone, queued)
    assert (await stored(alone, "email")).state == "sent"
    assert letters(simulator) == [1]


@pytest.mark.parametrize(("channel", "port"), [("sms", SmsSender), ("push", PushSender)])
async def test_who_is_asked_too_much_is_left_alone_for_a_while(
    work: Work, simulator: RunningSimulator, ada: Any, own_device: Any, channel: str, port: type,
    clock: MovableClock,
) -> None:  # fmt: skip
    await own_device(ada, "token-of-adas-phone")
    alone = with_chain(work, port, work.provided[port])
    queued = await queue(
        alone, ada, "cards.card_issued" if channel == "sms" else "cards.card_frozen", channel
    )
    selector = SEND_SMS if channel == "sms" else "*/messages:send"
    simulator.world.faults.add("api", "error", selector=selector, status=429)
    refused = await attempt(alone, queued)
    assert refused is not None
    seconds = refused.details["retry_after_seconds"]
    assert seconds >= 30
    assert pause_after(1, refused) == timedelta(seconds=seconds)
    resting = await attempt(alone, queued)
    assert resting is not None
    assert resting.code == "provider_resting"
    clock.advance(timedelta(seconds=seconds))
    assert await attempt(alone, queued) is None
    assert (await stored(alone, channel)).attempts == 2


async def test_workers_that_send_the_same_text_at_once_send_it_once(
    work: Work, simulator: RunningSimulator, ada: Any
) -> None:
    alone = with_chain(work, SmsSender, twilio(simulator))
    queued = await queue(alone, ada, "cards.card_issued", "sms")
    await asyncio.gather(*(attempt(alone, queued) for _ in range(10)))
    assert len(simulator.world.objects.list("twilio_message")) == 1
