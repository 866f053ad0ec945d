"""Servers that write down all they can, and everywhere a number could have ended up."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

import asyncpg
from redis.asyncio import Redis

from cardwright.db.embedded import EmbeddedPostgres, EmbeddedValkey
from running_simulator import RunningSimulator, running_simulator
from simulator import inbox
from simulator.twilio import delivery

TALKATIVE = {
    "log_statement": "all",
    "log_min_duration_statement": "0",
    "log_parameter_max_length": "-1",
    "log_parameter_max_length_on_error": "-1",
    "log_error_verbosity": "verbose",
    "log_min_messages": "info",
}


@dataclass(frozen=True, slots=True)
class Places:
    """A PostgreSQL, a Valkey and the outside world, with a look at all that they keep."""

    folder: Path
    postgres_url: str
    valkey_url: str
    simulator: RunningSimulator

    @property
    def postgres_folder(self) -> Path:
        return self.folder / "postgres"

    @property
    def postgres_log(self) -> Path:
        return self.postgres_folder / "postgres.log"

    @property
    def valkey_folder(self) -> Path:
        return self.folder / "valkey"

    async def settle(self) -> None:
        """Have everything written to its files."""
        connection = await asyncpg.connect(self.postgres_url)
        await connection.execute("CHECKPOINT")
        await connection.close()
        valkey = Redis.from_url(self.valkey_url)
        await valkey.save()
        await valkey.aclose()

    async def dump(self) -> Mapping[str, bytes]:
        """Return every table twice: as text, as a backup has it, and as bytes."""
        connection = await asyncpg.connect(self.postgres_url)
        tables = await connection.fetch(
            "SELECT schemaname, tablename FROM pg_tables WHERE schemaname !~ '^(pg_|information_schema)'"
        )
        dumped = {}
        for schema, table in tables:
            both = BytesIO()
            for format_ in ("text", "binary"):
                await connection.copy_from_table(table, schema_name=schema, output=both, format=format_)
            dumped[f"{schema}.{table}"] = both.getvalue()
        await connection.close()
        return dumped

    def told_to_people(self) -> bytes:
        """Return all mails, text messages and notifications that the outside world received."""
        objects = self.simulator.world.objects
        return repr([[*objects.scan(kind)] for kind in (inbox.KIND, delivery.KIND)]).encode()

    @property
    def outside_folder(self) -> Path:
        """Where the outside world keeps what reached it: messages, and what was asked of its processors."""
        return self.folder / "outside"


@contextmanager
def talkative_places(folder: Path) -> Iterator[Places]:
    """Run the servers for as long as the context lasts."""
    postgres = EmbeddedPostgres(folder / "postgres", settings=TALKATIVE)
    valkey = EmbeddedValkey(folder / "valkey")
    try:
        with running_simulator(data_dir=folder / "outside") as simulator:
            yield Places(folder, postgres.start(), valkey.start(), simulator)
    finally:
        valkey.stop()
        postgres.stop(mode="immediate")
