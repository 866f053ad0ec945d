"""The commands `cardwright rules`: rules of a file proven, and tried on history, with progress and tables."""

import asyncio
import json
import tempfile
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AbstractContextManager, asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Final, Literal

import typer
from pydantic import ValidationError
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn
from rich.table import Table

from cardwright import backtests, wiring
from cardwright.backtests import Engine, Exported, Findings, Request, Room, RuleFindings, Share
from cardwright.core.clock import Clock
from cardwright.core.errors import Invalid
from cardwright.core.money import EXPONENTS, Money
from cardwright.db.jobs import Work
from cardwright.programs import Program
from cardwright.rules import (
    FindingKind,
    GuardrailVerdict,
    HistoryView,
    ListContent,
    Next,
    PastAuthorizations,
    ProofsView,
    Proven,
    RuleBody,
    Scoring,
    ScoringBody,
    Verdict,
    WitnessView,
    prove_rules,
)
from cardwright.settings import Settings
from cardwright.terminal import console, explained

app = typer.Typer(no_args_is_help=True, help="Try rules before they decide.")
EngineName = Literal["duckdb", "spark"]
WOULD_DECLINE: Final = 3
_OVERLAPS_SHOWN: Final = 20
_USELESS: Final = (FindingKind.NEVER_FIRES, FindingKind.SHADOWED)
_MARKS: Final[Mapping[str, str]] = {
    Verdict.PROVEN: "[yellow]![/]", Verdict.UNKNOWN: "?", GuardrailVerdict.HOLDS: "[green]✓[/]",
    GuardrailVerdict.BROKEN: "[red]✗[/]",
}  # fmt: skip
FileArgument = Annotated[
    Path, typer.Argument(exists=True, dir_okay=False, help="JSON: rules as the API takes them, or an object.")
]


@app.command()
def verify(
    file: FileArgument,
    as_json: Annotated[bool, typer.Option("--json", help="Print what was found as JSON.")] = False,
) -> None:
    """Prove what the rules of a file can never do, and what they would change; nothing is stored.

    Takes up to ten seconds. Exits with 3 when a guardrail is broken or a rule of no use, 1 for no rules.
    """
    with explained("Not proven"):
        bodies, scoring = _read(file)
        following = Next([it.to_rule() for it in bodies], scoring.to_scoring() if scoring else Scoring())
        proven = asyncio.run(_proven(following))
    view = ProofsView.of(proven)
    if as_json:
        typer.echo(json.dumps(view.model_dump(mode="json"), ensure_ascii=False))
    else:
        _show_proofs(view)
    is_broken = any(it.verdict is GuardrailVerdict.BROKEN for it in view.guardrails)
    is_useless = any(it.verdict is Verdict.PROVEN and it.kind in _USELESS for it in view.findings)
    if is_broken or is_useless:
        raise typer.Exit(WOULD_DECLINE)


@app.command()
def backtest(
    file: FileArgument,
    engine: Annotated[EngineName, typer.Option(help="Where it is computed.")] = "duckdb",
    since: Annotated[datetime | None, typer.Option(help="The first instant, in UTC.")] = None,
    until: Annotated[datetime | None, typer.Option(help="The instant after the last, in UTC.")] = None,
    alone: Annotated[bool, typer.Option("--alone", help="Without the active rules.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the findings as JSON.")] = False,
) -> None:
    """Try the rules of a file on recorded authorizations; nothing is stored.

    Exits with 3 when payments would have been declined that are not known as fraud, 1 for what is no rule.
    """
    with explained("Not tried"):
        wanted = _read(file)
        findings = asyncio.run(_tried(wanted, engine, _utc(since), _utc(until), beside_active=not alone))
    if as_json:
        typer.echo(json.dumps(backtests.findings_to_json(findings), ensure_ascii=False))
    else:
        show(findings)
    declined = findings.newly_declined
    if declined.count > declined.fraud:
        raise typer.Exit(WOULD_DECLINE)


