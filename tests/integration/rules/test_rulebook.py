import asyncio

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine

from cardwright.access import Role
from cardwright.audit.service import list_entries
from cardwright.core.clock import MovableClock
from cardwright.core.errors import Conflict, NotFound
from cardwright.db import outbox
from cardwright.db.session import Session, transaction
from cardwright.rules import (
    Publication,
    Rule,
    RuleAction,
    Rulebook,
    RulebookInvalid,
    active_rulebook,
    compile_rulebook,
    evaluate,
    get_rulebook_by_hash,
)
from cardwright.rules import rulebook as rulebook_module
from cardwright.rules import store as rules_store
from staff import publish_rulebook, somebody

PROGRAM = "prog_0000000000000000000000demo"
OTHER_PROGRAM = "prog_000000000000000000000other"
ANALYST = "user_00000000000000000000000ann"
LARGE = Rule("large", "amount > 30000", RuleAction.DECLINE, "Too large.")
YOUNG = Rule("young_card", 'card.age_days < 2 && currency in ["USD"]', RuleAction.FLAG, "A young card.")


async def publish(
    session: Session, clock: MovableClock, *rules: Rule, expected: int, program_id: str = PROGRAM
) -> Publication:
    return await publish_rulebook(
        session,
        clock,
        program_id=program_id,
        author_id=ANALYST,
        rules=rules,
        note="because",
        expected_version=expected,
    )


async def test_a_program_that_published_nothing_has_the_empty_rulebook(session: Session) -> None:
    compiled = await active_rulebook(session, PROGRAM)
    assert (compiled.rulebook.version, compiled.rulebook.rules) == (0, ())
    assert await get_rulebook_by_hash(session, PROGRAM, compiled.rulebook.hash) is compiled


async def test_a_published_rulebook_decides_at_once_and_its_versions_count_up(
    session: Session, clock: MovableClock
) -> None:
    first = await publish(session, clock, LARGE, expected=0)
    assert (await active_rulebook(session, PROGRAM)).rulebook == first.rulebook
    second = await publish(session, clock, YOUNG, LARGE, expected=1)
    compiled = await active_rulebook(session, PROGRAM)
    assert (first.rulebook.version, second.rulebook.version) == (1, 2)
    assert compiled.rulebook == second.rulebook
    assert [
        hit.rule for hit in evaluate(compiled, {"amount": 30001, "card.age_days": 5, "currency": "USD"})
    ] == ["large"]


async def test_a_rulebook_read_back_from_the_database_is_the_one_that_was_published(
    session: Session, clock: MovableClock
) -> None:
    published = await publish(session, clock, LARGE, YOUNG, expected=0)
    assert await rules_store.find_version(session, PROGRAM, 1) == published


async def test_an_unchanged_rulebook_is_compiled_once(session: Session, clock: MovableClock) -> None:
    await publish(session, clock, LARGE, expected=0)
    assert await active_rulebook(session, PROGRAM) is await active_rulebook(session, PROGRAM)


async def test_a_process_that_just_started_decides_by_the_stored_rulebook(
    session: Session, clock: MovableClock
) -> None:
    published = await publish(session, clock, LARGE, YOUNG, expected=0)
    rulebook_module._compiled.clear()
    compiled = await active_rulebook(session, PROGRAM)
    assert compiled.rulebook == published.rulebook
    assert await get_rulebook_by_hash(session, PROGRAM, published.rulebook.hash) is compiled


def test_only_so_many_compiled_rulebooks_are_kept() -> None:
    for version in range(1, 300):
        rulebook_module._keep(PROGRAM, compile_rulebook(Rulebook(version, ())))
    assert len(rulebook_module._compiled) == 256


async def test_an_old_rulebook_is_found_by_its_hash_for_replay(session: Session, clock: MovableClock) -> None:
    first = await publish(session, clock, LARGE, expected=0)
    await publish(session, clock, YOUNG, expected=1)
    compiled = await get_rulebook_by_hash(session, PROGRAM, first.rulebook.hash)
    assert compiled.rulebook == first.rulebook


async def test_the_rulebook_of_another_program_is_not_found(session: Session, clock: MovableClock) -> None:
    first = await publish(session, clock, LARGE, expected=0)
    with pytest.raises(NotFound):
        await get_rulebook_by_hash(session, OTHER_PROGRAM, first.rulebook.hash)
    assert (await active_rulebook(session, OTHER_PROGRAM)).rulebook.version == 0


