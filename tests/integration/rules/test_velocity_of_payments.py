"""What authorizations read of each other, and leave behind: alone, beside each other, and before."""

import asyncio
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import event, text
from sqlalchemy.ext.asyncio import AsyncEngine

from cardwright import cards, ledger, payments
from cardwright.access import Viewer
from cardwright.cards import NewCard
from cardwright.core.clock import Clock, MovableClock, SystemClock
from cardwright.db.session import Session, transaction
from cardwright.payments import AuthorizationRequest
from cardwright.payments.preflight import Supposed, preflight
from cardwright.payments.store import Decision, decisions
from cardwright.rules import Rule, RuleAction, RuleStage
from cardwright.rules.velocity import DEFINITIONS, definition
from integration.payments import holders
from integration.payments.holders import Holding
from integration.payments.network import BAKERY, HOTEL, SOURCE
from staff import publish_rulebook
from unit.rules.velocity_by_hand import Happened, count

ANALYST: Final = "user_00000000000000000000000ann"
WATCHED: Final = tuple(found.name for found in DEFINITIONS if "_24h" in found.name or "since" in found.name)


def watching(*names: str, stage: RuleStage = RuleStage.LIVE) -> list[Rule]:
    """Rules that read fields and never hold."""
    return [
        Rule(f"watch_{n}", f"(has({name}) && {name} < 0)" if definition(name).is_optional else f"{name} < 0",  # type: ignore[union-attr]
             RuleAction.FLAG, "Watched.", stage)
        for n, name in enumerate(names)
    ]  # fmt: skip


async def publish(
    engine: AsyncEngine, clock: Clock, program_id: str, found: Sequence[Rule], expected: int = 0
) -> None:
    async with transaction(engine) as session:
        await publish_rulebook(
            session, clock, program_id=program_id, author_id=ANALYST, rules=found, note="because",
            expected_version=expected,
        )  # fmt: skip


def asking(card: str, reference: str, amount: int = 7_00, currency: str = "USD") -> AuthorizationRequest:
    return AuthorizationRequest(
        SOURCE, reference, 0, card, amount, currency, amount, currency, BAKERY, "ecommerce"
    )


async def authorize(
    engine: AsyncEngine, holding: Holding, asked: AuthorizationRequest, at: datetime
) -> Decision:
    async with transaction(engine) as session:
        return await payments.authorize(session, asked, program_id=holding.program_id, at=at)


async def stored(session: Session) -> dict[str, Happened]:
    """Return what happened, by decision."""
    rows = await session.execute(text("SELECT * FROM velocity_events ORDER BY occurred_at"))
    return {
        row.decision_id: Happened(
            row.card_id, row.user_id, row.merchant_id, row.merchant_country, row.currency, row.amount,
            row.is_approved, row.occurred_at,
        )
        for row in rows
    }  # fmt: skip


@contextmanager
def statements(engine: AsyncEngine) -> Iterator[list[str]]:
    """The statements that are executed meanwhile and name the events."""
    found: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if "velocity" in statement:
            found.append(statement.split(maxsplit=1)[0])

    event.listen(engine.sync_engine, "before_cursor_execute", note)
    yield found
    event.remove(engine.sync_engine, "before_cursor_execute", note)


async def test_no_field_is_read_where_no_rule_reads_velocity_and_all_in_one_statement_where_some_do(
    engine: AsyncEngine, clock: MovableClock
) -> None:
    holding = await holders.a_holding(engine, clock, [], balance=50_00)
    card = holding.references[0]
    with statements(engine) as without:
        first = await authorize(engine, holding, asking(card, "ref_1"), clock.now())
    # Locked, read, written.
    assert without == ["SELECT", "WITH", "WITH"]
    assert first.facts.occurred_at is not None
    assert not [name for name in first.facts.fields if name.startswith("velocity")]
    await publish(
        engine, clock, holding.program_id,
        [*watching("velocity.card.approved_count_24h", stage=RuleStage.SHADOW), *watching()],
    )  # fmt: skip
    with statements(engine) as reading:
        second = await authorize(engine, holding, asking(card, "ref_2"), clock.now())
    assert reading == ["SELECT", "WITH", "WITH"]
    velocity = {name: it for name, it in second.facts.fields.items() if name.startswith("velocity")}
    assert velocity == {"velocity.card.approved_count_24h": 1}
    assert second.facts.occurred_at == (clock.now() + timedelta(microseconds=1)).isoformat()
    async with transaction(engine) as session:
        await holders.balances(session, holding)