def _read(file: Path) -> tuple[Sequence[RuleBody], ScoringBody | None]:
    """Return the rules of a file: a list of them, or an object with `rules` and maybe `scoring`."""
    try:
        content = json.loads(file.read_text())
        content = {"rules": content} if isinstance(content, list) else content
        scoring = content.get("scoring")
        found = [RuleBody.model_validate(it) for it in content["rules"]]
        return found, None if scoring is None else ScoringBody.model_validate(scoring)
    except (ValidationError, ValueError, KeyError, AttributeError, TypeError) as error:
        raise Invalid("file_invalid", f"{file} holds no rules: {error}") from error


@asynccontextmanager
async def _working() -> AsyncIterator[Work]:
    settings = Settings()
    connected = wiring.make_engine(settings, wiring.make_keyring(settings))
    provided = await wiring.provide(settings, connected)
    try:
        yield Work(connected, provided[Clock], provided)
    finally:
        await wiring.close(provided)
        await connected.dispose()


async def _proven(following: Next) -> Proven:
    async with _working() as work:
        with console.status("Proving …"):
            return await prove_rules(
                work.transaction, work.get(Program).id, following, history=work.get(PastAuthorizations),
                at=work.clock.now(),
            )  # fmt: skip


def _show_proofs(view: ProofsView) -> None:
    if view.findings or view.guardrails:
        table = Table("", "what", "rule", "with", "happened", "shown by")
        for guardrail in view.guardrails:
            mark = _MARKS[guardrail.verdict]
            table.add_row(
                mark,
                f"guardrail {guardrail.verdict}",
                guardrail.guardrail,
                guardrail.outcome or "",
                _times(guardrail.count),
                _shown(guardrail.witness),
            )
        for it in view.findings:
            what = it.kind if it.rule else f"{it.before} becomes {it.after}"
            table.add_row(
                _MARKS[it.verdict],
                what.replace("_", " "),
                it.rule or "",
                ", ".join(it.others),
                _times(it.count, it.against),
                _shown(it.witness),
            )
        console.print(table)
    else:
        console.print("[green]✓[/] Nothing is wrong with these rules, and nothing would change.")
    of = f"Of purchases in {view.currency}, compared" if view.currency else "Compared"
    compared = f"{of} with version {view.compared_with}."
    console.print(compared if view.is_complete else f"{compared} [yellow]Not all was decided in time.[/]")
    if view.history is not None:
        console.print(_looked(view.history), highlight=False)


def _times(count: int | None, against: int | None = None) -> str:
    if count is None:
        return ""
    return f"{count:,}, [red]{against:,} against[/]" if against else f"{count:,}"


def _looked(history: HistoryView) -> str:
    if history.since is None:
        nothing = (
            "nothing was decided in the last 90 days" if history.is_whole else "no time was left to look"
        )
        return f"Happened: {nothing}."
    newest = f"the newest, since {history.since:%Y-%m-%d %H:%M}"
    which = "all of the last 90 days" if history.is_whole else newest
    lacking = f"; {history.incomplete:,} lack a field and are in no count" if history.incomplete else ""
    return f"Happened: of {history.looked_at:,} authorizations, {which}{lacking}."


def _shown(witness: WitnessView | None) -> str:
    facts = [] if witness is None else [f"{fact.field} {fact.text}" for fact in witness.facts]
    return escape(", ".join(facts))


async def _tried(
    wanted: tuple[Sequence[RuleBody], ScoringBody | None], engine: EngineName, since: datetime | None,
    until: datetime | None, *, beside_active: bool,
) -> Findings:  # fmt: skip
    bodies, scoring = wanted
    async with _working() as work:
        async with work.transaction() as session:
            request = await backtests.draft_request(
                session, work.get(Program).id, tuple(it.to_rule() for it in bodies),
                scoring.to_scoring() if scoring else None, beside_active=beside_active, since=since,
                until=until,
            )  # fmt: skip
        return await try_now(work, request, engine)


