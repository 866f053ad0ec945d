"""Merchants over HTTP: finding one by name, and, for staff, what belongs to it and correcting that."""

from datetime import datetime
from typing import Annotated, Self

from fastapi import Depends, Path, Query, Response
from pydantic import Field, StringConstraints

from cardwright.access import Actor, Reach, allow
from cardwright.core.errors import Invalid
from cardwright.core.ids import ID_PATTERN
from cardwright.db.session import Session
from cardwright.http import strict
from cardwright.http.deps import ClockDep, IdempotencyDep, SessionDep
from cardwright.http.pagination import Cursor, Limit, Page, page
from cardwright.http.strict import Id, Input, Line, Output
from cardwright.merchants import categories, service, store
from cardwright.merchants.domain import Merchant

router = strict.router("/v1", "merchants")
MerchantId = Annotated[str, Path(pattern=ID_PATTERN, max_length=40)]
Searcher = Annotated[Actor, Depends(allow("merchants.read"))]
Reader = Annotated[Actor, Depends(allow("merchants.read", reach=Reach.ANY))]
Writer = Annotated[Actor, Depends(allow("merchants.write", reach=Reach.ANY))]
_SHORTEST_SEARCH = 3
_PRINTED = r"^[^\x00]+$"
"""Anything but the character that PostgreSQL stores in no text."""


class MerchantView(Output):
    """A merchant by its name; `category` is what its code stands for."""

    id: Id
    name: str
    mcc: str
    category: str
    group: str
    country: str

    @classmethod
    def of(cls, merchant: Merchant) -> Self:
        """Show a merchant."""
        return cls(
            id=merchant.id, name=merchant.name, mcc=merchant.mcc, group=merchant.group,
            category=categories.category(merchant.mcc).name, country=merchant.country,
        )  # fmt: skip


class AcceptorView(Output):
    """An id under which a network knows a merchant, and how it came to belong to it."""

    source: str
    acceptor_id: str
    country: str
    origin: str
    first_seen_at: datetime


class MerchantDetail(MerchantView):
    """A merchant with everything that means it."""

    acceptors: list[AcceptorView]
    descriptors: list[str]
    aliases: list[Id]


class RenameMerchant(Input):
    """What a merchant is called."""

    name: Annotated[Line, StringConstraints(min_length=1, max_length=80), Field(examples=["Corner Shop"])]


class MergeMerchants(Input):
    """The other merchant that is the same."""

    other_id: Id = Field(description="The merchant that ends, and is this one from now on.")


class SplitMerchant(Input):
    """The id that belongs to somebody else."""

    source: Annotated[str, StringConstraints(max_length=40), Field(examples=["stripe"])]
    acceptor_id: Annotated[str, StringConstraints(max_length=100), Field(examples=["100000000000001"])]


class CategoryView(Output):
    """A merchant category code and what it stands for."""

    mcc: str
    name: str


class GroupView(Output):
    """A group of categories with its name, colour and icon."""

    id: str
    name: str
    colour: str
    icon: str
    categories: list[CategoryView]


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
    """Say that another merchant is this one: locks and limits on either mean both."""
    merged = await service.merge(
        session, merchant_id, body.other_id, program_id=actor.program_id, staff_id=actor.user_id,
        at=clock.now(),
    )  # fmt: skip
    return await _detail(session, merged)


@router.post("/merchants/{merchant_id}/split", status_code=201, response_model=MerchantDetail)
async def split_merchant(
    merchant_id: MerchantId, body: SplitMerchant, session: SessionDep, clock: ClockDep, actor: Writer,
    call: IdempotencyDep,
) -> Response:  # fmt: skip
    """Make an acceptor id a merchant of its own; it is not learned back."""

    async def effect() -> MerchantDetail:
        new = await service.split(
            session, merchant_id, body.source, body.acceptor_id, program_id=actor.program_id,
            staff_id=actor.user_id, at=clock.now(),
        )  # fmt: skip
        return await _detail(session, new)

    return await call.once(actor.user_id, effect)


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
    acceptors = await store.acceptors_of(session, merchant.id)
    return MerchantDetail(
        **MerchantView.of(merchant).model_dump(),
        acceptors=[AcceptorView.model_validate(found) for found in acceptors],
        descriptors=list(await store.descriptors_of(session, merchant.id)),
        aliases=list(merchant.aliases),
    )