async def test_what_is_left_behind_is_what_was_decided(engine: AsyncEngine, clock: MovableClock) -> None:
    holding = await holders.a_holding(engine, clock, [], balance=10_00)
    card, program_id = holding.references[0], holding.program_id
    await publish(
        engine, clock, program_id, watching("velocity.approved_amount_24h", "velocity.declined_count_1h")
    )
    whole = await authorize(engine, holding, asking(card, "ref_1", 6_00), clock.now())
    declined = await authorize(engine, holding, asking(card, "ref_2", 9_00), clock.now())
    partial = await authorize(
        engine, holding, replace(asking(card, "ref_3", 9_00), allows_partial=True), clock.now()
    )
    more = await authorize(engine, holding, replace(asking(card, "ref_1", 1_00), attempt=1), clock.now())
    unknown = await authorize(engine, holding, asking("ic_of_nobody", "ref_4"), clock.now())
    assert (whole.is_approved, declined.is_approved, partial.partial_amount) == (True, False, 4_00)
    assert more.facts.fields["velocity.approved_amount_24h"] == 10_00
    assert unknown.facts.fields["velocity.approved_amount_24h"] == 0
    async with transaction(engine) as session:
        found = await stored(session)
        await holders.balances(session, holding)
    assert [(it.amount, it.is_approved) for it in found.values()] == [
        (6_00, True),
        (9_00, False),
        (4_00, True),
    ]
    assert [*found] == [whole.id, declined.id, partial.id]
    [bakery] = {it.merchant for it in found.values()}
    assert bakery.startswith("mer_")


async def test_a_preflight_reads_the_same_and_leaves_nothing(
    engine: AsyncEngine, clock: MovableClock
) -> None:
    holding = await holders.a_holding(engine, clock, [], balance=50_00)
    await publish(engine, clock, holding.program_id, watching(*WATCHED))
    await authorize(engine, holding, asking(holding.references[0], "ref_1"), clock.now())
    clock.advance(timedelta(minutes=3))
    async with transaction(engine) as session:
        before = await stored(session)
        supposed = Supposed(7_00, "USD", BAKERY, "ecommerce")
        foreseen = await preflight(session, holding.cards[0], supposed, at=clock.now())
        assert await stored(session) == before
    real = await authorize(engine, holding, asking(holding.references[0], "ref_2"), clock.now())
    assert foreseen.facts.fields == real.facts.fields
    assert foreseen.facts.occurred_at == real.facts.occurred_at


async def test_those_who_meet_each_see_all_that_came_before_and_nothing_else(
    engine: AsyncEngine,
) -> None:
    clock = SystemClock()
    people = [
        await holders.a_holding(engine, clock, [], [], balance=500_00, email=f"{n}@example.com")
        for n in range(4)
    ]
    program_id = people[0].program_id
    euros = [await a_card_in_euros(engine, clock, person) for person in people]
    cards_of = [(person, card) for person in people for card in person.references]
    cards_of += list(zip(people, euros, strict=True))
    questions = [
        (person, replace(asking(card, f"ref_{n}_{card}", 1_00, "EUR" if card in euros else "USD"),
                         merchant=HOTEL if n % 3 == 0 else BAKERY))
        for n in range(6)
        for person, card in cards_of
    ]  # fmt: skip
    first, second = questions[:24], questions[24:]

    async def ask_all(asked: Sequence[tuple[Holding, AuthorizationRequest]]) -> list[Decision]:
        return await asyncio.gather(*[authorize(engine, who, it, clock.now()) for who, it in asked])

    # The rules come while some who decide without them have not committed yet.
    results = await asyncio.gather(
        ask_all(first), publish(engine, clock, program_id, watching(*WATCHED)), ask_all(second)
    )
    await ask_all([(who, replace(it, reference=f"{it.reference}_again")) for who, it in questions])
    del results
    async with transaction(engine) as session:
        history = await stored(session)
        decided = {row.id: row.facts for row in await session.execute(decisions.select())}
    assert len(history) == len(decided) == 2 * len(questions)
    compared = 0
    for id_, facts in decided.items():
        velocity = {name: it for name, it in facts["fields"].items() if name.startswith("velocity")}
        if not velocity:
            continue
        compared += 1
        now = replace(history[id_], amount=facts["amount"])
        assert datetime.fromisoformat(facts["occurred_at"]) == now.at
        assert velocity == {
            name: count(found, list(history.values()), now) for name in WATCHED if (found := definition(name))
        }
    assert compared >= len(questions)


async def a_card_in_euros(engine: AsyncEngine, clock: Clock, person: Holding) -> str:
    """Another wallet of the same holder: its lock is another."""
    async with transaction(engine) as session:
        card = await cards.create_card(
            session, NewCard("Euros"), program_id=person.program_id, user_id=person.user_id, currency="EUR",
            at=clock.now(),
        )  # fmt: skip
        await ledger.credit_wallet(
            session, program_id=person.program_id, user_id=person.user_id, currency="EUR", amount=500_00,
            contra="funding_in_transit", kind="top_up", external_id=f"top_up:euros:{person.user_id}",
            at=clock.now(),
        )  # fmt: skip
    await holders.issue(engine, clock)
    async with transaction(engine) as session:
        found = await cards.get_card(session, card.id, viewer=Viewer(card.program_id, card.user_id))
    return str(found.processor_reference)
