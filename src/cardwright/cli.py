"""The command `cardwright`: demo, serve, worker, migrate, doctor, verify, reconcile and their like."""

import asyncio
import json
import shutil
import signal
from collections.abc import Sequence
from contextlib import ExitStack
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Annotated, Final

import typer
import uvloop
from prometheus_client import REGISTRY
from rich.table import Table

from cardwright import (
    access,
    cli_audit,
    cli_deployment,
    cli_doctor,
    cli_explain,
    cli_keys,
    cli_ledger,
    cli_reconcile,
    cli_rules,
    cli_score,
    cli_screening,
    cli_staff,
    cli_verify,
    payments,
    wiring,
)
from cardwright.core.clock import Clock
from cardwright.db.embedded.postgres import EmbeddedPostgres
from cardwright.db.jobs import Work
from cardwright.db.migrate import upgrade
from cardwright.db.session import transaction
from cardwright.demo.processes import Children
from cardwright.demo.run import run_demo
from cardwright.demo.stack import lock
from cardwright.observability import (
    MetricsPage,
    StateOfWork,
    measure_books,
    sending_spans,
    serving_page,
)
from cardwright.settings import Settings
from cardwright.terminal import DatabaseOption, PlainSpoken, console, explained, in_transaction
from cardwright.worker import Periodic, Worker

app = typer.Typer(
    cls=PlainSpoken,
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_show_locals=False,
    help="Issue virtual cards; explain every decision.",
)
app.add_typer(cli_keys.app, name="keys")
app.command()(cli_doctor.doctor)
app.add_typer(cli_staff.app, name="staff")
app.add_typer(cli_deployment.app, name="deployment")
app.add_typer(cli_audit.app, name="audit")
app.add_typer(cli_ledger.app, name="ledger")
app.command()(cli_ledger.trial_balance)
app.add_typer(cli_score.app, name="score")
app.add_typer(cli_screening.app, name="screening")
app.add_typer(cli_verify.app, name="verify")
app.command()(cli_reconcile.reconcile)
app.add_typer(cli_rules.app, name="rules")
app.command()(cli_explain.explain)
app.command()(cli_explain.preflight)
_DATA: Final = Path(".cardwright")
DataOption = Annotated[Path, typer.Option(help="The folder that holds everything the demo keeps.")]


@app.command()
def demo(
    data: DataOption = _DATA,
    once: Annotated[bool, typer.Option(help="End after the story instead of running on.")] = False,
    story: Annotated[Path, typer.Option(help="Where the story's record goes.")] = Path("story.json"),
    picture: Annotated[Path | None, typer.Option(help="Draw some steps into an SVG file.")] = None,
    web: Annotated[Path, typer.Option(help="The built web app, served if it is there.")] = Path("web/dist"),
) -> None:
    """Start the whole product on this machine and watch it do its job."""
    with explained("The demo failed", hint=f"logs: {data / 'logs'}"):
        try:
            run_demo(data, story, once=once, console=console, picture_file=picture, web=web)
        except KeyboardInterrupt:
            console.print("[dim]stopped before the end of the story[/]")
            raise typer.Exit(130) from None


@app.command()
def reset(data: DataOption = _DATA) -> None:
    """Stop what a demo left running and wipe its data folder."""
    if not (data / "keys.json").exists() and not (data / "lock").exists():
        console.print(f"Nothing to wipe: {data} holds no demo.")
        return
    with explained("Nothing was wiped"), ExitStack() as stack:
        lock(data, stack)
        Children(data / "logs", data / "processes").end_leftovers()
        EmbeddedPostgres(data / "postgres").stop(mode="immediate")
        shutil.rmtree(data)
    console.print(f"Wiped {data}.")


@app.command()
def serve(
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port of the API.")] = 8000,
) -> None:
    """Serve the API, configured by the environment."""
    drain = asyncio.run(_ensure_startable()).drain
    from cardwright.serving import serve_api  # noqa: PLC0415 - 200 routes, which most commands do without

    serve_api(host, port, drain)


@app.command()
def worker() -> None:
    """Run background jobs, configured by the environment."""
    asyncio.run(_ensure_startable())
    # What carries thousands of small messages spends a third less time in it than in asyncio's own loop.
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(_work())


async def _ensure_startable() -> Settings:
    # A server would tell of a missing setting or database in a hundred lines of its own.
    with explained("Not started"):
        settings = Settings()
        engine = wiring.make_engine(settings, wiring.make_keyring(settings))
        async with engine.connect():
            pass
        await engine.dispose()
    return settings


async def _work() -> None:
    settings = Settings()
    engine = wiring.make_engine(settings, wiring.make_keyring(settings))
    provided = await wiring.provide(settings, engine)
    runner = Worker(
        Work(engine, provided[Clock], provided), settings.database_url,
        finish_within=timedelta(seconds=settings.drain.finish_within_seconds),
        besides=_besides(settings),
    )  # fmt: skip
    loop = asyncio.get_running_loop()
    for caught in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(caught, runner.stop)
    state = StateOfWork(partial(transaction, engine), provided)
    REGISTRY.register(state)
    page = MetricsPage(REGISTRY, state.refresh, runner.is_alive)
    with sending_spans("cardwright-worker", settings.tracing.endpoint, settings.tracing.share, [engine]):
        async with serving_page(page, settings.metrics.host, settings.metrics.port):
            await runner.run()
    await wiring.close(provided)
    await engine.dispose()


def _besides(settings: Settings) -> Sequence[Periodic]:
    every = settings.metrics.books_every_seconds
    return [("measure_books", every, measure_books)] if every else []


@app.command()
def migrate(database: DatabaseOption) -> None:
    """Bring the schema up to date."""
    with explained("Not migrated"), console.status("Migrating …"):
        upgrade(database)
    console.print("The schema is up to date.")


@app.command()
def openapi() -> None:
    """Print the API's description."""
    from cardwright.main import build_api  # noqa: PLC0415 - 200 routes, which most commands do without

    typer.echo(json.dumps(build_api().openapi(), indent=2, ensure_ascii=False))


@app.command()
def permissions() -> None:
    """Print the page of roles and permissions as Markdown."""
    from cardwright.main import build_api  # noqa: PLC0415 - as above

    typer.echo(access.handbook(access.operations(build_api().routes)), nl=False)


@app.command()
def events() -> None:
    """Print the page of events as Markdown."""
    from cardwright.events import page  # noqa: PLC0415 - as above

    typer.echo(page(), nl=False)


@app.command()
def replay(database: DatabaseOption) -> None:
    """Recompute every decision from its stored facts and compare the results bit for bit."""
    with explained("Not replayed"):
        replayed = asyncio.run(in_transaction(database, "Replaying decisions", payments.replay))
    outcomes = Table("outcome", "reason", "decisions", "identical")
    for outcome, reason in sorted({(found.outcome, found.reason_code or "") for found in replayed}):
        same = [found for found in replayed if (found.outcome, found.reason_code or "") == (outcome, reason)]
        identical = sum(found.is_identical for found in same)
        outcomes.add_row(outcome, reason, str(len(same)), str(identical))
    console.print(outcomes)
    different = [found.decision_id for found in replayed if not found.is_identical]
    for decision_id in different:
        console.print(f"[red]✗[/] {decision_id} replays differently")
    if different:
        raise typer.Exit(1)
    console.print(f"[green]✓[/] {len(replayed)} decisions replay identically.")


@app.callback()
def _logging() -> None:
    wiring.configure_logging()
