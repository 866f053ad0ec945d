"""Events that flow from commits to the channels: people, a worker and the outside world as processes."""

import asyncio
import json
import os
import sqlite3
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, closing, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, Final

import httpx
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from builders import LOOPBACK, WEB_PUSH_KEY, engine_for_tests
from cardwright.access import Actor, Principal, Reach
from cardwright.adapters.webhook_sender import HttpWebhookSender
from cardwright.core.clock import SystemClock
from cardwright.core.ids import new_id
from cardwright.db import outbox
from cardwright.db.embedded.ports import free_port
from cardwright.db.outbox import Event
from cardwright.db.session import transaction
from cardwright.notifications import BrowserSubscription
from cardwright.notifications.service import register_device
from cardwright.programs import ensure_program
from cardwright.users import ProfileDetails, save_profile
from cardwright.users.store import save_proven_phone
from cardwright.webhooks.domain import EndpointDraft
from cardwright.webhooks.service import create_endpoint
from killable import Killable, Nursery
from proven_people import a_proven_identity
from running_application import environment_of
from simulator import inbox
from simulator.fcm.account import FILE_NAME
from simulator.settings import SimulatorSettings
from simulator.world import DATABASE_NAME

PROCESS: Final = Path(__file__).with_name("outside_process.py")
START_SECONDS: Final = 30
_ANSWER: Final = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"


@dataclass(frozen=True, slots=True)
class Arrived:
    """A message in somebody's inbox; `browser_push` is push to a browser, `push` to an app.

    `notification_id` is None where its provider does not carry it.
    """

    channel: str
    text: str
    at: datetime
    notification_id: str | None
    reference: str | None


@dataclass
class Outside:
    """The simulator as a program of its own."""

    data: Path
    port: int = field(default_factory=free_port)
    smtp_port: int = field(default_factory=free_port)
    pid: int | None = None

    @contextmanager
    def running(self) -> Iterator[None]:
        command = [sys.executable, str(PROCESS), str(self.port), str(self.smtp_port), str(self.data)]
        # It would tell of each client that was killed in the middle of a request.
        process = subprocess.Popen(command, stderr=subprocess.DEVNULL)
        self.pid = process.pid
        try:
            deadline = time.monotonic() + START_SECONDS
            while not self._is_up():
                assert time.monotonic() < deadline
                assert process.poll() is None
                time.sleep(0.05)
            yield
        finally:
            process.terminate()
            process.wait(20)

    def settings(self) -> Mapping[str, str]:
        """Return what a worker needs to reach it."""
        known = SimulatorSettings()
        url = f"http://127.0.0.1:{self.port}"
        return {
            "CARDWRIGHT_TWILIO__ACCOUNT_SID": known.twilio_account_sid,
            "CARDWRIGHT_TWILIO__AUTH_TOKEN": known.twilio_auth_token,
            "CARDWRIGHT_TWILIO__SENDER": known.twilio_messaging_service_sid,
            "CARDWRIGHT_TWILIO__BASE_URL": url,
            "CARDWRIGHT_FCM__SERVICE_ACCOUNT_FILE": str(self.data / FILE_NAME),
            "CARDWRIGHT_FCM__BASE_URL": url,
            "CARDWRIGHT_SMTP__PORT": str(self.smtp_port),
            "CARDWRIGHT_WEB_PUSH__PRIVATE_KEY": WEB_PUSH_KEY.reveal(),
            "CARDWRIGHT_WEB_PUSH__CONTACT": "mailto:operator@cardwright.example",
            "CARDWRIGHT_OUTBOUND__ALLOWED_NETWORKS": '["127.0.0.0/8"]',
        }

    def new_browser(self) -> BrowserSubscription:
        """Return the subscription of a browser that has just subscribed."""
        url = f"http://127.0.0.1:{self.port}/_sim/push/subscriptions"
        made = httpx.post(url, json={}, trust_env=False).json()
        return BrowserSubscription(made["endpoint"], made["keys"]["p256dh"], made["keys"]["auth"])

    def arrived(self) -> list[Arrived]:
        """Return everything that reached anybody."""
        with closing(sqlite3.connect(self.data / DATABASE_NAME)) as database:
            rows = database.execute("SELECT body FROM object WHERE kind = ?", (inbox.KIND,)).fetchall()
        return [_arrived(json.loads(body)) for (body,) in rows]

    def count(self) -> int:
        """Return how many messages reached anybody."""
        with closing(sqlite3.connect(self.data / DATABASE_NAME)) as database:
            asked = "SELECT count(*) FROM object WHERE kind = ?"
            return int(database.execute(asked, (inbox.KIND,)).fetchone()[0])

    def _is_up(self) -> bool:
        try:
            return httpx.get(f"http://127.0.0.1:{self.port}/_sim/health", trust_env=False).is_success
        except httpx.TransportError:
            return False


def _arrived(kept: Mapping[str, Any]) -> Arrived:
    extra, channel = kept["extra"], str(kept["channel"])
    ours = None
    if channel == "push":
        ours = extra["data"]["notification_id"]
        channel = "browser_push" if "topic" in extra else channel
    elif channel == "email":
        ours = extra["raw"].partition("Message-ID: <")[2].partition("@")[0]
    text_ = " ".join(filter(None, (kept["subject"], kept["text"])))
    return Arrived(channel, text_, datetime.fromisoformat(kept["at"]), ours, extra.get("sid"))


