"""Profiles, roles and the audit trail, on a real PostgreSQL."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from cardwright.access import Role
from cardwright.audit import record
from cardwright.audit.service import list_entries
from cardwright.authentication import create_verified_identity
from cardwright.core.clock import MovableClock
from cardwright.core.errors import Conflict, Invalid, NotFound
from cardwright.core.ids import new_id
from cardwright.db.session import Session
from cardwright.users import (
    Address,
    Profile,
    ProfileDetails,
    find_profile,
    get_profile,
    grant_as_operator,
    save_profile,
)

PROGRAM = new_id("prog")
HOME = Address("12 St James's Square", "London", "SW1Y 4JH", "GB")
ADA = ProfileDetails("Ada Lovelace", date(1985, 12, 10), "en-GB", "Europe/London", "+442071234567", HOME)


async def ada(session: Session, clock: MovableClock) -> str:
    password = "correct horse battery staple"
    return await create_verified_identity(session, "ada@example.com", password, PROGRAM, clock.now())


async def test_a_profile_comes_back_with_the_address_that_was_proven(
    session: Session, clock: MovableClock
) -> None:
    user_id = await ada(session, clock)
    registered_at = clock.now()
    clock.advance(timedelta(days=1))
    await save_profile(session, user_id, ADA, clock.now(), ensure_may_move=lambda: None)
    assert await get_profile(session, user_id) == Profile(
        user_id=user_id,
        full_name="Ada Lovelace",
        phone="+442071234567",
        email="ada@example.com",
        locale="en-GB",
        time_zone="Europe/London",
        address=HOME,
        date_of_birth=date(1985, 12, 10),
        created_at=registered_at,
    )


async def test_a_profile_is_replaced_as_a_whole(session: Session, clock: MovableClock) -> None:
    user_id = await ada(session, clock)
    await save_profile(session, user_id, ADA, clock.now(), ensure_may_move=lambda: None)
    await save_profile(
        session, user_id, replace(ADA, phone=None, address=None), clock.now(), ensure_may_move=lambda: None
    )
    profile = await get_profile(session, user_id)
    assert (profile.phone, profile.address, profile.full_name) == (None, None, "Ada Lovelace")


async def test_a_person_without_a_profile_has_none(session: Session, clock: MovableClock) -> None:
    user_id = await ada(session, clock)
    assert await find_profile(session, user_id) is None
    with pytest.raises(Conflict) as caught:
        await get_profile(session, user_id)
    assert caught.value.code == "profile_required"


async def test_nobody_gets_neither_profile_nor_role(session: Session, clock: MovableClock) -> None:
    nobody = new_id("user")
    with pytest.raises(NotFound):
        await save_profile(session, nobody, ADA, clock.now(), ensure_may_move=lambda: None)
    with pytest.raises(NotFound):
        await grant_as_operator(session, nobody, Role.ADMINISTRATOR, clock.now(), program_id=PROGRAM)


async def test_a_wrong_profile_changes_nothing(session: Session, clock: MovableClock) -> None:
    user_id = await ada(session, clock)
    await save_profile(session, user_id, ADA, clock.now(), ensure_may_move=lambda: None)
    with pytest.raises(Invalid):
        await save_profile(
            session,
            user_id,
            replace(ADA, time_zone="Mars/Olympus"),
            clock.now(),
            ensure_may_move=lambda: None,
        )
    assert (await get_profile(session, user_id)).time_zone == "Europe/London"


async def test_the_trail_names_what_changed_but_not_what_it_says(
    session: Session, clock: MovableClock
) -> None:
    user_id = await ada(session, clock)
    await save_profile(session, user_id, ADA, clock.now(), ensure_may_move=lambda: None)
    await save_profile(session, user_id, ADA, clock.now(), ensure_may_move=lambda: None)
    await save_profile(
        session, user_id, replace(ADA, phone="+15551234567"), clock.now(), ensure_may_move=lambda: None
    )
    second, first = await list_entries(session, program_id=PROGRAM, before=None, limit=10)
    assert first.details["changed"] == [
        "full_name",
        "date_of_birth",
        "locale",
        "time_zone",
        "phone",
        "address",
        "currency",
    ]
    assert (second.action, second.actor_id, second.subject_id, second.details) == (
        "profile.changed",
        user_id,
        user_id,
        {"changed": ["phone"]},
    )


async def test_the_operator_grants_a_role_once_and_it_is_recorded_once(
    session: Session, clock: MovableClock
) -> None:
    user_id = await ada(session, clock)

    async def grant(role: Role) -> frozenset[Role]:
        return await grant_as_operator(session, user_id, role, clock.now(), program_id=PROGRAM)

    assert await grant(Role.KYC_REVIEWER) == {Role.KYC_REVIEWER}
    await grant(Role.KYC_REVIEWER)
    assert await grant(Role.SUPPORT) == {Role.KYC_REVIEWER, Role.SUPPORT}
    entries = await list_entries(session, program_id=PROGRAM, before=None, limit=10)
    assert [(entry.action, entry.actor_id, entry.details["role"]) for entry in entries] == [
        ("role.granted", "operator", "support"),
        ("role.granted", "operator", "kyc_reviewer"),
    ]
    assert (entries[0].details["before"], entries[0].details["after"]) == (
        ["kyc_reviewer"],
        ["kyc_reviewer", "support"],
    )


async def test_the_trail_is_read_in_pages_and_per_program(session: Session, clock: MovableClock) -> None:
    other_program = new_id("prog")
    written = [
        await record(session, "system", PROGRAM, "card.read", f"card_{number}", {"n": number}, clock.now())
        for number in range(5)
    ]
    await record(session, "system", other_program, "card.read", "card_x", {}, clock.now())
    first = await list_entries(session, program_id=PROGRAM, before=None, limit=3)
    rest = await list_entries(session, program_id=PROGRAM, before=first[-1].id, limit=3)
    assert [*first, *rest] == written[::-1]
