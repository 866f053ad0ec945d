"""A program's journal to post to, to seal, to export, and to tamper with as a database administrator can."""

import asyncpg
from sqlalchemy.ext.asyncio import AsyncEngine

from builders import provided_for_tests
from cardwright import ledger, sealing
from cardwright.core.clock import MovableClock
from cardwright.db.jobs import Work
from cardwright.db.session import transaction
from cardwright.programs import Program
from cardwright.sealing import CheckpointSigner, Verdict
from integration.worker.bench import eventually

HELD_BACK = """
SELECT count(*) FROM journal_entries, pg_current_snapshot() AS seen
WHERE written_in >= pg_snapshot_xmin(seen)::text::bigint AND written_in < pg_snapshot_xmax(seen)::text::bigint
"""
INDEX = "(SELECT entry_id FROM ledger_seals WHERE leaf_index = {})"


class Journal:
    """What the worker has, and an administrator's console beside it."""

    def __init__(self, work: Work, database_url: str) -> None:
        self.work, self.database_url = work, database_url
        self.posted: list[str] = []

    @classmethod
    async def begin(cls, engine: AsyncEngine, database_url: str, clock: MovableClock) -> "Journal":
        return cls(Work(engine, clock, await provided_for_tests(engine, clock)), database_url)

    @property
    def program_id(self) -> str:
        return self.work.get(Program).id

    async def post(self, count: int) -> None:
        """Post top-ups, each in a transaction of its own."""
        for _ in range(count):
            number = len(self.posted)
            async with self.work.transaction() as session:
                entry = await ledger.credit_wallet(
                    session, program_id=self.program_id, user_id=f"user_{number % 3}", currency="USD",
                    amount=100 + number, contra="funding_in_transit", kind="top_up",
                    external_id=f"top_up:{number}", at=self.work.clock.now(),
                )  # fmt: skip
            self.posted.append(entry.id)

    async def seal(self) -> int:
        """Seal all there is, once the server's other transactions let it."""
        await eventually(self._can_be_sealed)
        return await ledger.seal_journal(self.work)

    async def _can_be_sealed(self) -> bool:
        connection = await asyncpg.connect(self.database_url)
        count = await connection.fetchval(HELD_BACK)
        await connection.close()
        return bool(count == 0)

    async def export(self) -> bytes:
        async with self.work.transaction() as session:
            head = await sealing.get_head(session, ledger.JOURNAL, self.program_id)
        lines = sealing.export_lines(lambda: transaction(self.work.engine), ledger.JOURNAL, head)
        return b"".join([line async for line in lines])

    def judge(self, export: bytes, *, since: str | None = None) -> Verdict:
        older = sealing.read_checkpoint(since) if since else None
        keys = self.work.get(CheckpointSigner).public_keys
        return sealing.verify_export(
            ledger.JOURNAL.format, export.splitlines(keepends=True), keys, since=older
        )

    async def findings(self) -> list[str]:
        keys = self.work.get(CheckpointSigner).public_keys
        async with self.work.transaction() as session:
            report = await sealing.verify(session, ledger.JOURNAL, keys)
        return [f"{found.subject} {found.what}" for found in report.findings]

    async def tamper(self, *statements: str) -> None:
        """Do what a superuser can: change rows with the triggers off."""
        connection = await asyncpg.connect(self.database_url)
        await connection.execute("SET session_replication_role = replica")
        for statement in statements:
            done = await connection.execute(statement)
            assert not done.endswith(" 0"), statement
        await connection.close()