@dataclass
class Traffic:
    """People who can be told things, and what they are told."""

    engine: AsyncEngine
    program_id: str
    people: Sequence[str]

    async def commit(self, event: Event) -> datetime:
        """Write an event in a transaction of its own; return when that was committed."""
        async with transaction(self.engine) as session:
            await outbox.append(session, event)
        return datetime.now(UTC)

    def purchase(self, number: int, kind: str = "authorization_approved") -> Event:
        """Return an event that goes to phones, with a merchant of its own."""
        user_id = self.people[number % len(self.people)]
        payment_id = new_id("pay")
        told = {
            "user_id": user_id, "payment_id": payment_id, "card_id": new_id("card"), "last4": "4242",
            "amount": 12_50, "currency": "USD", "merchant_name": f"Shop {number:06d}", "sequence": 1,
        }  # fmt: skip
        return Event(f"payments.{kind}", self.program_id, payment_id, datetime.now(UTC), told)

    def judgement(self, number: int) -> Event:
        """Return an event that goes to mailboxes and phones, with a merchant of its own."""
        purchase = self.purchase(number)
        told = {**purchase.payload, "case_id": new_id("case"), "finding": "genuine"}
        return Event("cases.payment_reviewed", self.program_id, told["case_id"], purchase.occurred_at, told)

    def payout(self, number: int) -> Event:
        """Return an event that goes to mailboxes, with an amount of its own."""
        told = {
            "user_id": self.people[number % len(self.people)], "amount": number, "returned": number,
            "currency": "USD",
        }  # fmt: skip
        return Event("funding.withdrawal_succeeded", self.program_id, new_id("wdr"), datetime.now(UTC), told)

    async def give_browsers(self, outside: Outside) -> None:
        """Let everybody take push messages in a browser, too."""
        async with transaction(self.engine) as session:
            for user_id in self.people:
                await register_device(
                    session, program_id=self.program_id, user_id=user_id, platform="web",
                    push_token=outside.new_browser().as_token(), at=datetime.now(UTC),
                )  # fmt: skip

    async def add_endpoint(self, url: str, *event_types: str) -> str:
        """Have events of these types posted to a URL; return the secret that they are signed with."""
        sender, draft = HttpWebhookSender(LOOPBACK, SystemClock()), EndpointDraft(url, event_types)
        by = Actor(Principal(self.people[0], self.program_id), Reach.ANY)
        async with transaction(self.engine) as session:
            made = await create_endpoint(session, sender, draft, by=by, at=datetime.now(UTC))
        await sender.aclose()
        assert made.secret is not None
        return made.secret.reveal()

    async def ask(self, query: str) -> Sequence[Any]:
        async with transaction(self.engine) as session:
            return (await session.execute(text(query))).all()


async def traffic_on(database_url: str, *, people: int) -> Traffic:
    """Return traffic on a migrated database, with people who have a mailbox, a phone and an app."""
    engine = engine_for_tests(database_url, pool_size=20)
    at, made = datetime.now(UTC), []
    async with transaction(engine) as session:
        program = await ensure_program(session, slug="demo", name="Demo Program", currency="USD")
        for number in range(people):
            user_id = await a_proven_identity(session, f"person{number}@example.com", program.id, at)
            phone = f"+1415555{number:04d}"
            details = ProfileDetails(f"Person {number}", date(1990, 1, 1), "en", "UTC", phone)
            await save_profile(session, user_id, details, at, ensure_may_move=lambda: None)
            await save_proven_phone(session, program.id, user_id, phone, at=at)
            await register_device(
                session, program_id=program.id, user_id=user_id, platform="android",
                push_token=new_id("token"), at=at,
            )  # fmt: skip
            made.append(user_id)
        await session.execute(text("DELETE FROM outbox"))
    return Traffic(engine, program.id, made)


UNCAPPED: Final = {
    f"CARDWRIGHT_MESSAGE_CAPS__{it}": "1000000"
    for channel in ("SMS", "PUSH", "EMAIL")
    for it in (channel, f"{channel}_ESSENTIAL")
}
"""A few people get here in a minute what others get in a year."""


@asynccontextmanager
async def nobody_home() -> AsyncIterator[str]:
    """Answer every callback of vendors with 200, and do nothing: the application is not what is looked at."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while head := await reader.readuntil(b"\r\n\r\n"):
            length = int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0] or 0)
            await reader.readexactly(length)
            writer.write(_ANSWER)
            await writer.drain()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(asyncio.IncompleteReadError, ConnectionError, asyncio.CancelledError):
            await answer(reader, writer)
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    try:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    finally:
        server.close()


def worker_on(
    database_url: str, folder: Path, outside: Outside, public_url: str, *, is_hasty: bool = False
) -> Killable:
    """Return a worker that has not started yet; a hasty one takes others for dead after seconds."""
    environment = {
        **os.environ, **environment_of(database_url, folder), **outside.settings(),
        "CARDWRIGHT_PUBLIC_URL": public_url, **UNCAPPED,
    }  # fmt: skip
    return Killable(Nursery(environment, folder / "worker.log", is_hasty))
