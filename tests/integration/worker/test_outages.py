"""A worker that is killed and a processor that is away lose nothing and repeat nothing."""

import asyncio
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from cardwright import cards
from cardwright.adapters.stripe import client as stripe_client
from cardwright.adapters.stripe.client import make_client
from cardwright.adapters.stripe.issuing import StripeCardProcessor
from cardwright.cards import CardProcessors, CardState, NewCard
from cardwright.core.clock import SystemClock
from cardwright.core.sensitive import Sensitive
from cardwright.db import jobs
from cardwright.db.embedded.ports import free_port
from cardwright.db.jobs import Work
from cardwright.db.outbox import Event
from cardwright.db.session import transaction
from integration.kyc.people import a_verified_person, the_program
from integration.worker.bench import PATIENCE_SECONDS, Bench, an_event, eventually, heard_by
from running_simulator import QUICK
from simulator.world import World

DOOMED = Path(__file__).with_name("doomed.py")


@dataclass
class Outside:
    """The simulator as a program of its own, which can be ended and started again on the same data."""

    data: Path
    port: int = field(default_factory=free_port)
    smtp_port: int = field(default_factory=free_port)
    process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        ports = ["--port", str(self.port), "--smtp-port", str(self.smtp_port)]
        self.process = subprocess.Popen(
            [sys.executable, "-m", "simulator", *ports, "--data", str(self.data)], stdout=subprocess.DEVNULL
        )
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not self._is_up():
            assert time.monotonic() < deadline, "the simulator did not start in time"
            time.sleep(0.05)

    def kill(self) -> None:
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None

    def lose_answers(self, call: str) -> None:
        """Before the first start: let every call of a kind have its effect and get no answer."""
        world = World(QUICK, self.data)
        world.faults.add("api", "drop_response", selector=call, count=None)
        world.objects.close()

    def answer_again(self) -> None:
        httpx.delete(f"{self.url}/_sim/faults").raise_for_status()

    def counts(self) -> Mapping[str, int]:
        found: Mapping[str, int] = httpx.get(f"{self.url}/_sim/state").json()["counts"]
        return found

    def _is_up(self) -> bool:
        try:
            return httpx.get(f"{self.url}/_sim/health").is_success
        except httpx.TransportError:
            return False


@pytest.fixture
def outside(tmp_path: Path) -> Iterator[Outside]:
    made = Outside(tmp_path / "simulator")
    yield made
    made.kill()


@pytest.fixture
async def bench(
    engine: AsyncEngine, database_url: str, outside: Outside, monkeypatch: pytest.MonkeyPatch
) -> Bench:
    """A queue whose processor is the simulator, asked without the SDK's own retries and with short pauses."""
    monkeypatch.setattr(stripe_client, "MAX_NETWORK_RETRIES", 0)
    monkeypatch.setattr(jobs, "FIRST_PAUSE_SECONDS", 0.1)
    monkeypatch.setattr(jobs, "LONGEST_PAUSE_SECONDS", 0.2)
    client = make_client(Sensitive(QUICK.stripe_secret_key), outside.url)
    return Bench(
        engine, database_url, {CardProcessors: CardProcessors({"stripe": StripeCardProcessor(client)})}
    )


async def a_requested_card(engine: AsyncEngine) -> str:
    clock = SystemClock()
    user_id = await a_verified_person(engine, clock)
    async with transaction(engine) as session:
        program = await the_program(session)
        card = await cards.create_card(
            session, NewCard("Groceries"),
            program_id=program.id, user_id=user_id, currency="USD", at=clock.now(),
        )  # fmt: skip
    return card.id


async def state_of(engine: AsyncEngine, card_id: str) -> CardState:
    async with transaction(engine) as session:
        card = await cards.find_card(session, card_id)
    assert card is not None
    return card.state


async def test_a_card_asked_for_while_the_processor_is_away_is_issued_once_it_is_back(
    bench: Bench, outside: Outside
) -> None:
    outside.lose_answers("POST /v1/issuing/cards")
    card_id = await a_requested_card(bench.engine)

    async def attempts() -> int:
        return max((attempts for _, attempts in await bench.jobs()), default=0)

    async def is_active() -> bool:
        return await state_of(bench.engine, card_id) is CardState.ACTIVE

    async def is_made_there() -> bool:
        return (await asyncio.to_thread(outside.counts))["cards"] == 1

    async def has_tried_more_than(many: int) -> bool:
        return await attempts() > many

    async with bench.running(*cards.SUBSCRIPTIONS):
        await eventually(lambda: has_tried_more_than(1))
        assert await state_of(bench.engine, card_id) is CardState.INACTIVE
        await asyncio.to_thread(outside.start)
        await eventually(is_made_there)
        # The card exists there, its answer was lost, and now the whole processor goes away.
        await asyncio.to_thread(outside.kill)
        assert await state_of(bench.engine, card_id) is CardState.INACTIVE
        before = await attempts()
        await eventually(lambda: has_tried_more_than(before + 1))
        await asyncio.to_thread(outside.start)
        await asyncio.to_thread(outside.answer_again)
        await eventually(is_active)
        counts = await asyncio.to_thread(outside.counts)
        await eventually(bench.is_idle)
    # Every attempt came with the same key, so the processor knows of one card and one holder.
    assert (counts["cards"], counts["cardholders"]) == (1, 1)


async def test_a_job_whose_worker_was_killed_is_done_by_another(
    bench: Bench, database_url: str, tmp_path: Path
) -> None:
    heard: list[Event] = []

    async def hear(_work: Work, event: Event) -> None:
        heard.append(event)

    async def was_heard() -> bool:
        return bool(heard)

    event, began = an_event(), tmp_path / "began"
    await bench.write(event)
    command = [sys.executable, str(DOOMED), database_url, str(began)]
    doomed = await asyncio.create_subprocess_exec(*command)

    async def has_begun() -> bool:
        return await asyncio.to_thread(began.exists)

    await eventually(has_begun)
    doomed.kill()
    await doomed.wait()
    assert await bench.jobs() == [("picked", 0)]
    async with bench.running(heard_by(hear)):
        await asyncio.sleep(0.3)
        assert heard == [], "a job whose worker may be alive is left to it"
        # What half a minute of silence would do.
        await bench.ask("UPDATE pgqueuer SET heartbeat = now() - interval '31 seconds'")
        await eventually(was_heard)
        await eventually(bench.is_idle)
    assert heard == [event]
