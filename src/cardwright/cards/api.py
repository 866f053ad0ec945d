"""Cards over HTTP: create, read, freeze, cancel, replace, limit, control. Only ever one's own."""

from dataclasses import replace
from functools import partial

from fastapi import Response

from cardwright import audit
from cardwright.cards import lifecycle, service, store, templates
from cardwright.cards.domain import CardState
from cardwright.cards.guards import CardId, Holder, ProcessorsDep, ProgramDep, Reader, ShopDep
from cardwright.cards.schemas import (
    CancelCard,
    ChangeCard,
    Controls,
    CreateCard,
    ReplaceCard,
    SetLimits,
    ensure_changes,
    limits_of,
)
from cardwright.cards.showing import ShowingDep
from cardwright.cards.views import CardControlsView, CardView, TestShopView, TransitionView
from cardwright.db.session import Session
from cardwright.http import strict
from cardwright.http.deps import ClockDep, IdempotencyDep, SessionDep
from cardwright.http.pagination import Cursor, Page, page
from cardwright.http.pagination import Limit as PageLimit

router = strict.router("/v1/cards", "cards")


@router.post("", status_code=201, response_model=CardView)
async def create_card(
    body: CreateCard, session: SessionDep, clock: ClockDep, actor: Holder, call: IdempotencyDep,
    program: ProgramDep, processors: ProcessorsDep, show: ShowingDep,
) -> Response:  # fmt: skip
    """Create a virtual card; it becomes active as soon as the processor has issued it."""

    async def effect() -> CardView:
        at, wanted = clock.now(), replace(body.wanted(), processor=processors.default)
        if wanted.template_id is not None:
            wanted = await templates.from_template(
                session, wanted.template_id, wanted, program_id=actor.program_id, at=at
            )
        return await show.one(
            await service.create_card(
                session, wanted, program_id=actor.program_id, user_id=actor.user_id,
                currency=program.currency, at=at,
            )
        )  # fmt: skip

    return await call.once(actor.user_id, effect)


@router.get("")
async def list_cards(
    session: SessionDep, actor: Reader, show: ShowingDep, limit: PageLimit = 20, cursor: Cursor = None
) -> Page[CardView]:
    """Your cards, newest first."""
    cards = await store.cards_page(session, user_id=actor.user_id, before=cursor, limit=limit + 1)
    return page(await show.all(cards), limit, show=lambda view: view, cursor_of=lambda view: view.id)


@router.get("/{card_id}")
async def get_card(
    card_id: CardId, session: SessionDep, clock: ClockDep, actor: Reader, show: ShowingDep
) -> CardView:
    """One of your cards; for staff, anybody's."""
    card = await service.get_card(session, card_id, viewer=actor.viewer)
    await audit.record_look(session, actor, "card.read", card.id, clock.now(), owner_id=card.user_id)
    return await show.one(card)


@router.get("/{card_id}/test-shop")
async def get_test_shop(
    card_id: CardId, session: SessionDep, clock: ClockDep, actor: Reader, shop: ShopDep
) -> TestShopView:
    """Where a card of the demo can be tried at made-up merchants; null in earnest."""
    card = await service.get_card(session, card_id, viewer=actor.viewer)
    await audit.record_look(session, actor, "card.read", card.id, clock.now(), owner_id=card.user_id)
    return TestShopView(url=shop.address_for(card.processor_reference))


@router.patch("/{card_id}")
async def change_card(
    card_id: CardId, body: ChangeCard, session: SessionDep, clock: ClockDep, actor: Holder, show: ShowingDep
) -> CardView:
    """Change what you call a card and how it looks."""
    ensure_changes(body)
    changed = await service.change_looks(
        session, card_id, body.model_dump(exclude_unset=True), user_id=actor.user_id, at=clock.now()
    )
    return await show.one(changed)


