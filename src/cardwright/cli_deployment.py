"""The commands `cardwright deployment`: a new one's secrets, and one that speaks to the simulator."""

import secrets
import shlex
from ipaddress import IPv4Network
from pathlib import Path
from typing import Annotated, Final

import typer
from rich.markup import escape

from cardwright.adapters.key_file import add_key
from cardwright.demo import keys as demo_keys
from cardwright.demo.connecting import Deployment, connect
from cardwright.terminal import DatabaseOption, console, explained

app: Final = typer.Typer(no_args_is_help=True, help="What containers and other deployments start from.")
_KEY_FILE: Final = "encryption-keys.json"
_MOUNTED: Final = "/etc/cardwright"
"""Where the processes of compose.yaml see the folder."""
_TO_FILL_IN: Final = """
# Yours, from each vendor; what stays empty keeps every process from starting.
CARDWRIGHT_STRIPE__API_KEY=''
CARDWRIGHT_STRIPE__WEBHOOK_SECRET=''
CARDWRIGHT_STRIPE__AUTHORIZATION_SECRET=''
CARDWRIGHT_TWILIO__ACCOUNT_SID=''
CARDWRIGHT_TWILIO__AUTH_TOKEN=''
CARDWRIGHT_TWILIO__SENDER=''
CARDWRIGHT_FCM__SERVICE_ACCOUNT_FILE=/etc/cardwright/push-account.json
CARDWRIGHT_SMTP__HOST=''
CARDWRIGHT_SMTP__USERNAME=''
CARDWRIGHT_SMTP__PASSWORD=''
"""
FolderOption = Annotated[Path, typer.Option("--into", help="The folder that is kept, and mounted.")]


@app.command()
def new(
    site: Annotated[str, typer.Argument(help="The public name, such as cards.example.com.")],
    into: FolderOption,
) -> None:
    """Make the secrets of a new deployment; print what compose itself has to know, for its .env."""
    with explained("Nothing was made"):
        if (into / demo_keys.ENVIRONMENT_FILE).exists() or (into / _KEY_FILE).exists():
            raise ValueError(f"{into} holds a deployment: keys that are made anew open nothing of the old.")
        into.mkdir(parents=True, exist_ok=True, mode=0o700)
        add_key(into / _KEY_FILE)
        passwords = {name: secrets.token_hex(24) for name in ("DATABASE", "DATABASE_ADMIN", "CACHE")}
        made = {
            "CARDWRIGHT_PUBLIC_URL": f"https://{site}",
            "DATABASE_URL": f"postgresql://cardwright:{passwords['DATABASE']}@postgres:5432/cardwright",
            "REDIS_URL": f"redis://:{passwords['CACHE']}@valkey:6379/0",
            "CARDWRIGHT_ENCRYPTION__KEY_FILE": f"{_MOUNTED}/{_KEY_FILE}",
            "CARDWRIGHT_SECURITY__CODE_KEY": secrets.token_urlsafe(32),
            "CARDWRIGHT_AUDIT__SIGNING_KEY_PEM": demo_keys.new_signing_key_pem(),
            "CARDWRIGHT_WEB_PUSH__PRIVATE_KEY": demo_keys.new_web_push_key(),
            "CARDWRIGHT_WEB_PUSH__CONTACT": f"https://{site}",
            "CARDWRIGHT_OAUTH__SIGN_IN_PAGE": f"https://{site}/sign-in",
            "CARDWRIGHT_SMTP__SENDER": f"Cardwright <no-reply@{site}>",
        }
        file = into / demo_keys.ENVIRONMENT_FILE
        file.touch(mode=0o600)
        lines = [f"{name}={shlex.quote(value)}" for name, value in made.items()]
        file.write_text("\n".join(lines) + "\n" + _TO_FILL_IN)
    typer.echo(f"CARDWRIGHT_SITE={site}")
    for name, password in passwords.items():
        typer.echo(f"CARDWRIGHT_{name}_PASSWORD={password}")


@app.command()
def connect_simulator(
    database: DatabaseOption,
    redis: Annotated[str, typer.Option(envvar="REDIS_URL", help="A Valkey or Redis address.")],
    api: Annotated[str, typer.Option(help="The public address, as https://cardwright.localhost.")],
    simulator: Annotated[str, typer.Option(help="The simulator's address.")],
    mail: Annotated[str, typer.Option(help="Its mail server, as host:port.")],
    receivers: Annotated[str, typer.Option(help="The network the simulator is in, as 172.30.0.0/16.")],
    into: FolderOption,
) -> None:
    """Prepare a deployment that speaks to the simulator: schema, staff, endpoints, settings."""
    with explained("Not connected"):
        host, _, port = mail.rpartition(":")
        to = Deployment(api, simulator, (host, int(port)), database, redis, str(IPv4Network(receivers)))
        password = connect(into, to)
    console.print(f"[green]✓[/] {escape(api)} speaks to the simulator at {escape(simulator)}.")
    console.print(f"Staff sign in as admin@cardwright.example with {escape(password)}.")
