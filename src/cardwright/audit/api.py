"""Routes of the audit trail."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import datetime
from functools import partial
from typing import Annotated, Any, Self

from fastapi import Depends, Query, Request
from pydantic import Field
from starlette.responses import StreamingResponse

from cardwright.access import Actor, Reach, allow
from cardwright.audit import service, trail
from cardwright.audit.domain import AuditEntry, TrailFilter
from cardwright.db.confinement import confine_to_program
from cardwright.db.session import Session, transaction
from cardwright.http import strict
from cardwright.http.deps import ClockDep, SessionDep, provided
from cardwright.http.pagination import Cursor, Limit, Page, page
from cardwright.http.strict import Id, Instant, Output
from cardwright.sealing import CheckpointSigner, Recompute, SealsView, show_seals

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
    client_address: str | None = Field(description="Null also once it was erased; so is the next.")
    user_agent: str | None
    personal_digest: str | None = Field(
        description="HMAC-SHA256 under `personal_key` of the two before, as canonical JSON: what is sealed."
    )
    personal_key: str | None = Field(description="Erased together with what it proves.")

    @classmethod
    def of(cls, entry: AuditEntry) -> Self:
        """Show an entry to those who may read the trail."""
        personal = entry.personal
        return cls(
            id=entry.id, actor_id=entry.actor_id, action=entry.action, subject_id=entry.subject_id,
            details=entry.details, occurred_at=entry.occurred_at, request_id=entry.request_id,
            client_address=personal.client_address if personal else None,
            user_agent=personal.user_agent if personal else None,
            personal_digest=entry.personal_digest,
            personal_key=personal.key.hex() if personal else None,
        )  # fmt: skip


def _trail_filter(
    actor_id: Annotated[Id | None, Query(description="Only what this person did.")] = None,
    subject_id: Annotated[Id | None, Query(description="Only what was done to this.")] = None,
    action: Annotated[
        str | None,
        Query(pattern=r"^[a-z_]+\.[a-z_]+$", max_length=60, examples=["role.granted"]),
    ] = None,
    since: Annotated[Instant | None, Query(description="The first instant.")] = None,
    until: Annotated[Instant | None, Query(description="The instant after the last.")] = None,
) -> TrailFilter:
    return TrailFilter(actor_id, subject_id, action, since, until)


@router.get("/v1/audit-entries")
async def list_audit_entries(
    actor: Reader, session: SessionDep, clock: ClockDep,
    wanted: Annotated[TrailFilter, Depends(_trail_filter)], limit: Limit = 20, cursor: Cursor = None,
) -> Page[AuditEntryOutput]:  # fmt: skip
    """List who did what in the program, newest first; every filter must fit. Reading is recorded, too."""
    entries = await service.list_entries(
        session, program_id=actor.program_id, wanted=wanted, before=cursor, limit=limit + 1
    )
    count = min(len(entries), limit)
    await service.record_look(
        session, actor, "audit.read", actor.program_id, clock.now(), cursor=cursor, count=count
    )
    return page(entries, limit, show=AuditEntryOutput.of, cursor_of=lambda entry: entry.id)


@router.get(
    "/v1/audit-entries/export",
    response_class=StreamingResponse,
    responses={200: {"content": {"application/jsonl": {"schema": {"type": "string"}}}}},
)
async def export_audit_entries(
    request: Request, actor: Reader, session: SessionDep, clock: ClockDep
) -> StreamingResponse:
    """Copy all that is sealed, as JSON Lines that `cardwright verify audit` proves unchanged.

    The first line names the program and the key, the last is the signed checkpoint; without it the copy was
    cut off. Where an act came from is personal and stays here: the copy has its digest.
    """
    head = await trail.get_head(session, actor.program_id)
    await service.record_look(
        session, actor, "audit.exported", actor.program_id, clock.now(), size=head.tree.size
    )
    lines = trail.export_lines(partial(_confined, request, actor), head)
    attached = f'attachment; filename="audit-{head.tree.size}.jsonl"'
    return StreamingResponse(lines, media_type="application/jsonl", headers={"Content-Disposition": attached})


@router.get("/v1/audit-entries/seals")
async def get_audit_seals(
    actor: Reader, session: SessionDep, clock: ClockDep,
    signer: Annotated[CheckpointSigner, Depends(provided(CheckpointSigner))], recompute: Recompute = False,
) -> SealsView:  # fmt: skip
    """How far the trail is sealed, and on request whether every entry is as it was sealed and signed."""
    await service.record_look(session, actor, "audit.read", actor.program_id, clock.now(), seals=recompute)
    return await show_seals(session, trail.TRAIL, actor.program_id, signer, recompute=recompute)


@asynccontextmanager
async def _confined(request: Request, actor: Actor) -> AsyncIterator[Session]:
    # The request's own transaction has ended when its answer is streamed; these are confined like it.
    async with transaction(request.app.state.engine) as session:
        await confine_to_program(session, program_id=actor.program_id, user_id=actor.user_id)
        yield session
