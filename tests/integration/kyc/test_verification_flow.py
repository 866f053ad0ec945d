"""From the request to the outcome, on a real database, with a vendor that is scripted."""

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from cardwright import kyc
from cardwright.access import Viewer
from cardwright.core.clock import MovableClock
from cardwright.core.errors import Conflict, Unavailable
from cardwright.db.jobs import Work
from cardwright.db.session import transaction
from cardwright.kyc import RejectionReason, VerificationState, service
from integration.kyc.people import ScriptedVerifier, a_person, deliver, drain, the_program, told

State = VerificationState


@pytest.fixture
def verifier() -> ScriptedVerifier:
    return ScriptedVerifier()


@pytest.fixture
def work(engine: AsyncEngine, clock: MovableClock, verifier: ScriptedVerifier) -> Work:
    return Work(engine, clock, {kyc.IdentityVerifiers: kyc.IdentityVerifiers({"stripe": verifier})})


@pytest.fixture
async def user_id(engine: AsyncEngine, clock: MovableClock) -> str:
    return await a_person(engine, clock)


async def request(work: Work, user_id: str) -> kyc.Verification:
    async with work.transaction() as session:
        program = await the_program(session)
        return await kyc.request_verification(session, work.clock, program_id=program.id, user_id=user_id)


async def started(work: Work, user_id: str) -> kyc.Verification:
    requested = await request(work, user_id)
    await deliver(work, kyc.SUBSCRIPTIONS)
    return await stored(work, requested)


async def stored(work: Work, verification: kyc.Verification) -> kyc.Verification:
    async with work.transaction() as session:
        return await service.get_verification(
            session, verification.id, viewer=Viewer(verification.program_id, verification.user_id)
        )


async def level(work: Work, user_id: str) -> int:
    async with work.transaction() as session:
        return await kyc.find_status(session, user_id, at=work.clock.now())


async def test_an_approved_person_is_verified_and_told_once(
    work: Work, verifier: ScriptedVerifier, user_id: str
) -> None:
    collecting = await started(work, user_id)
    assert (collecting.state, collecting.url) == (
        State.COLLECTING,
        f"https://verify.example/vs_{collecting.id}",
    )
    assert verifier.met == [kyc.Person("Robin Sample", "robin@example.com", "+15550100200")]
    assert await level(work, user_id) == 0
    verifier.decide(f"vs_{collecting.id}", "approved")
    await drain(work.engine)
    await asyncio.gather(*(kyc.refresh_verification(work, f"vs_{collecting.id}") for _ in range(8)))
    assert told(await drain(work.engine), "kyc.") == [("kyc.approved", None)]
    approved = await stored(work, collecting)
    assert (approved.state, approved.url) == (State.APPROVED, None)
    assert await level(work, user_id) == 2
    async with work.transaction() as session:
        assert await kyc.ensure_verified(session, user_id, at=work.clock.now()) == approved


async def until_waiting_for_a_lock(work: Work, count: int) -> None:
    query = text(
        "SELECT count(*) FROM pg_stat_activity"
        " WHERE wait_event_type = 'Lock' AND datname = current_database()"
    )
    async with asyncio.timeout(60):
        found = 0
        while found < count:
            # What a transaction has seen of the activity it sees again: each look needs a new one.
            async with work.transaction() as session:
                found = (await session.execute(query)).scalar_one()


async def test_two_answers_at_the_same_moment_are_told_once(
    work: Work, verifier: ScriptedVerifier, user_id: str
) -> None:
    collecting = await started(work, user_id)
    await drain(work.engine)
    verifier.decide(f"vs_{collecting.id}", "approved")
    async with work.transaction() as session:
        held = text("SELECT id FROM identity_verifications WHERE id = :id FOR UPDATE")
        await session.execute(held, {"id": collecting.id})
        refreshes = [
            asyncio.create_task(kyc.refresh_verification(work, f"vs_{collecting.id}")) for _ in range(2)
        ]
        await until_waiting_for_a_lock(work, len(refreshes))
    await asyncio.gather(*refreshes)
    assert told(await drain(work.engine), "kyc.") == [("kyc.approved", None)]


async def test_a_rejected_person_is_told_why_and_may_try_again(
    work: Work, verifier: ScriptedVerifier, user_id: str
) -> None:
    collecting = await started(work, user_id)
    verifier.decide(f"vs_{collecting.id}", "rejected", RejectionReason.DOCUMENT_EXPIRED)
    await drain(work.engine)
    await kyc.refresh_verification(work, f"vs_{collecting.id}")
    await kyc.refresh_verification(work, f"vs_{collecting.id}")
    assert told(await drain(work.engine), "kyc.") == [("kyc.rejected", "document_expired")]
    async with work.transaction() as session:
        with pytest.raises(Conflict) as caught:
            await kyc.ensure_verified(session, user_id, at=work.clock.now())
    assert caught.value.code == "kyc_required"
    again = await started(work, user_id)
    assert again.id != collecting.id
    assert again.state is State.COLLECTING


