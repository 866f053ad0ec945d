"""Over HTTP: temporary exceptions, merchant locks, the staff's lock, and what staff set for everybody."""

from functools import partial
from typing import Annotated

from fastapi import Path, Response
from pydantic import Field

from cardwright import audit, users
from cardwright.access import Actor
from cardwright.cards import lifecycle, limit_store, service, spending, store
from cardwright.cards.domain import Scope, Subject
from cardwright.cards.guards import (
    CardId,
    Holder,
    LimitReader,
    LimitWriter,
    Locker,
    Loosener,
    Reader,
    StaffReader,
)
from cardwright.cards.schemas import (
    AllowMerchant,
    ControlsView,
    ExceptionView,
    LimitView,
    LockCard,
    SetSpending,
    SpendingView,
    limits_of,
)
from cardwright.cards.showing import ShowingDep
from cardwright.cards.views import CardView
from cardwright.core.ids import ID_PATTERN
from cardwright.http import strict
from cardwright.http.deps import ClockDep, IdempotencyDep, SessionDep
from cardwright.http.pagination import Cursor, Page, page
from cardwright.http.pagination import Limit as PageLimit
from cardwright.http.strict import Id, Input

router = strict.router("/v1", "cards")
ExceptionId = Annotated[str, Path(pattern=ID_PATTERN, max_length=40)]
UserId = Annotated[str, Path(pattern=ID_PATTERN, max_length=40)]
Level = Annotated[int, Path(ge=0, le=9)]


class LockToMerchant(Input):
    """The merchant that a locked card pays from now on."""

    merchant_id: Id = Field(description="The merchant that the card pays from now on.")


@router.post("/cards/{card_id}/exceptions", status_code=201, response_model=ExceptionView)
async def allow_merchant(
    card_id: CardId, body: AllowMerchant, session: SessionDep, clock: ClockDep, actor: Loosener,
    call: IdempotencyDep,
) -> Response:  # fmt: skip
    """Allow a merchant for a while, whatever the card's own controls and its lock say; limits stay."""

    async def effect() -> ExceptionView:
        made = await spending.allow_merchant(
            session, card_id, body.merchant_id, body.lasts, user_id=actor.user_id, at=clock.now()
        )
        return ExceptionView.model_validate(made)

    return await call.once(actor.user_id, effect)


@router.get("/cards/{card_id}/exceptions")
async def list_exceptions(
    card_id: CardId, session: SessionDep, clock: ClockDep, actor: Reader
) -> list[ExceptionView]:
    """The exceptions that hold now."""
    card = await service.get_card(session, card_id, viewer=actor.viewer)
    at = clock.now()
    await audit.record_look(session, actor, "card.read", card.id, at, owner_id=card.user_id)
    found = await limit_store.exceptions_of(session, card.id, at)
    return [ExceptionView.model_validate(exception) for exception in found]


@router.delete("/cards/{card_id}/exceptions/{exception_id}", status_code=204)
async def end_exception(
    card_id: CardId, exception_id: ExceptionId, session: SessionDep, clock: ClockDep, actor: Holder
) -> None:
    """End an exception before its time."""
    await spending.end_exception(session, card_id, exception_id, user_id=actor.user_id, at=clock.now())


@router.put("/cards/{card_id}/merchant-lock")
async def relock_card(
    card_id: CardId,
    body: LockToMerchant,
    session: SessionDep,
    clock: ClockDep,
    actor: Holder,
    show: ShowingDep,
) -> CardView:
    """Lock a locked card to a merchant; away from another one needs a strong factor used lately."""
    at = clock.now()
    relocked = await spending.relock(
        session, card_id, body.merchant_id, user_id=actor.user_id,
        ensure_may_loosen=partial(actor.ensure_recent_factor, at), at=at,
    )  # fmt: skip
    return await show.one(relocked)


@router.get("/users/{user_id}/cards")
async def list_cards_of_user(
    user_id: Id, session: SessionDep, clock: ClockDep, actor: StaffReader, show: ShowingDep,
    limit: PageLimit = 20, cursor: Cursor = None,
) -> Page[CardView]:  # fmt: skip
    """Somebody's cards, newest first."""
    await users.get_person(session, user_id, actor.program_id)
    await audit.record_look(session, actor, "card.read", user_id, clock.now(), owner_id=user_id)
    found = await store.cards_page(session, user_id=user_id, before=cursor, limit=limit + 1)
    return page(await show.all(found), limit, show=lambda view: view, cursor_of=lambda view: view.id)


