"""Where a person stands as they see it: by hand, found on a list, due again, over; and what they are told."""

import re
from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine

from cardwright import kyc
from cardwright.core.clock import MovableClock
from cardwright.core.errors import Conflict
from cardwright.db.confinement import confine_to_customer
from cardwright.db.session import transaction
from cardwright.kyc import lasting
from cardwright.kyc.announcing import EVENTS, REVERIFICATION_DUE, SENT_BACK
from cardwright.notifications.catalogue import CATALOGUE
from integration.kyc.identity_desk import OWN, WHY, Desk, a_desk
from integration.kyc.people import drain
from running_simulator import RunningSimulator, running_simulator

RENEWAL = timedelta(days=30)


@pytest.fixture(scope="module")
def simulator() -> Iterator[RunningSimulator]:
    with running_simulator() as simulator:
        yield simulator


@pytest.fixture
async def desk(engine: AsyncEngine, clock: MovableClock, simulator: RunningSimulator) -> Desk:
    return await a_desk(engine, clock, simulator, "manual")


@pytest.fixture
async def approved(engine: AsyncEngine, clock: MovableClock, simulator: RunningSimulator) -> Desk:
    desk = await a_desk(engine, clock, simulator, "onfido")
    await desk.begin()
    await desk.vendor_says("approved")
    desk.told.clear()
    return desk


async def later(desk: Desk, by: timedelta) -> None:
    desk.advance(by)
    await desk.sign_in_anew()
    await lasting.sweep_verifications(desk.work)
    await desk.background()


async def test_what_is_missing_is_named_before_anything_is_handed_in(desk: Desk) -> None:
    await desk.begin()
    assert (await desk.standing())["can_submit"] is True
    headers = desk.headers["person"]
    refused = await desk.api.post(f"{OWN}/{desk.attempt}/submit", headers=headers)
    assert (refused.status_code, refused.json()["code"]) == (409, "documents_missing")
    assert refused.json()["missing"] == ["identity_document", "selfie"]
    assert await desk.state() == "collecting"
    await desk.submit()
    again = await desk.api.post(f"{OWN}/{desk.attempt}/submit", headers=headers)
    assert (again.status_code, again.json()["code"]) == (409, "nothing_to_submit")
    await desk.background()
    assert desk.told.count("kyc.submitted") == desk.told.count("kyc.in_review") == 1


async def test_nobody_hands_in_for_another_or_where_a_vendor_collects(
    desk: Desk, engine: AsyncEngine, clock: MovableClock, simulator: RunningSimulator
) -> None:
    await desk.begin()
    vendors = await a_desk(engine, clock, simulator, "stripe", email="casey@example.com")
    theirs = await desk.api.post(f"{OWN}/{desk.attempt}/submit", headers=vendors.headers["person"])
    assert (theirs.status_code, theirs.json()["code"]) == (404, "verification_unknown")
    await vendors.begin()
    refused = await vendors.api.post(f"{OWN}/{vendors.attempt}/submit", headers=vendors.headers["person"])
    assert (refused.status_code, refused.json()["code"]) == (409, "nothing_to_submit")


async def test_a_manual_verification_runs_from_documents_to_a_full_level(desk: Desk) -> None:
    assert (await desk.standing())["status"] == "not_started"
    await desk.begin()
    await desk.submit()
    assert (await desk.standing())["status"] == "submitted"
    await desk.background()
    assert (await desk.standing())["status"] == "in_review"
    await desk.staff_approves()
    standing = await desk.standing()
    assert (standing["status"], standing["level"], standing["can_begin"]) == ("approved", 2, False)


async def test_somebody_found_is_held_and_not_told_why(approved: Desk) -> None:
    assert (await approved.standing())["level"] == 2
    await approved.is_found()
    standing = await approved.standing()
    assert (standing["status"], standing["level"], standing["reason"]) == ("in_review", 1, None)
    await approved.decide_hit("confirm")
    standing = await approved.standing()
    assert (standing["status"], standing["level"]) == ("rejected", 0)
    assert (standing["reason_code"], standing["can_begin"]) == ("unverified", False)
    assert not re.search("screen|list|hit|sanction", str(standing).lower().replace("submit", ""))
    assert approved.told.count("kyc.rejected") == 1


async def test_somebody_cleared_stands_as_before(approved: Desk) -> None:
    await approved.is_found()
    await approved.decide_hit("dismiss")
    standing = await approved.standing()
    assert (standing["status"], standing["level"]) == ("approved", 2)
    assert "kyc.rejected" not in approved.told


async def test_an_approval_is_due_then_over_and_told_once_each(approved: Desk) -> None:
    until = (await approved.standing())["until"]
    await later(approved, timedelta(days=701))
    standing = await approved.standing()
    assert (standing["status"], standing["level"], standing["until"]) == ("reverification_due", 2, until)
    assert standing["can_begin"] is True
    await later(approved, timedelta(days=1))
    await later(approved, timedelta(days=30))
    await later(approved, timedelta(days=1))
    standing = await approved.standing()
    assert (standing["status"], standing["level"]) == ("expired", 1)
    told = [it for it in approved.told if it.startswith("kyc.")]
    assert told == [REVERIFICATION_DUE, "kyc.expired"]


