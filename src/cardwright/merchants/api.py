"""Merchants over HTTP: finding one by name, and, for staff, what belongs to it and correcting that."""

from typing import Annotated

from fastapi import Depends, Path, Query, Response

from cardwright.access import Actor, Reach, allow
from cardwright.core.errors import Invalid
from cardwright.core.ids import ID_PATTERN
from cardwright.db.session import Session
from cardwright.http import strict
from cardwright.http.deps import ClockDep, IdempotencyDep, SessionDep
from cardwright.http.pagination import Cursor, Limit, Page, page
from cardwright.merchants import acceptor_store, categories, identifying, service, store
from cardwright.merchants.domain import Merchant
from cardwright.merchants.schemas import (
    AcceptorView,
    CategoryView,
    GroupView,
    LearningView,
    MerchantDetail,
    MerchantView,
    MergedView,
    MergeMerchants,
    NamedAcceptor,
    RenameMerchant,
    SetLearning,
    UnmergeMerchants,
)

router = strict.router("/v1", "merchants")
MerchantId = Annotated[str, Path(pattern=ID_PATTERN, max_length=40)]
Searcher = Annotated[Actor, Depends(allow("merchants.read"))]
Reader = Annotated[Actor, Depends(allow("merchants.read", reach=Reach.ANY))]
Writer = Annotated[Actor, Depends(allow("merchants.write", reach=Reach.ANY))]
_SHORTEST_SEARCH = 3
_PRINTED = r"^[^\x00]+$"
"""Anything but the character that PostgreSQL stores in no text."""


@router.get("/merchants")
async def list_merchants(
    session: SessionDep, actor: Searcher,
    search: Annotated[str | None, Query(pattern=_PRINTED, max_length=60, description="In a name.")] = None,
    mcc: Annotated[str | None, Query(pattern=r"^[0-9]{4}$")] = None, limit: Limit = 20, cursor: Cursor = None,
) -> Page[MerchantView]:  # fmt: skip
    """Find merchants by name, newest first; whoever is no staff gives three letters at least."""
    if actor.reach is Reach.OWN and len(search or "") < _SHORTEST_SEARCH:
        raise Invalid("search_too_short", "Give three letters of the merchant's name.")
    found = await store.page_of(
        session, program_id=actor.program_id, search=search, mcc=mcc, before=cursor, limit=limit + 1
    )
    return page(found, limit, show=MerchantView.of, cursor_of=lambda merchant: merchant.id)


@router.get("/merchants/{merchant_id}")
async def get_merchant(merchant_id: MerchantId, session: SessionDep, actor: Reader) -> MerchantDetail:
    """A merchant with its acceptor ids and descriptors; of a merged one, the one it was merged into."""
    return await _detail(
        session, await service.get_merchant(session, merchant_id, program_id=actor.program_id)
    )


@router.patch("/merchants/{merchant_id}")
async def rename_merchant(
    merchant_id: MerchantId, body: RenameMerchant, session: SessionDep, clock: ClockDep, actor: Writer
) -> MerchantDetail:
    """Call a merchant by another name."""
    renamed = await service.rename(
        session, merchant_id, body.name, program_id=actor.program_id, staff_id=actor.user_id, at=clock.now()
    )
    return await _detail(session, renamed)


@router.post("/merchants/{merchant_id}/merge")
async def merge_merchants(
    merchant_id: MerchantId, body: MergeMerchants, session: SessionDep, clock: ClockDep, actor: Writer
) -> MerchantDetail:
    """Say that another merchant is this one: locks and limits on either mean both, until that is undone."""
    merged = await service.merge(
        session, merchant_id, body.other_id, program_id=actor.program_id, staff_id=actor.user_id,
        at=clock.now(),
    )  # fmt: skip
    return await _detail(session, merged)


@router.post("/merchants/{merchant_id}/unmerge")
async def unmerge_merchants(
    merchant_id: MerchantId, body: UnmergeMerchants, session: SessionDep, clock: ClockDep, actor: Writer
) -> MerchantDetail:
    """Undo a merge: the other merchant is itself again, with its ids, its name and whatever names it."""
    restored = await service.unmerge(
        session, merchant_id, body.other_id, program_id=actor.program_id, staff_id=actor.user_id,
        at=clock.now(),
    )  # fmt: skip
    return await _detail(session, restored)


@router.post("/merchants/{merchant_id}/split", status_code=201, response_model=MerchantDetail)
async def split_merchant(
    merchant_id: MerchantId, body: NamedAcceptor, session: SessionDep, clock: ClockDep, actor: Writer,
    call: IdempotencyDep,
) -> Response:  # fmt: skip
    """Make an acceptor id a merchant of its own, as its network describes it; it is not learned back."""

    async def effect() -> MerchantDetail:
        new = await service.split(
            session, merchant_id, body.source, body.acceptor_id, program_id=actor.program_id,
            staff_id=actor.user_id, at=clock.now(),
        )  # fmt: skip
        return await _detail(session, new)

    return await call.once(actor.user_id, effect)


@router.post("/merchants/{merchant_id}/acceptors")
async def add_acceptor(
    merchant_id: MerchantId, body: NamedAcceptor, session: SessionDep, clock: ClockDep, actor: Writer
) -> MerchantDetail:
    """Say that a network knows a merchant under an id; one that was learned counts as told from now on."""
    merchant = await service.add_acceptor(
        session, merchant_id, body.source, body.acceptor_id, program_id=actor.program_id,
        staff_id=actor.user_id, at=clock.now(),
    )  # fmt: skip
    return await _detail(session, merchant)


@router.get("/merchant-learning")
async def get_merchant_learning(session: SessionDep, actor: Reader) -> LearningView:
    """Whether an unknown id belongs to the merchant that has the same descriptor in the same category."""
    return LearningView(is_on=await acceptor_store.is_learning(session, actor.program_id))


@router.put("/merchant-learning")
async def set_merchant_learning(
    body: SetLearning, session: SessionDep, clock: ClockDep, actor: Writer
) -> LearningView:
    """Learn ids from descriptors, or count only those that staff gave a merchant, and the first one seen."""
    await identifying.set_learning(
        session, is_on=body.is_on, program_id=actor.program_id, staff_id=actor.user_id, at=clock.now()
    )
    return LearningView(is_on=body.is_on)


@router.get("/merchant-categories")
async def list_merchant_categories(_: Searcher) -> list[GroupView]:
    """All merchant category codes (ISO 18245) by the groups that limits and controls can name."""
    return [
        GroupView(
            id=group.id, name=group.name, colour=group.colour, icon=group.icon,
            categories=[CategoryView(mcc=found.mcc, name=found.name) for found in members],
        )
        for group, members in categories.groups()
    ]  # fmt: skip


async def _detail(session: Session, merchant: Merchant) -> MerchantDetail:
    acceptors = await acceptor_store.acceptors_of(session, merchant.id)
    return MerchantDetail(
        **MerchantView.of(merchant).model_dump(),
        acceptors=[AcceptorView.model_validate(found) for found in acceptors],
        descriptors=list(await acceptor_store.descriptors_of(session, merchant.id)),
        merged=[MergedView.model_validate(found) for found in await store.merged_into(session, merchant.id)],
    )
