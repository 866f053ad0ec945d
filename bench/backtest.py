"""What backtests cost: the rules of `make bench-rules` over millions of made-up authorizations.

Run it with `make bench-backtest`. DuckDB makes the history, the same for the same number of rows. Figures are
processor time of all threads, without the making of history. A sample of the answers is given by Python as
well, with velocity counted by hand; the exit status is 1 where one differs or a promise is broken.
"""

import sys
import tempfile
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from resource import RUSAGE_SELF, getrusage
from time import perf_counter, process_time
from typing import Annotated, Any, Final

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn
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
SAMPLED_AT_MERCHANTS: Final = 400
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
_KEYS: Final = {
    "card": ("h_card",), "holder": ("h_holder",), "merchant": ("h_merchant",),
    "card_merchant": ("h_card", "h_merchant"),
}  # fmt: skip
_VALUES: Final = {
    VelocityMeasure.DISTINCT_MERCHANTS: "h_merchant",
    VelocityMeasure.DISTINCT_COUNTRIES: "h_country",
    VelocityMeasure.DISTINCT_CARDS: "h_card",
    VelocityMeasure.DISTINCT_HOLDERS: "h_holder",
}
Known = Mapping[str, Any]


def _draw(salt: int, below: int) -> str:
    return f"CAST(hash(i * 1000003 + {salt}) % {below} AS BIGINT)"


def _one_of(salt: int, *options: object) -> str:
    texts = ["NULL" if it is None else f"'{it}'" if isinstance(it, str) else str(it) for it in options]
    return f"([{', '.join(texts)}])[{_draw(salt, len(options))} + 1]"


def _id(prefix: str, number: str) -> str:
    # As long as ours, and alike at the beginning, as those that were made in one summer are.
    return f"'{prefix}_01m8h' || right('000000000000000000000' || ({number}), 21)"


