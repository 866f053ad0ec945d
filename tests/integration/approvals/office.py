"""Staff of a program who can sign in at once, and what they propose; made without passwords."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import httpx
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from browsers import sign_in
from cardwright.access import Role
from cardwright.core.clock import MovableClock
from cardwright.core.ids import new_id
from cardwright.db.session import transaction
from cardwright.programs import ensure_program
from staff import somebody

RULE = {"name": "large", "when": "amount > 30000", "action": "decline", "reason": "Too large."}


@dataclass
class Colleague:
    """Somebody of staff at their desk."""

    client: httpx.AsyncClient
    user_id: str
    headers: Mapping[str, str]

    async def get(self, path: str, **query: Any) -> httpx.Response:
        return await self.client.get(f"/v1{path}", headers=self.headers, params=query)

    async def post(self, path: str, body: Any = None) -> httpx.Response:
        headers = {**self.headers, "Idempotency-Key": new_id("key")}
        return await self.client.post(f"/v1{path}", headers=headers, json=body)

    async def put(self, path: str, body: Any) -> httpx.Response:
        return await self.client.put(f"/v1{path}", headers=self.headers, json=body)

    async def decide(
        self, proposed: httpx.Response | Mapping[str, Any], how: str = "approve"
    ) -> httpx.Response:
        told = proposed.json() if isinstance(proposed, httpx.Response) else proposed
        body = None if how == "withdraw" else {"note": "Seen"}
        return await self.post(f"/approvals/{told['id']}/{how}", body)

    async def grant(self, user_id: str, role: str) -> httpx.Response:
        return await self.post(f"/users/{user_id}/roles", {"role": role, "reason": "New here"})

    async def propose_rules(self, *rules: Mapping[str, str], expected_version: int = 0) -> httpx.Response:
        body = {"expected_version": expected_version, "rules": rules, "note": "Fraud last night"}
        return await self.put("/rules", body)

    async def propose_entry(
        self, *lines: Mapping[str, Any], currency: str = "USD", **more: Any
    ) -> httpx.Response:
        body = {"currency": currency, "postings": lines, "reason": "Bank statement of Monday", **more}
        return await self.post("/ledger/entries", body)

    async def propose_reversal(self, entry_id: str) -> httpx.Response:
        return await self.post(f"/ledger/entries/{entry_id}/reversal", {"reason": "Booked twice"})

    async def propose_period(self, month: str, action: str = "closed") -> httpx.Response:
        body = {"month": month, "action": action, "reason": "The books are complete"}
        return await self.post("/ledger/period-changes", body)

    async def ask_to_see(self, user_id: str) -> httpx.Response:
        return await self.post(f"/users/{user_id}/reveals", {"reason": "Ticket 4711"})


@dataclass
class Office:
    """A program with people in it."""

    client: httpx.AsyncClient
    engine: AsyncEngine
    clock: MovableClock
    program_id: str = ""
    people: dict[str, Colleague] = field(default_factory=dict)

    async def open(self) -> "Office":
        async with transaction(self.engine) as session:
            program = await ensure_program(session, slug="demo", name="Demo Program", currency="USD")
        self.program_id = program.id
        return self

    async def colleague(self, name: str, *roles: Role) -> Colleague:
        user_id = new_id("user")
        async with transaction(self.engine) as session:
            await somebody(session, user_id, self.program_id, self.clock.now(), *roles)
        headers = await sign_in(self.engine, self.clock, user_id)
        self.people[name] = Colleague(self.client, user_id, headers)
        return self.people[name]

    async def rows(self, query: str, **parameters: Any) -> Sequence[Any]:
        async with transaction(self.engine) as session:
            return (await session.execute(text(query), parameters)).all()

    async def trail(self, action: str) -> Sequence[Any]:
        """Return the entries of the audit trail that tell of an action, oldest first."""
        query = "SELECT * FROM audit_entries WHERE action = :action ORDER BY id"
        return await self.rows(query, action=action)

    async def pass_time(self, by: timedelta) -> None:
        """Let time pass; whoever was signed in signs in again."""
        self.clock.advance(by)
        for person in self.people.values():
            person.headers = await sign_in(self.engine, self.clock, person.user_id)

    async def dismiss(self, person: Colleague) -> None:
        """Take every role away, as the operator would."""
        async with transaction(self.engine) as session:
            await session.execute(text("SET LOCAL session_replication_role = replica"))
            await session.execute(text("DELETE FROM user_roles WHERE user_id = :id"), {"id": person.user_id})


def line(account: str, side: str, amount: int, owner_id: str | None = None) -> dict[str, Any]:
    """One posting of an entry made by hand."""
    return {"account": account, "side": side, "amount": amount, "owner_id": owner_id}
