"""Routes: the stream of events, one event, and the types there are."""

import asyncio
import time
from datetime import datetime
from typing import Annotated, Any, Final, Self

from fastapi import Depends, Query, Request
from pydantic import ConfigDict, Field, StringConstraints

from cardwright.access import Actor, Reach, Steps, allow, allow_in_steps, permits
from cardwright.db.session import Session
from cardwright.events import reading
from cardwright.events.catalogue import CATALOGUE
from cardwright.events.cursors import CURSOR_PATTERN
from cardwright.events.domain import Audience, EventType, RecordedEvent, shown
from cardwright.events.reading import EventPage
from cardwright.events.store import Wanted
from cardwright.events.waiting import LOOKED_AGAIN_SECONDS, WaitingRoom
from cardwright.http import strict
from cardwright.http.deps import SessionDep, provided
from cardwright.http.pagination import Limit
from cardwright.http.strict import IN_DIGITS, Id, Instant, Output

router = strict.router("/v1", "events")
Reader = Annotated[Actor, Depends(allow("events.read"))]
ReaderInSteps = Annotated[Steps, Depends(allow_in_steps("events.read"))]
Room = Annotated[WaitingRoom, Depends(provided(WaitingRoom))]

_LONGEST_WAIT: Final = 30
_EXAMPLE: Final = CATALOGUE["payments.payment_cleared"]
_EXAMPLE_CURSOR: Final = "evc_5f0c1b9a77e3d204"

TypeName = Annotated[str, StringConstraints(pattern=r"^[a-z_]+\.(?:\*|[a-z_]+)$", max_length=80)]
EventId = Annotated[str, StringConstraints(pattern=r"^evt_[0-9a-z_]{1,60}$")]
Types = Annotated[
    list[TypeName] | None,
    Query(
        max_length=50,
        description="Types by name, or all of an area as in `payments.*`; repeat it for several.",
        examples=[["payments.*"]],
    ),
]
After = Annotated[
    str | None,
    Query(
        pattern=CURSOR_PATTERN, max_length=40, examples=[_EXAMPLE_CURSOR],
        description="`cursor` of the answer before; the oldest that is kept comes first when left out.",
    ),
]  # fmt: skip
Wait = Annotated[
    int,
    Query(ge=0, le=_LONGEST_WAIT, description="How long to wait for an event when there is none."),
    IN_DIGITS,
]


class EventView(Output):
    """Something that happened. `data` depends on the type; bear members that you do not know."""

    model_config = ConfigDict(json_schema_extra={"examples": [_EXAMPLE.example]})

    id: str
    type: str
    timestamp: datetime = Field(description="When it happened.")
    position: int | None = Field(
        description="It rises with each event of the program, those that one may not see among them; null "
        "for holders."
    )
    subject_id: str = Field(description="What it happened to.")
    user_id: str | None = Field(description="Whom it is about, if anybody.")
    data: dict[str, Any]

    @classmethod
    def of(cls, event: RecordedEvent, owner: str | None) -> Self:
        """Show an event as it is shown everywhere."""
        return cls(**shown(event, to_holder=owner is not None))


class EventList(Output):
    """Events in the order of the stream, oldest first. Of one object they stand as they were committed."""

    data: list[EventView]
    has_more: bool = Field(description="Whether there are others right now; ask again with `cursor`.")
    cursor: str | None = Field(
        description="Send it as `after` to go on from here, now or later; null before the first event ever.",
        examples=[_EXAMPLE_CURSOR],
    )


class EventTypeView(Output):
    """A type of event, with a JSON Schema of its `data` and an example of a whole event."""

    name: str = Field(examples=[_EXAMPLE.name])
    summary: str
    audience: list[Audience]
    schema_: dict[str, Any] = Field(serialization_alias="schema")
    example: dict[str, Any]

    @classmethod
    def of(cls, kind: EventType) -> Self:
        """Show a type."""
        return cls(
            name=kind.name, summary=kind.summary, audience=sorted(kind.audience), schema_=kind.schema,
            example=kind.example,
        )  # fmt: skip


class EventTypeList(Output):
    """The types of events that one may see, by area."""

    data: list[EventTypeView]


@router.get("/events")
async def list_events(
    request: Request,
    steps: ReaderInSteps,
    room: Room,
    after: After = None,
    types: Types = None,
    subject_id: Annotated[Id | None, Query(description="Only what happened to this.")] = None,
    since: Annotated[Instant | None, Query(description="Only what occurred then or later.")] = None,
    before: Annotated[Instant | None, Query(description="Only what occurred earlier.")] = None,
    limit: Limit = 100,
    wait_seconds: Wait = 0,
) -> EventList:
    """List events oldest first: one's own or, for staff, the program's. Go on with `after` to miss none.

    Nothing is left out and nothing comes twice, whatever happens meanwhile; `cursor_expired` (410) says that
    events after the cursor are not kept any more. Few requests of one person wait at a time: the next one is
    answered 429.
    """
    program_id, give_up = steps.actor.program_id, time.monotonic() + wait_seconds

    async def read() -> tuple[EventPage, str | None]:
        async with steps.transaction() as session:
            wanted = await _wanted(session, steps.actor, types, subject_id, since, before)
            return await reading.read_events(
                session, program_id, wanted, cursor=after, limit=limit
            ), wanted.reader

    async def look() -> int:
        async with steps.transaction() as session:
            return await reading.last_position(session, program_id)

    found, owner = await read()
    if found.events or not wait_seconds:
        return _list_of(found, owner)
    with room.place(steps.actor.user_id):
        # Between looks no connection is held.
        while not found.events and time.monotonic() < give_up and not await request.is_disconnected():
            await asyncio.sleep(min(LOOKED_AGAIN_SECONDS, max(0.0, give_up - time.monotonic())))
            if await room.position(program_id, look) > found.last_position:
                found, owner = await read()
    return _list_of(found, owner)


@router.get("/events/{event_id}")
async def get_event(session: SessionDep, actor: Reader, event_id: EventId) -> EventView:
    """Return one event."""
    owner, is_for_staff = await _sight(session, actor)
    sight = Wanted(reader=owner, is_for_staff=is_for_staff)
    found = await reading.get_event(session, actor.program_id, event_id, sight)
    return EventView.of(found, owner)


@router.get("/event-types")
async def list_event_types(session: SessionDep, actor: Reader) -> EventTypeList:
    """List the types of events that one may see, each with its schema and an example."""
    owner, is_for_staff = await _sight(session, actor)
    mine = {Audience.HOLDER} if owner else {Audience.DEVELOPER, *([Audience.STAFF] if is_for_staff else [])}
    return EventTypeList(data=[EventTypeView.of(it) for it in CATALOGUE.values() if it.audience & mine])


async def _wanted(
    session: Session, actor: Actor, types: list[str] | None, subject_id: str | None, since: datetime | None,
    before: datetime | None,
) -> Wanted:  # fmt: skip
    owner, is_for_staff = await _sight(session, actor)
    return Wanted(tuple(types or ()), subject_id, owner, is_for_staff, since, before)


async def _sight(session: Session, actor: Actor) -> tuple[str | None, bool]:
    """Return whose events one may see, None for the program's, and whether what is for staff alone, too."""
    if actor.reach is Reach.OWN:
        return actor.user_id, False
    # Whoever may read the trail learns nothing new from what is for staff; developers' programs do.
    return None, await permits(session, actor.principal, "audit.read")


def _list_of(found: EventPage, owner: str | None) -> EventList:
    data = [EventView.of(it, owner) for it in found.events]
    return EventList(data=data, has_more=found.has_more, cursor=found.cursor)
