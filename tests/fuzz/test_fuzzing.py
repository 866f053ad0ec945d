"""Requests that nobody would think of, by schemathesis: all checks, stateful, three roles, two peers each.

The application is a process of its own on a socket. `make test` runs a short, seeded round of what two roles
may ask for; `make check` and `make coverage` have every role try every operation, four times the examples of
each, seven times the scenarios, and all that the description of the API gives to try; `make fuzz-api
CASES=20000` does so with further seeds until that many cases were tried.
"""

import os
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import count
from pathlib import Path

import httpx
import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from access.asking import API
from access.makers import one_of_each
from access.world import a_world
from builders import engine_for_tests
from cardwright.access import Role, operations, permissions_of
from cardwright.core.clock import SystemClock
from databases import Databases
from depth import IS_THOROUGH, some_of
from fuzz.fuzzer import ENDERS, PHASES, STAFF_ENDERS, Fuzzer
from running_application import running_application

CASES = int(os.environ.get("CARDWRIGHT_FUZZ_CASES", "0"))
IS_SHORT = not (CASES or IS_THOROUGH)
# What support may ask for is part of what an administrator may.
ROLES = (Role.CARDHOLDER, *(() if IS_SHORT else (Role.SUPPORT,)), Role.ADMINISTRATOR)
EXAMPLES = 1 if IS_SHORT else 4
SCENARIOS = 8 if IS_SHORT else 60
MANY_SCENARIOS = 30 if IS_SHORT else 100
Record = Callable[[str, object], None]
UNHINDERED = {"CARDWRIGHT_LIMITS__PER_CLIENT": "1000000/hour", "CARDWRIGHT_LIVE__LONGEST_SECONDS": "0"}


@pytest.fixture(scope="module")
async def database_url(databases: Databases) -> AsyncIterator[str]:
    """A database for the process and for making its people."""
    async with databases.lent() as url:
        yield url


@pytest.fixture(scope="module")
async def engine(database_url: str) -> AsyncIterator[AsyncEngine]:
    made = engine_for_tests(database_url, pool_size=2)
    yield made
    await made.dispose()


@pytest.fixture(scope="module")
def fuzzer(database_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Fuzzer]:
    folder: Path = tmp_path_factory.mktemp("fuzz")
    with running_application(database_url, folder, **UNHINDERED) as address:
        yield Fuzzer(address, folder, SCENARIOS)


async def two_of(engine: AsyncEngine, role: Role, *, in_one_program: bool) -> Mapping[str, Mapping[str, str]]:
    """Return the headers of two people of a role, each with one thing of every kind."""
    here = await a_world(engine, SystemClock())
    there = await a_world(engine, SystemClock())
    if not in_one_program:
        there = replace(there, program=here.another_program, another_program=here.program)
    peers = {}
    for name, world in (("ada", here), ("eve", there)):
        person = await world.actor(role)
        await one_of_each(world, person)
        peers[name] = person.headers
    return peers


def phases_for(role: Role) -> Sequence[str]:
    # What the description alone gives to try is the same for every role: once is enough in a short run.
    covers = CASES > 0 or (IS_THOROUGH and role is Role.CARDHOLDER)
    return [phase for phase in PHASES if covers or phase != "coverage"]


def not_tried_by(role: Role) -> Sequence[str]:
    """Return the enders and, in a short round, what the matrix shows that a role is refused."""
    permitted = permissions_of([role])
    refused = [it.name for it in operations(API.routes) if it.permission and it.permission not in permitted]
    return sorted({*ENDERS, *STAFF_ENDERS, *(refused if IS_SHORT else ())})


async def who_is_not_signed_in(fuzzer: Fuzzer, peers: Mapping[str, Mapping[str, str]]) -> list[str]:
    """Return how those are refused whose session an operation ended: it belongs to the enders."""
    async with httpx.AsyncClient(base_url=fuzzer.address, trust_env=False) as client:
        answers = [await client.get("/v1/me", headers=headers) for headers in peers.values()]
    return [answer.text for answer in answers if answer.status_code != httpx.codes.OK]


@pytest.mark.timeout(1_800 + CASES // 10)
async def test_nothing_that_can_be_asked_breaks_the_api(
    fuzzer: Fuzzer, engine: AsyncEngine, record_property: Record
) -> None:
    tried = 0
    for seed in count(7):
        for role in ROLES:
            # What one of the staff sees, a colleague sees too: theirs is the program, not the person.
            peers = await two_of(engine, role, in_one_program=role is Role.CARDHOLDER)
            report = fuzzer.run(
                peers, examples=EXAMPLES, seed=seed, but=not_tried_by(role), phases=phases_for(role)
            )
            tried += report.cases
            record_property(f"cases as {role}", report.cases)
            assert list(report.faults) == [], report.output
            assert await who_is_not_signed_in(fuzzer, peers) == []
        if tried >= CASES:
            break


async def test_what_ends_ones_own_session_breaks_nothing_either(
    fuzzer: Fuzzer, engine: AsyncEngine, record_property: Record
) -> None:
    of_whom = {**dict.fromkeys(ENDERS, Role.CARDHOLDER), **dict.fromkeys(STAFF_ENDERS, Role.ADMINISTRATOR)}
    for ender, role in some_of(of_whom.items()):
        peers = await two_of(engine, role, in_one_program=True)
        report = fuzzer.run(peers, examples=EXAMPLES, seed=7, only=[ender])
        record_property("cases of leaving", report.cases)
        assert list(report.faults) == [], report.output


async def test_two_who_see_the_same_card_are_noticed(fuzzer: Fuzzer, engine: AsyncEngine) -> None:
    colleagues = await two_of(engine, Role.SUPPORT, in_one_program=True)
    # That one of them asks for what the other was shown comes out in some scenarios only.
    often = replace(fuzzer, scenarios=MANY_SCENARIOS)
    report = often.run(colleagues, examples=EXAMPLES, seed=7, only=["list_cards", "get_card"])
    assert {fault["type"] for fault in report.faults} == {"ObjectLevelAuthorizationViolation"}, report.output