def history_query(rows: int, first: int, last: int) -> str:
    """Return the query that makes authorizations, those from `first` up to before `last` of so many."""
    cards, merchants = max(10, rows // 50), max(5, rows // 250)
    card = _draw(1, cards)
    # Some merchants have many customers, most have few.
    merchant = f"CAST(floor({merchants} * pow({_draw(2, 10**6)} / 1e6, 3)) AS BIGINT)"
    spread = f"({_draw(3, 1000)} + {_draw(4, 1000)} + {_draw(5, 1000)} - 1500) / 500.0"
    amount = f"(CAST(floor(exp(8.5 + 1.5 * ({spread}))) AS BIGINT) // 100 * 100)"
    at = f"{_START} + CAST(i AS BIGINT) * {_SPAN // rows}"
    country = _one_of(6, "DE", "US", "NG", "LU", "RU", "GH")
    approved = f"({_draw(7, 10)} > 0)"
    columns = {
        "h_row": "CAST(i AS BIGINT)",
        "h_decision": _id("dec", "i"),
        "h_payment": _id("pay", "i"),
        "h_at": at,
        "h_decided_at": at,
        "h_card": _id("card", card),
        "h_holder": _id("user", f"{card} // 2"),
        "h_merchant": _id("mer", merchant),
        "h_country": country,
        "h_currency": f"(['EUR', 'EUR', 'USD', 'JPY'])[{card} % 4 + 1]",
        "h_amount": amount,
        "h_approved": approved,
        "h_counts": "TRUE",
        "h_is_approved": approved,
        "h_is_ours": "TRUE",
        "h_passes_else": approved,
        "h_exception": f"({_draw(8, 20)} = 0)",
        "h_draw": "'ref_' || i",
        "amount": amount,
        "currency": f"(['EUR', 'EUR', 'USD', 'JPY'])[{card} % 4 + 1]",
        "kind": f"CASE WHEN {_draw(9, 10)} = 0 THEN 'verification' ELSE 'authorization' END",
        "channel": _one_of(10, "ecommerce", "in_person", "wallet", "atm"),
        "merchant.id": f"'acceptor-' || {merchant}",
        "merchant.name": _one_of(
            11, "CORNER SHOP", "LUCKY CASINO", "PAYPAL *SHOES", "GIFT CARD WORLD", "BETTER FOOD"
        ),
        "merchant.mcc": _one_of(12, "5411", "7995", "3011", "5967", "5812"),
        "merchant.country": country,
        "merchant.city": _one_of(13, "LAGOS", "BERLIN", None),
        "card.type": _one_of(14, "standard", "single_use", "recurring"),
        "card.age_days": _one_of(15, 0, 1, 5, 40, 400),
        "holder.kyc_level": _one_of(16, 0, 1, 2, 2),
        "holder.country": _one_of(17, "DE", "US", None),
        "holder.age_days": _one_of(18, 1, 30, 500),
        "risk.score": f"CASE WHEN {_draw(19, 4)} > 0 THEN {_draw(20, 1000)} END",
    }
    listed = ", ".join(f'CAST({columns[it.name]} AS {it.type}) AS "{it.name}"' for it in COLUMNS)
    return f"SELECT {listed} FROM range({first}, {last}) AS numbers(i)"


def make_history(rows: int, room: Room, progress: Progress) -> tuple[list[Path], list[Path]]:
    """Write authorizations and labels as Parquet files."""
    task = progress.add_task("making history", total=rows)
    files = []
    with connect(room) as connection:
        for first in range(0, rows, FILE_ROWS):
            last = min(rows, first + FILE_ROWS)
            files.append(room.folder / f"part-{first:09}.parquet")
            made = history_query(rows, first, last)
            connection.execute(f"COPY ({made}) TO '{files[-1]}' (COMPRESSION zstd)")
            progress.advance(task, last - first)
        labels = room.folder / "labels.parquet"
        known = "CASE WHEN hash(i + 77) % 5 = 0 THEN 'fraud' ELSE 'genuine' END AS label"
        where = f"FROM range({rows}) AS numbers(i) WHERE hash(i + 7) % 40 = 0"
        connection.execute(f"COPY (SELECT {_id('pay', 'i')} AS payment_id, {known} {where}) TO '{labels}'")
    return files, [labels]


def trials(sources: Sequence[str]) -> list[Trial]:
    """Return rules of several actions, of these conditions."""
    actions = [RuleAction.DECLINE, RuleAction.FLAG, RuleAction.CHALLENGE, RuleAction.SCORE]
    found = []
    for place, source in enumerate(sources):
        action = actions[place % len(actions)]
        points = 10 if action is RuleAction.SCORE else None
        rule = Rule(f"rule_{place}", source, action, "Not with this card.", points=points)
        found.append(Trial(rule, check(source, AUTHORIZATION_FIELDS), is_tested=True))
    return found


def _percent(now: Known, usual: Sequence[int]) -> int | None:
    return min(now["amount"] * 100 * len(usual) // sum(usual), 10**9) if usual else None


_BY_HAND: Final[Mapping[VelocityMeasure, Callable[[Known, Sequence[Known], Sequence[Known]], int | None]]] = {
    VelocityMeasure.APPROVED_COUNT: lambda _, before, __: sum(it["h_approved"] for it in before),
    VelocityMeasure.DECLINED_COUNT: lambda _, before, __: sum(not it["h_approved"] for it in before),
    VelocityMeasure.ATTEMPTED_COUNT: lambda _, before, __: len(before),
    VelocityMeasure.APPROVED_AMOUNT: lambda _, __, money: sum(it["h_amount"] for it in money),
    VelocityMeasure.PERCENT_OF_MEAN: lambda now, _, money: _percent(
        now, [it["h_amount"] for it in money if it["h_amount"]]
    ),
    VelocityMeasure.SECONDS_SINCE_LAST: lambda now, before, _: (
        (now["h_at"] - before[-1]["h_at"]) // 10**6 if before else None
    ),
    VelocityMeasure.SECONDS_SINCE_FIRST: lambda now, before, _: (
        (now["h_at"] - before[0]["h_at"]) // 10**6 if before else None
    ),
}


def by_hand(wanted: VelocityDefinition, now: Known, before: Sequence[Known]) -> int | None:
    """Return a measure of what was before, all of it of the same entity, in the order of time."""
    if wanted.window is not None:
        start = now["h_at"] - int(wanted.window.span.total_seconds()) * 10**6
        before = [it for it in before if it["h_at"] >= start]
    if wanted.measure in _VALUES:
        return len({it[_VALUES[wanted.measure]] for it in before} - {""})
    money = [it for it in before if it["h_approved"] and it["h_currency"] == now["h_currency"]]
    return _BY_HAND[wanted.measure](now, before, money)


class Sample:
    """The authorizations of some cards, as an engine holds them after it was asked."""

    def __init__(self, engine: DuckDbEngine, asked: Sequence[Trial]) -> None:
        self._engine, self._asked = engine, asked
        cards = "SELECT h_card FROM (SELECT DISTINCT h_card FROM authorizations)"
        engine.keep("sampled_cards", f"{cards} ORDER BY hash(h_card) LIMIT {SAMPLED_CARDS}")
        engine.keep(
            "sampled", "SELECT * FROM authorizations WHERE h_card IN (SELECT h_card FROM sampled_cards)"
        )
        self._rows = self._dicts("SELECT * FROM sampled ORDER BY h_at")
        known = self._dicts("SELECT * FROM asked WHERE h_row IN (SELECT h_row FROM sampled)")
        self._known = {row["h_row"]: row for row in known}

    def differences(self) -> tuple[int, int]:
        """Return how many answers of Python were compared, and how many differ."""
        found = [*self._velocity(), *self._rules()]
        return len(found), sum(found)

    def _velocity(self) -> list[bool]:
        wanted = {it.name: velocity_definition(it.name) for it in fields_read(self._asked)}
        found = []
        for entity, keys in _KEYS.items():
            mine = {name: it for name, it in wanted.items() if it is not None and it.entity == entity}
            if not mine:
                continue
            past = self._past(keys)
            for row in self._rows[: SAMPLED_AT_MERCHANTS if entity == "merchant" else None]:
                before = [it for it in past[tuple(row[key] for key in keys)] if it["h_at"] < row["h_at"]]
                known = self._known[row["h_row"]]
                found += [by_hand(it, row, before) != known[name] for name, it in mine.items()]
        return found

    def _past(self, keys: Sequence[str]) -> Mapping[tuple[str, ...], Sequence[Known]]:
        alike = " AND ".join(f"s.{key} = a.{key}" for key in keys)
        columns = ", ".join(
            f"a.h_{it}"
            for it in ("at", "card", "holder", "merchant", "country", "currency", "amount", "approved")
        )
        found: dict[tuple[str, ...], list[Known]] = defaultdict(list)
        where = f"EXISTS (SELECT 1 FROM sampled AS s WHERE {alike})"
        for row in self._dicts(f"SELECT {columns} FROM authorizations AS a WHERE {where} ORDER BY a.h_at"):
            found[tuple(row[key] for key in keys)].append(row)
        return found

    def _rules(self) -> list[bool]:
        matches = compile_conditions([it.condition for it in self._asked])
        parts = len(chunks(self._asked))
        columns = ", ".join(f"b{place}" for place in range(parts))
        query = f"SELECT h_row, {columns} FROM hits WHERE h_row IN (SELECT h_row FROM sampled)"
        hits = {row[0]: row[1:] for row in self._engine.rows(query)}
        found = []
        for number, facts in self._known.items():
            bits = sum(it << (25 * place) for place, it in enumerate(hits.get(number, [0] * parts)))
            wrong = bits ^ matches(facts)
            found += [bool(wrong >> place & 1) for place in range(len(self._asked))]
        return found

    def _dicts(self, query: str) -> list[dict[str, Any]]:
        answer = self._engine._connection.execute(query)  # noqa: SLF001 - names of columns are wanted
        names = [it[0] for it in answer.description or ()]
        return [dict(zip(names, row, strict=True)) for row in answer.fetchall()]


def main(
    rows: Annotated[int, typer.Argument(min=1_000)] = 5_000_000,
    quick: Annotated[bool, typer.Option(help="Without 500 rules.")] = False,
    memory_mib: Annotated[int, typer.Option()] = 4096,
) -> None:
    """Measure; the exit status is 1 when an answer differs, or twenty rules take longer than promised."""
    console = Console()
    plain = [source for source in RULES if "velocity." not in source]
    cases = {
        f"{len(plain)} rules that read no velocity": plain,
        f"{len(RULES)} rules": [*RULES],
        f"{len(RULES) + len(_MORE_VELOCITY)} rules, of all kinds of velocity": [*RULES, *_MORE_VELOCITY],
    }
    if not quick:
        many = [source.replace("amount >", f"amount + {n} >") for n in range(25) for source in RULES]
        cases[f"{len(many)} rules"] = many
    table = Table(
        "what", "CPU s", "of it velocity", "wall s", "matches", "compared", "different",
        title=f"{rows:,} authorizations",
    )  # fmt: skip
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    is_kept = True
    with (
        tempfile.TemporaryDirectory(prefix="cardwright-bench-") as made,
        Progress(*columns, console=console) as progress,
    ):
        room = Room(Path(made), memory_mib=memory_mib)
        files, labels = make_history(rows, room, progress)
        for name, sources in cases.items():
            asked, task = trials(sources), progress.add_task(name, total=None)
            with open_duckdb(files, labels, room) as engine:
                started, clock, times = process_time(), perf_counter(), list[float]()

                def tell(done: int, of: int, task: TaskID = task, times: list[float] = times) -> None:
                    progress.update(task, completed=done, total=of)
                    times.append(process_time())

                found = evaluate(engine, Plan(asked, Scoring(decline_at=30), {}), tell)
                cpu, wall = process_time() - started, perf_counter() - clock
                # Velocity is counted in the first steps; the last four and the chunks come after.
                velocity = times[-4 - len(chunks(asked))] - started
                compared, differ = Sample(engine, asked).differences()
            matches = sum(it.matches for it in found.rules)
            table.add_row(
                name,
                f"{cpu:.1f}",
                f"{velocity:.1f}",
                f"{wall:.1f}",
                f"{matches:,}",
                f"{compared:,}",
                str(differ),
            )
            is_kept &= differ == 0
            if sources == [*RULES]:
                is_kept &= cpu / max(1, rows / 5e6) < PROMISED_SECONDS
    console.print(table)
    gib = getrusage(RUSAGE_SELF).ru_maxrss / 1024**2
    console.print(f"At most {gib:.1f} GiB of memory; promised are {PROMISED_GIB}.")
    sys.exit(0 if is_kept and gib < PROMISED_GIB else 1)


if __name__ == "__main__":
    typer.run(main)
