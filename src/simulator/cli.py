"""The command that runs the simulator on its own."""

import socket
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
_USUAL_MAIL_PORT = 4025


@app.command()
def run(
    port: Annotated[int, typer.Option(help="Port of the HTTP listener.", min=1, max=65535)] = 4020,
    smtp_port: Annotated[
        int | None,
        typer.Option(
            help="Port of the mail server; 4025 or, when that is taken, a free one.", min=1, max=65535
        ),
    ] = None,
    visa_port: Annotated[
        int | None, typer.Option(help="Port of Visa's listener; none without it.", min=1, max=65535)
    ] = None,
    visa_folder: Annotated[
        Path, typer.Option(help="Folder for the certificates and keys of Visa's listener.", file_okay=False)
    ] = Path("visa-papers"),
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    url: Annotated[
        str | None, typer.Option(help="Where others reach it, when that is not where it listens.")
    ] = None,
    authority: Annotated[
        Path | None,
        typer.Option(
            help="PEM of an authority that receivers of webhooks may have.", dir_okay=False, exists=True
        ),
    ] = None,
    data: Annotated[
        Path | None, typer.Option(help="Folder that keeps everything; in memory without it.", file_okay=False)
    ] = None,
) -> None:
    """Stand in for the outside world: card network, Stripe, Twilio, push and mail."""
    if not is_free(host, port):
        Console(stderr=True).print(f"[red]Port {port} is taken on {host}; choose another with --port.[/]")
        raise typer.Exit(1)
    settings = SimulatorSettings(
        host=host,
        port=port,
        smtp_port=smtp_port or mail_port(host),
        visa_port=visa_port,
        visa_folder=visa_folder,
        url=url,
        authority=authority,
    )
    Console().print(_banner(settings, data))
    uvicorn.run(
        create_app(World(settings, data)),
        host=host,
        port=port,
        log_level="warning",
        timeout_graceful_shutdown=_SHUTDOWN_GRACE_SECONDS,
    )


def is_free(host: str, port: int) -> bool:
    """Say whether nobody listens on a port."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True


def mail_port(host: str) -> int:
    """Return the usual port of the mail server, or any other when somebody has it."""
    if is_free(host, _USUAL_MAIL_PORT):
        return _USUAL_MAIL_PORT
    with socket.socket() as probe:
        probe.bind((host, 0))
        return int(probe.getsockname()[1])


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
        ("3-D Secure key", settings.acs_api_key),
        ("push account", f"{settings.base_url}/_sim/fcm/service-account.json"),
        ("data", str(data) if data else "in memory, gone at the end"),
    ):
        table.add_row(name, value)
    return Panel(table, title="[bold]The outside world, simulated[/bold]", border_style="cyan", expand=False)
