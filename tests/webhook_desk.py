"""Holders, developers and an auditor with webhooks, a receiver, and the worker's part done by hand."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import httpx
from sqlalchemy.ext.asyncio import AsyncEngine

from browsers import forgetful_jar, sign_in
from builders import provided_for_tests
from cardwright import webhooks
from cardwright.access import Role
from cardwright.core.clock import MovableClock
from cardwright.core.ids import new_id
from cardwright.db import outbox
from cardwright.db.jobs import Work
from cardwright.db.outbox import Event
from cardwright.db.session import transaction
from cardwright.events import CATALOGUE
from cardwright.main import build_app
from cardwright.programs import Program
from cardwright.webhooks.sending import deliver_due
from cardwright.worker import Worker
from integration.kyc.people import a_person
from staff import grant_role
from webhook_receivers import Receiver, receiving

ENDPOINTS = "/v1/webhook-endpoints"
DELIVERIES = "/v1/webhook-deliveries"
ROLES = {
    "developer": Role.DEVELOPER, "colleague": Role.DEVELOPER, "administrator": Role.ADMINISTRATOR,
    "auditor": Role.AUDITOR, "support": Role.SUPPORT,
}  # fmt: skip
SETTLED = "payments.payment_settled"


@dataclass
class Desk:
    """Everybody signed in with a factor used just now."""

    client: httpx.AsyncClient
    engine: AsyncEngine
    clock: MovableClock
    work: Work
    worker: Worker
    receiver: Receiver
    ids: dict[str, str] = field(default_factory=dict)
    sessions: dict[tuple[str, datetime], Mapping[str, str]] = field(default_factory=dict)

    @property
    def program_id(self) -> str:
        return str(self.work.get(Program).id)

    async def let_in(self, who: str) -> None:
        """Make somebody who is not there yet."""
        if who not in self.ids:
            self.ids[who] = await a_person(self.engine, self.clock, f"{who}@example.com")
            async with transaction(self.engine) as session:
                if who in ROLES:
                    await grant_role(session, self.ids[who], ROLES[who], "system", self.clock.now())
                while await outbox.take(session, 100):
                    pass

    async def by(self, who: str) -> Mapping[str, str]:
        """Return the headers of somebody who signed in and used a factor just now, as sessions end soon."""
        known = (who, self.clock.now())
        await self.let_in(who)
        if known not in self.sessions:
            self.sessions[known] = await sign_in(self.engine, self.clock, self.ids[who], has_used_factor=True)
        return self.sessions[known]

    async def post(self, path: str, who: str, key: str | None = None, **body: Any) -> httpx.Response:
        headers = {**await self.by(who), "Idempotency-Key": key or new_id("idem")}
        return await self.client.post(path, json=body or None, headers=headers)

    async def get(self, path: str, who: str = "developer", **query: Any) -> Any:
        answer = await self.client.get(path, headers=await self.by(who), params=query)
        return answer.json() if answer.is_success else answer.status_code

    async def patch(self, endpoint_id: str, who: str = "developer", **body: Any) -> httpx.Response:
        return await self.client.patch(f"{ENDPOINTS}/{endpoint_id}", json=body, headers=await self.by(who))

    async def make(self, who: str = "developer", path: str = "/hook", **body: Any) -> Any:
        """Return a fresh endpoint, with its secret."""
        wanted = {"url": self.receiver.at(path), "event_types": ["*"], **body}
        answer = await self.post(ENDPOINTS, who, **wanted)
        assert answer.status_code == 201, answer.text
        return answer.json()

    async def happen(self, *events: Event) -> Sequence[Event]:
        """Let events happen, and be relayed as the worker does."""
        async with transaction(self.engine) as session:
            await outbox.append(session, *events)
        while await self.worker.relay():
            pass
        return events

    def event(self, type_: str, who: str = "holder", **payload: Any) -> Event:
        told = {**CATALOGUE[type_].example["data"], "user_id": self.ids[who], **payload}
        return Event(type_, self.program_id, new_id("pay"), self.clock.now(), told)

    async def deliver(self) -> int:
        """Send what is due now."""
        return await deliver_due(self.work)

    async def run_jobs(self) -> None:
        """Run what webhooks have in the background."""
        async with transaction(self.engine) as session:
            taken = await outbox.take(session, 100)
        for event in taken:
            for subscription in webhooks.SUBSCRIPTIONS:
                if subscription.event_type == event.type:
                    await subscription.handle(self.work, event)

    async def deliveries(self, endpoint_id: str, who: str = "developer", **query: Any) -> list[Any]:
        listed = await self.get(f"{ENDPOINTS}/{endpoint_id}/deliveries", who, **query)
        return list(listed["data"])

    async def log(self, delivery_id: str, who: str = "developer") -> Any:
        return await self.get(f"{DELIVERIES}/{delivery_id}", who)


@asynccontextmanager
async def a_desk(engine: AsyncEngine, clock: MovableClock, database_url: str) -> AsyncIterator[Desk]:
    provided = await provided_for_tests(engine, clock)
    work = Work(engine, clock, provided)
    transport = httpx.ASGITransport(build_app(engine, provided), raise_app_exceptions=False)
    async with (
        receiving() as receiver,
        httpx.AsyncClient(
            transport=transport, base_url="https://cardwright.test", cookies=forgetful_jar()
        ) as client,
    ):
        desk = Desk(client, engine, clock, work, Worker(work, database_url), receiver)
        await desk.let_in("holder")
        yield desk
        await provided[webhooks.WebhookSender].aclose()
