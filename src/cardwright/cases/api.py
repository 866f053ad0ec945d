"""Cases over HTTP, for staff: the queue, one case with its evidence, and what is done with it."""

from typing import Annotated

from fastapi import Depends, Path, Query, Response

from cardwright import audit
from cardwright.access import Actor, Reach, allow
from cardwright.cases import deciding, evidence, opening, queue_queries, working
from cardwright.cases.domain import CaseState, Priority
from cardwright.cases.evidence_schemas import EvidenceView
from cardwright.cases.queue_queries import QueueFilter
from cardwright.cases.schemas import (
    AssignCase,
    CaseView,
    CountsView,
    DecideCase,
    FileView,
    OpenCase,
    ReopenCase,
)
from cardwright.core.ids import ID_PATTERN
from cardwright.disputes import DisputeRules
from cardwright.http import strict
from cardwright.http.deps import ClockDep, IdempotencyDep, SessionDep, provided
from cardwright.http.pagination import Cursor, Limit, Page, page
from cardwright.rules import RULE_NAME_PATTERN
from cardwright.worklists import NoteInput, NoteView

router = strict.router("/v1/cases", "cases")

Reader = Annotated[Actor, Depends(allow("cases.read", reach=Reach.ANY))]
Writer = Annotated[Actor, Depends(allow("cases.write", reach=Reach.ANY))]
DisputeRulesDep = Annotated[DisputeRules, Depends(provided(DisputeRules))]
CaseId = Annotated[str, Path(pattern=ID_PATTERN, max_length=40)]
_OfId = Query(pattern=ID_PATTERN, max_length=40, description="Only those of this one.")


def _wanted(
    state: Annotated[CaseState | None, Query(description="All but the resolved, when left out.")] = None,
    priority: Annotated[Priority | None, Query(description="Only those as urgent as this.")] = None,
    assignee_id: Annotated[str | None, _OfId] = None,
    overdue: Annotated[bool | None, Query(description="Only those that are late, or that are not.")] = None,
    card_id: Annotated[str | None, _OfId] = None,
    user_id: Annotated[str | None, _OfId] = None,
    rule: Annotated[
        str | None,
        Query(pattern=RULE_NAME_PATTERN, max_length=64, description="Only those that this rule flagged."),
    ] = None,
) -> QueueFilter:
    return QueueFilter(state, priority, assignee_id, overdue, card_id, user_id, rule)


@router.get("")
async def list_cases(
    session: SessionDep, clock: ClockDep, actor: Reader, wanted: Annotated[QueueFilter, Depends(_wanted)],
    limit: Limit = 20, cursor: Cursor = None,
) -> Page[CaseView]:  # fmt: skip
    """Cases by the time they are due; every filter that is given must fit."""
    at = clock.now()
    await audit.record_look(session, actor, "cases.read", actor.program_id, at, cursor=cursor)
    found = await queue_queries.queue_page(
        session, actor.program_id, wanted, after=cursor, at=at, limit=limit + 1
    )
    return page(found, limit, show=lambda case: CaseView.of(case, at), cursor_of=lambda case: case.id)


@router.get("/counts")
async def count_cases(session: SessionDep, clock: ClockDep, actor: Reader) -> CountsView:
    """How many cases wait, how urgent they are, and how many of them are yours."""
    counts = await queue_queries.count_unresolved(
        session, actor.program_id, mine=actor.user_id, at=clock.now()
    )
    return CountsView.of(counts)


@router.post("", status_code=201, response_model=FileView)
async def open_case(body: OpenCase, actor: Writer, call: IdempotencyDep) -> Response:
    """Open the case of a payment that no rule flagged."""
    at = call.clock.now()

    async def effect() -> FileView:
        opened = await opening.open_by_hand(
            call.session, body.payment_id, reason=body.reason, ask_holder=body.ask_holder, by=actor, at=at
        )
        return FileView.of(await working.get_file(call.session, opened.id, by=actor), at)

    return await call.once(actor.user_id, effect)


@router.get("/{case_id}")
async def get_case(case_id: CaseId, session: SessionDep, clock: ClockDep, actor: Reader) -> FileView:
    """One case with its history and notes."""
    at, file = clock.now(), await working.get_file(session, case_id, by=actor)
    await audit.record_look(session, actor, "case.read", case_id, at, owner_id=file.case.user_id)
    return FileView.of(file, at)


@router.get("/{case_id}/evidence")
async def get_case_evidence(
    case_id: CaseId, session: SessionDep, clock: ClockDep, actor: Reader
) -> EvidenceView:
    """What there is to judge a case by: the payment, the rules, the card's 90 days, disputes, like cases."""
    at = clock.now()
    found = await evidence.gather_evidence(session, case_id, by=actor, at=at)
    await audit.record_look(session, actor, "case.read", case_id, at, owner_id=found.case.user_id)
    return EvidenceView.of(found, at)


@router.post("/{case_id}/claim", response_model=CaseView)
async def claim_case(case_id: CaseId, actor: Writer, call: IdempotencyDep) -> Response:
    """Take a case that nobody has."""
    at = call.clock.now()

    async def effect() -> CaseView:
        return CaseView.of(await working.claim_case(call.session, case_id, by=actor, at=at), at)

    return await call.once(actor.user_id, effect, status=200)


@router.post("/{case_id}/assign", response_model=CaseView)
async def assign_case(case_id: CaseId, body: AssignCase, actor: Writer, call: IdempotencyDep) -> Response:
    """Give a case to somebody, or back to the queue."""
    at = call.clock.now()

    async def effect() -> CaseView:
        assigned = await working.assign_case(
            call.session, case_id, body.assignee_id, version=body.version, by=actor, at=at
        )
        return CaseView.of(assigned, at)

    return await call.once(actor.user_id, effect, status=200)


@router.post("/{case_id}/notes", status_code=201, response_model=NoteView)
async def note_case(case_id: CaseId, body: NoteInput, actor: Writer, call: IdempotencyDep) -> Response:
    """Write something down about a case; neither changed nor taken back; a retry gets no words."""

    async def effect() -> NoteView:
        at = call.clock.now()
        return NoteView.of(await working.note_case(call.session, case_id, body.words, by=actor, at=at))

    return await call.once(actor.user_id, effect, kept=NoteView.without_words)


@router.post("/{case_id}/decide", response_model=CaseView)
async def decide_case(
    case_id: CaseId, body: DecideCase, actor: Writer, disputing: DisputeRulesDep, call: IdempotencyDep
) -> Response:
    """Decide a case that you have; its effects happen with it, or nothing does."""
    at = call.clock.now()

    async def effect() -> CaseView:
        decided = await deciding.decide_case(
            call.session, case_id, body.decision(), disputing.provisional_credit, version=body.version,
            by=actor, at=at,
        )  # fmt: skip
        return CaseView.of(decided, at)

    return await call.once(actor.user_id, effect, status=200)


@router.post("/{case_id}/reopen", response_model=CaseView)
async def reopen_case(case_id: CaseId, body: ReopenCase, actor: Writer, call: IdempotencyDep) -> Response:
    """Look into a resolved case again; what was done when it was decided stays done."""
    at = call.clock.now()

    async def effect() -> CaseView:
        reopened = await working.reopen_case(
            call.session, case_id, version=body.version, reason=body.reason, by=actor, at=at
        )
        return CaseView.of(reopened, at)

    return await call.once(actor.user_id, effect, status=200)
