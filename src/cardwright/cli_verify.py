"""The commands `cardwright verify`: the books and logs of a database, or an exported log alone."""

import asyncio
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Annotated, Final

import typer
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from rich import progress
from rich.markup import escape
from rich.table import Table

from cardwright import audit, ledger, payments, sealing, wiring
from cardwright.audit import TrailReport
from cardwright.db.session import Session
from cardwright.sealing import (
    Checkpoint,
    ExportFormat,
    SealReport,
    Verdict,
    exported_checkpoint,
    read_checkpoint,
    read_public_key,
)
from cardwright.settings import TrailSettings
from cardwright.terminal import console, explained, in_transaction

app: Final = typer.Typer(invoke_without_command=True, help="Recompute everything, or judge an export.")
_SHOWN: Final = 20
DatabaseOption = Annotated[
    str | None, typer.Option("--database", envvar="DATABASE_URL", help="A PostgreSQL address.")
]
AuditKeysOption = Annotated[
    list[Path] | None,
    typer.Option("--audit-key", help="A public key of the trail; otherwise the environment's."),
]
KeysOption = Annotated[
    list[Path], typer.Option("--key", help="The public key, as PEM; several where it was replaced.")
]
SinceOption = Annotated[
    Path | None, typer.Option(help="An older checkpoint, or an older export, that this one must extend.")
]


@app.callback()
def verify(
    context: typer.Context, database: DatabaseOption = None, audit_key: AuditKeysOption = None
) -> None:
    """Recompute every balance, hold, entry and payment; compare trail and journal with what was sealed."""
    if context.invoked_subcommand is not None:
        return
    if database is None:
        raise typer.BadParameter("give a database with --database or DATABASE_URL")
    with explained("Not verified"):
        keys = _keys(audit_key)
        wrong, trail, journal = asyncio.run(
            in_transaction(database, "Recomputing the books", lambda session: _check(session, keys))
        )
    for found in wrong:
        console.print(
            f"[red]✗[/] {found.what} of {found.subject_id}: "
            f"stored {found.stored}, recomputed {found.recomputed}"
        )
    if not wrong:
        console.print("[green]✓[/] Every balance equals its postings, every hold its payment.")
    _show_trail(trail, is_signature_known=bool(keys))
    _show_seals("journal", journal, is_signature_known=bool(keys))
    if wrong or trail.findings or journal.findings:
        raise typer.Exit(1)


@app.command(name="audit")
def verify_audit(
    path: Annotated[Path, typer.Argument(metavar="FILE", help="What `cardwright audit export` wrote.")],
    key: KeysOption,
    since: SinceOption = None,
) -> None:
    """Judge an exported audit trail with the public key alone: nothing else is asked, least of all us."""
    _judge(path, audit.TRAIL.format, key, since)


@app.command(name="ledger")
def verify_ledger(
    key: KeysOption,
    path: Annotated[
        Path | None, typer.Argument(metavar="[FILE]", help="What `cardwright ledger export` wrote.")
    ] = None,
    since: SinceOption = None,
    database: DatabaseOption = None,
) -> None:
    """Judge an exported journal with the public key alone; without a file, the journal in the database."""
    if path is not None:
        _judge(path, ledger.JOURNAL.format, key, since)
        return
    if database is None:
        raise typer.BadParameter("give a file, or a database with --database or DATABASE_URL")
    with explained("Not verified"):
        keys = [read_public_key(each.read_bytes()) for each in key]
        do = partial(_compare_journal, keys=keys)
        report = asyncio.run(in_transaction(database, "Hashing the journal", do))
    _show_seals("journal", report, is_signature_known=True)
    if report.findings:
        raise typer.Exit(1)


async def _compare_journal(session: Session, keys: Sequence[Ed25519PublicKey]) -> SealReport:
    return await sealing.verify(session, ledger.JOURNAL, keys)


def _judge(path: Path, form: ExportFormat, key: Sequence[Path], since: Path | None) -> None:
    with explained("Not verified"):
        keys = [read_public_key(each.read_bytes()) for each in key]
        older = _read_older(since) if since else None
        with progress.open(path, "rb", description="Hashing", console=console, transient=True) as lines:
            verdict = sealing.verify_export(form, lines, keys, since=older)
    _show_verdict(verdict, older)


async def _check(
    session: Session, keys: Sequence[Ed25519PublicKey]
) -> tuple[list[ledger.Discrepancy], TrailReport, SealReport]:
    wrong = [*await ledger.verify(session), *await payments.verify(session)]
    return wrong, await audit.verify(session, keys), await _compare_journal(session, keys)


def _keys(paths: Sequence[Path] | None) -> Sequence[Ed25519PublicKey]:
    if paths:
        return [read_public_key(path.read_bytes()) for path in paths]
    settings = TrailSettings().audit
    return wiring.make_checkpoint_signer(settings).public_keys if settings else ()


def _show_trail(trail: TrailReport, *, is_signature_known: bool) -> None:
    _show_seals("audit", trail, is_signature_known=is_signature_known)
    if trail.erased:
        console.print(f"  {trail.erased} entries have had their origin erased.")


def _show_seals(name: str, report: SealReport | TrailReport, *, is_signature_known: bool) -> None:
    for found in report.findings:
        console.print(f"[red]✗[/] {name}: {escape(found.subject)} {escape(found.what)}", highlight=False)
    if not report.findings:
        said = f"Every one of {report.sealed} sealed {name} entries hashes to its leaf"
        signed = "is signed" if is_signature_known else "was not looked at for its signature: no key is known"
        console.print(f"[green]✓[/] {said}; every checkpoint is their root and {signed}.")
    if report.unsealed:
        console.print(f"  {len(report.unsealed)} {name} entries are not sealed yet:")
        for entry_id in report.unsealed[:_SHOWN]:
            console.print(f"  [dim]{escape(entry_id)}[/]")


def _read_older(path: Path) -> Checkpoint:
    text = path.read_text()
    return exported_checkpoint(text) if text.startswith("{") else read_checkpoint(text)


def _show_verdict(verdict: Verdict, older: Checkpoint | None) -> None:
    if verdict.problems or verdict.checkpoint is None:
        table = Table("line", "what is wrong with it")
        for problem in verdict.problems[:_SHOWN]:
            table.add_row(str(problem.line), escape(problem.what))
        console.print(table)
        console.print(f"[red]✗[/] {len(verdict.problems)} problems: this is not what was signed.")
        raise typer.Exit(1)
    console.print(
        f"[green]✓[/] {verdict.entries} entries are what was sealed, whole and in order, and signed by the "
        f"key {verdict.checkpoint.key_id.hex()}."
    )
    if older is not None:
        console.print(f"[green]✓[/] They extend the older checkpoint of {older.size} entries.")
