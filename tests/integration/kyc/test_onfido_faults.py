"""Every call to Onfido x every way it can go wrong: one run, one end."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from cardwright import kyc
from cardwright.access import Viewer
from cardwright.adapters.onfido import client, identity
from cardwright.core.clock import MovableClock
from cardwright.core.errors import Unavailable
from cardwright.db.jobs import Work
from cardwright.kyc import VerificationState, service
from integration.kyc.people import DECIDED_EVENTS, a_person, drain, the_program
from onfido_access import hand_in, onfido_at
from outgoing_calls import FAULTS, LATE_MILLISECONDS, awaited_in, until_late_calls_are_over
from running_simulator import RunningSimulator, running_simulator
from simulator.onfido import RUN


@dataclass
class Desk:
    """Somebody who is to be verified, and the worker."""

    work: Work
    simulator: RunningSimulator
    user_id: str

    async def insist(self, do: Callable[[], Awaitable[None]]) -> None:
        """Do something as the worker does: again, while the vendor is unavailable."""
        for _ in range(8):
            try:
                return await do()
            except (Unavailable, ExceptionGroup):
                continue
        return await do()

    async def begin(self) -> kyc.Verification:
        """Ask for a verification and start it at the vendor."""
        async with self.work.transaction() as session:
            program = await the_program(session)
            asked = await kyc.request_verification(
                session, self.work.clock, program_id=program.id, user_id=self.user_id
            )
        [event] = [it for it in await drain(self.work.engine) if it.type == "kyc.verification_requested"]
        await self.insist(lambda: service.start_requested(self.work, event))
        return await self.stored(asked)

    async def stored(self, asked: kyc.Verification) -> kyc.Verification:
        viewer = Viewer(asked.program_id, asked.user_id)
        async with self.work.transaction() as session:
            return await service.get_verification(session, asked.id, viewer=viewer)

    async def hear_of(self, begun: kyc.Verification) -> None:
        reference = str(begun.provider_reference)
        await self.insist(lambda: kyc.refresh_verification(self.work, reference, provider="onfido"))


@pytest.fixture(scope="module")
def simulator() -> Iterator[RunningSimulator]:
    with running_simulator() as simulator:
        yield simulator


@pytest.fixture
async def desk(
    engine: AsyncEngine, clock: MovableClock, simulator: RunningSimulator, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Desk]:
    monkeypatch.setattr(client, "READ_TIMEOUT_SECONDS", LATE_MILLISECONDS / 2_000)
    monkeypatch.setattr(identity, "SETTLE_SECONDS", LATE_MILLISECONDS / 1_000)
    monkeypatch.setattr(identity, "LOOK_SECONDS", 0.1)
    for run in simulator.world.objects.list(RUN):
        simulator.world.objects.delete(RUN, run["id"])
    user_id = await a_person(engine, clock)
    await drain(engine)
    verifier = onfido_at(simulator.base_url)
    verifiers = kyc.IdentityVerifiers({"onfido": verifier}, ("onfido",))
    yield Desk(Work(engine, clock, {kyc.IdentityVerifiers: verifiers}), simulator, user_id)
    await verifier.aclose()


Play = Callable[[Desk, Callable[[], None]], Awaitable[kyc.Verification]]


async def start(desk: Desk, strike: Callable[[], None]) -> kyc.Verification:
    strike()
    begun = await desk.begin()
    assert (begun.state, begun.provider) == (VerificationState.COLLECTING, "onfido")
    await hand_in(begun.url)
    await desk.hear_of(begun)
    return begun


async def hear(desk: Desk, strike: Callable[[], None]) -> kyc.Verification:
    begun = await desk.begin()
    await hand_in(begun.url)
    strike()
    await desk.hear_of(begun)
    return begun


async def hear_nothing(desk: Desk, strike: Callable[[], None]) -> kyc.Verification:
    begun = await desk.begin()
    await hand_in(begun.url)
    assert isinstance(desk.work.clock, MovableClock)
    desk.work.clock.advance(service.SILENCE_BEFORE_POLL + timedelta(seconds=1))
    strike()
    await desk.insist(lambda: kyc.refresh_silent_verifications(desk.work))
    return begun


CALLS: Mapping[str, tuple[str, Play]] = {
    "find": ("GET /v3.6/workflow_runs", start),
    "applicant": ("POST /v3.6/applicants", start),
    "begin": ("POST /v3.6/workflow_runs", start),
    "look up": ("GET /v3.6/workflow_runs/*", hear),
    "poll": ("GET /v3.6/workflow_runs/*", hear_nothing),
}


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("call", CALLS)
async def test_a_call_that_goes_wrong_verifies_once_in_the_end(desk: Desk, call: str, fault: str) -> None:
    selector, play = CALLS[call]
    faults = desk.simulator.world.faults
    begun = await play(desk, lambda: faults.add("api", selector=selector, **FAULTS[fault]) and None)
    assert faults.list() == [], "the call was never made"
    if FAULTS[fault]["kind"] == "delay":
        await until_late_calls_are_over()
    [there] = desk.simulator.world.objects.list(RUN)
    here = await desk.stored(begun)
    assert (there["id"], there["status"]) == (here.provider_reference, "approved")
    told = [it.type for it in await drain(desk.work.engine) if it.type in DECIDED_EVENTS]
    assert (here.state, told) == (VerificationState.APPROVED, ["kyc.approved"])


def test_every_call_to_onfido_has_a_row() -> None:
    calls = {it for it in awaited_in("onfido/identity") if it.startswith("self._client.")}
    assert calls == {"self._client.get", "self._client.post", "self._client.aclose"}
