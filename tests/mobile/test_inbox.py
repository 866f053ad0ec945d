"""What somebody was told: shown newest first, counted, read once, and leading where it is about."""

from dataclasses import replace

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from cardwright.core.ids import new_id
from mobile.conftest import Phone

FROZEN = "cards.card_frozen"


async def test_messages_are_counted_and_one_that_is_read_shows_so_at_once(
    phone: Phone, engine: AsyncEngine
) -> None:
    from cardwright_mobile.state.inbox import Inbox, place_of

    client = await phone.sign_in()
    cards = [card.id for card in phone.holding.cards]
    for card_id in cards:
        await phone.hear(engine, FROZEN, card_id, card_id=card_id, last4="4242")
    inbox = Inbox()
    await inbox.read(client)
    told = [it for it in inbox.messages if it.event_type == FROZEN]
    assert [it.about_id for it in told] == list(reversed(cards))
    assert inbox.unread == len(inbox.messages)
    before = inbox.unread
    assert place_of(told[0]) == f"/cards/{cards[-1]}"
    await inbox.mark(client, told[0].id)
    await inbox.mark(client, told[0].id)
    assert inbox.unread == before - 1
    assert next(it for it in inbox.messages if it.id == told[0].id).read_at is not None
    await inbox.mark_all(client)
    assert (inbox.unread, await client.unread()) == (0, 0)


async def test_older_messages_join_at_the_end_and_stay_when_the_newest_are_read_anew(
    phone: Phone, engine: AsyncEngine
) -> None:
    from cardwright_mobile.state.inbox import Inbox

    client = await phone.sign_in()
    card_id = phone.holding.cards[0].id
    for _ in range(23):
        await phone.hear(engine, FROZEN, card_id, card_id=card_id, last4="4242")
    inbox = Inbox()
    await inbox.read(client)
    assert len(inbox.messages) == 20
    while inbox.next_cursor is not None:
        await inbox.read_more(client)
    await phone.hear(engine, FROZEN, card_id, card_id=card_id, last4="4242")
    await inbox.read(client)
    ids = [it.id for it in inbox.messages]
    assert ids == sorted(set(ids), reverse=True)
    assert len([it for it in inbox.messages if it.event_type == FROZEN]) == 24


@pytest.mark.parametrize(
    ("event_type", "about", "place"),
    [
        ("challenges.requested", "chal_1", "/approvals"),
        ("payments.authorization_declined", "pay_1", "/payments/pay_1"),
        ("funding.top_up_succeeded", "topup_1", "/add-money"),
        ("kyc.approved", None, "/settings/identity"),
        ("authentication.password_changed", None, "/settings/security"),
        ("tomorrow.invented", None, "/inbox"),
    ],
)
async def test_each_message_leads_where_it_is_about(
    phone: Phone, engine: AsyncEngine, event_type: str, about: str | None, place: str
) -> None:
    from cardwright_mobile.state.inbox import Inbox, place_of

    client = await phone.sign_in()
    card_id = new_id("card")
    await phone.hear(engine, FROZEN, card_id, card_id=card_id, last4="4242")
    inbox = Inbox()
    await inbox.read(client)
    assert place_of(replace(inbox.messages[0], event_type=event_type, about_id=about)) == place
