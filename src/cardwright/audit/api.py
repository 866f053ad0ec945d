"""Routes of the audit trail."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, Self

from fastapi import Depends
from pydantic import Field

from cardwright.access import Actor, Reach, allow
from cardwright.audit import service
from cardwright.audit.domain import AuditEntry
from cardwright.http import strict
from cardwright.http.deps import SessionDep
from cardwright.http.pagination import Cursor, Limit, Page, page
from cardwright.http.strict import Output

router = strict.router("", "audit")

Reader = Annotated[Actor, Depends(allow("audit.read", reach=Reach.ANY))]


class AuditEntryOutput(Output):
    """One act: who did what to whom, when and from where."""

    id: str
    actor_id: str
    action: str = Field(examples=["role.granted"])
    subject_id: str
    details: Mapping[str, Any]
    occurred_at: datetime
    request_id: str | None
    client_address: str | None
    user_agent: str | None

    @classmethod
    def of(cls, entry: AuditEntry) -> Self:
        """Show an entry to those who may read the trail."""
        return cls(
            id=entry.id, actor_id=entry.actor_id, action=entry.action, subject_id=entry.subject_id,
            details=entry.details, occurred_at=entry.occurred_at, request_id=entry.request_id,
            client_address=entry.client_address, user_agent=entry.user_agent,
        )  # fmt: skip


@router.get("/v1/audit-entries")
async def list_audit_entries(
    actor: Reader, session: SessionDep, limit: Limit = 20, cursor: Cursor = None
) -> Page[AuditEntryOutput]:
    """List who did what in the program, newest first."""
    entries = await service.list_entries(session, program_id=actor.program_id, before=cursor, limit=limit + 1)
    return page(entries, limit, show=AuditEntryOutput.of, cursor_of=lambda entry: entry.id)
