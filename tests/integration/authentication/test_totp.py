"""Authenticator apps: each code once, a little drift, few tries, nothing readable at rest."""

import asyncio
from datetime import timedelta

import pyotp
import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from cardwright.authentication import has_factor
from cardwright.authentication.factors import codes_store, recovery_codes, totp
from cardwright.core.clock import MovableClock
from cardwright.core.errors import Conflict, NotFound, TooMany
from cardwright.db.session import transaction
from integration.authentication.factor_people import Person, somebody
from integration.kyc.people import drain

STEP = timedelta(seconds=30)


@pytest.fixture
async def ada(engine: AsyncEngine, clock: MovableClock) -> Person:
    return await somebody(engine, clock)


def wrong(code: str) -> str:
    return f"{(int(code) + 1) % 1_000_000:06d}"


async def test_an_app_counts_once_a_code_of_it_was_confirmed(ada: Person) -> None:
    app = await ada.begin_app()
    right = app.at(ada.clock.now())
    assert not await ada.show(right)
    for code, is_right in ((wrong(right), False), (right, True)):
        async with transaction(ada.engine) as session:
            assert await has_factor(session, ada.owner.user_id) is False
            assert await totp.confirm_totp(session, ada.owner, code, ada.clock.now()) is is_right
    async with transaction(ada.engine) as session:
        assert await has_factor(session, ada.owner.user_id)
        with pytest.raises(NotFound):
            await totp.confirm_totp(session, ada.owner, right, ada.clock.now())
        with pytest.raises(Conflict):
            await totp.begin_totp(session, ada.owner, account="a", issuer="b", at=ada.clock.now())
    assert not await ada.show(right), "the code that confirmed the app was used"
    assert await ada.audited() == ["totp.added"]
    assert [event.payload for event in await drain(ada.engine)] == [{"factor": "totp"}]


async def test_an_app_that_was_never_confirmed_is_replaced(ada: Person) -> None:
    first, second = await ada.begin_app(), await ada.begin_app()
    async with transaction(ada.engine) as session:
        at = ada.clock.now()
        assert not await totp.confirm_totp(session, ada.owner, first.at(at), at)
        assert await totp.confirm_totp(session, ada.owner, second.at(at), at)


async def test_a_code_is_good_once_and_none_before_it_is_good_after_it(ada: Person) -> None:
    app = await ada.with_app()
    ada.clock.advance(STEP * 10)
    now = ada.clock.now()
    assert await ada.show(app.at(now))
    assert not await ada.show(app.at(now))
    assert not await ada.show(app.at(now - STEP))
    assert await ada.show(app.at(now + STEP))
    assert not await ada.show(app.at(now + STEP))


@pytest.mark.parametrize(("steps", "is_good"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)])
async def test_a_clock_may_be_one_step_off(ada: Person, steps: int, is_good: bool) -> None:
    app = await ada.with_app()
    ada.clock.advance(STEP * 10)
    assert await ada.show(app.at(ada.clock.now() + STEP * steps)) is is_good


async def test_one_of_many_who_show_the_same_code_at_once_is_let_in(ada: Person) -> None:
    app = await ada.with_app()
    ada.clock.advance(STEP * 10)
    answers = await asyncio.gather(
        *(ada.show(app.at(ada.clock.now())) for _ in range(20)), return_exceptions=True
    )
    assert answers.count(True) == 1


async def test_wrong_codes_make_everybody_wait_longer_and_longer_until_a_right_one(ada: Person) -> None:
    app = await ada.with_app()
    ada.clock.advance(STEP * 10)
    for _ in range(5):
        assert not await ada.show(wrong(app.at(ada.clock.now())))
    for wait in (timedelta(minutes=15), timedelta(minutes=30), timedelta(hours=1)):
        for early in (timedelta(0), wait - timedelta(seconds=1)):
            ada.clock.advance(early)
            with pytest.raises(TooMany) as refused:
                await ada.show(app.at(ada.clock.now()))
            assert refused.value.details["retry_after_seconds"] in {wait.total_seconds() + 1, 2}
        ada.clock.advance(timedelta(seconds=1))
        assert not await ada.show(wrong(app.at(ada.clock.now())))
    ada.clock.advance(timedelta(hours=2))
    assert await ada.show(app.at(ada.clock.now()))
    assert not await ada.show(wrong(app.at(ada.clock.now())))
    assert await ada.show(app.at(ada.clock.now() + STEP)), "the count began anew"


async def test_trying_many_wrong_codes_at_once_brings_no_more_tries(ada: Person) -> None:
    app = await ada.with_app()
    ada.clock.advance(STEP * 10)
    bad = wrong(app.at(ada.clock.now()))
    answers = await asyncio.gather(*(ada.show(bad) for _ in range(30)), return_exceptions=True)
    assert answers.count(False) == 5
    assert sum(isinstance(answer, TooMany) for answer in answers) == 25


async def test_the_secret_is_sealed_at_rest_and_stays_in_its_row(ada: Person) -> None:
    app = await ada.with_app()
    eve = await somebody(ada.engine, ada.clock, "eve@example.com")
    evil = await eve.with_app()
    async with transaction(ada.engine) as session:
        sealed = (await session.execute(text("SELECT secret FROM totps"))).scalars().all()
        assert all(record.startswith("s1:") for record in sealed)
        assert app.secret not in "".join(sealed)
        # Whoever can write to the table still cannot make somebody else's secret theirs.
        copy = (
            "UPDATE totps SET secret = (SELECT secret FROM totps WHERE user_id = :eve) WHERE user_id = :ada"
        )
        await session.execute(text(copy), {"eve": eve.owner.user_id, "ada": ada.owner.user_id})
    ada.clock.advance(STEP * 10)
    with pytest.raises(Exception, match="changed or belongs elsewhere"):
        await ada.show(evil.at(ada.clock.now()))


async def test_what_an_app_reads_is_shown_as_text_and_as_a_picture(ada: Person) -> None:
    async with transaction(ada.engine) as session:
        new = await totp.begin_totp(
            session, ada.owner, account="ada@example.com", issuer="Demo Program", at=ada.clock.now()
        )
    parsed = pyotp.parse_uri(new.uri.reveal())
    assert isinstance(parsed, pyotp.TOTP)
    assert (parsed.secret, parsed.issuer, parsed.name) == (
        new.secret.reveal(), "Demo Program", "ada@example.com",
    )  # fmt: skip
    assert len(new.secret.reveal()) == 32
    assert new.qr_code().startswith("<svg")
    assert "script" not in new.qr_code()
    assert new.secret.reveal() not in repr(new)


async def test_with_the_last_factor_go_the_recovery_codes(ada: Person) -> None:
    await ada.with_app()
    at = ada.clock.now()
    async with transaction(ada.engine) as session:
        await recovery_codes.first_recovery_codes(session, ada.owner, at)
        assert await codes_store.methods_of(session, ada.owner.user_id) == ["totp", "recovery_code"]
        await totp.remove_totp(session, ada.owner, at)
        assert await codes_store.methods_of(session, ada.owner.user_id) == []
        with pytest.raises(NotFound):
            await totp.remove_totp(session, ada.owner, at)
        with pytest.raises(Conflict):
            await recovery_codes.replace_recovery_codes(session, ada.owner, at)
