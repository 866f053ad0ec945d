"""The command that runs the simulator on its own."""

from pathlib import Path
from typing import Annotated

import typer
import uvicorn
from rich.console import Console
from rich.panel import Panel
from rich.table import Table

from simulator.app import create_app
from simulator.settings import SimulatorSettings
from simulator.world import World

app = typer.Typer(add_completion=False, rich_markup_mode="rich")
_SHUTDOWN_GRACE_SECONDS = 3


@app.command()
def run(
    port: Annotated[int, typer.Option(help="Port of the HTTP listener.", min=1, max=65535)] = 4020,
    smtp_port: Annotated[int, typer.Option(help="Port of the mail server.", min=1, max=65535)] = 4025,
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    data: Annotated[
        Path | None, typer.Option(help="Folder that keeps everything; in memory without it.", file_okay=False)
    ] = None,
) -> None:
    """Stand in for the outside world: card network, Stripe, Twilio, push and mail."""
    settings = SimulatorSettings(host=host, port=port, smtp_port=smtp_port)
    Console().print(_banner(settings, data))
    uvicorn.run(
        create_app(World(settings, data)),
        host=host,
        port=port,
        log_level="warning",
        timeout_graceful_shutdown=_SHUTDOWN_GRACE_SECONDS,
    )


def _banner(settings: SimulatorSettings, data: Path | None) -> Panel:
    table = Table.grid(padding=(0, 2))
    table.add_column(style="dim")
    table.add_column()
    for name, value in (
        ("pages", settings.base_url),
        ("mail (SMTP)", f"{settings.host}:{settings.smtp_port}"),
        ("Stripe key", settings.stripe_secret_key),
        ("Twilio account", f"{settings.twilio_account_sid} / {settings.twilio_auth_token}"),
        ("Twilio number", settings.twilio_numbers[0]),
        ("push account", f"{settings.base_url}/_sim/fcm/service-account.json"),
        ("data", str(data) if data else "in memory, gone at the end"),
    ):
        table.add_row(name, value)
    return Panel(table, title="[bold]The outside world, simulated[/bold]", border_style="cyan", expand=False)
