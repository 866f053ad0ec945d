"""The journal as a sealed log: what its leaves are.

A leaf is the JSON object of `leaf_of` in the canonical form of RFC 8785: an entry, whole, with its lines in
order. Amounts and balances are decimal strings, since JSON parsers round large numbers; instants are in UTC
with microseconds. What an account is stands in every line, so that renaming one changes what was sealed.
"""

from datetime import UTC
from typing import Any, Final

from cardwright import sealing
from cardwright.db.jobs import Work
from cardwright.ledger import store
from cardwright.ledger.statements import JournalEntry, JournalLine, entries_by_id
from cardwright.sealing import ExportFormat, SealedLog


def leaf_of(entry: JournalEntry) -> dict[str, Any]:
    """Return the JSON object that an entry is sealed as: all of it, in one way only."""
    return {
        "approval_id": entry.approval_id,
        "currency": entry.currency,
        "external_id": entry.external_id,
        "id": entry.id,
        "kind": entry.kind,
        "payment_id": entry.payment_id,
        "posted_at": entry.posted_at.astimezone(UTC).isoformat(timespec="microseconds"),
        "postings": [_line(line) for line in entry.postings],
        "program_id": entry.program_id,
        "reverses_id": entry.reverses_id,
    }


def _line(line: JournalLine) -> dict[str, Any]:
    return {
        "account_id": line.account_id,
        "amount": str(line.amount),
        "balance_after": None if line.balance_after is None else str(line.balance_after),
        "code": line.code,
        "line": str(line.line),
        "owner_id": line.owner_id,
        "side": line.side,
    }


JOURNAL: Final = SealedLog(
    ExportFormat("ledger", is_marked=True),
    store.journal_entries,
    store.ledger_seals,
    store.ledger_checkpoints,
    entries_by_id,
    leaf_of,
)


async def seal_journal(work: Work) -> int:
    """Seal what the deployment's journal has gained and return how many entries that was."""
    return await sealing.seal(work, JOURNAL)
