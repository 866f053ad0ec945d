"""A person, their phone, the real senders against a simulator, and a relay that runs our subscriptions."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import httpx
import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine

from builders import WEB_PUSH_KEY, provided_for_tests
from cardwright import authentication, notifications
from cardwright.adapters.fcm import FcmPushSender
from cardwright.adapters.guarded_http import OutboundPolicy
from cardwright.adapters.push_by_platform import PushByPlatform
from cardwright.adapters.smtp import SmtpEmailSender
from cardwright.adapters.twilio import TwilioSmsSender
from cardwright.adapters.web_push import WebPushSender
from cardwright.authentication import EmailCodes, create_verified_identity
from cardwright.core.clock import MovableClock, SystemClock
from cardwright.core.sensitive import Sensitive
from cardwright.db import outbox
from cardwright.db.jobs import Work
from cardwright.db.outbox import Event
from cardwright.notifications import BrowserSubscription, EmailSender, PushSender, SmsSender, store
from cardwright.notifications.sending import send_due
from cardwright.notifications.service import register_device
from cardwright.programs import Program
from cardwright.users import ProfileDetails, save_profile
from cardwright.users.store import save_proven_phone
from message_desk import send
from outgoing_calls import LATE_MILLISECONDS
from running_simulator import QUICK, RunningSimulator, running_simulator

PHONE = "+491701234567"


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who can be told things."""

    user_id: str
    program_id: str
    email: str


@pytest.fixture
def simulator() -> Iterator[RunningSimulator]:
    with running_simulator() as simulator:
        yield simulator


@pytest.fixture
async def work(engine: AsyncEngine, clock: MovableClock, simulator: RunningSimulator) -> AsyncIterator[Work]:
    """The collaborators of a handler, with the shipped senders."""
    async with httpx.AsyncClient() as client:
        account = (await client.get(f"{simulator.base_url}/_sim/fcm/service-account.json")).json()
    email = SmtpEmailSender(
        "127.0.0.1", simulator.smtp_port, None, None, "no-reply@cardwright.example", False
    )
    token = Sensitive(QUICK.twilio_auth_token)
    sms = TwilioSmsSender(QUICK.twilio_account_sid, token, QUICK.twilio_numbers[0], simulator.base_url)
    policy = replace(
        OutboundPolicy.of(("127.0.0.1/32",), is_http_allowed=True), whole_seconds=LATE_MILLISECONDS / 2_000
    )
    browsers = WebPushSender(WEB_PUSH_KEY, "mailto:operator@cardwright.example", policy, SystemClock())
    push = PushByPlatform(FcmPushSender(account, simulator.base_url), browsers)
    provided: dict[type, Any] = {
        **await provided_for_tests(engine, clock),
        EmailCodes: EmailCodes(Sensitive("k" * 32)),
        EmailSender: email,
        SmsSender: sms,
        PushSender: push,
    }
    yield Work(engine, clock, provided)
    await sms.aclose()
    await push.aclose()


@pytest.fixture
async def ada(work: Work) -> Person:
    """A person with a proven address and a phone number."""
    program, now = work.get(Program), work.clock.now()
    async with work.transaction() as session:
        email = "ada@example.com"
        user_id = await create_verified_identity(session, email, "a long enough passphrase", program.id, now)
        details = ProfileDetails("Ada Lovelace", date(1990, 12, 10), "en", "Europe/London", phone=PHONE)
        await save_profile(session, user_id, details, now, ensure_may_move=lambda: None)
        await save_proven_phone(session, program.id, user_id, PHONE, at=now)
    return Person(user_id, program.id, email)


@pytest.fixture
def own_device(work: Work) -> Callable[[Person, str], Awaitable[str]]:
    """Register a device of a person under a push token and return its id."""

    async def register(person: Person, push_token: str) -> str:
        async with work.transaction() as session:
            device = await register_device(
                session,
                program_id=person.program_id,
                user_id=person.user_id,
                platform="android",
                push_token=push_token,
                at=work.clock.now(),
            )
        return device.id

    return register


@pytest.fixture
def own_browser(
    work: Work, simulator: RunningSimulator
) -> Callable[[Person], Awaitable[BrowserSubscription]]:
    """Register a browser of a person that subscribed at the simulator, and return its subscription."""

    async def register(person: Person) -> BrowserSubscription:
        async with httpx.AsyncClient() as client:
            made = (await client.post(f"{simulator.base_url}/_sim/push/subscriptions")).json()
        known = BrowserSubscription(made["endpoint"], made["keys"]["p256dh"], made["keys"]["auth"])
        async with work.transaction() as session:
            await register_device(
                session, program_id=person.program_id, user_id=person.user_id, platform="web",
                push_token=known.as_token(), at=work.clock.now(),
            )  # fmt: skip
        return known

    return register


@pytest.fixture
def same_time(clock: MovableClock) -> None:
    """Let our clock show what the simulator's does: Twilio's list tells when it took what."""
    clock.advance(SystemClock().now() - clock.now())


Deliver = Callable[..., Awaitable[Sequence[str]]]


@pytest.fixture
def deliver(work: Work) -> Deliver:
    """Handle these events and all that wait, and send what is due, or these messages of an earlier call.

    Returns the messages that are tried again later.
    """

    async def run(*given: Event | str) -> Sequence[str]:
        for each in given:
            if isinstance(each, str):
                await send(work, each)
        waiting = [*(it for it in given if isinstance(it, Event)), *await _take(work)]
        while await send_due(work) or waiting:
            for event in waiting:
                await _handle(work, event)
            while await send_due(work):
                pass
            waiting = await _take(work)
        async with work.transaction() as session:
            return (
                await session.execute(
                    select(store.notifications.c.id).where(
                        store.notifications.c.state.in_(["queued", "sending", "unknown"]),
                        store.notifications.c.due_at > work.clock.now(),
                    )
                )
            ).scalars().all()  # fmt: skip

    return run


async def _take(work: Work) -> list[Event]:
    async with work.transaction() as session:
        return list(await outbox.take(session, 100))


async def _handle(work: Work, event: Event) -> None:
    for subscription in (*authentication.SUBSCRIPTIONS, *notifications.SUBSCRIPTIONS):
        if subscription.event_type == event.type:
            await subscription.handle(work, event)
