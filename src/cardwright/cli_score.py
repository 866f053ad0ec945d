"""The commands `cardwright score`: risk models are trained, kept, listed and chosen."""

import asyncio
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Annotated, Any, Final

import typer
from rich.markup import escape
from rich.progress import MofNCompleteColumn, Progress, SpinnerColumn, TextColumn
from rich.table import Table

from cardwright import payments, rules, training
from cardwright.cli_logs import ProgramOption
from cardwright.core.clock import SystemClock
from cardwright.db.session import Session, create_engine, transaction
from cardwright.programs import list_programs
from cardwright.rules import RiskModel
from cardwright.terminal import DatabaseOption, console, explained, in_transaction
from cardwright.training import Fitted, Split, TooLittleHistory, TrainingUnavailable

app: Final = typer.Typer(no_args_is_help=True, help="The risk models that score payments for rules.")
_OPERATOR: Final = "operator"
_UNTIL_KNOWN: Final = timedelta(days=30)
"""How long it takes until most frauds are known as such."""
_FOR_EVER: Final = datetime.max.replace(tzinfo=UTC)
_SHOWN: Final = 12


@app.command()
def train(
    database: DatabaseOption,
    since: Annotated[
        str | None, typer.Option(help="An instant with its zone, such as 2026-03-01T00:00:00Z; else all.")
    ] = None,
    until: Annotated[
        str | None, typer.Option(help="Until when; else 30 days ago: what is younger is not known yet.")
    ] = None,
    out: Annotated[
        Path | None, typer.Option(help="Write the model into a file instead of keeping it.")
    ] = None,
    program: ProgramOption = None,
) -> None:
    """Train a model on approved payments and on which were frauds, judged by the last quarter of them.

    It is kept as the next version and scores nothing until it is activated. Needs the group `train`.
    """
    with explained("Not trained"):
        span = (
            None if since is None else _instant(since),
            SystemClock().now() - _UNTIL_KNOWN if until is None else _instant(until),
        )
        try:
            fitted = asyncio.run(_trained(database, program, *span))
        except TrainingUnavailable as error:
            raise ValueError(str(error)) from error
        _show_described(fitted)
        if out is not None:
            out.write_bytes(fitted.content)
            console.print(f"[green]✓[/] The model is in {escape(str(out))}.")
            return
        model = asyncio.run(_kept(database, program, fitted.content))
    _say_kept(model)


@app.command(name="import")
def import_(
    path: Annotated[Path, typer.Argument(metavar="FILE", help="What `cardwright score train --out` wrote.")],
    database: DatabaseOption,
    program: ProgramOption = None,
) -> None:
    """Keep a model's file as the next version; it scores nothing until it is activated."""
    with explained("Not imported"):
        model = asyncio.run(_kept(database, program, path.read_bytes()))
    _say_kept(model)


@app.command(name="list")
def list_(database: DatabaseOption, program: ProgramOption = None) -> None:
    """Show every version, what it was made of, and which one scores."""
    with explained("Not listed"):
        found = asyncio.run(in_transaction(database, "Looking", partial(_models, slug=program)))
    table = Table(
        "", "version", "made", "rows", "frauds", "AUC", "avg. precision", "precision at 100", "hash"
    )
    for model in found:
        told, metrics = model.trained_on, model.metrics
        table.add_row(
            "[green]scores[/]" if model.is_active else "", str(model.version),
            f"{model.created_at:%Y-%m-%d}", _text(told, "rows"), _text(told, "frauds"),
            _text(metrics, "auc"), _text(metrics, "average_precision"), _text(metrics, "precision_at_100"),
            model.hash[:_SHOWN],
        )  # fmt: skip
    console.print(table)


@app.command()
def activate(
    version: Annotated[int, typer.Argument(min=1, help="Such as 3; see `cardwright score list`.")],
    database: DatabaseOption,
    program: ProgramOption = None,
) -> None:
    """Let a version score from the next decision on; decisions that were taken stay as they are."""
    with explained("Not activated"):
        do = partial(_activated, slug=program, version=version)
        model = asyncio.run(in_transaction(database, "Activating", do))
    console.print(f"[green]✓[/] Version {model.version} scores, {model.hash[:_SHOWN]}.")