async def test_the_same_rules_published_again_keep_their_hash_under_a_new_version(
    session: Session, clock: MovableClock
) -> None:
    first = await publish(session, clock, LARGE, expected=0)
    await publish(session, clock, YOUNG, expected=1)
    third = await publish(session, clock, LARGE, expected=2)
    assert third.rulebook.hash == first.rulebook.hash
    assert (await active_rulebook(session, PROGRAM)).rulebook.version == 3


async def test_publishing_over_an_unseen_version_is_a_conflict(session: Session, clock: MovableClock) -> None:
    first = await publish(session, clock, LARGE, expected=0)
    with pytest.raises(Conflict) as caught:
        await publish(session, clock, YOUNG, expected=0)
    assert (caught.value.code, caught.value.details["active_version"]) == ("rulebook_version_conflict", 1)
    assert (await active_rulebook(session, PROGRAM)).rulebook == first.rulebook


async def test_a_faulty_rule_is_refused_with_its_place_and_nothing_is_published(
    engine: AsyncEngine, clock: MovableClock
) -> None:
    faulty = Rule("typo", "amount > 5 &&\n  amuont < 9", RuleAction.DECLINE, "Typo.")
    with pytest.raises(RulebookInvalid) as caught:
        async with transaction(engine) as session:
            await publish(session, clock, LARGE, faulty, expected=0)
    fault = caught.value.details["faults"][0]
    assert (fault["rule"], fault["line"], fault["column"], fault["suggestion"]) == ("typo", 2, 3, "amount")
    async with transaction(engine) as session:
        assert (await active_rulebook(session, PROGRAM)).rulebook.version == 0
        assert await outbox.take(session, 10) == []


async def test_of_two_publications_at_once_exactly_one_succeeds(
    engine: AsyncEngine, clock: MovableClock
) -> None:
    async def attempt(rule: Rule) -> Publication:
        async with transaction(engine) as session:
            return await publish(session, clock, rule, expected=0)

    # Publications meet here, and not the making of those who publish.
    async with transaction(engine) as session:
        await somebody(session, ANALYST, PROGRAM, clock.now(), Role.FRAUD_ANALYST)
        await somebody(session, f"{PROGRAM}_decider", PROGRAM, clock.now(), Role.ADMINISTRATOR)

    outcomes = await asyncio.gather(*(attempt(rule) for rule in (LARGE, YOUNG) * 4), return_exceptions=True)
    published = [each for each in outcomes if isinstance(each, Publication)]
    assert len(published) == 1
    assert [each for each in outcomes if each is not published[0] and not isinstance(each, Conflict)] == []
    async with transaction(engine) as session:
        assert (await active_rulebook(session, PROGRAM)).rulebook == published[0].rulebook


async def test_a_publication_is_announced_and_audited(session: Session, clock: MovableClock) -> None:
    published = await publish(session, clock, LARGE, expected=0)
    [event] = await outbox.take(session, 10)
    assert (event.type, event.payload["version"]) == ("rulebook.published", 1)
    entries = await list_entries(session, program_id=PROGRAM, before=None, limit=10)
    [entry] = [each for each in entries if each.action == "rulebook.published"]
    assert entry.actor_id != ANALYST
    assert (entry.details["version"], entry.details["hash"]) == (1, published.rulebook.hash)
    assert (entry.details["author_id"], entry.details["before"]["version"]) == (ANALYST, 0)


@pytest.mark.parametrize("statement", ["UPDATE rulebooks SET note = 'x'", "DELETE FROM rulebooks"])
async def test_the_database_refuses_to_change_a_published_rulebook(
    engine: AsyncEngine, clock: MovableClock, statement: str
) -> None:
    async with transaction(engine) as session:
        await publish(session, clock, LARGE, expected=0)
    with pytest.raises(DBAPIError, match="append-only"):
        async with transaction(engine) as session:
            await session.execute(text(statement))


async def test_a_rulebook_that_was_tampered_with_is_not_used(session: Session, clock: MovableClock) -> None:
    await publish(session, clock, LARGE, expected=0)
    await session.execute(text("SET LOCAL session_replication_role = replica"))
    await session.execute(text("UPDATE rulebooks SET rules = jsonb_set(rules, '{0,action}', '\"flag\"')"))
    with pytest.raises(ValueError, match="tampered"):
        await rules_store.find_version(session, PROGRAM, 1)
