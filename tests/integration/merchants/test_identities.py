"""Who a network means: learned at first sight, by many at once, corrected by staff, and never by accident."""

import asyncio
from collections.abc import Mapping
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from cardwright import merchants
from cardwright.core.clock import MovableClock
from cardwright.core.errors import Invalid, NotFound
from cardwright.db.session import transaction
from cardwright.merchants import Merchant, acceptor_store, service

PROGRAM = "prog_1"
STAFF = {"program_id": PROGRAM, "staff_id": "user_staff"}


class Sight:
    """Tells of merchants as networks do."""

    def __init__(self, engine: AsyncEngine, clock: MovableClock) -> None:
        self.engine, self.clock = engine, clock

    async def __call__(
        self, acceptor_id: str = "a1", descriptor: str = "CORNER SHOP", **more: Any
    ) -> Merchant:
        told: Mapping[str, Any] = {"source": "stripe", "mcc": "5411", "country": "US", **more}
        async with transaction(self.engine) as session:
            return await merchants.identify(
                session, program_id=more.get("program_id", PROGRAM), acceptor_id=acceptor_id,
                descriptor=descriptor, source=told["source"], mcc=told["mcc"], country=told["country"],
                at=self.clock.now(),
            )  # fmt: skip

    async def count(self) -> int:
        async with transaction(self.engine) as session:
            return int((await session.execute(text("SELECT count(*) FROM merchants"))).scalar_one())


@pytest.fixture
def sight(engine: AsyncEngine, clock: MovableClock) -> Sight:
    return Sight(engine, clock)


async def test_an_acceptor_id_that_is_known_means_its_merchant_whatever_it_is_called(sight: Sight) -> None:
    first = await sight("a1", "CORNER SHOP")
    assert (first.name, first.group) == ("Corner Shop", "groceries")
    assert (await sight("a1", "SOMETHING ELSE", mcc="7995")).id == first.id


async def test_a_second_id_with_the_same_descriptor_and_category_is_the_same_merchant(sight: Sight) -> None:
    first = await sight("a1")
    assert (await sight("a2", "SQ *Corner Shop 0423", country="FR", source="visa")).id == first.id
    async with transaction(sight.engine) as session:
        known = await acceptor_store.acceptors_of(session, first.id)
    assert [(it.source, it.acceptor_id, it.country, it.origin) for it in known] == [
        ("stripe", "a1", "US", "observed"), ("visa", "a2", "FR", "descriptor"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    "strange", [{"mcc": "7995"}, {"descriptor": "RIVER BOOKS"}, {"program_id": "prog_2"}], ids=str
)
async def test_another_category_name_or_program_is_another_merchant(
    sight: Sight, strange: Mapping[str, Any]
) -> None:
    first = await sight("a1")
    named = {"acceptor_id": "a1" if "program_id" in strange else "a2", **strange}
    assert (await sight(**named)).id != first.id


@pytest.mark.parametrize("descriptor", ["", "CAFE 12", "1234"])
async def test_what_says_nothing_joins_nobody(sight: Sight, descriptor: str) -> None:
    found = {(await sight(acceptor, descriptor)).id for acceptor in ("a1", "a2", "", "")}
    assert len(found) == 4


async def test_twenty_first_sights_at_once_make_one_identity(sight: Sight) -> None:
    found = await asyncio.gather(*[sight(f"a{number % 5}", f"Corner Shop {number}") for number in range(20)])
    assert len({merchant.id for merchant in found}) == 1
    assert await sight.count() == 1


async def test_merged_merchants_are_one_and_both_ids_mean_it(sight: Sight) -> None:
    kept, gone = await sight("a1", "CORNER SHOP"), await sight("a2", "RIVER BOOKS", mcc="5942")
    async with transaction(sight.engine) as session:
        merged = await service.merge(session, kept.id, gone.id, **STAFF, at=sight.clock.now())
    assert merged.aliases == (gone.id,)
    for acceptor_id in ("a2", "a3"):
        assert (await sight(acceptor_id, "RIVER BOOKS", mcc="5942")).id == gone.id
    async with transaction(sight.engine) as session:
        assert (await merchants.find_merchant(session, gone.id)) == merged
        assert await merchants.family(session, [gone.id]) == sorted([kept.id, gone.id])
        with pytest.raises(NotFound):
            await service.rename(session, gone.id, "Books", **STAFF, at=sight.clock.now())


async def test_merging_chains_end_at_one_merchant(sight: Sight) -> None:
    made = [
        await sight(f"a{number}", f"{name} STREET") for number, name in enumerate(("ALPHA", "BRAVO", "GAMMA"))
    ]
    async with transaction(sight.engine) as session:
        await service.merge(session, made[1].id, made[0].id, **STAFF, at=sight.clock.now())
        last = await service.merge(session, made[2].id, made[1].id, **STAFF, at=sight.clock.now())
    assert set(last.aliases) == {made[0].id, made[1].id}


async def test_what_staff_split_is_not_learned_back(sight: Sight) -> None:
    first = await sight("a1")
    await sight("a2")
    async with transaction(sight.engine) as session:
        new = await service.split(session, first.id, "stripe", "a2", **STAFF, at=sight.clock.now())
    assert (await sight("a2")).id == new.id != first.id
    assert (await sight("a1")).id == (await sight("a3")).id == first.id


async def test_what_cannot_be_merged_or_split_is_refused(sight: Sight) -> None:
    first, foreign = await sight("a1"), await sight("a9", program_id="prog_2")
    at = sight.clock.now()
    async with transaction(sight.engine) as session:
        for other, code in ((first.id, "merchants_same"), (foreign.id, "merchant_unknown")):
            with pytest.raises(Invalid) as refused:
                await service.merge(session, first.id, other, **STAFF, at=at)
            assert refused.value.code == code
        with pytest.raises(NotFound):
            await service.merge(session, foreign.id, first.id, **STAFF, at=at)
    async with transaction(sight.engine) as session:
        with pytest.raises(Invalid, match="not known under"):
            await service.split(session, first.id, "stripe", "a9", **STAFF, at=at)
