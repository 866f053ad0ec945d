"""What staff correct about merchants, and what cards locked, limited and confined to them do afterwards."""

from typing import Any, Final

import httpx
import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from api.merchant_desk import BOOKS, COPYCAT, SHOP, MerchantDesk, Shop, a_merchant_desk
from cardwright.core.clock import MovableClock
from cardwright.core.ids import new_id

SECOND: Final = Shop("100000000000003", "CORNER SHOP ONLINE", "5964", "DE")


@pytest.fixture
async def desk(client: httpx.AsyncClient, engine: AsyncEngine, clock: MovableClock) -> MerchantDesk:
    return await a_merchant_desk(client, engine, clock)


async def on_merchant(desk: MerchantDesk, merchant_id: str) -> tuple[dict[str, Any], ...]:
    """Cards that name a merchant: locked to it, blocked from it, limited at it."""
    only = {"window": "month", "amount": 5_00, "only": {"merchants": [merchant_id]}}
    return (
        await desk.card(type="merchant_locked", merchant_lock={"merchant_id": merchant_id}),
        await desk.card(controls={"blocked": {"merchants": [merchant_id]}}),
        await desk.card(limits=[only]),
    )


async def test_a_merge_that_is_undone_gives_back_both_and_all_that_names_them(desk: MerchantDesk) -> None:
    shop, books = await desk.known(SHOP), await desk.known(BOOKS)
    before = [await desk.merchant(shop), await desk.merchant(books)]
    locked, blocked, limited = await on_merchant(desk, books)
    merged = await desk.correct(shop, "merge", other_id=books)
    assert merged.json()["merged"] == [{"id": books, "name": "River Books", "merged_into": shop}]
    learned = await desk.card(type="merchant_locked")
    assert await desk.pays(learned, BOOKS)
    assert await desk.pays(learned, SHOP)
    assert await desk.pays(locked, SHOP)
    assert not await desk.pays(blocked, SHOP)
    assert await desk.pays(limited, SHOP, 4_00)
    assert not await desk.pays(limited, BOOKS, 2_00)
    assert await desk.last_paid() == (shop, "Corner Shop", "RIVER BOOKS", BOOKS.acceptor_id, "5942")

    undone = await desk.correct(shop, "unmerge", other_id=books)
    assert undone.status_code == 200
    assert [await desk.merchant(shop), undone.json()] == before
    for card in (locked, learned):
        assert (await desk.pays(card, BOOKS), await desk.pays(card, SHOP)) == (True, False)
    assert (await desk.pays(blocked, BOOKS), await desk.pays(blocked, SHOP)) == (False, True)
    assert await desk.pays(learned, BOOKS)
    assert await desk.last_paid() == (books, "River Books", "RIVER BOOKS", BOOKS.acceptor_id, "5942")
    # What was paid at the shop counts for the shop again, though it was paid while both were one.
    assert await desk.pays(limited, BOOKS, 5_00)
    assert not await desk.pays(limited, BOOKS, 1)
    assert await desk.audited(shop) == ["merchant.merged", "merchant.unmerged"]


async def test_undoing_one_of_several_merges_leaves_the_others(desk: MerchantDesk) -> None:
    shop, books, second = await desk.known(SHOP), await desk.known(BOOKS), await desk.known(SECOND)
    await desk.correct(books, "merge", other_id=second)
    both = await desk.correct(shop, "merge", other_id=books)
    assert {(each["id"], each["merged_into"]) for each in both.json()["merged"]} == {
        (books, shop), (second, books),
    }  # fmt: skip
    restored = (await desk.correct(shop, "unmerge", other_id=books)).json()
    assert (restored["id"], [each["id"] for each in restored["merged"]]) == (books, [second])
    assert (await desk.merchant(shop))["merged"] == []
    assert (await desk.merchant(second))["id"] == books
    assert (await desk.correct(books, "unmerge", other_id=second)).json()["id"] == second
    assert (await desk.merchant(books))["merged"] == []


async def test_what_was_not_merged_cannot_be_undone(desk: MerchantDesk) -> None:
    shop, books = await desk.known(SHOP), await desk.known(BOOKS)
    for path, other, answer in (
        (shop, books, (422, "merchant_not_merged")),
        (shop, shop, (422, "merchant_not_merged")),
        (shop, new_id("mer"), (422, "merchant_not_merged")),
        (new_id("mer"), books, (404, "merchant_unknown")),
        (await desk.merchant_id(elsewhere=True), books, (404, "merchant_unknown")),
    ):
        refused = await desk.correct(path, "unmerge", other_id=other)
        assert (refused.status_code, refused.json()["code"]) == answer
    assert await desk.audited(shop) == []


async def test_what_is_split_off_is_called_as_its_network_calls_it(desk: MerchantDesk) -> None:
    shop, second = await desk.known(SHOP), await desk.known(SECOND)
    other = Shop("100000000000005", SECOND.descriptor, SECOND.mcc)
    assert await desk.known(other) == second
    await desk.correct(shop, "merge", other_id=second)
    await desk.correct(shop, "acceptors", source="stripe", acceptor_id="100000000000009")
    split = await desk.correct(shop, "split", source="stripe", acceptor_id=SECOND.acceptor_id)
    assert split.status_code == 201
    new = split.json()
    assert (new["name"], new["mcc"], new["country"]) == ("Corner Shop Online", "5964", "DE")
    # The descriptor goes on meaning the one that keeps an id with it.
    assert new["descriptors"] == []
    await desk.correct(shop, "unmerge", other_id=second)
    assert (await desk.merchant(second))["descriptors"] == ["CORNER SHOP ONLINE"]
    assert await desk.known(SECOND) == new["id"]
    assert await desk.audited(shop) == [
        "merchant.merged", "merchant.acceptor_added", "merchant.split", "merchant.unmerged",
    ]  # fmt: skip


