"""The audit trail: who did what to whom, and when; entries are added and never changed."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from cardwright.core.ids import new_id
from cardwright.db.session import Session
from cardwright.users import store
from cardwright.users.domain import AuditEntry


async def record(
    session: Session,
    actor_id: str,
    program_id: str,
    action: str,
    subject_id: str,
    details: Mapping[str, Any],
    at: datetime,
) -> AuditEntry:
    """Append that `actor_id` (a user id, or a word such as "system") did `action` to `subject_id`.

    `action` is `noun.past_participle`; `details` is small JSON with neither secrets nor personal data. The
    entry is written in the transaction of what it tells of, so that neither exists without the other.
    """
    entry = AuditEntry(new_id("audit"), program_id, actor_id, action, subject_id, details, at)
    await store.add_audit_entry(session, entry)
    return entry


async def list_entries(
    session: Session, *, program_id: str, before: str | None, limit: int
) -> Sequence[AuditEntry]:
    """Return a program's entries, newest first."""
    return await store.list_audit_entries(session, program_id=program_id, before=before, limit=limit)
