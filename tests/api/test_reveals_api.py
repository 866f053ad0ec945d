"""A card's number over HTTP: shown to its holder, once for each grant, and to nobody else."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import httpx
import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from browsers import sign_in
from builders import provided_for_tests
from cardwright import cards, vault
from cardwright.cards import CardProcessor, CardProcessors, EphemeralKey, NewCard, lifecycle
from cardwright.cards.issuing import issue_card
from cardwright.core.clock import MovableClock
from cardwright.core.errors import Unavailable
from cardwright.db.jobs import Work
from cardwright.main import build_app
from cardwright.notifications.brand import Brand, Links
from cardwright.notifications.catalogue import CATALOGUE
from cardwright.notifications.rendering import render_letter
from cardwright.notifications.speech import speech_of
from integration.kyc.people import a_verified_person, deliver, drain, the_program
from integration.payments.holders import IssuingAtOnce
from integration.vault.processor import NumberingProcessor

NUMBERS = [f"40000099901234{rest}" for rest in (56, 64, 72, 80)]
NONCE = {"nonce": "ephkn_of_a_page"}


@dataclass
class Window:
    """The application, a processor that hands numbers over, and people who look at their cards."""

    client: httpx.AsyncClient
    work: Work
    processor: CardProcessor

    async def person(self, email: str) -> tuple[str, Mapping[str, str]]:
        """Return somebody verified who used a factor just now, and their headers."""
        user_id = await a_verified_person(self.work.engine, self.work.clock, email)
        return user_id, await self.strong(user_id)

    async def strong(self, user_id: str) -> Mapping[str, str]:
        return await sign_in(self.work.engine, self.work.clock, user_id, has_used_factor=True)

    async def card(self, user_id: str, processor: Any = None) -> str:
        """Return the id of a card that is issued, at another processor when one is given."""
        async with self.work.transaction() as session:
            program = await the_program(session)
            card = await cards.create_card(
                session, NewCard("Groceries"),
                program_id=program.id, user_id=user_id, currency="USD", at=self.work.clock.now(),
            )  # fmt: skip
        work = (
            replace(self.work, provided={CardProcessors: CardProcessors({"stripe": processor})})
            if processor
            else self.work
        )
        await deliver(work, cards.SUBSCRIPTIONS)
        await drain(self.work.engine)
        return card.id

    async def ask(self, card_id: str, what: str, headers: Mapping[str, str], **body: str) -> httpx.Response:
        return await self.client.post(f"/v1/cards/{card_id}/{what}", json=body or None, headers=headers)

    async def grant(self, card_id: str, headers: Mapping[str, str]) -> str:
        answer = await self.ask(card_id, "reveal-grants", headers)
        assert answer.status_code == 201, answer.text
        return str(answer.json()["grant"])

    async def audited(self) -> list[str]:
        query = (
            "SELECT action FROM audit_entries WHERE action ~ 'card.(rev|num|key)' ORDER BY occurred_at, id"
        )
        async with self.work.transaction() as session:
            return list((await session.execute(text(query))).scalars())


@pytest.fixture
async def window(engine: AsyncEngine, clock: MovableClock) -> Window:
    return await a_window(engine, clock, NumberingProcessor(NUMBERS))


async def a_window(engine: AsyncEngine, clock: MovableClock, processor: CardProcessor) -> Window:
    provided = {
        **await provided_for_tests(engine, clock),
        CardProcessors: CardProcessors({"stripe": processor}),
    }
    transport = httpx.ASGITransport(build_app(engine, provided), raise_app_exceptions=False)
    client = httpx.AsyncClient(transport=transport, base_url="https://cardwright.test")
    return Window(client, Work(engine, clock, provided), processor)


async def test_a_holder_sees_the_number_with_its_expiry_and_its_code(window: Window) -> None:
    ada, headers = await window.person("ada@example.com")
    card_id = await window.card(ada)
    asked = await window.ask(card_id, "reveal-grants", headers)
    assert (asked.status_code, asked.headers["Cache-Control"]) == (201, "no-store")
    shown = await window.ask(card_id, "reveal", headers, grant=asked.json()["grant"])
    assert (shown.status_code, shown.headers["Cache-Control"]) == (200, "no-store")
    assert shown.json() == {
        "card_id": card_id,
        "number": NUMBERS[0],
        "exp_month": 12,
        "exp_year": 2030,
        "security_code": "907",
    }


async def test_what_was_shown_is_in_the_trail_and_told_to_the_holder_without_the_number(
    window: Window,
) -> None:
    ada, headers = await window.person("ada@example.com")
    card_id = await window.card(ada)
    await window.ask(card_id, "reveal", headers, grant=await window.grant(card_id, headers))
    assert await window.audited() == ["card.reveal_granted", "card.number_revealed"]
    (event,) = [it for it in await drain(window.work.engine) if it.type == "cards.number_revealed"]
    entry = CATALOGUE[event.type]
    facts, speech = entry.facts_of(event.payload), speech_of("en", None)
    letter = render_letter(entry.template, facts, brand=Brand("Demo"), speech=speech, links=Links())
    assert entry.channels == ("email",)
    assert "ending 3456" in letter.subject
    assert NUMBERS[0] not in f"{event}{letter.subject}{letter.text}{letter.html}"


async def test_a_grant_needs_a_strong_factor_used_lately(
    window: Window, engine: AsyncEngine, clock: MovableClock
) -> None:
    ada, headers = await window.person("ada@example.com")
    card_id = await window.card(ada)
    weak = await sign_in(engine, clock, ada)
    for what, body in (("reveal-grants", {}), ("ephemeral-keys", NONCE)):
        assert (await window.ask(card_id, what, weak, **body)).status_code in {401, 403}
        clock.advance(timedelta(minutes=6))
        assert (await window.ask(card_id, what, headers, **body)).status_code in {401, 403}
        headers = await window.strong(ada)
    assert await window.audited() == []


async def test_a_grant_shows_the_number_once(window: Window) -> None:
    ada, headers = await window.person("ada@example.com")
    card_id = await window.card(ada)
    grant = await window.grant(card_id, headers)
    answers = [await window.ask(card_id, "reveal", headers, grant=grant) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [200, 422]
    assert NUMBERS[0] not in answers[1].text


async def test_of_many_at_once_with_one_grant_one_sees_the_number(window: Window) -> None:
    ada, headers = await window.person("ada@example.com")
    card_id = await window.card(ada)
    grant = await window.grant(card_id, headers)
    answers = await asyncio.gather(*(window.ask(card_id, "reveal", headers, grant=grant) for _ in range(8)))
    assert sorted(answer.status_code for answer in answers) == [200] + [422] * 7
    assert (await window.audited()).count("card.number_revealed") == 1


async def test_every_grant_that_does_not_fit_is_refused_with_the_same_words(
    window: Window, clock: MovableClock
) -> None:
    ada, headers = await window.person("ada@example.com")
    eve, eves = await window.person("eve@example.com")
    card_id, other_card = await window.card(ada), await window.card(ada)
    eves_card = await window.card(eve)
    used, late = await window.grant(card_id, headers), await window.grant(card_id, headers)
    await window.ask(card_id, "reveal", headers, grant=used)
    refused = [
        await window.ask(card_id, "reveal", headers, grant=used),
        await window.ask(card_id, "reveal", headers, grant=await window.grant(other_card, headers)),
        await window.ask(card_id, "reveal", headers, grant=await window.grant(eves_card, eves)),
        await window.ask(card_id, "reveal", headers, grant="cw_reveal_" + "A" * 43),
    ]
    clock.advance(timedelta(seconds=60))
    refused.append(await window.ask(card_id, "reveal", headers, grant=late))

    def told(answer: httpx.Response) -> Any:
        return answer.status_code, {k: v for k, v in answer.json().items() if "request" not in k}

    assert [told(answer) for answer in refused] == [told(refused[0])] * 5
    assert refused[0].json()["code"] == "reveal_grant_invalid"


async def test_nobody_gets_a_grant_for_somebody_elses_card(window: Window) -> None:
    ada, _ = await window.person("ada@example.com")
    _, eves = await window.person("eve@example.com")
    card_id = await window.card(ada)
    for what, body in (
        ("reveal-grants", {}), ("reveal", {"grant": "cw_reveal_" + "A" * 43}), ("ephemeral-keys", NONCE),
    ):  # fmt: skip
        answer = await window.ask(card_id, what, eves, **body)
        assert (answer.status_code, answer.json()["code"]) == (404, "card_unknown")


async def test_a_canceled_card_is_shown_no_more(window: Window) -> None:
    ada, headers = await window.person("ada@example.com")
    card_id = await window.card(ada)
    grant = await window.grant(card_id, headers)
    async with window.work.transaction() as session:
        await lifecycle.change_state(
            session, card_id, cards.CardState.CANCELED,
            user_id=ada, reason="holder", at=window.work.clock.now(),
        )  # fmt: skip
    for what, body in (("reveal-grants", {}), ("reveal", {"grant": grant})):
        answer = await window.ask(card_id, what, headers, **body)
        assert (answer.status_code, answer.json()["code"]) == (409, "card_canceled")


async def test_when_the_code_cannot_be_fetched_the_grant_is_used_up_and_another_works(
    window: Window,
) -> None:
    ada, headers = await window.person("ada@example.com")
    card_id = await window.card(ada)
    assert isinstance(window.processor, NumberingProcessor)
    window.processor.failures = 1
    failed = await window.ask(card_id, "reveal", headers, grant=await window.grant(card_id, headers))
    assert (failed.status_code, NUMBERS[0] in failed.text) == (503, False)
    again = await window.ask(card_id, "reveal", headers, grant=await window.grant(card_id, headers))
    assert again.status_code == 200


async def test_a_card_is_shown_so_often_and_then_no_more_for_a_while(window: Window) -> None:
    ada, headers = await window.person("ada@example.com")
    card_id = await window.card(ada)
    statuses = [(await window.ask(card_id, "reveal-grants", headers)).status_code for _ in range(11)]
    assert statuses == [201] * 10 + [429]


async def test_what_is_stored_of_a_grant_does_not_open_anything(window: Window) -> None:
    ada, headers = await window.person("ada@example.com")
    card_id = await window.card(ada)
    grant = await window.grant(card_id, headers)
    async with window.work.transaction() as session:
        (row,) = (await session.execute(text("SELECT * FROM reveal_grants"))).all()
    assert grant.removeprefix("cw_reveal_") not in str(row)


async def test_each_kind_of_card_says_where_its_number_is_shown(window: Window) -> None:
    ada, headers = await window.person("ada@example.com")
    vaulted, elsewhere = await window.card(ada), await window.card(ada, IssuingAtOnce())
    for card_id, what, body, code in (
        (elsewhere, "reveal-grants", {}, "reveal_at_processor"),
        (vaulted, "ephemeral-keys", NONCE, "reveal_from_vault"),
    ):
        answer = await window.ask(card_id, what, headers, **body)
        assert (answer.status_code, answer.json()["code"]) == (409, code)
    assert await window.audited() == []


async def test_the_processor_shows_its_own_cards_by_a_key_that_is_noted_and_told(
    engine: AsyncEngine, clock: MovableClock
) -> None:
    window = await a_window(engine, clock, IssuingAtOnce())
    ada, headers = await window.person("ada@example.com")
    card_id = await window.card(ada)
    answer = await window.ask(card_id, "ephemeral-keys", headers, **NONCE)
    assert (answer.status_code, answer.headers["Cache-Control"]) == (201, "no-store")
    assert answer.json()["secret"] == "ek_test_of_nobody"
    assert answer.json()["issuing_card"] == f"ic_{card_id}"
    assert await window.audited() == ["card.key_requested"]
    assert "cards.number_revealed" in [event.type for event in await drain(window.work.engine)]


class Silent(IssuingAtOnce):
    """A processor that issues cards and then is away."""

    async def ephemeral_key(self, reference: str, *, nonce: str) -> EphemeralKey | None:  # noqa: ARG002
        raise Unavailable("processor_unavailable", "The processor does not answer.")


async def test_nobody_is_told_that_a_card_was_shown_when_the_processor_made_no_key(
    engine: AsyncEngine, clock: MovableClock
) -> None:
    window = await a_window(engine, clock, Silent())
    ada, headers = await window.person("ada@example.com")
    card_id = await window.card(ada)
    answer = await window.ask(card_id, "ephemeral-keys", headers, **NONCE)
    assert answer.status_code == 503
    assert await window.audited() == ["card.key_requested"]
    assert "cards.number_revealed" not in [event.type for event in await drain(engine)]


async def test_a_grant_that_does_not_fit_is_in_the_trail_and_tries_are_counted(window: Window) -> None:
    ada, headers = await window.person("ada@example.com")
    eve, eves = await window.person("eve@example.com")
    card_id, eves_card = await window.card(ada), await window.card(eve)
    grant = await window.grant(card_id, headers)
    foreign = await window.ask(eves_card, "reveal", eves, grant=grant)
    assert foreign.json()["code"] == "reveal_grant_invalid"
    assert await window.audited() == ["card.reveal_granted", "card.reveal_refused"]
    wrong = "cw_reveal_" + "A" * 43
    # Whatever the card is: one's own, somebody else's.
    tries = [(await window.ask(card_id, "reveal", eves, grant=wrong)).status_code for _ in range(15)]
    tries += [(await window.ask(eves_card, "reveal", eves, grant=wrong)).status_code for _ in range(15)]
    assert tries == [404] * 15 + [422] * 14 + [429]
    assert (await window.audited()).count("card.reveal_refused") == 15
    # What Eve tried costs Ada nothing.
    assert (await window.ask(card_id, "reveal", headers, grant=grant)).status_code == 200


async def test_the_number_of_a_canceled_card_is_erased_when_its_time_is_over(
    window: Window, clock: MovableClock
) -> None:
    ada, headers = await window.person("ada@example.com")
    canceled, living = await window.card(ada), await window.card(ada)
    await window.ask(canceled, "cancel", headers, reason="lost")
    await deliver(window.work, cards.SUBSCRIPTIONS)
    clock.advance(vault.KEPT_AFTER_CANCELLATION - timedelta(seconds=1))
    assert await cards.erase_numbers(window.work) == 0
    assert await vaulted(window) == {canceled, living}
    clock.advance(timedelta(seconds=1))
    assert await cards.erase_numbers(window.work) == 1
    assert await vaulted(window) == {living}
    async with window.work.transaction() as session:
        erased = await session.execute(
            text("SELECT subject_id FROM audit_entries WHERE action = 'card.number_erased'")
        )
        assert list(erased.scalars()) == [canceled]


async def test_the_number_of_a_card_that_was_canceled_while_it_was_issued_is_erased_too(
    window: Window, clock: MovableClock
) -> None:
    ada, headers = await window.person("ada@example.com")
    async with window.work.transaction() as session:
        program = await the_program(session)
        card = await cards.create_card(
            session, NewCard("Groceries"),
            program_id=program.id, user_id=ada, currency="USD", at=clock.now(),
        )  # fmt: skip
    issuing = [event for event in await drain(window.work.engine) if event.type == "cards.card_requested"]

    async def canceling(**asked: Any) -> Any:
        await window.ask(card.id, "cancel", headers, reason="holder")
        await deliver(window.work, cards.SUBSCRIPTIONS)
        return await issue(**asked)

    issue: Any = window.processor.issue_card
    window.processor.issue_card = canceling  # type: ignore[method-assign]
    await issue_card(window.work, issuing[0])
    await deliver(window.work, cards.SUBSCRIPTIONS)
    assert await vaulted(window) == {card.id}
    clock.advance(vault.KEPT_AFTER_CANCELLATION)
    await cards.erase_numbers(window.work)
    assert await vaulted(window) == set()


async def test_grants_that_were_over_a_day_ago_are_forgotten(window: Window, clock: MovableClock) -> None:
    ada, headers = await window.person("ada@example.com")
    card_id = await window.card(ada)
    await window.grant(card_id, headers)
    clock.advance(timedelta(hours=25))
    await window.grant(card_id, await window.strong(ada))
    await cards.forget_grants(window.work)
    async with window.work.transaction() as session:
        assert (await session.execute(text("SELECT count(*) FROM reveal_grants"))).scalar_one() == 1


async def vaulted(window: Window) -> set[str]:
    async with window.work.transaction() as session:
        return set((await session.execute(text("SELECT card_id FROM vault.card_numbers"))).scalars())
