"""Adding to the audit trail, and reading it."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from cardwright.audit import store
from cardwright.audit.domain import AuditEntry
from cardwright.core.ids import new_id
from cardwright.db.session import Session
from cardwright.http.origin import Origin, current_origin

_NOWHERE: Final = Origin(None, None, None)


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
    entry is written in the transaction of what it tells of, so that neither exists without the other; where
    it came from is taken from the request that is being handled, if one is.
    """
    origin = current_origin() or _NOWHERE
    entry = AuditEntry(
        new_id("audit"), program_id, actor_id, action, subject_id, details, at,
        request_id=origin.request_id,
        client_address=origin.client_address,
        user_agent=origin.user_agent,
    )  # fmt: skip
    await store.add_entry(session, entry)
    return entry


async def list_entries(
    session: Session, *, program_id: str, before: str | None, limit: int
) -> Sequence[AuditEntry]:
    """Return a program's entries, newest first."""
    return await store.list_entries(session, program_id=program_id, before=before, limit=limit)