@router.get("/{card_id}/history")
async def list_card_history(
    card_id: CardId, session: SessionDep, clock: ClockDep, actor: Reader
) -> list[TransitionView]:
    """Every change of a card's state and of those it took the place of, with who made it and why."""
    card = await service.get_card(session, card_id, viewer=actor.viewer)
    await audit.record_look(session, actor, "card.read", card.id, clock.now(), owner_id=card.user_id)
    transitions = await store.transitions_of(session, await store.lineage(session, card.id))
    return [TransitionView.of(found, card.user_id) for found in transitions]


@router.post("/{card_id}/freeze")
async def freeze_card(
    card_id: CardId, session: SessionDep, clock: ClockDep, actor: Holder, show: ShowingDep
) -> CardView:
    """Freeze a card: the next authorization is declined; clearings of earlier ones still post."""
    return await show.one(
        await lifecycle.change_state(
            session, card_id, CardState.FROZEN, user_id=actor.user_id, reason="holder", at=clock.now()
        )
    )


@router.post("/{card_id}/unfreeze")
async def unfreeze_card(
    card_id: CardId, session: SessionDep, clock: ClockDep, actor: Holder, show: ShowingDep
) -> CardView:
    """Let a frozen card pay again; a lock that staff put on it stays."""
    return await show.one(
        await lifecycle.change_state(
            session, card_id, CardState.ACTIVE, user_id=actor.user_id, reason="holder", at=clock.now()
        )
    )


@router.post("/{card_id}/cancel")
async def cancel_card(
    card_id: CardId, body: CancelCard, session: SessionDep, clock: ClockDep, actor: Holder, show: ShowingDep
) -> CardView:
    """Close a card for good; refunds to it still arrive."""
    return await show.one(
        await lifecycle.change_state(
            session, card_id, CardState.CANCELED, user_id=actor.user_id, reason=body.reason, at=clock.now()
        )
    )


@router.post("/{card_id}/replace", status_code=201, response_model=CardView)
async def replace_card(
    card_id: CardId, body: ReplaceCard, session: SessionDep, clock: ClockDep, actor: Holder,
    call: IdempotencyDep, show: ShowingDep,
) -> Response:  # fmt: skip
    """Get a card in place of a lost, compromised, damaged or expiring one; what was set for it goes over."""

    async def effect() -> CardView:
        return await show.one(
            await lifecycle.replace_card(session, card_id, body.reason, user_id=actor.user_id, at=clock.now())
        )

    return await call.once(actor.user_id, effect)


@router.put("/{card_id}/limits")
async def set_card_limits(
    card_id: CardId, body: SetLimits, session: SessionDep, clock: ClockDep, actor: Holder, show: ShowingDep
) -> CardView:
    """Replace your own limits of a card; raising or removing one needs a strong factor used lately."""
    at = clock.now()
    may_raise = partial(actor.ensure_recent_factor, at)
    return await show.one(
        await service.set_limits(
            session, card_id, limits_of(body.limits), user_id=actor.user_id, ensure_may_raise=may_raise, at=at
        )
    )


@router.get("/{card_id}/controls")
async def get_card_controls(
    card_id: CardId, session: SessionDep, clock: ClockDep, actor: Reader
) -> CardControlsView:
    """What may be bought with a card: as its holder set it, and as its template fixed it."""
    card = await service.get_card(session, card_id, viewer=actor.viewer)
    await audit.record_look(session, actor, "card.read", card.id, clock.now(), owner_id=card.user_id)
    return await _controls(session, card.id)


@router.put("/{card_id}/controls")
async def set_card_controls(
    card_id: CardId, body: Controls, session: SessionDep, clock: ClockDep, actor: Holder
) -> CardControlsView:
    """Replace your own controls of a card; letting more pass than before needs a factor used lately."""
    at = clock.now()
    await service.set_controls(
        session, card_id, body.controls(), user_id=actor.user_id,
        ensure_may_loosen=partial(actor.ensure_recent_factor, at), at=at,
    )  # fmt: skip
    return await _controls(session, card_id)


async def _controls(session: Session, card_id: str) -> CardControlsView:
    own = await service.controls_of(session, card_id)
    return CardControlsView.with_fixed(own, await service.fixed_controls_of(session, card_id))
