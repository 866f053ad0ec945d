"""Two vendors behind one port: who is asked when one is down, and answers in every order."""

import hashlib
import hmac
import itertools
import json
from collections.abc import Sequence
from dataclasses import dataclass, field

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from cardwright import kyc
from cardwright.access import Viewer
from cardwright.adapters.onfido import webhooks
from cardwright.adapters.onfido.webhooks import OnfidoWebhook
from cardwright.core.clock import MovableClock
from cardwright.core.errors import Unavailable
from cardwright.core.sensitive import Sensitive
from cardwright.db import inbox
from cardwright.db.jobs import Work
from cardwright.db.outbox import Event
from cardwright.kyc import NotBegun, VerificationState, service
from integration.kyc.people import ScriptedVerifier, a_person, deliver, drain, the_program, told

State = VerificationState
TOKEN = "onfido-webhook-token"


@dataclass
class Vendor(ScriptedVerifier):
    """Raises the next of its troubles at each start, and then works."""

    troubles: list[Exception] = field(default_factory=list)
    asked: int = 0

    async def start(self, verification: kyc.Verification, person: kyc.Person) -> kyc.StartedVerification:
        self.asked += 1
        if self.troubles:
            raise self.troubles.pop(0)
        return await super().start(verification, person)


def away() -> NotBegun:
    return NotBegun("verifier_unavailable", "It is down.")


def unheard() -> Unavailable:
    return Unavailable("verifier_unavailable", "It did not answer.")


@dataclass
class Room:
    """A person, a worker and both vendors."""

    work: Work
    user_id: str
    stripe: Vendor
    onfido: Vendor

    async def request(self) -> Event:
        async with self.work.transaction() as session:
            program = await the_program(session)
            await kyc.request_verification(
                session, self.work.clock, program_id=program.id, user_id=self.user_id
            )
        [event] = [it for it in await drain(self.work.engine) if it.type == "kyc.verification_requested"]
        return event

    async def stored(self, event: Event) -> kyc.Verification:
        viewer = Viewer(event.program_id, self.user_id)
        async with self.work.transaction() as session:
            return await service.get_verification(session, event.subject_id, viewer=viewer)


@pytest.fixture
async def room(engine: AsyncEngine, clock: MovableClock) -> Room:
    stripe, onfido = Vendor(), Vendor()
    verifiers = kyc.IdentityVerifiers({"stripe": stripe, "onfido": onfido}, ("stripe", "onfido"))
    user_id = await a_person(engine, clock)
    await drain(engine)
    return Room(Work(engine, clock, {kyc.IdentityVerifiers: verifiers}), user_id, stripe, onfido)


async def test_the_first_vendor_is_asked_while_it_is_up(room: Room) -> None:
    event = await room.request()
    await service.start_requested(room.work, event)
    assert ((await room.stored(event)).provider, room.onfido.asked) == ("stripe", 0)


async def test_the_next_vendor_verifies_when_the_first_is_down(room: Room) -> None:
    room.stripe.troubles = [away()]
    event = await room.request()
    await service.start_requested(room.work, event)
    begun = await room.stored(event)
    assert (begun.provider, begun.state) == ("onfido", State.COLLECTING)
    room.onfido.decide(str(begun.provider_reference), "approved")
    await kyc.refresh_verification(room.work, str(begun.provider_reference), provider="onfido")
    assert (await room.stored(event)).state is State.APPROVED
    assert room.stripe.started == []


async def test_a_start_whose_outcome_nobody_knows_is_never_passed_on(room: Room) -> None:
    # The second answer is certain of its own call, and says nothing of the first.
    room.stripe.troubles = [unheard(), away(), away()]
    event = await room.request()
    for _ in range(3):
        with pytest.raises(Unavailable):
            await service.start_requested(room.work, event)
    await service.start_requested(room.work, event)
    begun = await room.stored(event)
    assert (begun.provider, begun.state, room.onfido.asked) == ("stripe", State.COLLECTING, 0)


async def test_when_both_are_down_the_first_is_asked_again_later(room: Room) -> None:
    room.stripe.troubles, room.onfido.troubles = [away()], [away()]
    event = await room.request()
    with pytest.raises(NotBegun):
        await service.start_requested(room.work, event)
    await service.start_requested(room.work, event)
    assert (await room.stored(event)).provider == "stripe"