async def try_now(work: Work, request: Request, engine: EngineName) -> Findings:
    """Export and compute with progress on the terminal; what is exported is deleted again."""
    program_id, given = work.get(Program).id, work.get(Room)
    given.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    async with work.transaction() as session:
        lists = await backtests.lists_read(session, program_id, request, work.clock.now())
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    # A folder of its own: a worker may be at the one it keeps.
    with (
        tempfile.TemporaryDirectory(prefix="here-", dir=given.folder) as made,
        Progress(*columns, console=console, transient=True) as progress,
    ):
        room = replace(given, folder=Path(made))
        exporting = progress.add_task("exporting", total=None)

        async def tell(rows: int, of: int) -> None:
            progress.update(exporting, completed=rows, total=of)

        files = await backtests.export(work.transaction, program_id, room, tell)
        computing = progress.add_task(f"asking {engine}", total=None)
        return await asyncio.to_thread(_computed, engine, files, room, request, lists, progress, computing)


def _computed(
    name: EngineName, files: Exported, room: Room, request: Request, lists: Sequence[ListContent],
    progress: Progress, task: TaskID,
) -> Findings:  # fmt: skip
    opened: AbstractContextManager[Engine]
    if name == "spark":
        opened = backtests.open_spark(files, room)
    else:
        opened = backtests.open_duckdb(files.authorizations, files.labels, room)
    plan = backtests.plan_of(request, lists)
    with opened as engine:
        return backtests.evaluate(
            engine, plan, lambda steps, of: progress.update(task, completed=steps, total=of)
        )


def show(findings: Findings) -> None:
    """Print what was found."""
    history = findings.history
    if history.first_at is None or history.last_at is None:
        console.print("There are no authorizations in this stretch of time.")
        return
    span = f"{history.first_at:%Y-%m-%d %H:%M} to {history.last_at:%Y-%m-%d %H:%M}"
    known = f"{history.fraud} known as fraud, {history.genuine} as genuine"
    console.print(f"{history.authorizations:,} authorizations, {span}; {known}.")
    if history.incomplete:
        console.print(f"{history.incomplete:,} lack a value that the rules read: they count as no match.")
    console.print(_rules_table(findings.rules))
    tested = findings.overlaps
    if tested:
        overlaps = Table("rule", "and", "both match", title="Overlaps")
        for it in sorted(tested, key=lambda it: -it.matches)[:_OVERLAPS_SHOWN]:
            overlaps.add_row(it.rule, it.other, f"{it.matches:,}")
        console.print(overlaps)
    for words, change in (("declined", findings.newly_declined), ("approved", findings.newly_approved)):
        console.print(
            f"Newly {words}: {change.count:,} ({_money(change.value) or 'nothing'}), {change.fraud} of them"
            f" fraud; {change.customers:,} holders of others.",
            highlight=False,
        )


def _rules_table(found: Sequence[RuleFindings]) -> Table:
    table = Table(
        "rule",
        "action",
        "matches",
        "only it",
        "value",
        "precision",
        "recall",
        "would decline",
        "good customers",
    )
    for it in found:
        table.add_row(
            escape(it.rule) if it.is_tested else f"[dim]{escape(it.rule)}[/]", f"{it.action}, {it.stage}",
            f"{it.matches:,}", f"{it.unique:,}", _money(it.value), _share(it.precision), _share(it.recall),
            f"{it.would_decline:,}", f"{it.good_customers:,}",
        )  # fmt: skip
    return table


def _money(value: Mapping[str, int]) -> str:
    return ", ".join(
        str(Money(amount, currency)) if currency in EXPONENTS else f"{amount} {currency}"
        for currency, amount in value.items()
    )


def _share(found: Share | None) -> str:
    if found is None:
        return "none known"
    low, high = found.interval
    return f"{found.value:.0%} ({low:.0%}-{high:.0%}, {found.part}/{found.whole})"


def _utc(at: datetime | None) -> datetime | None:
    return None if at is None else at.replace(tzinfo=at.tzinfo or UTC)
