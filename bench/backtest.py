"""What backtests cost: the rules of `make bench-rules` over millions of made-up authorizations.

Run it with `make bench-backtest`. History is made by DuckDB, the same for the same number of rows. The figures
are processor time of all threads, without the making of history. A sample of the rows is asked in Python as
well, with velocity counted by hand; the exit status is 1 where one answer differs or a promise is broken.
"""

import sys
import tempfile
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from resource import RUSAGE_SELF, getrusage
from time import perf_counter, process_time
from typing import Annotated, Any, Final

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table
from rule_texts import RULES

from cardwright.backtests.duckdb_engine import DuckDbEngine, connect, open_duckdb
from cardwright.backtests.engines import Room
from cardwright.backtests.evaluation import Plan, evaluate
from cardwright.backtests.history import COLUMNS
from cardwright.backtests.match_queries import Trial, chunks, fields_read
from cardwright.rules import (
    AUTHORIZATION_FIELDS,
    Rule,
    RuleAction,
    Scoring,
    VelocityDefinition,
    VelocityMeasure,
    velocity_definition,
)
from cardwright.rules.language.checker import check
from cardwright.rules.language.compile_python import compile_conditions

PROMISED_SECONDS: Final = 10
PROMISED_GIB: Final = 8
SAMPLED_CARDS: Final = 40
FILE_ROWS: Final = 500_000
_SPAN: Final = 90 * 86_400 * 1_000_000
_START: Final = 1_780_000_000_000_000
_MORE_VELOCITY: Final = (
    "velocity.holder.approved_count_1h > 6",
    "velocity.merchant.distinct_cards_1h > 60 && amount > 20000",
    "velocity.merchant.declined_count_24h > 40",
    "velocity.card_merchant.attempted_count_7d == 0 && amount > 60000",
    "has(velocity.card.percent_of_mean_30d) && velocity.card.percent_of_mean_30d > 900",
    "has(velocity.card.seconds_since_last) && velocity.card.seconds_since_last < 20",
    "velocity.holder.distinct_countries_24h > 3",
)