async def test_a_second_vendor_that_was_not_heard_keeps_the_verification(room: Room) -> None:
    room.stripe.troubles, room.onfido.troubles = [away()], [unheard()]
    event = await room.request()
    with pytest.raises(Unavailable):
        await service.start_requested(room.work, event)
    await service.start_requested(room.work, event)
    assert ((await room.stored(event)).provider, room.stripe.asked) == ("onfido", 1)


async def test_a_start_tried_beside_another_is_not_passed_on(room: Room) -> None:
    event = await room.request()

    class Overtaken(Vendor):
        async def start(self, verification: kyc.Verification, person: kyc.Person) -> kyc.StartedVerification:
            del verification, person
            self.asked += 1
            if self.asked == 1:
                with pytest.raises(Unavailable):
                    await service.start_requested(room.work, event)
                raise away()
            raise unheard()

    room.work.get(kyc.IdentityVerifiers).by_name["stripe"] = Overtaken()  # type: ignore[index]
    with pytest.raises(NotBegun):
        await service.start_requested(room.work, event)
    assert room.onfido.asked == 0


async def test_one_vendor_cannot_speak_of_what_is_at_another(room: Room) -> None:
    event = await room.request()
    await service.start_requested(room.work, event)
    forged = kyc.VerificationResult(State.APPROVED, "run_9", event.subject_id)
    room.onfido.answers["run_9"] = forged
    await kyc.refresh_verification(room.work, "run_9", provider="onfido")
    assert (await room.stored(event)).state is State.COLLECTING


async def receive(room: Room, reference: str, status: str, second: int) -> None:
    """Let a signed webhook in, as the route does."""
    about = {"id": reference, "status": status, "completed_at_iso8601": f"2026-11-23T12:00:0{second}Z"}
    payload = {"resource_type": "workflow_run", "action": "workflow_run.completed", "object": about}
    body = json.dumps({"payload": payload}).encode()
    signature = hmac.new(TOKEN.encode(), body, hashlib.sha256).hexdigest()
    async with room.work.transaction() as session:
        program = await the_program(session)
        source = OnfidoWebhook(Sensitive(TOKEN), program_id=program.id, clock=room.work.clock)
        await inbox.receive(session, source.read({"x-sha2-signature": signature}, body, ""))


# What the vendor says at each moment, whatever the webhook said that made us ask.
ANSWERS = ("submitted", "approved", "rejected")
ORDERS = sorted(set(itertools.permutations((*ANSWERS, "approved"))))


@pytest.mark.parametrize("order", ORDERS, ids="-".join)
async def test_answers_in_every_order_and_twice_end_in_one_state(room: Room, order: Sequence[str]) -> None:
    room.stripe.troubles = [away()]
    event = await room.request()
    await service.start_requested(room.work, event)
    reference = str((await room.stored(event)).provider_reference)
    heard: list[tuple[str, str | None]] = []
    for status in order:
        room.onfido.decide(reference, status)
        second = ANSWERS.index(status)
        await receive(room, reference, status, second)
        await receive(room, reference, status, second)
        delivered = await deliver(room.work, webhooks.SUBSCRIPTIONS)
        heard += told(delivered, "kyc.")
    heard += told(await drain(room.work.engine), "kyc.")
    assert (await room.stored(event)).state is State.APPROVED
    assert [it for it, _ in heard].count("kyc.approved") == 1


async def test_an_approval_that_flips_at_the_vendor_stays_one_and_is_told_once(room: Room) -> None:
    room.stripe.troubles = [away()]
    event = await room.request()
    await service.start_requested(room.work, event)
    reference = str((await room.stored(event)).provider_reference)
    await drain(room.work.engine)
    for answer in ("approved", "rejected", "approved"):
        room.onfido.decide(reference, answer)
        await kyc.refresh_verification(room.work, reference, provider="onfido")
    assert (await room.stored(event)).state is State.APPROVED
    # That it flipped is for staff to look at, once.
    assert told(await drain(room.work.engine), "kyc.") == [
        ("kyc.approved", None), ("kyc.review_opened", None),
    ]  # fmt: skip
