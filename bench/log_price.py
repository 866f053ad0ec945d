"""What the log asks of a payment that is written: the same life in a table with its indexes and without."""

import json
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from rich.table import Table
from sqlalchemy import Column, Executable, MetaData, cast, insert, literal, text, update
from sqlalchemy import Table as SqlTable
from sqlalchemy.dialects import postgresql
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncEngine

from cardwright.db.session import Session, canonical_json, transaction
from cardwright.payments.place_store import with_its_place
from cardwright.payments.store import payments

LIVES: Final = 300
_WITHOUT: Final = "payments_without_log"
# What payments have for other reasons: identity, the network's reference, limits.
_BARE: Final = (
    f"CREATE TABLE {_WITHOUT} (LIKE payments INCLUDING DEFAULTS INCLUDING GENERATED INCLUDING CONSTRAINTS)",
    f"INSERT INTO {_WITHOUT} ({{columns}}) SELECT {{columns}} FROM payments",  # noqa: S608
    f"ALTER TABLE {_WITHOUT} ADD PRIMARY KEY (id), ADD UNIQUE (source, reference)",
    f"CREATE INDEX ON {_WITHOUT} (root_card_id, opened_at)",
    f"CREATE INDEX ON {_WITHOUT} (user_id, opened_at)",
)
_DIALECT: Final = postgresql.dialect()  # type: ignore[no-untyped-call]


@dataclass(frozen=True)
class Price:
    """What one statement cost: time in the database, pages touched, records of the write-ahead log."""

    milliseconds: float
    pages: int
    wal_records: int


async def price_of_the_log(engine: AsyncEngine, wallet: str, since: datetime) -> Table:
    """Write payments and clear them, with the log's indexes and without, by turns; return the medians."""
    bare = SqlTable(_WITHOUT, MetaData(), *(Column(column.name, column.type) for column in payments.c))
    plain = ", ".join(column.name for column in payments.c if column.computed is None)
    async with transaction(engine) as session:
        for statement in _BARE:
            await session.execute(text(statement.format(columns=plain)))
        known = await session.execute(
            text(f"SELECT {plain} FROM payments WHERE user_id = :wallet ORDER BY id LIMIT {LIVES}"),  # noqa: S608
            {"wallet": wallet},
        )
        rows = [dict(row) for row in known.mappings()]
    paid: Mapping[str, list[Price]] = {"with": [], "without": []}
    cleared: Mapping[str, list[Price]] = {"with": [], "without": []}
    for number, row in enumerate(rows):
        opened = {
            "id": f"pay_9{number:025d}", "reference": f"new_{number}", "status": "pending",
            "opened_at": since + timedelta(seconds=number), "held": row["amount"], "posted": 0,
        }  # fmt: skip
        merchant = cast(literal(canonical_json(row["merchant"])), JSONB)
        values = {**row, **opened, "merchant": merchant}
        for which, table in (("with", payments), ("without", bare)):
            made = insert(table).values(values)
            made_with = with_its_place(made) if table is payments else made
            paid[which].append(await _run(engine, made_with))
        for which, table in (("with", payments), ("without", bare)):
            settled = {"status": "settled", "held": 0, "posted": row["amount"]}
            cleared[which].append(
                await _run(engine, update(table).where(table.c.id == opened["id"]).values(settled))
            )
    return _told({"a payment is written": paid, "it is cleared": cleared})


async def _run(engine: AsyncEngine, statement: Executable) -> Price:
    written = statement.compile(dialect=_DIALECT, compile_kwargs={"literal_binds": True})  # type: ignore[attr-defined]
    async with transaction(engine) as session:
        return await _explained(session, str(written))


async def _explained(session: Session, written: str) -> Price:
    asked = f"EXPLAIN (ANALYZE, BUFFERS, WAL, FORMAT JSON) {written}"
    found = (await session.exec_driver_sql(asked)).scalar_one()
    [plan] = json.loads(found) if isinstance(found, str) else found
    top: Mapping[str, Any] = plan["Plan"]
    pages = top["Shared Hit Blocks"] + top["Shared Read Blocks"]
    return Price(plan["Execution Time"], pages, top["WAL Records"])


def _told(lives: Mapping[str, Mapping[str, Sequence[Price]]]) -> Table:
    table = Table("when", "log", "p50 ms", "pages", "WAL records", title="What the answers cost a payment")
    for when, prices in lives.items():
        for which, found in prices.items():
            table.add_row(
                when, which, f"{statistics.median(each.milliseconds for each in found):.3f}",
                f"{statistics.median(each.pages for each in found):.0f}",
                f"{statistics.median(each.wal_records for each in found):,.0f}",
            )  # fmt: skip
        ratio = statistics.median(
            one.milliseconds / other.milliseconds
            for one, other in zip(prices["with"], prices["without"], strict=True)
        )
        table.add_row(when, "ratio of times", f"{ratio:.2f}", "", "")
    return table