@app.command()
def deactivate(database: DatabaseOption, program: ProgramOption = None) -> None:
    """Let no model score: rules that ask has(risk.score) then hold no more."""
    with explained("Not deactivated"):
        model = asyncio.run(in_transaction(database, "Deactivating", partial(_deactivated, slug=program)))
    console.print(
        "No model scored." if model is None else f"[green]✓[/] Version {model.version} scores no more."
    )


async def _trained(database: str, slug: str | None, since: datetime | None, until: datetime) -> Fitted:
    split = await _history(database, slug, since, until)
    with console.status("Training"):
        return training.fit(split)


async def _history(database: str, slug: str | None, since: datetime | None, until: datetime) -> Split:
    engine = create_engine(database)
    columns = (SpinnerColumn(), TextColumn("Reading what each payment saw"), MofNCompleteColumn())
    try:
        with Progress(*columns, console=console, transient=True) as progress:
            advance = partial(progress.advance, progress.add_task("Reading", total=None))
            async with transaction(engine) as session:
                program_id = await _program(session, slug)
                samples = await training.samples_between(
                    session, program_id, since=since, until=until, advance=advance
                )
                try:
                    return training.split_in_time(samples)
                except TooLittleHistory as error:
                    raise TooLittleHistory(f"{error}{await _left_out(session, program_id, until)}") from error
    finally:
        await engine.dispose()


async def _left_out(session: Session, program_id: str, until: datetime) -> str:
    # Who sees approved payments in the log would not know why none of them counts.
    younger = await payments.approved_between(session, program_id, since=until, until=_FOR_EVER)
    if not younger:
        return ""
    said = f"{len(younger)} approved since {until:%Y-%m-%d %H:%M} UTC are left out"
    return f"; {said}: most frauds are known after {_UNTIL_KNOWN.days} days only (--until says another end)"


async def _kept(database: str, slug: str | None, content: bytes) -> RiskModel:
    return await in_transaction(database, "Keeping", partial(_imported, slug=slug, content=content))


async def _imported(session: Session, *, slug: str | None, content: bytes) -> RiskModel:
    program_id = await _program(session, slug)
    return await rules.import_model(session, program_id, content, by=_OPERATOR, at=SystemClock().now())


async def _models(session: Session, *, slug: str | None) -> list[RiskModel]:
    return [*await rules.risk_models_of(session, await _program(session, slug))]


async def _activated(session: Session, *, slug: str | None, version: int) -> RiskModel:
    program_id = await _program(session, slug)
    return await rules.activate_model(session, program_id, version, by=_OPERATOR, at=SystemClock().now())


async def _deactivated(session: Session, *, slug: str | None) -> RiskModel | None:
    program_id = await _program(session, slug)
    return await rules.deactivate_model(session, program_id, by=_OPERATOR, at=SystemClock().now())


async def _program(session: Session, slug: str | None) -> str:
    found = {each.slug: each.id for each in await list_programs(session)}
    if slug is None and len(found) > 1:
        raise ValueError(f"there are several programs, choose one with --program: {', '.join(found)}")
    chosen = slug or "".join(found)
    if chosen not in found:
        raise ValueError(f"there is no program {chosen}" if chosen else "there is no program yet")
    return found[chosen]


def _instant(text: str) -> datetime:
    found = datetime.fromisoformat(text)
    if found.tzinfo is None:
        raise ValueError("the instant lacks its zone, such as Z or +01:00")
    return found


def _show_described(fitted: Fitted) -> None:
    table = Table("what", "value", title="A model of this program's own history")
    for told in (fitted.described.trained_on, fitted.described.metrics):
        for name, value in told.items():
            table.add_row(name.replace("_", " "), str(value))
    console.print(table)


def _say_kept(model: RiskModel) -> None:
    scores = "it scores" if model.is_active else f"`cardwright score activate {model.version}` lets it score"
    console.print(f"[green]✓[/] This is version {model.version}, {model.hash[:_SHOWN]}; {scores}.")


def _text(told: Any, name: str) -> str:
    value = told.get(name)
    return "" if value is None else str(value)
