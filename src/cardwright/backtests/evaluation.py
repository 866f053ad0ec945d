"""Rules over history: velocity counted anew, then chunk by chunk, then what it comes to."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from cardwright.backtests import match_queries as queries
from cardwright.backtests.domain import (
    MOST_EXAMPLES,
    Change,
    Example,
    Findings,
    History,
    Overlap,
    RuleFindings,
    share,
)
from cardwright.backtests.engines import Engine
from cardwright.backtests.match_queries import EVER, FRAUD, GENUINE, HARD, Stretch, Trial
from cardwright.backtests.sliding_queries import countings, keep_events
from cardwright.backtests.velocity_queries import running_sums
from cardwright.rules import Lists, RuleAction, Scoring, velocity_definition

Tell = Callable[[int, int], None]
"""Hears how many steps of how many are done."""
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Plan:
    """What is asked: the rules, what their score leads to, what lists hold, and of which stretch of time."""

    trials: Sequence[Trial]
    scoring: Scoring
    lists: Lists
    stretch: Stretch = EVER


def evaluate(engine: Engine, plan: Plan, tell: Tell = lambda _done, _of: None) -> Findings:
    """Ask the rules about all of an engine's `authorizations` in the stretch; it computes for long."""
    words = engine.words
    fields = queries.fields_read(plan.trials)
    names = [it.name for it in fields if velocity_definition(it.name) is not None]
    velocity = (countings if words.slides else running_sums)(names, words)
    parts = queries.chunks(plan.trials)
    steps = _Steps(bool(names) + len(velocity) + len(parts) + 3, tell)
    tables: dict[str, list[str]] = defaultdict(list)
    if names:
        if words.slides:
            keep_events(engine, names)
        steps.done()
    for number, counting in enumerate(velocity):
        engine.keep(f"velocity_{number}", counting.query)
        for name in counting.names:
            tables[name].append(f"velocity_{number}")
        steps.done()
    asked = queries.asked(plan.trials, tables, plan.stretch, words)
    # Of one chunk nothing wide is kept: its rules are asked where the history is read.
    is_one = len(parts) == 1
    (engine.name if is_one else engine.keep)("asked", asked)
    steps.done()
    for place, part in enumerate(parts):
        if not is_one:
            engine.keep(f"chunk_{place}", queries.chunk_query(part, plan.lists, words))
        steps.done()
    if not is_one:
        engine.keep("joined", queries.joined_query(parts))
    engine.keep("answers", queries.answers_query(parts, plan.scoring, plan.lists, words))
    # Many rules ask it as many questions, and each would plan it anew.
    (engine.name if is_one else engine.keep)("hits", queries.hits_query(parts))
    engine.keep("combinations", queries.combinations_query(parts))
    engine.keep("rules", queries.rules_table(parts))
    steps.done()
    history = _history(engine.rows(queries.history_query()))
    findings = Findings(
        history,
        _rules(engine, plan, parts, history),
        _overlaps(engine, plan, parts),
        _change(engine, to_declined=True),
        _change(engine, to_declined=False),
    )
    steps.done()
    return findings


class _Steps:
    """Counts what is done and tells of it."""

    def __init__(self, of: int, tell: Tell) -> None:
        self._count, self._of, self._tell = 0, of, tell
        tell(0, of)

    def done(self) -> None:
        self._count += 1
        self._tell(self._count, self._of)


def _history(rows: Iterable[Sequence[Any]]) -> History:
    count: Counter[str] = Counter()
    instants: list[int] = []
    for is_approved, is_ours, label, times, incomplete, first, last in rows:
        count["all"] += times
        count["approved" if is_approved else "declined"] += times
        count["ours" if is_ours else "undecided"] += times
        count["incomplete"] += incomplete
        count[label or "unlabelled"] += times
        instants += [first, last]
    return History(
        first_at=instant(min(instants)) if instants else None,
        last_at=instant(max(instants)) if instants else None,
        authorizations=count["all"],
        approved=count["approved"],
        declined=count["declined"],
        undecided=count["undecided"],
        incomplete=count["incomplete"],
        fraud=count[FRAUD],
        genuine=count[GENUINE],
    )


@dataclass(slots=True)
class _Totals:
    """What one rule's groups add up to."""

    count: Counter[str]
    value: Counter[str]


