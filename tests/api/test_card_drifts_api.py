"""What staff read of cards that were not at the processor as they are here."""

import httpx
from sqlalchemy.ext.asyncio import AsyncEngine

import staff
from browsers import sign_in
from cardwright.access import Role
from cardwright.cards import SUBSCRIPTIONS, CardProcessors, CardState, Limit, NewCard, Window, create_card
from cardwright.cards import find_drift as sweep
from cardwright.core.clock import MovableClock
from cardwright.db.jobs import Work
from cardwright.db.session import transaction
from integration.cards.processor import WillingProcessor
from integration.kyc.people import a_verified_person, deliver, the_program

PATH = "/v1/card-drifts"


async def test_staff_read_what_drifted_newest_first_and_holders_do_not(
    client: httpx.AsyncClient, engine: AsyncEngine, clock: MovableClock
) -> None:
    processor = WillingProcessor()
    work = Work(engine, clock, {CardProcessors: CardProcessors({"stripe": processor})})
    holder_id = await a_verified_person(engine, clock)
    async with transaction(engine) as session:
        program = await the_program(session)
        card = await create_card(
            session, NewCard("Groceries", limits=[Limit(Window.DAY, 5_00)]), program_id=program.id,
            user_id=holder_id, currency="USD", at=clock.now(),
        )  # fmt: skip
        support = await staff.somebody(session, "user_support", program.id, clock.now(), Role.SUPPORT)
    while await deliver(work, SUBSCRIPTIONS):
        pass
    processor.states["ic_1"] = CardState.FROZEN
    assert await sweep(work, pause_seconds=0) == 1
    processor.limits["ic_1"] = ()
    assert await sweep(work, pause_seconds=0) == 1
    headers = await sign_in(engine, clock, support)
    first = (await client.get(PATH, params={"limit": 1}, headers=headers)).json()
    rest = (await client.get(PATH, params={"cursor": first["next_cursor"]}, headers=headers)).json()
    (newest,), (oldest,) = first["data"], rest["data"]
    assert (newest["card_id"], newest["repair"], rest["next_cursor"]) == (card.id, "pushed", None)
    assert (newest["ours"]["limits"], newest["theirs"]["limits"]) == ({"day": 10_00}, {})
    assert (oldest["ours"]["state"], oldest["theirs"]["state"]) == ("active", "frozen")
    assert newest["repaired_at"] is not None
    refused = await client.get(PATH, headers=await sign_in(engine, clock, holder_id))
    assert (refused.status_code, refused.json()["code"]) == (403, "permission_missing")