async def test_a_descriptor_that_no_other_id_has_goes_with_what_is_split_off(desk: MerchantDesk) -> None:
    shop = await desk.known(SHOP)
    renamed = await desk.ask("PATCH", f"/merchants/{shop}", {"name": "Little Market"}, by=desk.analyst)
    assert renamed.status_code == 200
    await desk.correct(shop, "acceptors", source="stripe", acceptor_id="100000000000009")
    split = (await desk.correct(shop, "split", source="stripe", acceptor_id=SHOP.acceptor_id)).json()
    assert split["descriptors"] == ["CORNER SHOP"]
    assert (await desk.merchant(shop))["descriptors"] == []


async def test_the_last_id_of_a_merchant_is_not_split_off(desk: MerchantDesk) -> None:
    shop, books = await desk.known(SHOP), await desk.known(BOOKS)
    named = {"source": "stripe", "acceptor_id": SHOP.acceptor_id}
    refused = await desk.correct(shop, "split", **named)
    assert (refused.status_code, refused.json()["code"]) == (409, "acceptor_last")
    before = (await desk.correct(shop, "merge", other_id=books)).json()
    refused = await desk.correct(shop, "split", source="stripe", acceptor_id=BOOKS.acceptor_id)
    assert (refused.status_code, refused.json()["code"]) == (409, "acceptor_last")
    assert refused.json()["merged_id"] == books
    assert await desk.merchant(shop) == before
    unknown = await desk.correct(shop, "split", source="stripe", acceptor_id="1")
    assert (unknown.status_code, unknown.json()["code"]) == (422, "acceptor_unknown")


async def test_staff_give_a_merchant_an_id_that_no_other_has(desk: MerchantDesk) -> None:
    shop, books = await desk.known(SHOP), await desk.known(BOOKS)
    await desk.correct(shop, "acceptors", source="stripe", acceptor_id="100000000000009")
    assert await desk.known(Shop("100000000000009", "SOMETHING ELSE", "7995")) == shop
    taken = await desk.correct(shop, "acceptors", source="stripe", acceptor_id=BOOKS.acceptor_id)
    assert (taken.status_code, taken.json()["code"], taken.json()["merchant_id"]) == (
        409, "acceptor_taken", books,
    )  # fmt: skip
    unknown = await desk.correct(new_id("mer"), "acceptors", source="stripe", acceptor_id="1")
    assert (unknown.status_code, unknown.json()["code"]) == (404, "merchant_unknown")


async def test_a_copied_descriptor_opens_no_lock_where_the_program_does_not_learn(
    desk: MerchantDesk,
) -> None:
    shop = await desk.known(SHOP)
    locked = await desk.card(type="merchant_locked", merchant_lock={"merchant_id": shop})
    assert await desk.pays(locked, COPYCAT)
    assert (await desk.ask("GET", "/merchant-learning", by=desk.analyst)).json() == {"is_on": True}
    for _ in range(2):
        switched = await desk.ask("PUT", "/merchant-learning", {"is_on": False}, by=desk.analyst)
        assert switched.json() == {"is_on": False}
    # Neither what was learned before counts, nor what would be learned now.
    another = Shop("100000000000667", COPYCAT.descriptor, COPYCAT.mcc)
    assert (await desk.pays(locked, COPYCAT), await desk.pays(locked, another)) == (False, False)
    assert await desk.pays(locked, SHOP)
    apart = await desk.known(COPYCAT)
    assert len({shop, apart, await desk.known(another)}) == 3
    # Staff know better: what they merge or give counts.
    await desk.correct(shop, "merge", other_id=apart)
    await desk.correct(shop, "acceptors", source="stripe", acceptor_id="100000000000668")
    for acceptor_id in (COPYCAT.acceptor_id, "100000000000668"):
        assert await desk.pays(locked, Shop(acceptor_id, COPYCAT.descriptor, COPYCAT.mcc))
    assert await desk.audited(await desk.program_id()) == ["merchant_learning.changed"]


async def test_what_staff_confirmed_counts_where_the_program_does_not_learn(desk: MerchantDesk) -> None:
    shop = await desk.known(SHOP)
    assert await desk.known(COPYCAT) == shop
    confirmed = await desk.correct(shop, "acceptors", source="stripe", acceptor_id=COPYCAT.acceptor_id)
    assert {each["origin"] for each in confirmed.json()["acceptors"]} == {"observed", "staff"}
    await desk.ask("PUT", "/merchant-learning", {"is_on": False}, by=desk.analyst)
    assert await desk.known(COPYCAT) == shop
    await desk.ask("PUT", "/merchant-learning", {"is_on": True}, by=desk.analyst)
    assert await desk.known(Shop("100000000000670", COPYCAT.descriptor, COPYCAT.mcc)) == shop


async def test_holders_switch_no_learning(desk: MerchantDesk) -> None:
    for method, body in (("GET", None), ("PUT", {"is_on": False})):
        refused = await desk.ask(method, "/merchant-learning", body)
        assert (refused.status_code, refused.json()["code"]) == (403, "permission_missing")
