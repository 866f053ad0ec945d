"""Without a connection: what was known last is shown with its age, and nothing waits to be sent."""

from datetime import UTC, datetime, timedelta

import httpx

from mobile.conftest import Phone

NOWHERE = "http://127.0.0.1:9"


async def test_what_was_known_last_is_there_at_the_next_start_with_its_age(phone: Phone) -> None:
    from cardwright_mobile.state.activity import Activity
    from cardwright_mobile.state.cards import Cards
    from cardwright_mobile.state.last_known import LastKnown
    from cardwright_mobile.state.wallet import Wallet

    client, storage = await phone.sign_in(), phone.session.storage
    assert await phone.pay(30_00, "iauth_1")
    before = Wallet(), Cards(), Activity()
    for state in before:
        await state.read(client)
    await LastKnown(storage).keep(*before)

    wallet, cards, activity = Wallet(), Cards(), Activity()
    await LastKnown(storage).restore(wallet, cards, activity)
    assert (wallet.view, cards.all, activity.payments) == (
        before[0].view,
        before[1].all,
        before[2].payments,
    )
    assert wallet.is_ready
    client._http = httpx.AsyncClient(base_url=NOWHERE)
    await wallet.read(client)
    assert wallet.trouble == "unreachable"
    assert datetime.now(UTC) - wallet.read_at < timedelta(minutes=1)
    assert wallet.read_at == min(it.read_at for it in before)
    await client._http.aclose()


async def test_what_was_read_is_not_overwritten_by_what_was_known_and_strange_texts_are_none(
    phone: Phone,
) -> None:
    from cardwright_mobile.state.activity import Activity
    from cardwright_mobile.state.cards import Cards
    from cardwright_mobile.state.last_known import LastKnown
    from cardwright_mobile.state.wallet import Wallet

    client, storage = await phone.sign_in(), phone.session.storage
    known = Wallet(), Cards(), Activity()
    for state in known:
        await state.read(client)
    last = LastKnown(storage)
    await last.keep(*known)
    assert await phone.pay(30_00, "iauth_1")
    wallet = Wallet()
    await wallet.read(client)
    await last.restore(wallet, Cards(), Activity())
    assert wallet.view.held == 30_00
    for text in ("{", "[]", "{}", '{"at": 5}', '{"at": "2026-01-01T00:00:00Z", "wallet": {}}'):
        await storage.put("cardwright.last_known", text)
        fresh = Wallet()
        await LastKnown(storage).restore(fresh, Cards(), Activity())
        assert not fresh.is_ready
    await last.forget()
    assert await storage.get("cardwright.last_known") is None


async def test_nothing_that_was_not_answered_is_sent_later(phone: Phone) -> None:
    from cardwright_mobile.design.pieces import reason
    from cardwright_mobile.state.deeds import Deed, Deeds
    from cardwright_mobile.text import Words

    client = await phone.sign_in()
    online, client._http = client._http, httpx.AsyncClient(base_url=NOWHERE)
    deeds, limits = Deeds(), [{"window": "day", "amount": 1_00}]
    assert not await deeds.do(client, Deed("limits", (phone.holding.cards[0].id, limits)))
    assert "Nothing is kept to be sent later" in reason(Words("en"), deeds, is_deed=True)
    await client._http.aclose()
    client._http = online
    card = await client.card(phone.holding.cards[0].id)
    assert [it.window for it in card.limits] == ["month"]


async def test_whether_a_page_is_watched_is_told_by_its_windows_whatever_their_order(phone: Phone) -> None:
    from typing import Any

    from cardwright_mobile.scope import Scope

    nothing: Any = None
    scope = Scope(nothing, phone.session, nothing, nothing, nothing, nothing, nothing, nothing, nothing)
    assert scope.is_watched
    scope.windows += 1  # loaded again, before the old connection is known to be gone
    scope.windows -= 1
    assert scope.is_watched
    scope.windows -= 1
    assert not scope.is_watched
