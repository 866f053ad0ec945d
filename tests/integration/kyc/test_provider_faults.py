"""Every call to whoever verifies identities x every way it can go wrong: one verification, one end."""

from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta

import httpx
import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from cardwright import kyc
from cardwright.access import Viewer
from cardwright.adapters.stripe import client
from cardwright.adapters.stripe.identity import StripeIdentityVerifier
from cardwright.core.clock import MovableClock
from cardwright.core.errors import Unavailable
from cardwright.core.sensitive import Sensitive
from cardwright.db.jobs import Work
from cardwright.db.outbox import Event
from cardwright.kyc import VerificationState, service
from integration.kyc.people import DECIDED_EVENTS, a_person, drain, the_program
from outgoing_calls import (
    FAULTS,
    LATE_MILLISECONDS,
    awaited_in,
    modules_that_import,
    until_late_calls_are_over,
)
from running_simulator import QUICK, RunningSimulator, running_simulator

SESSION = "identity.verification_session"


@dataclass
class Desk:
    """Somebody who is to be verified, and the worker."""

    work: Work
    simulator: RunningSimulator
    user_id: str
    failures: int = 0

    async def insist(self, do: Callable[[], Awaitable[None]]) -> None:
        """Do something as the worker does: again, while the vendor is unavailable."""
        for _ in range(8):
            try:
                return await do()
            except (Unavailable, ExceptionGroup):
                self.failures += 1
        return await do()

    async def begin(self) -> kyc.Verification:
        """Ask for a verification and start it at the vendor."""
        async with self.work.transaction() as session:
            program = await the_program(session)
            asked = await kyc.request_verification(
                session, self.work.clock, program_id=program.id, user_id=self.user_id
            )
        for event in await drain(self.work.engine):
            for it in kyc.SUBSCRIPTIONS:
                if it.event_type == event.type:
                    await self.insist(lambda it=it, event=event: it.handle(self.work, event))  # type: ignore[misc]
        return await self.stored(asked)

    async def stored(self, asked: kyc.Verification) -> kyc.Verification:
        viewer = Viewer(asked.program_id, asked.user_id)
        async with self.work.transaction() as session:
            return await service.get_verification(session, asked.id, viewer=viewer)

    async def hand_in(self, begun: kyc.Verification) -> None:
        """Let the person show a document that is fine."""
        async with httpx.AsyncClient() as browser:
            answer = await browser.post(f"{begun.url}/submit", json={"outcome": "verified"})
        answer.raise_for_status()

    async def told(self) -> list[str]:
        events: list[Event] = list(await drain(self.work.engine))
        return [it.type for it in events if it.type in DECIDED_EVENTS]


@pytest.fixture
def simulator() -> Iterator[RunningSimulator]:
    with running_simulator() as simulator:
        yield simulator


@pytest.fixture
async def desk(
    engine: AsyncEngine, clock: MovableClock, simulator: RunningSimulator, monkeypatch: pytest.MonkeyPatch
) -> Desk:
    # The worker is the one to try again, and impatient.
    monkeypatch.setattr(client, "MAX_NETWORK_RETRIES", 0)
    monkeypatch.setattr(client, "READ_TIMEOUT_SECONDS", LATE_MILLISECONDS / 2_000)
    sdk = client.make_client(Sensitive(QUICK.stripe_secret_key), simulator.base_url)
    verifier = StripeIdentityVerifier(sdk, return_url="https://cardwright.test/identity")
    user_id = await a_person(engine, clock)
    await drain(engine)
    verifiers = kyc.IdentityVerifiers({"stripe": verifier})
    return Desk(Work(engine, clock, {kyc.IdentityVerifiers: verifiers}), simulator, user_id)


Play = Callable[[Desk, Callable[[], None]], Awaitable[kyc.Verification]]


async def start(desk: Desk, strike: Callable[[], None]) -> kyc.Verification:
    strike()
    begun = await desk.begin()
    assert begun.state is VerificationState.COLLECTING
    await desk.hand_in(begun)
    await kyc.refresh_verification(desk.work, str(begun.provider_reference))
    return begun


async def hear(desk: Desk, strike: Callable[[], None]) -> kyc.Verification:
    begun = await desk.begin()
    await desk.hand_in(begun)
    strike()
    await desk.insist(lambda: kyc.refresh_verification(desk.work, str(begun.provider_reference)))
    return begun


async def hear_nothing(desk: Desk, strike: Callable[[], None]) -> kyc.Verification:
    begun = await desk.begin()
    await desk.hand_in(begun)
    assert isinstance(desk.work.clock, MovableClock)
    desk.work.clock.advance(service.SILENCE_BEFORE_POLL + timedelta(seconds=1))
    strike()
    await desk.insist(lambda: kyc.refresh_silent_verifications(desk.work))
    return begun


CALLS: Mapping[str, tuple[str, str, Play]] = {
    "start": ("self._sessions.create_async", "POST /v1/identity/verification_sessions", start),
    "look up": ("self._sessions.retrieve_async", "GET /v1/identity/verification_sessions/*", hear),
    "poll": ("self._sessions.retrieve_async", "GET /v1/identity/verification_sessions/*", hear_nothing),
}


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("call", CALLS)
async def test_a_call_that_goes_wrong_verifies_once_in_the_end(desk: Desk, call: str, fault: str) -> None:
    _, selector, play = CALLS[call]
    faults = desk.simulator.world.faults
    begun = await play(desk, lambda: faults.add("api", selector=selector, **FAULTS[fault]) and None)
    assert faults.list() == [], "the call was never made"
    assert desk.failures >= 1, "the call went well"
    if FAULTS[fault]["kind"] == "delay":
        await until_late_calls_are_over()
    [there] = desk.simulator.world.objects.list(SESSION)
    here = await desk.stored(begun)
    assert (there["id"], there["status"]) == (here.provider_reference, "verified")
    assert (here.state, await desk.told()) == (VerificationState.APPROVED, ["kyc.approved"])


def test_every_call_to_whoever_verifies_has_a_row() -> None:
    of_documents = {"aws_s3", "document_folder"}
    verifying = modules_that_import("cardwright.kyc") - of_documents
    assert verifying == {"stripe/identity", "onfido/identity", "onfido/client"}
    assert awaited_in("stripe/identity") == {made for made, _, _ in CALLS.values()}
