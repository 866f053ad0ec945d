"""A program's trail to write to, to seal, to export, and to tamper with as a database administrator can."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import asyncpg
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from sqlalchemy.ext.asyncio import AsyncEngine

from builders import provided_for_tests
from cardwright.audit import (
    AuditEntry,
    TrailReport,
    export_lines,
    get_head,
    record,
    seal,
    verify,
)
from cardwright.core.clock import Clock
from cardwright.db.jobs import Work
from cardwright.db.session import transaction
from cardwright.http.origin import handling
from cardwright.programs import Program
from cardwright.sealing import CheckpointSigner
from integration.worker.bench import eventually

SCOPE = {"headers": [(b"user-agent", b"curl/8.11")], "client": ("192.0.2.7", 40_000)}

MADE_UP = """
INSERT INTO audit_entries (id, program_id, subject_id, details, personal_digest,
                           actor_id, action, occurred_at, request_id)
VALUES ($1, $2, $3, $4, $5, 'user_ada', 'card.limits_changed', '2026-11-23T12:00:00Z', 'req_1')
"""

HELD_BACK = """
SELECT count(*) FROM audit_entries, pg_current_snapshot() AS seen
WHERE written_in >= pg_snapshot_xmin(seen)::text::bigint AND written_in < pg_snapshot_xmax(seen)::text::bigint
"""


@dataclass
class Trail:
    """What the worker has, and an administrator's console beside it."""

    engine: AsyncEngine
    database_url: str
    work: Work

    @classmethod
    async def begin(cls, engine: AsyncEngine, database_url: str, clock: Clock) -> "Trail":
        return cls(engine, database_url, Work(engine, clock, await provided_for_tests(engine, clock)))

    @property
    def program_id(self) -> str:
        return self.work.get(Program).id

    @property
    def keys(self) -> Sequence[Ed25519PublicKey]:
        return self.work.get(CheckpointSigner).public_keys

    async def write(self, count: int = 1, *, program_id: str | None = None) -> list[AuditEntry]:
        """Record acts, all in one transaction and all from one client."""
        async with transaction(self.engine) as session:
            with handling(SCOPE, "req_1"):
                return [
                    await record(session, *self._act(program_id or self.program_id, number))
                    for number in range(count)
                ]

    def _act(self, program_id: str, number: int) -> tuple[Any, ...]:
        details = {"before": {"month": number}, "after": {"day": 5, "month": 2 * number}, "note": "Zoë"}
        action, subject_id = "card.limits_changed", f"card_{number}"
        return "user_ada", program_id, action, subject_id, details, self.work.clock.now()

    async def write_made_up(self, count: int, *, first: int = 0) -> None:
        """Write acts of which nothing is random, past the application."""
        for number in range(first, first + count):
            details = f'{{"before": {{"month": {number}}}, "after": {{"day": 5}}, "note": "Zoë"}}'
            entry_id, digest = f"audit_{self.program_id}_{number:04}", f"{number:064x}"
            await self.ask(MADE_UP, entry_id, self.program_id, f"card_{number}", details, digest)

    async def seal(self) -> int:
        """Seal all there is, once the server's other transactions let it."""
        await eventually(self._can_be_sealed)
        return await self.seal_meanwhile()

    async def seal_meanwhile(self) -> int:
        """Seal what can be sealed, while some transaction is still running."""
        return await seal(self.work)

    async def _can_be_sealed(self) -> bool:
        [row] = await self.ask(HELD_BACK)
        return bool(row["count"] == 0)

    async def seal_with(self, signer: CheckpointSigner) -> int:
        await eventually(self._can_be_sealed)
        provided = {**self.work.provided, CheckpointSigner: signer}
        return await seal(Work(self.engine, self.work.clock, provided))

    async def verify(self, *keys: Ed25519PublicKey) -> TrailReport:
        async with transaction(self.engine) as session:
            return await verify(session, keys or self.keys)

    async def findings(self) -> list[str]:
        return [f"{found.subject} {found.what}" for found in (await self.verify()).findings]

    async def note(self) -> str:
        async with transaction(self.engine) as session:
            return (await get_head(session, self.program_id)).note

    async def export(self) -> bytes:
        begin = partial(transaction, self.engine)
        async with begin() as session:
            head = await get_head(session, self.program_id)
        return b"".join([lines async for lines in export_lines(begin, head)])

    async def ask(self, query: str, *values: object) -> Sequence[Mapping[str, Any]]:
        connection = await asyncpg.connect(self.database_url)
        try:
            rows: Sequence[Mapping[str, Any]] = await connection.fetch(query, *values)
        finally:
            await connection.close()
        return rows

    async def sealed_ids(self) -> list[str]:
        """Return the entries' ids in the order of their leaves, which must have no gap."""
        rows = await self.ask("SELECT leaf_index, entry_id FROM audit_seals ORDER BY program_id, leaf_index")
        assert [row["leaf_index"] for row in rows] == list(range(len(rows)))
        return [row["entry_id"] for row in rows]

    async def tamper(self, *statements: str) -> None:
        """Do what a superuser can: change rows with the triggers off."""
        connection = await asyncpg.connect(self.database_url)
        try:
            await connection.execute("SET session_replication_role = replica")
            for statement in statements:
                done = await connection.execute(statement)
                assert not done.endswith(" 0"), statement
        finally:
            await connection.close()
