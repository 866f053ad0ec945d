"""Cards over HTTP: create, read, freeze, unfreeze, cancel, limit. Only ever one's own."""

from datetime import datetime
from functools import partial
from typing import Annotated

from fastapi import Depends, Path, Response
from pydantic import Field, StringConstraints

from cardwright import audit
from cardwright.access import Actor, allow
from cardwright.cards import service, store
from cardwright.cards.domain import Card, CardState, Limit, Window
from cardwright.core.ids import ID_PATTERN
from cardwright.core.money import MAX_MINOR_UNITS
from cardwright.http import strict
from cardwright.http.deps import ClockDep, IdempotencyDep, SessionDep, provided
from cardwright.http.pagination import Cursor, Page, page
from cardwright.http.pagination import Limit as PageLimit
from cardwright.http.strict import CurrencyCode, Id, Input, Line, Output
from cardwright.programs import Program

router = strict.router("/v1/cards", "cards")
CardId = Annotated[str, Path(pattern=ID_PATTERN, max_length=40)]
ProgramDep = Annotated[Program, Depends(provided(Program))]
Reader = Annotated[Actor, Depends(allow("cards.read"))]
Holder = Annotated[Actor, Depends(allow("cards.write"))]


class LimitBody(Input):
    """At most this much within a window; zero declines everything."""

    window: Annotated[Window, Field(strict=False, examples=["month"])]
    amount: Annotated[int, Field(strict=True, ge=0, le=MAX_MINOR_UNITS, examples=[50_000])]


class CreateCard(Input):
    """A new virtual card in the program's currency."""

    label: Annotated[Line, StringConstraints(min_length=1, max_length=60), Field(examples=["Groceries"])]
    limits: Annotated[
        list[LimitBody], Field(max_length=6, examples=[[{"window": "month", "amount": 50_000}]])
    ] = Field(default_factory=list)


class SetLimits(Input):
    """All limits of a card; the ones it had are replaced."""

    limits: Annotated[list[LimitBody], Field(max_length=6)]


class LimitView(Output):
    """A limit in the card's currency."""

    window: Window
    amount: int


class CardView(Output):
    """A card as its holder sees it; the full number is never part of it."""

    id: Id
    label: str
    type: str
    currency: CurrencyCode
    state: CardState
    last4: str | None
    exp_month: int | None
    exp_year: int | None
    limits: list[LimitView]
    created_at: datetime


def _limits(bodies: list[LimitBody]) -> list[Limit]:
    return [Limit(body.window, body.amount) for body in bodies]


def _view(card: Card) -> CardView:
    return CardView(
        id=card.id, label=card.label, type=card.type, currency=card.currency, state=card.state,
        last4=card.last4, exp_month=card.exp_month, exp_year=card.exp_year, created_at=card.created_at,
        limits=[LimitView.model_validate(limit) for limit in card.limits],
    )  # fmt: skip


@router.post("", status_code=201, response_model=CardView)
async def create_card(
    body: CreateCard, session: SessionDep, clock: ClockDep, actor: Holder, call: IdempotencyDep,
    program: ProgramDep,
) -> Response:  # fmt: skip
    """Create a virtual card; it becomes active as soon as the processor has issued it."""

    async def effect() -> CardView:
        return _view(
            await service.create_card(
                session, program_id=actor.program_id, user_id=actor.user_id, currency=program.currency,
                label=body.label, limits=_limits(body.limits), at=clock.now(),
            )
        )  # fmt: skip

    return await call.once(actor.user_id, effect)


@router.get("")
async def list_cards(
    session: SessionDep, actor: Reader, limit: PageLimit = 20, cursor: Cursor = None
) -> Page[CardView]:
    """Your cards, newest first."""
    cards = await store.cards_page(session, user_id=actor.user_id, before=cursor, limit=limit + 1)
    return page(cards, limit, show=_view, cursor_of=lambda card: card.id)


@router.get("/{card_id}")
async def get_card(card_id: CardId, session: SessionDep, clock: ClockDep, actor: Reader) -> CardView:
    """One of your cards; for staff, anybody's."""
    card = await service.get_card(session, card_id, viewer=actor.viewer)
    await audit.record_look(session, actor, "card.read", card.id, clock.now(), owner_id=card.user_id)
    return _view(card)


@router.post("/{card_id}/freeze")
async def freeze_card(card_id: CardId, session: SessionDep, clock: ClockDep, actor: Holder) -> CardView:
    """Freeze a card: the next authorization is declined; clearings of earlier ones still post."""
    return _view(
        await service.change_state(
            session, card_id, CardState.FROZEN, user_id=actor.user_id, reason="holder", at=clock.now()
        )
    )


@router.post("/{card_id}/unfreeze")
async def unfreeze_card(card_id: CardId, session: SessionDep, clock: ClockDep, actor: Holder) -> CardView:
    """Let a frozen card pay again."""
    return _view(
        await service.change_state(
            session, card_id, CardState.ACTIVE, user_id=actor.user_id, reason="holder", at=clock.now()
        )
    )


@router.post("/{card_id}/cancel")
async def cancel_card(card_id: CardId, session: SessionDep, clock: ClockDep, actor: Holder) -> CardView:
    """Close a card for good; refunds to it still arrive."""
    return _view(
        await service.change_state(
            session, card_id, CardState.CANCELED, user_id=actor.user_id, reason="holder", at=clock.now()
        )
    )


@router.put("/{card_id}/limits")
async def set_card_limits(
    card_id: CardId, body: SetLimits, session: SessionDep, clock: ClockDep, actor: Holder
) -> CardView:
    """Replace all limits of a card; raising or removing one needs a strong factor used lately."""
    at = clock.now()
    may_raise = partial(actor.ensure_recent_factor, at)
    return _view(
        await service.set_limits(
            session, card_id, _limits(body.limits), user_id=actor.user_id, ensure_may_raise=may_raise, at=at
        )
    )
