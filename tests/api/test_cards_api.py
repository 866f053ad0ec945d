"""Cards as their holders meet them."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from browsers import headers_of, opened_for, sign_in
from builders import full_limits
from cardwright.cards import SUBSCRIPTIONS, CardProcessors
from cardwright.core.clock import MovableClock
from cardwright.core.money import MAX_MINOR_UNITS
from cardwright.db.idempotency import find_answer
from cardwright.db.jobs import Work
from cardwright.db.outbox import Event
from cardwright.db.session import transaction
from integration.cards.processor import WillingProcessor
from integration.kyc.people import a_person, a_verified_person, deliver, drain

PATH = "/v1/cards"
AN_ID = "card_01kb3x9p4fe8s8b9xkq5n2r7vt"
MONTHLY = {"window": "month", "amount": 50_000}


@dataclass
class Desk:
    """The application, a verified holder who is signed in, and a processor that does what it is told."""

    client: httpx.AsyncClient
    holder_id: str
    holder: Mapping[str, str]
    work: Work

    async def create(
        self, key: str = "first", headers: Mapping[str, str] | None = None, **body: Any
    ) -> httpx.Response:
        headers = {**(self.holder if headers is None else headers), "Idempotency-Key": key}
        return await self.client.post(PATH, json={"label": "Groceries", **body}, headers=headers)

    async def issued(self) -> str:
        """Return the id of a card that the processor has issued."""
        card_id: str = (await self.create()).json()["id"]
        await self.deliver()
        return card_id

    async def change(
        self, card_id: str, verb: str, headers: Mapping[str, str] | None = None
    ) -> httpx.Response:
        return await self.client.post(f"{PATH}/{card_id}/{verb}", json={}, headers=headers or self.holder)

    async def set_limits(self, card_id: str, limits: Any) -> httpx.Response:
        return await self.client.put(f"{PATH}/{card_id}/limits", json={"limits": limits}, headers=self.holder)

    async def show(self, card_id: str) -> Any:
        return (await self.client.get(f"{PATH}/{card_id}", headers=self.holder)).json()

    async def listed(self) -> Sequence[Any]:
        cards: Sequence[Any] = (await self.client.get(PATH, headers=self.holder)).json()["data"]
        return cards

    async def deliver(self) -> Sequence[Event]:
        return await deliver(self.work, SUBSCRIPTIONS)


@pytest.fixture
async def desk(client: httpx.AsyncClient, engine: AsyncEngine, clock: MovableClock) -> Desk:
    user_id = await a_verified_person(engine, clock)
    work = Work(engine, clock, {CardProcessors: CardProcessors({"stripe": WillingProcessor()})})
    return Desk(client, user_id, await sign_in(engine, clock, user_id), work)


async def test_a_card_is_asked_for_and_active_once_the_processor_has_issued_it(desk: Desk) -> None:
    made = await desk.create(limits=[MONTHLY])
    assert made.status_code == 201
    asked = made.json()
    assert (asked["state"], asked["last4"], asked["currency"], asked["limits"]) == (
        "inactive", None, "USD", full_limits(MONTHLY),
    )  # fmt: skip
    assert "Idempotent-Replayed" not in made.headers
    await desk.deliver()
    shown = await desk.show(asked["id"])
    assert (shown["state"], shown["last4"], shown["exp_month"], shown["exp_year"]) == (
        "active",
        "4242",
        11,
        2029,
    )
    assert not {"number", "pan", "cvc", "cvv", "processor_reference"} & shown.keys()
    assert await desk.listed() == [shown]


async def test_the_same_key_makes_one_card_and_says_that_it_answers_again(desk: Desk) -> None:
    first, again = await desk.create("k"), await desk.create("k")
    assert (again.status_code, again.content) == (201, first.content)
    assert again.headers["Idempotent-Replayed"] == "true"
    assert again.headers["Content-Type"] == "application/json"
    assert len(await desk.listed()) == 1
    assert len(await drain(desk.work.engine)) == 1


async def test_a_key_does_not_fit_another_request(desk: Desk) -> None:
    await desk.create("k")
    other = await desk.create("k", label="Travel")
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")
    order = {"amount": 5_000, "currency": "USD", "payment_method_token": "pm_card_visa"}
    elsewhere = await desk.client.post(
        "/v1/top-ups", json=order, headers={**desk.holder, "Idempotency-Key": "k"}
    )
    assert (elsewhere.status_code, elsewhere.json()["code"]) == (422, "idempotency_key_reused")
    assert len(await desk.listed()) == 1


async def test_a_key_that_is_in_use_is_a_conflict_and_free_again_afterwards(desk: Desk) -> None:
    async with transaction(desk.work.engine) as session:
        await find_answer(session, caller_id=desk.holder_id, key="k", fingerprint="the same")
        busy = await desk.create("k")
    assert (busy.status_code, busy.json()["code"]) == (409, "idempotency_key_in_use")
    assert (await desk.create("k")).status_code == 201


async def test_many_calls_with_one_key_make_one_card(desk: Desk) -> None:
    answers = await asyncio.gather(*(desk.create("k") for _ in range(12)))
    assert {answer.status_code for answer in answers} <= {201, 409}
    assert len({answer.json()["id"] for answer in answers if answer.status_code == 201}) == 1
    assert len(await desk.listed()) == 1


async def test_an_error_does_not_use_the_key_up(desk: Desk, engine: AsyncEngine, clock: MovableClock) -> None:
    refused = await desk.create("k", limits=[MONTHLY, MONTHLY])
    assert (refused.status_code, refused.json()["code"]) == (422, "limit_repeated")
    assert (await desk.create("k")).status_code == 201


async def test_two_people_may_use_the_same_key(desk: Desk, engine: AsyncEngine, clock: MovableClock) -> None:
    other = await sign_in(engine, clock, await a_verified_person(engine, clock, "casey@example.com"))
    mine, theirs = await desk.create("k"), await desk.create("k", headers=other)
    assert (mine.status_code, theirs.status_code) == (201, 201)
    assert mine.json()["id"] != theirs.json()["id"]
    assert "Idempotent-Replayed" not in theirs.headers


async def test_somebody_unverified_gets_no_card(desk: Desk, engine: AsyncEngine, clock: MovableClock) -> None:
    stranger = await sign_in(engine, clock, await a_person(engine, clock, "casey@example.com"))
    refused = await desk.create(headers=stranger)
    assert (refused.status_code, refused.json()["code"]) == (409, "kyc_required")
    assert {it.type for it in await drain(engine)} <= {"users.name_changed"}


STRANGE_AMOUNTS = ["5000", 50.0, 50.5, 5e3, True, None, -1, MAX_MINOR_UNITS + 1, 10**40, [1], {"amount": 1}]


async def test_a_limit_is_a_whole_number_and_nothing_else(desk: Desk) -> None:
    card_id = (await desk.create(limits=[MONTHLY])).json()["id"]
    for amount in STRANGE_AMOUNTS:
        wrong = [{"window": "day", "amount": amount}]
        for refused in (await desk.create("second", limits=wrong), await desk.set_limits(card_id, wrong)):
            assert (amount, refused.status_code) == (amount, 422)
            assert refused.json()["code"] == "validation_failed"
    (only,) = await desk.listed()
    assert only["limits"] == full_limits(MONTHLY)


async def test_a_limit_written_in_a_strange_way_is_refused(desk: Desk) -> None:
    card_id = (await desk.create(limits=[MONTHLY])).json()["id"]
    headers = {**desk.holder, "Content-Type": "application/json"}
    for amount, code in {
        "1e3": "validation_failed", "1E0": "validation_failed", "NaN": "json_invalid", "01": "json_invalid",
        "1_000": "json_invalid", "+1": "json_invalid", '1,"amount":2': "json_duplicate_key",
    }.items():  # fmt: skip
        body = '{"limits":[{"window":"day","amount":' + amount + "}]}"
        refused = await desk.client.put(f"{PATH}/{card_id}/limits", content=body, headers=headers)
        assert (amount, refused.json()["code"]) == (amount, code)
    assert (await desk.show(card_id))["limits"] == full_limits(MONTHLY)


WRONG_CARDS: Sequence[dict[str, Any]] = [
    {"label": ""}, {"label": "x" * 61}, {"label": None}, {"label": 5}, {"type": "physical"},
    {"limits": [{"window": "fortnight", "amount": 1}]}, {"limits": [{"window": "day"}]},
    {"limits": "none"}, {"limits": [{"window": "day", "amount": 1, "currency": "EUR"}]},
    {"limits": [MONTHLY] * 21}, {"currency": "EUR"}, {"user_id": AN_ID}, {"state": "active"},
]  # fmt: skip


async def test_a_wrong_card_is_refused_and_not_made(desk: Desk) -> None:
    for body in WRONG_CARDS:
        refused = await desk.create(**body)
        assert (body, refused.status_code) == (body, 422)
        assert refused.json()["code"] == "validation_failed"
    assert await desk.listed() == []
    assert await drain(desk.work.engine) == []


async def test_limits_are_replaced_as_a_whole_and_zero_is_a_limit(
    desk: Desk, engine: AsyncEngine, clock: MovableClock
) -> None:
    opened = await opened_for(engine, clock, desk.holder_id, has_used_factor=True)
    desk.holder = headers_of(opened.secret.reveal())
    card_id = (await desk.create(limits=[MONTHLY])).json()["id"]
    new = [{"window": "day", "amount": 0}, {"window": "lifetime", "amount": MAX_MINOR_UNITS}]
    assert (await desk.set_limits(card_id, new)).json()["limits"] == full_limits(*new)
    assert (await desk.show(card_id))["limits"] == full_limits(*new)
    assert (await desk.set_limits(card_id, [])).json()["limits"] == []
    repeated = await desk.set_limits(card_id, [MONTHLY, MONTHLY])
    assert (repeated.status_code, repeated.json()["code"]) == (422, "limit_repeated")


async def test_a_card_is_frozen_unfrozen_and_canceled_for_good(desk: Desk) -> None:
    card_id = await desk.issued()
    for verb, state in (
        ("freeze", "frozen"), ("freeze", "frozen"), ("unfreeze", "active"), ("unfreeze", "active"),
        ("cancel", "canceled"), ("cancel", "canceled"),
    ):  # fmt: skip
        changed = await desk.change(card_id, verb)
        assert (changed.status_code, changed.json()["state"]) == (200, state)
    for verb in ("freeze", "unfreeze"):
        refused = await desk.change(card_id, verb)
        assert (refused.status_code, refused.json()["code"]) == (409, "card_canceled")
    assert [event.type for event in await drain(desk.work.engine)].count("cards.card_state_changed") == 3


async def test_a_card_not_issued_yet_can_only_be_canceled(desk: Desk) -> None:
    card_id = (await desk.create()).json()["id"]
    for verb in ("freeze", "unfreeze"):
        refused = await desk.change(card_id, verb)
        assert (refused.status_code, refused.json()["code"]) == (409, "card_inactive")
    assert (await desk.change(card_id, "cancel")).json()["state"] == "canceled"


async def test_other_peoples_cards_do_not_exist(desk: Desk, engine: AsyncEngine, clock: MovableClock) -> None:
    card_id = await desk.issued()
    other = await sign_in(engine, clock, await a_verified_person(engine, clock, "casey@example.com"))
    for wanted in (card_id, AN_ID):
        answers = [await desk.client.get(f"{PATH}/{wanted}", headers=other)]
        answers += [await desk.change(wanted, verb, other) for verb in ("freeze", "unfreeze", "cancel")]
        answers += [
            await desk.client.put(f"{PATH}/{wanted}/limits", json={"limits": []}, headers=other),
            await desk.client.get(f"{PATH}/{wanted}/limits", headers=other),
        ]
        assert [(it.status_code, it.json()["code"]) for it in answers] == [(404, "card_unknown")] * 6
    assert (await desk.client.get(PATH, headers=other)).json()["data"] == []
    assert (await desk.show(card_id))["state"] == "active"


async def test_cards_are_listed_in_pages_newest_first(desk: Desk) -> None:
    made = [(await desk.create(f"key-{number}")).json()["id"] for number in range(3)]
    first = (await desk.client.get(PATH, params={"limit": 2}, headers=desk.holder)).json()
    query = {"limit": 2, "cursor": first["next_cursor"]}
    rest = (await desk.client.get(PATH, params=query, headers=desk.holder)).json()
    assert [card["id"] for card in first["data"] + rest["data"]] == made[::-1]
    assert rest["next_cursor"] is None


async def test_what_is_no_id_is_refused_or_unknown(desk: Desk) -> None:
    for wrong in ("card", "1", "%00", "..", "card_01KB3X9P4FE8S8B9XKQ5N2R7VT", "x" * 200):
        refused = await desk.client.get(f"{PATH}/{wrong}", headers=desk.holder)
        assert refused.status_code in (404, 422), wrong
        assert refused.headers["Content-Type"] == "application/problem+json"
