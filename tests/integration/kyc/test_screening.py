"""Screening and the database: lists put into use, people held against them, hits judged and found again."""

import asyncio
from datetime import date, timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from cardwright import kyc, users
from cardwright.authentication import create_verified_identity
from cardwright.core.clock import MovableClock
from cardwright.core.errors import Conflict, Invalid
from cardwright.db.confinement import confine_to_customer, confine_to_program
from cardwright.db.jobs import Work
from cardwright.db.outbox import Event
from cardwright.db.session import transaction
from cardwright.kyc.screening import comparing, domain, hit_store, list_store, rescreening
from cardwright.kyc.screening.domain import HitState, Occasion
from cardwright.kyc.screening.hit_store import HitFilter
from cardwright.programs import Program
from cardwright.users import ProfileDetails, save_profile
from integration.kyc.people import deliver, the_program

HEADER = b"id,schema,name,aliases,birth_date,countries\n"
NESTOR = b"n-1,Person,Nestor Nevidimkin,,1961-04-12,zz\n"
OTHERS = b"o-1,Person,Fictitia Nowherebury,,,zz\n"


class Desk:
    """A program, its worker, and people who give their names."""

    def __init__(self, engine: AsyncEngine, clock: MovableClock, program: Program) -> None:
        self.engine, self.clock, self.program = engine, clock, program
        self.work = Work(engine, clock, {Program: program, kyc.ScreeningRules: kyc.ScreeningRules()})

    async def person(self, name: str, email: str, born: date = date(1961, 4, 12)) -> str:
        async with transaction(self.engine) as session:
            user_id = await create_verified_identity(
                session, email, "correct horse battery staple", self.program.id, self.clock.now()
            )
        await self.call(user_id, name, born)
        return user_id

    async def call(self, user_id: str, name: str, born: date = date(1961, 4, 12)) -> None:
        details = ProfileDetails(name, born, "en", "UTC")
        async with transaction(self.engine) as session:
            await save_profile(session, user_id, details, self.clock.now(), ensure_may_move=lambda: None)

    async def put(self, rows: bytes, name: str = "made-up") -> bool:
        async with transaction(self.engine) as session:
            _, is_new = await kyc.import_list(
                session,
                self.program.id,
                name,
                kyc.read_list(HEADER + rows),
                by="operator",
                at=self.clock.now(),
            )
        return is_new

    async def everybody(self) -> None:
        while await kyc.advance_screening(self.work) is not None:
            pass

    async def hits(self, state: HitState = HitState.OPEN) -> list[hit_store.Hit]:
        async with transaction(self.engine) as session:
            return list(
                await hit_store.hits_page(
                    session, self.program.id, HitFilter(state), before=None, limit=100
                )
            )  # fmt: skip

    async def decide(self, hit: hit_store.Hit, after: HitState) -> hit_store.Hit:
        async with transaction(self.engine) as session:
            decided = domain.decide(
                hit,
                after,
                version=hit.version,
                by="user_reviewer",
                is_administrator=True,
                at=self.clock.now(),
            )
            await hit_store.save_state(session, decided)
        return decided

    async def standing(self, user_id: str) -> kyc.Standing:
        async with transaction(self.engine) as session:
            return await kyc.screening_standing(session, user_id)


@pytest.fixture
async def desk(engine: AsyncEngine, clock: MovableClock) -> Desk:
    async with transaction(engine) as session:
        program = await the_program(session)
    return Desk(engine, clock, program)


async def test_who_gives_a_listed_name_is_a_hit_that_is_told_of(desk: Desk) -> None:
    await desk.put(NESTOR + OTHERS)
    user_id = await desk.person("Нестор Невидимкин", "n@example.com")
    assert await desk.standing(user_id) is kyc.Standing.UNSCREENED
    await deliver(desk.work, kyc.SUBSCRIPTIONS)
    (hit,) = await desk.hits()
    assert (hit.user_id, hit.reference, hit.score, hit.listed_name) == (
        user_id,
        "n-1",
        100,
        "Nestor Nevidimkin",
    )
    told = [it for it in await deliver(desk.work, ()) if it.type == "kyc.screening_hit"]
    assert [(it.subject_id, it.payload["user_id"]) for it in told] == [(hit.id, user_id)]
    assert await desk.standing(user_id) is kyc.Standing.OPEN