def _rules(
    engine: Engine, plan: Plan, parts: Sequence[Sequence[Trial]], history: History
) -> Sequence[RuleFindings]:
    totals = [_Totals(Counter(), Counter()) for _ in plan.trials]
    customers: dict[int, int] = {}
    chosen: dict[int, set[int]] = defaultdict(set)
    for place in range(len(parts)):
        for number, *row in engine.rows(queries.totals_query(place)):
            _add(totals[number], plan.trials[number], *row)
        customers |= {row[0]: row[1] for row in engine.rows(queries.customers_query(parts, place))}
        query = queries.examples_query(parts, place, MOST_EXAMPLES // 2)
        for number, row in engine.rows(query) if query else ():
            chosen[number].add(row)
    examples = _examples(engine, chosen)
    return [
        _found(trial, totals[number], history, customers.get(number, 0), examples.get(number, ()))
        for number, trial in enumerate(plan.trials)
    ]


def _add(
    totals: _Totals, trial: Trial, currency: str, is_approved: bool, is_ours: bool, exception: bool,
    label: str, allows: bool, alone: bool, times: int, value: int,
) -> None:  # fmt: skip
    count = totals.count
    totals.value[currency] += int(value)
    count["all"] += times
    count["unique"] += times * alone
    count["approved" if is_approved else "declined"] += times
    count[label or ("unlabelled" if is_approved else "never labelled")] += times
    action = trial.rule.action
    asks = action is RuleAction.CHALLENGE and not exception and not allows
    if is_approved and is_ours and (action in HARD or asks):
        count["would decline"] += times


def _found(
    trial: Trial, totals: _Totals, history: History, customers: int, examples: Sequence[Example]
) -> RuleFindings:
    count, rule = totals.count, trial.rule
    fraud, genuine = count[FRAUD], count[GENUINE]
    return RuleFindings(
        rule=rule.name, action=rule.action, stage=rule.stage, is_tested=trial.is_tested,
        matches=count["all"], approved=count["approved"], declined=count["declined"],
        unique=count["unique"], value=dict(sorted(totals.value.items())), fraud=fraud, genuine=genuine,
        unlabelled=count["unlabelled"], precision=share(fraud, fraud + genuine),
        recall=share(fraud, history.fraud), would_decline=count["would decline"],
        good_customers=customers, examples=tuple(examples),
    )  # fmt: skip


def _examples(engine: Engine, chosen: Mapping[int, set[int]]) -> Mapping[int, Sequence[Example]]:
    """Return what is shown of the authorizations that were chosen for rules, newest first."""
    rows = sorted({row for of in chosen.values() for row in of})
    known = {row: _example(*shown) for row, *shown in engine.rows(queries.shown_query(rows))} if rows else {}
    return {number: [known[row] for row in sorted(of, reverse=True)] for number, of in chosen.items()}


def _example(
    decision: str,
    payment: str | None,
    at: int,
    amount: int,
    currency: str,
    is_approved: bool,
    label: str | None,
) -> Example:
    return Example(decision, payment, instant(at), amount, currency, is_approved, label)


def _overlaps(engine: Engine, plan: Plan, parts: Sequence[Sequence[Trial]]) -> Sequence[Overlap]:
    names = [trial.rule.name for trial in plan.trials]
    found = engine.rows(queries.pairs_query(parts))
    return [Overlap(names[one], names[other], times) for one, other, times in found]


def _change(engine: Engine, *, to_declined: bool) -> Change:
    count: Counter[str] = Counter()
    value: Counter[str] = Counter()
    for currency, label, times, amount in engine.rows(queries.changes_query(to_declined=to_declined)):
        count["all"] += times
        count[label] += times
        value[currency] += int(amount)
    [(customers,)] = engine.rows(queries.changed_customers_query(to_declined=to_declined))
    return Change(count["all"], dict(sorted(value.items())), count[FRAUD], count[GENUINE], customers)


def instant(microseconds: int) -> datetime:
    """Return an instant that is counted in microseconds."""
    return _EPOCH + timedelta(microseconds=microseconds)


def microseconds(at: datetime) -> int:
    """Count an instant in microseconds."""
    return (at - _EPOCH) // timedelta(microseconds=1)
