"""Screening over HTTP, for staff: hits to be judged, a person's screenings, the lists in use."""

from typing import Annotated

from fastapi import Depends, Query, Response

from cardwright import audit, users
from cardwright.access import Actor, Reach, allow
from cardwright.core.ids import ID_PATTERN
from cardwright.http import strict
from cardwright.http.deps import ClockDep, IdempotencyDep, SessionDep
from cardwright.http.pagination import Cursor, Limit, Page, page
from cardwright.http.strict import IN_DIGITS, Id
from cardwright.kyc.screening import deciding, hit_store, list_store, run_store
from cardwright.kyc.screening.domain import LIST_NAME_PATTERN, HitState
from cardwright.kyc.screening.hit_store import HitFilter
from cardwright.kyc.screening.schemas import DecideHit, HitSummary, HitView, ListView, ScreeningView

router = strict.router("/v1", "screening")

Reader = Annotated[Actor, Depends(allow("screening.read", reach=Reach.ANY))]
Decider = Annotated[Actor, Depends(allow("screening.decide", reach=Reach.ANY))]


def _wanted(
    state: Annotated[HitState | None, Query(description="Those that are open, when left out.")] = None,
    user_id: Annotated[
        str | None, Query(pattern=ID_PATTERN, max_length=40, description="Only those of this person.")
    ] = None,
    list_name: Annotated[
        str | None,
        Query(alias="list", pattern=LIST_NAME_PATTERN, max_length=32, description="Only this list's."),
    ] = None,
    min_score: Annotated[
        int | None, Query(ge=0, le=100, description="Only those of this score or more."), IN_DIGITS
    ] = None,
) -> HitFilter:
    return HitFilter(state, user_id, list_name, min_score)


@router.get("/screening-hits")
async def list_screening_hits(
    session: SessionDep, clock: ClockDep, actor: Reader, wanted: Annotated[HitFilter, Depends(_wanted)],
    limit: Limit = 20, cursor: Cursor = None,
) -> Page[HitSummary]:  # fmt: skip
    """Hits, newest first; every filter that is given must fit."""
    await audit.record_look(
        session, actor, "screening_hits.read", actor.program_id, clock.now(), cursor=cursor
    )
    found = await hit_store.hits_page(session, actor.program_id, wanted, before=cursor, limit=limit + 1)
    return page(found, limit, show=HitSummary.of, cursor_of=lambda hit: hit.id)


@router.get("/screening-hits/{hit_id}")
async def get_screening_hit(hit_id: Id, session: SessionDep, clock: ClockDep, actor: Reader) -> HitView:
    """One hit with both names and dates of birth beside each other, and what was decided about it."""
    file = await deciding.get_hit(session, hit_id, by=actor)
    await audit.record_look(
        session, actor, "screening_hit.read", hit_id, clock.now(), owner_id=file.hit.user_id
    )
    return HitView.of_file(file)


@router.post("/screening-hits/{hit_id}/confirm", response_model=HitView)
async def confirm_screening_hit(
    hit_id: Id, body: DecideHit, actor: Decider, call: IdempotencyDep
) -> Response:
    """Say that the person is who is listed."""
    return await _decide(hit_id, HitState.CONFIRMED, body, actor, call)


@router.post("/screening-hits/{hit_id}/dismiss", response_model=HitView)
async def dismiss_screening_hit(
    hit_id: Id, body: DecideHit, actor: Decider, call: IdempotencyDep
) -> Response:
    """Say that the person is somebody else; from a score of 95 on, administrators alone may."""
    return await _decide(hit_id, HitState.DISMISSED, body, actor, call)


@router.get("/users/{user_id}/screenings")
async def list_screenings_of_user(
    user_id: Id, session: SessionDep, clock: ClockDep, actor: Reader, limit: Limit = 20, cursor: Cursor = None
) -> Page[ScreeningView]:
    """When a person was held against the lists, and what was found, newest first."""
    await users.get_person(session, user_id, actor.program_id)
    await audit.record_look(
        session, actor, "screenings.read", user_id, clock.now(), owner_id=user_id, cursor=cursor
    )
    found = await run_store.screenings_page(
        session, actor.program_id, user_id, before=cursor, limit=limit + 1
    )
    return page(found, limit, show=ScreeningView.of, cursor_of=lambda it: it.id)


@router.get("/screening-lists")
async def list_screening_lists(
    session: SessionDep, actor: Reader, limit: Limit = 20, cursor: Cursor = None
) -> Page[ListView]:
    """Imported lists, in use or replaced, newest first."""
    found = await list_store.lists_page(session, actor.program_id, before=cursor, limit=limit + 1)
    return page(found, limit, show=ListView.of, cursor_of=lambda it: it.id)


async def _decide(
    hit_id: str, after: HitState, body: DecideHit, actor: Actor, call: IdempotencyDep
) -> Response:
    async def effect() -> HitView:
        decided = await deciding.decide_hit(
            call.session, hit_id, after, reason=body.reason, version=body.version, by=actor,
            at=call.clock.now(),
        )  # fmt: skip
        return HitView.of_file(decided)

    # A retry is answered without what is sealed everywhere else: the person, and the reasons.
    return await call.once(actor.user_id, effect, status=200, kept=HitView.without_words)