def history_query(rows: int, first: int, last: int) -> str:
    """Return the query that makes authorizations, those from `first` up to before `last` of so many."""

    def draw(salt: int, below: int) -> str:
        return f"CAST(hash(i * 1000003 + {salt}) % {below} AS BIGINT)"

    def one_of(salt: int, *options: object) -> str:
        texts = ["NULL" if it is None else f"'{it}'" if isinstance(it, str) else str(it) for it in options]
        return f"([{', '.join(texts)}])[{draw(salt, len(options))} + 1]"

    cards, merchants = max(10, rows // 50), max(5, rows // 250)
    card = draw(1, cards)
    # Some merchants have many customers, most have few.
    merchant = f"CAST(floor({merchants} * pow({draw(2, 10**6)} / 1e6, 3)) AS BIGINT)"
    amount = (
        f"CAST(floor(exp(8.5 + 1.5 * ({draw(3, 1000)} + {draw(4, 1000)} + {draw(5, 1000)} - 1500) / 500.0))"
    )
    amount = f"({amount} AS BIGINT) // 100 * 100)"
    at = f"{_START} + CAST(i AS BIGINT) * {_SPAN // rows}"
    country = one_of(6, "DE", "US", "NG", "LU", "RU", "GH")
    currency = f"(['EUR', 'EUR', 'USD', 'JPY'])[{card} % 4 + 1]"
    approved = f"({draw(7, 10)} > 0)"
    columns = {
        "h_row": "CAST(i AS BIGINT)",
        "h_decision": "'dec_' || i",
        "h_payment": "'pay_' || i",
        "h_at": at,
        "h_decided_at": at,
        "h_card": f"'card_' || {card}",
        "h_holder": f"'user_' || ({card} // 2)",
        "h_merchant": f"'mer_' || {merchant}",
        "h_country": country,
        "h_currency": currency,
        "h_amount": amount,
        "h_approved": approved,
        "h_counts": "TRUE",
        "h_is_approved": approved,
        "h_is_ours": "TRUE",
        "h_passes_else": approved,
        "h_exception": f"({draw(8, 20)} = 0)",
        "h_draw": "'ref_' || i",
        "amount": amount,
        "currency": currency,
        "kind": f"CASE WHEN {draw(9, 10)} = 0 THEN 'verification' ELSE 'authorization' END",
        "channel": one_of(10, "ecommerce", "in_person", "wallet", "atm"),
        "merchant.id": f"'acceptor-' || {merchant}",
        "merchant.name": one_of(
            11, "CORNER SHOP", "LUCKY CASINO", "PAYPAL *SHOES", "GIFT CARD WORLD", "BETTER FOOD"
        ),
        "merchant.mcc": one_of(12, "5411", "7995", "3011", "5967", "5812"),
        "merchant.country": country,
        "merchant.city": one_of(13, "LAGOS", "BERLIN", None),
        "card.type": one_of(14, "standard", "single_use", "recurring"),
        "card.age_days": one_of(15, 0, 1, 5, 40, 400),
        "holder.kyc_level": one_of(16, 0, 1, 2, 2),
        "holder.country": one_of(17, "DE", "US", None),
        "holder.age_days": one_of(18, 1, 30, 500),
    }
    missing = {it.name for it in COLUMNS} - columns.keys()
    if missing:
        sys.exit(f"history is made without {', '.join(sorted(missing))}")
    listed = ", ".join(
        f'CAST({text} AS BIGINT) AS "{name}"' if name.endswith(("_days", "_level")) else f'{text} AS "{name}"'
        for name, text in columns.items()
    )
    return f"SELECT {listed} FROM range({first}, {last}) AS numbers(i)"  # noqa: S608 - of constants


def make_history(rows: int, room: Room, progress: Progress) -> tuple[list[Path], list[Path]]:
    """Write authorizations and labels as Parquet files."""
    task = progress.add_task("making history", total=rows)
    files = []
    with connect(room) as connection:
        for first in range(0, rows, FILE_ROWS):
            last = min(rows, first + FILE_ROWS)
            files.append(room.folder / f"part-{first}.parquet")
            connection.execute(
                f"COPY ({history_query(rows, first, last)}) TO '{files[-1]}' (COMPRESSION zstd)"
            )
            progress.advance(task, last - first)
        labels = room.folder / "labels.parquet"
        connection.execute(
            "COPY (SELECT 'pay_' || i AS payment_id, CASE WHEN hash(i + 77) % 5 = 0 THEN 'fraud' ELSE 'genuine'"  # noqa: S608
            f" END AS label FROM range({rows}) AS numbers(i) WHERE hash(i + 7) % 40 = 0) TO '{labels}'"
        )
    return files, [labels]


def trials(sources: Sequence[str]) -> list[Trial]:
    """Return rules of all actions, of these conditions."""
    actions = [RuleAction.DECLINE, RuleAction.FLAG, RuleAction.CHALLENGE, RuleAction.SCORE]
    found = []
    for place, source in enumerate(sources):
        action = actions[place % len(actions)]
        points = 10 if action is RuleAction.SCORE else None
        rule = Rule(f"rule_{place}", source, action, "Not with this card.", points=points)
        found.append(Trial(rule, check(source, AUTHORIZATION_FIELDS), is_tested=True))
    return found


@dataclass
class Timed:
    """What a run cost, and its engine's tables while it was open."""

    cpu: float
    wall: float
    matches: int


def by_hand(
    wanted: VelocityDefinition, present: Mapping[str, Any], before: Sequence[Mapping[str, Any]]
) -> int | None:
    """Return a measure of what was before, all of it of the same entity, counted one by one."""
    at = present["h_at"]
    if wanted.window is not None:
        start = at - int(wanted.window.span.total_seconds()) * 1_000_000
        before = [it for it in before if it["h_at"] >= start]
    money = [it for it in before if it["h_approved"] and it["h_currency"] == present["h_currency"]]
    match wanted.measure:
        case VelocityMeasure.APPROVED_COUNT:
            return sum(it["h_approved"] for it in before)
        case VelocityMeasure.DECLINED_COUNT:
            return sum(not it["h_approved"] for it in before)
        case VelocityMeasure.ATTEMPTED_COUNT:
            return len(before)
        case VelocityMeasure.APPROVED_AMOUNT:
            return sum(it["h_amount"] for it in money)
        case VelocityMeasure.PERCENT_OF_MEAN:
            amounts = [it["h_amount"] for it in money if it["h_amount"] > 0]
            return present["amount"] * 100 * len(amounts) // sum(amounts) if amounts else None
        case VelocityMeasure.SECONDS_SINCE_LAST:
            return (at - max(it["h_at"] for it in before)) // 1_000_000 if before else None
        case VelocityMeasure.SECONDS_SINCE_FIRST:
            return (at - min(it["h_at"] for it in before)) // 1_000_000 if before else None
    column = {
        VelocityMeasure.DISTINCT_MERCHANTS: "h_merchant",
        VelocityMeasure.DISTINCT_COUNTRIES: "h_country",
        VelocityMeasure.DISTINCT_CARDS: "h_card",
        VelocityMeasure.DISTINCT_HOLDERS: "h_holder",
    }[wanted.measure]
    return len({it[column] for it in before} - {""})


KEYS: Final = {
    "card": ("h_card",), "holder": ("h_holder",), "merchant": ("h_merchant",),
    "card_merchant": ("h_card", "h_merchant"),
}  # fmt: skip


def differences(engine: DuckDbEngine, asked: Sequence[Trial]) -> tuple[int, int]:
    """Ask Python about a sample; return how many answers were compared and how many differ."""
    chosen = f"hash(h_card) % 1000003 < {SAMPLED_CARDS} * 1000003 // (SELECT count(DISTINCT h_card) FROM authorizations)"
    sample = dicts(engine, f"SELECT * FROM authorizations WHERE {chosen} ORDER BY h_at")
    names = [it.name for it in fields_read(asked) if velocity_definition(it.name)]
    wanted = {name: velocity_definition(name) for name in names}
    compared = differ = 0
    known = {
        row["h_row"]: row
        for row in dicts(
            engine, f"SELECT * FROM asked WHERE h_row IN (SELECT h_row FROM authorizations WHERE {chosen})"
        )
    }
    for entity in {it.entity for it in wanted.values() if it}:
        keys = KEYS[entity]
        listed = ", ".join(keys)
        of: dict[tuple[str, ...], list[Mapping[str, Any]]] = defaultdict(list)
        rows = (
            sample
            if keys == ("h_card",)
            else dicts(
                engine,
                "SELECT h_row, h_at, h_card, h_holder, h_merchant, h_country, h_currency, h_amount, h_approved"  # noqa: S608
                f" FROM authorizations WHERE ({listed}) IN (SELECT ({listed}) FROM authorizations WHERE {chosen}) ORDER BY h_at",
            )
        )
        for row in rows:
            of[tuple(row[key] for key in keys)].append(row)
        for row in sample[: 400 if entity == "merchant" else None]:
            before = [it for it in of[tuple(row[key] for key in keys)] if it["h_at"] < row["h_at"]]
            for name, definition in wanted.items():
                if definition and definition.entity == entity:
                    compared += 1
                    differ += by_hand(definition, row, before) != known[row["h_row"]][name]
    matches = compile_conditions([it.condition for it in asked])
    parts = len(chunks(asked))
    columns = ", ".join(f"b{place}" for place in range(parts))
    hits = {
        row[0]: row[1:]
        for row in engine.rows(
            f"SELECT h_row, {columns} FROM hits WHERE h_row IN (SELECT h_row FROM authorizations WHERE {chosen})"
        )
    }
    for number, facts in known.items():
        bits = sum(found << (25 * place) for place, found in enumerate(hits.get(number, [0] * parts)))
        compared += len(asked)
        differ += (bits ^ matches(facts)).bit_count()
    return compared, differ


def dicts(engine: DuckDbEngine, query: str) -> list[dict[str, Any]]:
    """Answer a query with dicts."""
    found = engine._connection.execute(query)  # noqa: SLF001
    names = [it[0] for it in found.description or ()]
    return [dict(zip(names, row, strict=True)) for row in found.fetchall()]


def recorded(files: Sequence[Path], room: Room) -> list[Path]:
    """Return the files with velocity in them, as if it had been recorded, so that nothing is counted anew."""
    return list(files)


def main(
    rows: Annotated[int, typer.Argument(min=1_000)] = 5_000_000,
    quick: Annotated[bool, typer.Option(help="Without 500 rules.")] = False,
    memory_mib: Annotated[int, typer.Option()] = 4096,
) -> None:
    """Measure; the exit status is 1 when a promise is broken."""
    console = Console()
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    is_kept = True
    table = Table(
        "what",
        "CPU s",
        "wall s",
        "matches",
        "answers compared",
        "different",
        title=f"{rows:,} authorizations",
    )
    plain = [source for source in RULES if "velocity." not in source]
    cases = [
        (f"{len(plain)} rules, none of which reads velocity", plain),
        (f"{len(RULES)} rules, velocity counted anew", list(RULES)),
        (f"{len(RULES) + len(_MORE_VELOCITY)} rules, velocity of all kinds", [*RULES, *_MORE_VELOCITY]),
    ]
    if not quick:
        many = [source.replace("amount >", f"amount + {n} >") for n in range(25) for source in RULES]
        cases.append((f"{len(many)} rules, velocity counted anew", many))
    with tempfile.TemporaryDirectory(prefix="cardwright-bench-") as made:
        room = Room(Path(made), memory_mib=memory_mib)
        with Progress(*columns, console=console) as progress:
            files, labels = make_history(rows, room, progress)
            for name, sources in cases:
                asked = trials(sources)
                task = progress.add_task(name, total=None)
                with open_duckdb(files, labels, room) as engine:
                    started, clock = process_time(), perf_counter()
                    found = evaluate(
                        engine,
                        Plan(asked, Scoring(decline_at=30), {}),
                        lambda done, of, task=task: progress.update(task, completed=done, total=of),
                    )
                    cpu, wall = process_time() - started, perf_counter() - clock
                    compared, differ = differences(engine, asked)
                matches = sum(it.matches for it in found.rules)
                table.add_row(name, f"{cpu:.1f}", f"{wall:.1f}", f"{matches:,}", f"{compared:,}", str(differ))
                is_kept &= differ == 0 and (len(asked) > len(RULES) or cpu < PROMISED_SECONDS * rows / 5e6)
    console.print(table)
    gib = getrusage(RUSAGE_SELF).ru_maxrss / 1024**2
    console.print(
        f"At most {gib:.1f} GiB of memory; promised: {PROMISED_GIB}. CPU promised: {PROMISED_SECONDS} s."
    )
    sys.exit(0 if is_kept and gib < PROMISED_GIB else 1)


if __name__ == "__main__":
    typer.run(main)