async def test_whoever_is_not_listed_is_clear_and_nobody_is_screened_without_a_list(desk: Desk) -> None:
    user_id = await desk.person("Ada Sample", "a@example.com")
    await deliver(desk.work, kyc.SUBSCRIPTIONS)
    assert await desk.standing(user_id) is kyc.Standing.UNSCREENED
    await desk.put(NESTOR)
    await desk.everybody()
    assert await desk.standing(user_id) is kyc.Standing.CLEAR


async def test_a_hit_holds_the_persons_name_sealed(desk: Desk) -> None:
    await desk.put(NESTOR)
    await desk.person("Nestor Nevidimkim", "n@example.com")
    await desk.everybody()
    (hit,) = await desk.hits()
    async with transaction(desk.engine) as session:
        stored = str((await session.execute(text("SELECT * FROM screening_hits"))).all())
        person = await hit_store.compared_person(session, hit)
    assert "Nevidimkim" not in stored
    assert person is not None
    assert (person.full_name, person.born) == ("Nestor Nevidimkim", date(1961, 4, 12))


async def test_what_was_dismissed_stays_so_until_either_side_changes(desk: Desk) -> None:
    await desk.put(NESTOR)
    user_id = await desk.person("Nestor Nevidimkin", "n@example.com")
    await desk.everybody()
    await desk.decide((await desk.hits())[0], HitState.DISMISSED)
    await desk.put(NESTOR + OTHERS)
    await desk.everybody()
    assert await desk.hits() == []
    assert await desk.standing(user_id) is kyc.Standing.CLEAR
    await desk.put(NESTOR.replace(b"Nevidimkin,,", b"Nevidimkin,Ghost Nevidimkin,"))
    await desk.everybody()
    (again,) = await desk.hits()
    assert (again.version, again.decided_by) == (3, None)
    await desk.decide(again, HitState.DISMISSED)
    await desk.call(user_id, "Nestor I Nevidimkin")
    await deliver(desk.work, kyc.SUBSCRIPTIONS)
    assert [it.user_id for it in await desk.hits()] == [user_id]


async def test_what_was_confirmed_stays_so_when_the_entry_changes_or_leaves(desk: Desk) -> None:
    await desk.put(NESTOR)
    user_id = await desk.person("Nestor Nevidimkin", "n@example.com")
    await desk.everybody()
    await desk.decide((await desk.hits())[0], HitState.CONFIRMED)
    for rows in (NESTOR.replace(b"1961-04-12", b"1961"), OTHERS):
        await desk.put(rows)
        await desk.everybody()
        assert await desk.standing(user_id) is kyc.Standing.CONFIRMED


async def test_an_open_hit_ends_with_its_entry_but_not_with_the_persons_name(desk: Desk) -> None:
    await desk.put(NESTOR)
    user_id = await desk.person("Nestor Nevidimkin", "n@example.com")
    await desk.everybody()
    await desk.call(user_id, "Ada Sample")
    await desk.everybody()
    assert len(await desk.hits()) == 1
    await desk.put(OTHERS)
    await desk.everybody()
    assert (len(await desk.hits()), len(await desk.hits(HitState.OUTDATED))) == (0, 1)
    assert await desk.standing(user_id) is kyc.Standing.CLEAR


async def test_the_same_file_again_changes_nothing_and_a_bad_one_neither(desk: Desk) -> None:
    assert await desk.put(NESTOR)
    await desk.everybody()
    assert not await desk.put(NESTOR)
    assert await kyc.advance_screening(desk.work) is None
    with pytest.raises(Invalid):
        await desk.put(NESTOR, name="No Name")
    async with transaction(desk.engine) as session:
        (known,) = await kyc.active_screening_lists(session, desk.program.id)
        assert known.entries == len(await list_store.everybody_on(session, [known])) == 1


async def test_of_two_imports_at_once_each_takes_effect_and_one_is_in_use(desk: Desk) -> None:
    await asyncio.gather(desk.put(NESTOR), desk.put(OTHERS), desk.put(NESTOR + OTHERS))
    async with transaction(desk.engine) as session:
        (known,) = await kyc.active_screening_lists(session, desk.program.id)
        stored = (await session.execute(text("SELECT count(*) FROM screening_entries"))).scalar_one()
    assert stored == known.entries


