"""Approving and refusing: one decision whatever happens at once, by whoever may answer at that moment."""

import asyncio
from collections.abc import Awaitable
from datetime import timedelta

import pytest

from cardwright import challenges
from cardwright.access import Principal
from cardwright.cards import CardState, lifecycle
from cardwright.challenges import ChallengeState
from cardwright.challenges.domain import AnswerState, Challenge
from cardwright.core.errors import Conflict, NotFound
from cardwright.db.session import transaction
from integration.challenges.scene import MINUTES, Scene
from integration.kyc.people import drain
from integration.payments import holders

INSTANT = timedelta(microseconds=1)


async def outcome_of(attempt: Awaitable[Challenge]) -> str:
    try:
        return (await attempt).state.value
    except (Conflict, NotFound) as error:
        return error.code


async def test_of_twenty_who_approve_and_refuse_at_once_one_is_heard(scene: Scene) -> None:
    approver, _ = await scene.an_approver("second@example.com")
    challenge = await scene.asked()
    attempts: list[Awaitable[Challenge]] = []
    for number in range(20):
        who = approver if number % 4 < 2 else scene.holder
        attempts.append((scene.approve if number % 2 else scene.refuse)(challenge.id, who))
    outcomes = sorted(await asyncio.gather(*map(outcome_of, attempts)))
    assert outcomes.count("challenge_decided") == 19
    [won] = set(outcomes) - {"challenge_decided"}
    stored = await scene.stored()
    assert (stored.state.value, stored.answer) == (won, AnswerState.WAITING)
    await scene.deliver()
    assert list(scene.server.taken.values()) == [("acsch_1", won == "approved")]
    decisions = [act for _, act in await scene.acts() if act in {"challenge.approved", "challenge.refused"}]
    assert decisions == [f"challenge.{won}"]


async def test_nothing_is_decided_from_the_last_instant_on(scene: Scene) -> None:
    first, second = await scene.asked("acsch_1"), await scene.asked("acsch_2")
    scene.clock.instant += MINUTES - INSTANT
    assert (await scene.approve(first.id)).state is ChallengeState.APPROVED
    scene.clock.instant += INSTANT
    for attempt in (scene.approve, scene.refuse):
        assert await outcome_of(attempt(second.id)) == "challenge_expired"
    assert await challenges.expire_challenges(scene.work) == 1
    assert await challenges.expire_challenges(scene.work) == 0
    assert (await scene.stored("acsch_2")).state is ChallengeState.EXPIRED
    assert (await scene.stored("acsch_1")).state is ChallengeState.APPROVED
    assert ("system", "challenge.expired") in await scene.acts()


@pytest.mark.parametrize("state", [CardState.FROZEN, CardState.CANCELED])
async def test_a_purchase_with_a_card_that_may_not_pay_can_only_be_refused(
    scene: Scene, state: CardState
) -> None:
    approver, _ = await scene.an_approver("second@example.com")
    challenge = await scene.asked()
    await holders.set_state(scene.engine, scene.clock, scene.holding, state)
    for who in (scene.holder, approver):
        assert await outcome_of(scene.approve(challenge.id, who)) == f"card_{state}"
    assert (await scene.refuse(challenge.id, approver)).state is ChallengeState.REFUSED


async def test_a_purchase_with_a_card_that_staff_locked_can_only_be_refused(scene: Scene) -> None:
    challenge = await scene.asked()
    async with transaction(scene.engine) as session:
        await lifecycle.lock(
            session, scene.holding.cards[0].id, reason="Testing.", staff_id="user_staff", at=scene.clock.now()
        )
    assert await outcome_of(scene.approve(challenge.id)) == "card_frozen"
    assert (await scene.refuse(challenge.id)).state is ChallengeState.REFUSED


async def test_who_approves_while_the_card_is_frozen_waits_for_one_of_the_two(scene: Scene) -> None:
    for number in range(5):
        challenge = await scene.asked(f"acsch_{number}")
        await asyncio.gather(
            outcome_of(scene.approve(challenge.id)),
            holders.set_state(scene.engine, scene.clock, scene.holding, CardState.FROZEN),
        )
        stored = await scene.stored(f"acsch_{number}")
        assert stored.state in {ChallengeState.APPROVED, ChallengeState.PENDING}
        await holders.set_state(scene.engine, scene.clock, scene.holding, CardState.ACTIVE)


async def test_somebody_elses_purchase_does_not_exist(scene: Scene) -> None:
    stranger = await scene.somebody("stranger@example.com")
    challenge = await scene.asked()
    for attempt in (scene.approve, scene.refuse):
        assert await outcome_of(attempt(challenge.id, stranger)) == "challenge_unknown"
    foreigner = Principal(scene.holder.user_id, "prog_of_somebody_else")
    assert await outcome_of(scene.approve(challenge.id, foreigner)) == "challenge_unknown"


async def test_a_removed_approver_answers_no_more(scene: Scene) -> None:
    approver, row = await scene.an_approver("second@example.com")
    challenge = await scene.asked()
    await scene.remove(row)
    for attempt in (scene.approve, scene.refuse):
        assert await outcome_of(attempt(challenge.id, approver)) == "challenge_unknown"
    assert (await scene.stored()).state is ChallengeState.PENDING


async def test_an_approver_who_is_removed_while_they_approve_was_one_or_was_not(scene: Scene) -> None:
    for number in range(5):
        approver, row = await scene.an_approver(f"second{number}@example.com")
        challenge = await scene.asked(f"acsch_{number}")
        outcome, _ = await asyncio.gather(
            outcome_of(scene.approve(challenge.id, approver)), scene.remove(row)
        )
        stored = await scene.stored(f"acsch_{number}")
        expected = "approved" if stored.decided_by == approver.user_id else "challenge_unknown"
        assert outcome == expected


async def test_reporting_fraud_is_announced_and_freezes_nothing(scene: Scene) -> None:
    challenge = await scene.asked()
    await drain(scene.engine)
    refused = await scene.refuse(challenge.id, report_fraud=True)
    assert refused.is_fraud_reported
    reported = [event for event in await scene.deliver() if event.type == "challenges.fraud_reported"]
    assert [event.payload["card_id"] for event in reported] == [challenge.card_id]
    other = await scene.asked("acsch_2")
    assert (await scene.approve(other.id)).state is ChallengeState.APPROVED
