"""Where somebody is signed in: seen, and ended elsewhere without ending it here."""

from sqlalchemy.ext.asyncio import AsyncEngine

from browsers import sign_in
from mobile.conftest import Phone


async def test_signing_out_elsewhere_leaves_this_phone_signed_in(phone: Phone, engine: AsyncEngine) -> None:
    from cardwright_mobile.state.deeds import Deed, Deeds
    from cardwright_mobile.state.security import Security

    client = await phone.sign_in()
    others = [await sign_in(engine, phone.clock, phone.holding.user_id) for _ in range(2)]
    state, deeds = Security(), Deeds()
    await state.read(client)
    assert (len(state.sessions), state.has_others) == (3, True)
    assert [it.client_id for it in state.connections] == ["client_mobile"]
    assert (state.factors.passkeys, state.factors.recovery_codes_left) == ((), 0)

    one = next(it for it in state.sessions if not it.is_current)
    assert await deeds.do(client, Deed("end_session", (one.id,)))
    await state.read(client)
    assert len(state.sessions) == 2
    assert await deeds.do(client, Deed("end_others"))
    await state.read(client)
    [left] = state.sessions
    assert (left.is_current, state.has_others) == (True, False)
    for browser in others:
        assert (await phone.http.get("/v1/me", headers=browser)).status_code == 401
    assert (await client.me()).id == phone.holding.user_id


async def test_an_app_that_is_signed_out_is_so_at_once(phone: Phone) -> None:
    from cardwright_mobile.api.problems import SignedOut
    from cardwright_mobile.state.deeds import Deed, Deeds
    from cardwright_mobile.state.security import Security

    client = await phone.sign_in()
    state = Security()
    await state.read(client)
    assert await Deeds().do(client, Deed("end_connection", (state.connections[0].id,)))
    try:
        await client.me()
    except SignedOut:
        return
    raise AssertionError("the tokens still count")
