"""A past that was lived through: authorizations of several people, cards and merchants."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any, Final

from sqlalchemy.ext.asyncio import AsyncEngine

from cardwright import backtests, payments
from cardwright.backtests import Exported, Request, Room
from cardwright.core.clock import MovableClock
from cardwright.db.session import transaction
from cardwright.payments import AuthorizationRequest, Merchant
from cardwright.payments.store import Decision
from cardwright.rules import Rule, RuleAction, RuleStage, Scoring
from cardwright.rules.velocity import ALIASES, DEFINITIONS, definition
from integration.payments import holders
from integration.payments.holders import Holding
from integration.payments.network import BAKERY, HOTEL, SOURCE
from staff import publish_rulebook

ANALYST: Final = "user_00000000000000000000000ann"
NAMELESS: Final = Merchant("m_nameless", 'A "shop",\nof two lines', "5999", "", "")
ALL_VELOCITY: Final = (*(it.name for it in DEFINITIONS), *ALIASES)
GAPS: Final = [
    timedelta(0), timedelta(microseconds=1), timedelta(seconds=20), timedelta(minutes=1),
    timedelta(minutes=59), timedelta(hours=1), timedelta(hours=7), timedelta(days=1), timedelta(days=6),
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Past:
    """What was decided, in order, and by whose cards."""

    program_id: str
    decisions: Sequence[Decision]
    people: Sequence[Holding]


def watching(names: Sequence[str] = ALL_VELOCITY) -> list[Rule]:
    """Rules that read fields of velocity, and never hold."""
    found = []
    for place, name in enumerate(names):
        known = definition(name)
        assert known is not None
        when = f"has({name}) && {name} < 0" if known.is_optional else f"{name} < 0"
        found.append(Rule(f"watch_{place}", when, RuleAction.FLAG, "Watched.", RuleStage.SHADOW))
    return found


def flagging(name: str, when: str, action: RuleAction = RuleAction.DECLINE, **more: Any) -> Rule:
    return Rule(name, when, action, "Not with this card.", **more)


async def lived(
    engine: AsyncEngine, clock: MovableClock, *, rules: Sequence[Rule] = (), count: int = 40, seed: int = 5,
    scoring: Scoring | None = None, gaps: Sequence[timedelta] = GAPS,
) -> Past:  # fmt: skip
    """Let `count` things be asked at random, some declined, some in part, some more for what was approved."""
    random = Random(seed)  # noqa: S311 - a seed makes it repeatable
    people = [
        await holders.a_holding(engine, clock, [], [], balance=90_00, email=f"{n}@example.com")
        for n in range(2)
    ]
    program_id = people[0].program_id
    if rules:
        async with transaction(engine) as session:
            await publish_rulebook(
                session, clock, program_id=program_id, author_id=ANALYST, rules=rules, note="because",
                expected_version=0, **({} if scoring is None else {"scoring": scoring}),
            )  # fmt: skip
    decided: list[Decision] = []
    approved: list[AuthorizationRequest] = []
    for number in range(count):
        asked = _asked(random, people, number)
        if approved and random.random() < 0.15:
            before = random.choice(approved)
            asked = replace(before, attempt=before.attempt + 1, amount=random.choice([50, 4_00]))
            approved.remove(before)
        decision = await authorize(engine, program_id, asked, clock.now())
        if decision.is_approved and asked.amount and decision.card_id is not None:
            approved.append(asked)
        decided.append(decision)
        clock.advance(random.choice(gaps))
    return Past(program_id, decided, people)


def _asked(random: Random, people: Sequence[Holding], number: int) -> AuthorizationRequest:
    amount = random.choice([0, 50, 1_00, 2_50, 7_00, 20_00, 95_00, 95_00])
    currency = random.choice(["USD", "USD", "USD", "EUR"])
    card = random.choice([it for holding in people for it in holding.references])
    return AuthorizationRequest(
        SOURCE, f"ref_{number}", 0, "ic_of_nobody" if number % 17 == 9 else card, amount, currency,
        amount, currency, random.choice([BAKERY, BAKERY, HOTEL, NAMELESS]),
        random.choice(["ecommerce", "in_person"]), allows_partial=random.random() < 0.6,
    )  # fmt: skip


def asking(holding: Holding, reference: str, amount: int = 7_00) -> AuthorizationRequest:
    return AuthorizationRequest(
        SOURCE, reference, 0, holding.references[0], amount, "USD", amount, "USD", BAKERY, "ecommerce"
    )


async def authorize(
    engine: AsyncEngine, program_id: str, asked: AuthorizationRequest, at: datetime
) -> Decision:
    async with transaction(engine) as session:
        return await payments.authorize(session, asked, program_id=program_id, at=at)


async def exported(
    engine: AsyncEngine, program_id: str, folder: Path, *, part_rows: int = 15
) -> tuple[Exported, list[tuple[int, int]]]:
    """Export into a folder; return the files and what was told."""
    told: list[tuple[int, int]] = []

    async def tell(rows: int, of: int) -> None:
        told.append((rows, of))

    room = Room(folder, memory_mib=512, threads=1)
    files = await backtests.export(lambda: transaction(engine), program_id, room, tell, part_rows=part_rows)
    return files, told


def request(
    *rules: Rule, beside: Sequence[Rule] = (), scoring: Scoring | None = None, **more: Any
) -> Request:
    tested = [it.name for it in rules]
    return Request((*rules, *beside), scoring or Scoring(), tested, **more)


def stored_velocity(decision: Decision) -> Mapping[str, object]:
    return {name: it for name, it in decision.facts.fields.items() if name.startswith("velocity.")}