async def test_a_run_that_was_cut_off_goes_on_where_it_was(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rescreening, "BATCH", 2)
    for n in range(5):
        await desk.person("Nestor Nevidimkin", f"n{n}@example.com")
    await desk.put(NESTOR)
    first = await kyc.advance_screening(desk.work)
    assert first is not None
    assert (first.screened, first.total, first.finished_at) == (2, 5, None)
    screen = comparing.screen

    async def killed(*facts: object) -> int:
        await screen(*facts)  # type: ignore[arg-type]
        raise SystemExit

    monkeypatch.setattr(comparing, "screen", killed)
    with pytest.raises(SystemExit):
        await kyc.advance_screening(desk.work)
    assert len(await desk.hits()) == 2
    monkeypatch.setattr(comparing, "screen", screen)
    await desk.everybody()
    assert len({it.user_id for it in await desk.hits()}) == 5
    async with transaction(desk.engine) as session:
        times = (await session.execute(text("SELECT array_agg(times) FROM screenings"))).scalar_one()
    assert times == [1] * 5


async def test_a_list_that_changes_meanwhile_lets_the_run_begin_anew(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rescreening, "BATCH", 1)
    for n in range(3):
        await desk.person("Fictitia Nowherebury", f"f{n}@example.com")
    await desk.put(NESTOR)
    await kyc.advance_screening(desk.work)
    await desk.put(NESTOR + OTHERS)
    await desk.everybody()
    assert len(await desk.hits()) == 3


async def test_everybody_is_screened_once_a_night_and_what_stays_the_same_is_one_row(desk: Desk) -> None:
    await desk.put(NESTOR)
    user_id = await desk.person("Ada Sample", "a@example.com")
    await desk.everybody()
    for _ in range(3):
        desk.clock.advance(timedelta(days=1))
        await kyc.screen_nightly(desk.work)
        await kyc.screen_nightly(desk.work)
    async with transaction(desk.engine) as session:
        (row,) = (await session.execute(text("SELECT user_id, times FROM screenings"))).all()
    assert (row.user_id, row.times) == (user_id, 4)


async def test_screening_somebody_twice_at_once_makes_one_hit(desk: Desk) -> None:
    await desk.put(NESTOR)
    user_id = await desk.person("Nestor Nevidimkin", "n@example.com")
    event = Event(users.NAME_CHANGED, desk.program.id, user_id, desk.clock.now())
    await asyncio.gather(*(comparing.screen_person(desk.work, event) for _ in range(4)), desk.everybody())
    assert len(await desk.hits()) == 1


async def test_an_erased_person_is_forgotten_unless_confirmed(desk: Desk) -> None:
    await desk.put(NESTOR)
    people = [await desk.person("Nestor Nevidimkin", f"n{n}@example.com") for n in range(2)]
    await desk.everybody()
    for hit in await desk.hits():
        if hit.user_id == people[0]:
            await desk.decide(hit, HitState.CONFIRMED)
    for user_id in people:
        await comparing.forget_person(
            desk.work, Event(users.ERASED, desk.program.id, user_id, desk.clock.now())
        )
    (confirmed,), (outdated,) = await desk.hits(HitState.CONFIRMED), await desk.hits(HitState.OUTDATED)
    async with transaction(desk.engine) as session:
        assert await hit_store.compared_person(session, confirmed) is not None
        assert await hit_store.compared_person(session, outdated) is None


async def test_nobody_can_be_screened_by_no_list(desk: Desk) -> None:
    async with transaction(desk.engine) as session:
        with pytest.raises(Conflict, match="Import a list first"):
            await kyc.request_screening(
                session, desk.program.id, occasion=Occasion.OPERATOR, by="operator", at=desk.clock.now()
            )


async def test_customers_see_nothing_of_it_and_staff_change_only_states(desk: Desk) -> None:
    await desk.put(NESTOR)
    user_id = await desk.person("Nestor Nevidimkin", "n@example.com")
    await desk.everybody()
    tables = ("lists", "entries", "hits", "runs")
    async with transaction(desk.engine) as session:
        await confine_to_customer(session, program_id=desk.program.id, user_id=user_id)
        for table in (*(f"screening_{it}" for it in tables), "screenings"):
            assert (await session.execute(text(f"SELECT count(*) FROM {table}"))).scalar_one() == 0  # noqa: S608
    for statement in (
        "UPDATE screening_hits SET score = 1", "DELETE FROM screening_hits", "DELETE FROM screening_entries",
        "UPDATE screening_decisions SET reason = 'x'", "DELETE FROM screenings",
    ):  # fmt: skip
        with pytest.raises(Exception, match="permission denied"):  # noqa: PT012 - the transaction ends with it
            async with transaction(desk.engine) as session:
                await confine_to_program(session, program_id=desk.program.id, user_id=user_id)
                await session.execute(text(statement))
