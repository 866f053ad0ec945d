"""What the server tells, in every order and more than once; answers that are late, lost or delivered once."""

from itertools import permutations

import pytest

from cardwright.challenges import ChallengeState, Outcome, service
from cardwright.challenges.convergence import deliver_answer
from cardwright.challenges.domain import AnswerState
from cardwright.core.errors import Unavailable
from cardwright.db import outbox
from cardwright.db.outbox import Event
from cardwright.db.session import transaction
from cardwright.notifications.planning import plan
from cardwright.notifications.rendering import render_notice
from cardwright.notifications.service import list_notifications
from cardwright.notifications.speech import speech_of
from integration.challenges.scene import Scene
from integration.kyc.people import drain

PENDING, EXPIRED, CANCELED = ChallengeState.PENDING, ChallengeState.EXPIRED, ChallengeState.CANCELED


def told(events: list[Event] | tuple[Event, ...], kind: str) -> list[str]:
    return sorted(str(event.payload["user_id"]) for event in events if event.type == f"challenges.{kind}")


@pytest.mark.parametrize("end", [EXPIRED, CANCELED])
async def test_every_order_of_messages_with_repetitions_ends_the_same(
    scene: Scene, end: ChallengeState
) -> None:
    orders = sorted(set(permutations([PENDING, PENDING, end, end])))
    for number, order in enumerate(orders):
        reference = f"acsch_{number}"
        for state in order:
            await scene.tell(scene.notice(state, reference=reference))
        stored = await scene.stored(reference)
        assert (stored.state, stored.answer, stored.decision) == (end, AnswerState.NONE, None)
    asked = [act for _, act in await scene.acts() if act == "challenge.requested"]
    ended = [act for _, act in await scene.acts() if act == f"challenge.{end}"]
    assert len(asked) == len(ended) == len(orders)


async def test_a_decision_between_the_messages_never_leaves_approved_what_the_merchant_heard_no_to(
    scene: Scene,
) -> None:
    for number, end in enumerate([EXPIRED, CANCELED]):
        for is_delivered_first in (True, False):
            reference = f"acsch_{number}_{is_delivered_first}"
            challenge = await scene.asked(reference)
            scene.server.ends[reference] = Outcome.TIMED_OUT if end is EXPIRED else Outcome.CANCELED
            await scene.approve(challenge.id)
            if is_delivered_first:
                await scene.deliver()
            await scene.tell(scene.notice(end, reference=reference), scene.notice(reference=reference))
            await scene.deliver()
            stored = await scene.stored(reference)
            assert (stored.state, stored.answer, stored.decision) == (end, AnswerState.TOO_LATE, "approved")


async def test_everybody_who_may_answer_is_asked_once_and_told_what_came_of_it(scene: Scene) -> None:
    approver, _ = await scene.an_approver("second@example.com")
    await drain(scene.engine)
    both = sorted([scene.holder.user_id, approver.user_id])
    await scene.tell(scene.notice(), scene.notice())
    assert told(list(await drain(scene.engine)), "challenge_requested") == both
    challenge = await scene.stored()
    await scene.approve(challenge.id, approver)
    assert told(list(await scene.deliver()), "challenge_approved") == [], "not before the server took it"
    assert told(list(await drain(scene.engine)), "challenge_approved") == both
    assert (await scene.stored()).answer is AnswerState.DELIVERED
    assert ("challenge_server", "challenge.answered") in await scene.acts()


async def test_of_a_refusal_everybody_is_told_but_who_refused(scene: Scene) -> None:
    approver, _ = await scene.an_approver("second@example.com")
    await scene.asked("acsch_1")
    await scene.asked("acsch_2")
    for reference, refuser, others in (
        ("acsch_1", approver, [scene.holder.user_id]),
        ("acsch_2", scene.holder, [approver.user_id]),
    ):
        await drain(scene.engine)
        await scene.refuse((await scene.stored(reference)).id, refuser)
        await scene.deliver()
        assert told(list(await drain(scene.engine)), "challenge_refused") == others


async def test_an_approver_is_asked_in_words_and_told_nothing_that_is_the_holders(scene: Scene) -> None:
    approver, _ = await scene.an_approver("second@example.com")
    await drain(scene.engine)
    await scene.tell(scene.notice())
    for event in await drain(scene.engine):
        await plan(scene.work, event)
    async with transaction(scene.engine) as session:
        [listed] = await list_notifications(session, approver.user_id, before_id=None, limit=10)
    notice = render_notice("challenge_requested", listed.facts, speech=speech_of("en", None))
    assert notice.title == "Approve $49.00 at Corner Bakery?"
    assert "ending 4242" in notice.body
    challenge = await scene.stored()
    assert listed.facts.keys() == {"challenge_id", "amount", "currency", "last4", "merchant_name"}
    assert scene.holder.user_id not in str(listed.facts)
    assert challenge.card_id not in str(listed.facts)


async def test_who_decided_too_late_is_told_so(scene: Scene) -> None:
    challenge = await scene.asked()
    scene.server.ends["acsch_1"] = Outcome.TIMED_OUT
    await scene.approve(challenge.id)
    await drain(scene.engine)
    await deliver_answer(scene.work, Event("x", challenge.program_id, challenge.id, scene.clock.now()))
    events = list(await drain(scene.engine))
    assert told(events, "answered_too_late") == [scene.holder.user_id]
    assert told(events, "challenge_approved") == []


async def test_nobody_is_asked_what_ended_before_it_was_heard_of(scene: Scene) -> None:
    await scene.tell(scene.notice(CANCELED), scene.notice())
    await scene.tell(scene.notice(reference="acsch_2", expires_at=scene.clock.now()))
    assert told(list(await drain(scene.engine)), "challenge_requested") == []


async def test_a_card_that_is_not_ours_is_ignored(scene: Scene) -> None:
    await scene.tell(scene.notice(card_reference="ic_of_another_issuer"))
    assert await scene.acts() == []
    assert list(await drain(scene.engine)) == []


async def test_an_answer_waits_for_a_server_that_is_away_and_is_taken_once(scene: Scene) -> None:
    challenge = await scene.asked()
    await scene.refuse(challenge.id)
    scene.server.failures, scene.server.lost_answers = 2, 1
    event = Event("x", challenge.program_id, challenge.id, scene.clock.now())
    for _ in range(3):
        with pytest.raises(Unavailable):
            await deliver_answer(scene.work, event)
        assert (await scene.stored()).answer is AnswerState.WAITING
    for _ in range(2):
        await deliver_answer(scene.work, event)
    assert (await scene.stored()).answer is AnswerState.DELIVERED
    assert list(scene.server.taken.values()) == [("acsch_1", False)]
    assert len(scene.server.calls) == 4
    assert len(set(scene.server.calls)) == 1


async def test_what_is_rolled_back_tells_the_server_nothing(scene: Scene) -> None:
    challenge = await scene.asked()
    await drain(scene.engine)

    async def break_off() -> None:
        async with scene.acting(scene.holder) as session:
            await service.approve(session, challenge.id, by=scene.holder, at=scene.clock.now())
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await break_off()
    async with transaction(scene.engine) as session:
        assert await outbox.take(session, 10) == []
    assert (await scene.stored()).state is PENDING