@router.post("/cards/{card_id}/lock")
async def lock_card(
    card_id: CardId, body: LockCard, session: SessionDep, clock: ClockDep, actor: Locker, show: ShowingDep
) -> CardView:
    """As staff, lock somebody's card: it declines whatever the holder does, until staff unlock it."""
    return await show.one(
        await lifecycle.lock(session, card_id, reason=body.reason, staff_id=actor.user_id, at=clock.now())
    )


@router.post("/cards/{card_id}/unlock")
async def unlock_card(
    card_id: CardId, session: SessionDep, clock: ClockDep, actor: Locker, show: ShowingDep
) -> CardView:
    """As staff, take the lock from a card."""
    return await show.one(await lifecycle.unlock(session, card_id, staff_id=actor.user_id, at=clock.now()))


@router.get("/spending-limits/program")
async def get_program_limits(session: SessionDep, actor: LimitReader) -> SpendingView:
    """What every customer of the program is held to."""
    return await view_of(session, Subject(Scope.PROGRAM, actor.program_id))


@router.put("/spending-limits/program")
async def set_program_limits(
    body: SetSpending, session: SessionDep, clock: ClockDep, actor: LimitWriter
) -> SpendingView:
    """Hold every customer of the program to limits and controls."""
    return await _set(session, Subject(Scope.PROGRAM, actor.program_id), body, clock, actor)


@router.get("/spending-limits/levels/{level}")
async def get_level_limits(level: Level, session: SessionDep, actor: LimitReader) -> SpendingView:
    """What every customer of a verification level is held to."""
    return await view_of(session, Subject.level(actor.program_id, level))


@router.put("/spending-limits/levels/{level}")
async def set_level_limits(
    level: Level, body: SetSpending, session: SessionDep, clock: ClockDep, actor: LimitWriter
) -> SpendingView:
    """Hold every customer of a verification level to limits and controls."""
    return await _set(session, Subject.level(actor.program_id, level), body, clock, actor)


@router.get("/spending-limits/customers/{user_id}")
async def get_customer_limits(user_id: UserId, session: SessionDep, actor: LimitReader) -> SpendingView:
    """What one customer is held to over all cards."""
    await users.get_person(session, user_id, program_id=actor.program_id)
    return await view_of(session, Subject(Scope.CUSTOMER, user_id))


@router.put("/spending-limits/customers/{user_id}")
async def set_customer_limits(
    user_id: UserId, body: SetSpending, session: SessionDep, clock: ClockDep, actor: LimitWriter
) -> SpendingView:
    """Hold one customer to limits and controls over all cards."""
    await users.get_person(session, user_id, program_id=actor.program_id)
    return await _set(session, Subject(Scope.CUSTOMER, user_id), body, clock, actor)


@router.get("/spending-limits/cards/{card_id}")
async def get_fixed_limits(card_id: CardId, session: SessionDep, actor: LimitReader) -> SpendingView:
    """What is fixed for one card: what its template set, and staff since."""
    card = await service.get_card(session, card_id, viewer=actor.viewer)
    return await view_of(session, store.fixed_of(card.id))


@router.put("/spending-limits/cards/{card_id}")
async def set_fixed_limits(
    card_id: CardId, body: SetSpending, session: SessionDep, clock: ClockDep, actor: LimitWriter
) -> SpendingView:
    """Fix limits and controls for one card, or lift what its template set; its holder's own stay."""
    await spending.fix_for_card(
        session, card_id, limits_of(body.limits), body.controls.controls(), program_id=actor.program_id,
        staff_id=actor.user_id, at=clock.now(),
    )  # fmt: skip
    return await view_of(session, store.fixed_of(card_id))


async def _set(
    session: SessionDep, subject: Subject, body: SetSpending, clock: ClockDep, actor: Actor
) -> SpendingView:
    await spending.set_for(
        session, actor.program_id, subject, limits_of(body.limits), body.controls.controls(),
        staff_id=actor.user_id, at=clock.now(),
    )  # fmt: skip
    return await view_of(session, subject)


async def view_of(session: SessionDep, subject: Subject) -> SpendingView:
    """Show what staff set for somebody."""
    limits, controls = await spending.set_for_now(session, subject)
    return SpendingView(limits=[LimitView.of(limit) for limit in limits], controls=ControlsView.of(controls))