async def test_somebody_rejected_for_good_may_not_ask_again(
    work: Work, verifier: ScriptedVerifier, user_id: str
) -> None:
    collecting = await started(work, user_id)
    verifier.decide(f"vs_{collecting.id}", "rejected", RejectionReason.UNDER_AGE)
    await kyc.refresh_verification(work, f"vs_{collecting.id}")
    with pytest.raises(Conflict) as caught:
        await request(work, user_id)
    assert caught.value.code == "verification_not_retryable"


async def test_requests_at_the_same_moment_open_one_verification(work: Work, user_id: str) -> None:
    outcomes = await asyncio.gather(*(request(work, user_id) for _ in range(8)), return_exceptions=True)
    refused = [outcome for outcome in outcomes if isinstance(outcome, Conflict)]
    assert {refusal.code for refusal in refused} == {"verification_open"}
    assert len(refused) == 7


async def test_a_vendor_that_is_down_loses_nothing(
    work: Work, verifier: ScriptedVerifier, user_id: str
) -> None:
    requested = await request(work, user_id)
    (event,) = [it for it in await drain(work.engine) if it.type == "kyc.verification_requested"]
    verifier.is_down = True
    with pytest.raises(Unavailable):
        await service.start_requested(work, event)
    assert (await stored(work, requested)).state is State.REQUESTED
    verifier.is_down = False
    await service.start_requested(work, event)
    await service.start_requested(work, event)
    assert verifier.started == [requested.id]
    assert (await stored(work, requested)).state is State.COLLECTING


async def test_a_webhook_that_overtakes_the_answer_to_the_start_finds_its_verification(
    work: Work, verifier: ScriptedVerifier, user_id: str
) -> None:
    requested = await request(work, user_id)
    reference = f"vs_{requested.id}"
    verifier.answers[reference] = kyc.VerificationResult(State.SUBMITTED, reference, requested.id)
    await kyc.refresh_verification(work, reference)
    overtaken = await stored(work, requested)
    assert (overtaken.state, overtaken.provider_reference) == (State.SUBMITTED, reference)
    await deliver(work, kyc.SUBSCRIPTIONS)
    assert verifier.started == []


async def test_a_session_of_another_application_is_ignored(work: Work, verifier: ScriptedVerifier) -> None:
    verifier.answers["vs_foreign"] = kyc.VerificationResult(State.APPROVED, "vs_foreign", "somebody-elses")
    await kyc.refresh_verification(work, "vs_foreign")
    assert await drain(work.engine) == []


async def test_a_lost_webhook_is_made_good_by_asking_after_a_while(
    work: Work, verifier: ScriptedVerifier, clock: MovableClock, user_id: str
) -> None:
    collecting = await started(work, user_id)
    verifier.decide(f"vs_{collecting.id}", "approved")
    await kyc.refresh_silent_verifications(work)
    assert (await stored(work, collecting)).state is State.COLLECTING
    clock.advance(service.SILENCE_BEFORE_POLL + timedelta(seconds=1))
    await kyc.refresh_silent_verifications(work)
    assert (await stored(work, collecting)).state is State.APPROVED


async def test_asking_after_a_while_tells_of_every_failure(
    work: Work, verifier: ScriptedVerifier, clock: MovableClock, user_id: str
) -> None:
    await started(work, user_id)
    clock.advance(service.SILENCE_BEFORE_POLL + timedelta(seconds=1))
    verifier.is_down = True
    with pytest.raises(ExceptionGroup) as caught:
        await kyc.refresh_silent_verifications(work)
    assert [type(it) for it in caught.value.exceptions] == [Unavailable]


async def test_a_profile_without_an_address_is_not_enough(engine: AsyncEngine, work: Work) -> None:
    homeless = await a_person(engine, work.clock, "casey@example.com", address=None)
    with pytest.raises(Conflict) as caught:
        await request(work, homeless)
    assert caught.value.code == "profile_incomplete"


async def test_a_new_attempt_of_one_person_says_nothing_about_another(
    engine: AsyncEngine, work: Work, user_id: str
) -> None:
    other = await a_person(engine, work.clock, "casey@example.com")
    await request(work, user_id)
    requested = await request(work, other)
    async with transaction(engine) as session:
        page = await service.page_of_user(
            session, program_id=requested.program_id, user_id=other, cursor=None, limit=10
        )
    assert [it.id for it in page] == [requested.id]