async def test_a_renewal_in_time_leaves_no_gap(approved: Desk) -> None:
    await later(approved, timedelta(days=701))
    await approved.begin()
    assert (await approved.standing())["status"] == "collecting"
    assert (await approved.standing())["level"] == 2
    await approved.vendor_says("approved")
    await later(approved, timedelta(days=31))
    standing = await approved.standing()
    assert (standing["status"], standing["level"]) == ("approved", 2)
    assert "kyc.expired" not in approved.told


async def test_a_renewal_that_is_rejected_leaves_the_approval_until_its_end(approved: Desk) -> None:
    await later(approved, timedelta(days=701))
    await approved.begin()
    await approved.vendor_says("rejected")
    assert (await approved.standing())["status"] == "reverification_due"
    await later(approved, timedelta(days=31))
    standing = await approved.standing()
    assert (standing["status"], standing["level"], standing["reason_code"]) == (
        "rejected", 1, "document_expired",
    )  # fmt: skip


async def test_staff_has_somebody_verified_again_within_a_month(approved: Desk) -> None:
    path = f"/v1/users/{approved.user_id}/require-reverification"
    first = await approved.ask("POST", path, "reviewer", WHY)
    again = await approved.ask("POST", path, "second", WHY)
    assert first == again
    await approved.background()
    assert approved.told == [REVERIFICATION_DUE]
    standing = await approved.standing()
    assert (standing["status"], standing["level"]) == ("reverification_due", 2)
    await later(approved, RENEWAL)
    assert (await approved.standing())["status"] == "expired"


async def test_somebody_who_is_not_verified_cannot_be_made_to_renew(desk: Desk) -> None:
    path = f"/v1/users/{desk.user_id}/require-reverification"
    refused = await desk.api.post(path, json=WHY, headers=desk.headers["reviewer"])
    assert (refused.status_code, refused.json()["code"]) == (409, "not_verified")


async def test_an_attempt_that_expired_may_be_followed_by_another(desk: Desk) -> None:
    await desk.begin()
    await desk.silence()
    standing = await desk.standing()
    assert (standing["status"], standing["can_begin"]) == ("expired", True)
    await desk.begin()
    assert (await desk.standing())["status"] == "collecting"


async def test_a_list_that_nobody_was_held_against_yet_holds_everybody(approved: Desk) -> None:
    listed = (
        b'"id","schema","name","aliases","birth_date","countries"\n"a-1","Person","Ima Madeup","","","zz"\n'
    )
    at = approved.work.clock.now()
    async with transaction(approved.work.engine) as session:
        await kyc.import_list(
            session, approved.program_id, "made-up", kyc.read_list(listed), by="operator", at=at
        )
    standing = await approved.standing()
    assert (standing["status"], standing["level"]) == ("in_review", 1)
    await kyc.screen_nightly(approved.work)
    standing = await approved.standing()
    assert (standing["status"], standing["level"]) == ("approved", 2)


async def changed_as_a_customer(desk: Desk, change: str) -> None:
    async with transaction(desk.work.engine) as session:
        await confine_to_customer(session, user_id=desk.user_id, program_id=desk.program_id)
        await session.execute(text(f"UPDATE identity_verifications SET {change}"))  # noqa: S608


async def test_nobody_approves_themselves_past_the_application(desk: Desk) -> None:
    await desk.begin()
    for change in ("state = 'approved'", "state = 'submitted', good_until = now()"):
        with pytest.raises(DBAPIError, match=r"row-level security|permission denied"):
            await changed_as_a_customer(desk, change)


async def test_customers_learn_nothing_of_how_others_were_screened(desk: Desk) -> None:
    await desk.is_found()
    seen = []
    for user_id in (desk.user_id, desk.ids["reviewer"]):
        async with transaction(desk.work.engine) as session:
            await confine_to_customer(session, user_id=user_id, program_id=desk.program_id)
            seen.append(await session.scalar(text("SELECT screening_standing(:id)"), {"id": desk.user_id}))
    assert seen == ["open", "unscreened"]


async def test_whoever_was_to_be_asked_again_is_not_asked_while_held(approved: Desk) -> None:
    await approved.is_found()
    async with transaction(approved.work.engine) as session:
        with pytest.raises(Conflict) as caught:
            await kyc.ensure_verified(session, approved.user_id, at=approved.work.clock.now())
    assert caught.value.code == "kyc_required"
    await drain(approved.work.engine)


@pytest.mark.parametrize("event", [*EVENTS.values(), SENT_BACK, REVERIFICATION_DUE])
def test_every_change_is_told(event: str) -> None:
    assert CATALOGUE[event].template
