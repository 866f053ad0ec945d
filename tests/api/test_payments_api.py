"""Payments as holders and staff read them: lists, explained timelines, what limits have used."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from browsers import sign_in
from cardwright.access import Role
from cardwright.cards import Limit, Window
from cardwright.core.clock import MovableClock
from cardwright.core.ids import new_id
from cardwright.db.session import transaction
from cardwright.payments import convergence
from cardwright.rules import Rule, RuleAction
from integration.kyc.people import a_person
from integration.payments import holders
from integration.payments.holders import Holding
from integration.payments.network import BAKERY, SOURCE, Purchase, Ticking
from integration.payments.wire import PATH, asking
from staff import grant_role, publish_rulebook


@dataclass
class Desk:
    """A holder with two cards, one of them limited, and everybody who looks at their payments."""

    client: httpx.AsyncClient
    engine: AsyncEngine
    clock: MovableClock
    holding: Holding
    holder: Mapping[str, str]

    async def pay(self, amount: int, reference: str, *, card: int = 0, earlier: int = 0) -> bool:
        question = asking(self.holding.references[card], amount, reference=reference, earlier=earlier)
        answer = await self.client.post(PATH, **question)
        assert answer.status_code == 200
        return bool(answer.json()["approved"])

    async def get(self, path: str, who: Mapping[str, str] | None = None) -> Any:
        answer = await self.client.get(f"/v1{path}", headers=self.holder if who is None else who)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def refused(self, path: str, who: Mapping[str, str]) -> tuple[int, str]:
        answer = await self.client.get(f"/v1{path}", headers=who)
        return answer.status_code, answer.json()["code"]

    async def staff(self, role: Role) -> Mapping[str, str]:
        user_id = await a_person(self.engine, self.clock, f"{role}@example.com")
        async with transaction(self.engine) as session:
            await grant_role(session, user_id, role, "system", self.clock.now())
        return await sign_in(self.engine, self.clock, user_id)

    async def stranger(self) -> Mapping[str, str]:
        user_id = await a_person(self.engine, self.clock, "sam@example.com")
        return await sign_in(self.engine, self.clock, user_id)


@pytest.fixture
async def desk(client: httpx.AsyncClient, engine: AsyncEngine, clock: MovableClock) -> Desk:
    limits = [Limit(Window.MONTH, 50_00), Limit(Window.PER_AUTHORIZATION, 40_00)]
    holding = await holders.a_holding(engine, clock, [], limits, balance=200_00)
    return Desk(client, engine, clock, holding, await sign_in(engine, clock, holding.user_id))


async def test_the_list_shows_ones_payments_newest_first(desk: Desk) -> None:
    assert await desk.pay(30_00, "iauth_1")
    assert not await desk.pay(900_00, "iauth_2", card=1)
    listed = await desk.get("/payments")
    assert listed["next_cursor"] is None
    newest, oldest = listed["data"]
    assert (newest["status"], newest["held"], newest["card_id"]) == ("declined", 0, desk.holding.cards[1].id)
    assert oldest == {
        "id": oldest["id"], "card_id": desk.holding.cards[0].id, "last4": "4242", "channel": "ecommerce",
        "currency": "USD", "status": "pending", "held": 30_00, "posted": 0, "amount": 30_00,
        "opened_at": "2026-11-23T12:00:00Z",
        "merchant": {
            "id": oldest["merchant"]["id"], "name": "Bakery", "descriptor": "Bakery",
            "acceptor_id": "m_bakery", "mcc": "5462", "category": "Bakeries", "group": "groceries",
            "group_name": "Groceries", "group_colour": "green", "group_icon": "basket", "country": "US",
            "city": "Springfield", "logo_letter": "B", "colour": oldest["merchant"]["colour"],
        },
    }  # fmt: skip
    assert oldest["merchant"]["id"].startswith("mer_")
    [of_card] = (await desk.get(f"/payments?card_id={oldest['card_id']}"))["data"]
    assert of_card == oldest


async def test_pages_follow_each_other_by_cursor_without_gap_or_repetition(desk: Desk) -> None:
    for number in range(5):
        await desk.pay(1_00, f"iauth_{number}")
    whole = [payment["id"] for payment in (await desk.get("/payments"))["data"]]
    first = await desk.get("/payments?limit=2")
    await desk.pay(1_00, "iauth_later")
    second = await desk.get(f"/payments?limit=2&cursor={first['next_cursor']}")
    third = await desk.get(f"/payments?limit=2&cursor={second['next_cursor']}")
    paged = [payment["id"] for page in (first, second, third) for payment in page["data"]]
    assert paged == whole
    assert third["next_cursor"] is None


@pytest.mark.parametrize("query", ["limit=0", "limit=101", "limit=x", "cursor=x", "card_id=x", "everyone=2"])
async def test_a_page_that_cannot_be_is_refused(desk: Desk, query: str) -> None:
    assert await desk.refused(f"/payments?{query}", desk.holder) == (422, "validation_failed")


async def test_the_timeline_tells_every_element_and_explains_every_decision(desk: Desk) -> None:
    await desk.pay(30_00, "iauth_1", card=1)
    assert not await desk.pay(25_00, "iauth_1", card=1, earlier=1)
    purchase = Purchase("iauth_1", desk.holding.references[1], BAKERY, Ticking(desk.clock.now()))
    purchase.answer(30_00, approved=True)
    purchase.answer(25_00, approved=False)
    purchase.capture("ipi_1", 20_00, is_closing=True)
    async with transaction(desk.engine) as session:
        await convergence.converge_authorization(
            session, purchase.seen[-1], source=SOURCE, at=desk.clock.now()
        )
    [line] = (await desk.get("/payments"))["data"]
    timeline = await desk.get(f"/payments/{line['id']}")
    assert {name: timeline[name] for name in line} == line
    assert (line["status"], line["held"], line["posted"]) == ("settled", 0, 20_00)
    first, second, third = timeline["elements"]
    assert [first["sequence"], second["sequence"], third["sequence"]] == [1, 2, 3]
    assert (first["kind"], first["amount"], first["approved"]) == ("authorization", 30_00, True)
    assert first["decision"]["response_code"] == "00"
    assert {check["passed"] for check in first["decision"]["checks"]} == {True}
    assert (second["kind"], second["approved"]) == ("increment", False)
    assert (third["kind"], third["is_final"], third["decision"]) == ("clearing", True, None)
    refusal = second["decision"]
    assert (refusal["outcome"], refusal["reason_code"]) == ("declined", "limit_exceeded")
    assert (refusal["response_code"], refusal["decided_by"]) == ("61", "cardwright")
    failed = [check for check in refusal["checks"] if not check["passed"]]
    assert {check["name"] for check in failed} == {"limit_month", "limit_per_authorization"}
    assert all("25.00 USD on top of 30.00 USD used" in check["explanation"] for check in failed)
    assert all(check["would_pass"].endswith("limit of at least 55.00 USD.") for check in failed)
    assert "facts" not in refusal
    assert set(refusal["stages_us"]) == {"lock", "load", "decide"}


async def test_staff_that_may_read_payments_see_anybodys_with_the_facts(desk: Desk) -> None:
    await desk.pay(30_00, "iauth_1")
    support = await desk.staff(Role.SUPPORT)
    assert (await desk.get("/payments", support))["data"] == []
    [line] = (await desk.get("/payments?everyone=true", support))["data"]
    timeline = await desk.get(f"/payments/{line['id']}", support)
    facts = timeline["elements"][0]["decision"]["facts"]
    assert (facts["amount"], facts["available_balance"], facts["card_state"]) == (30_00, 200_00, "active")


async def test_what_a_rule_looks_at_is_told_to_staff_and_only_its_reason_to_the_holder(desk: Desk) -> None:
    rule = Rule("too_much", "amount > 2000", RuleAction.DECLINE, "Large payments are blocked.")
    async with transaction(desk.engine) as session:
        await publish_rulebook(
            session, desk.clock, program_id=desk.holding.program_id, author_id=new_id("user"),
            rules=[rule], note="first", expected_version=0,
        )  # fmt: skip
    assert not await desk.pay(30_00, "iauth_1")
    [line] = (await desk.get("/payments"))["data"]

    async def failed(who: Mapping[str, str]) -> Any:
        [element] = (await desk.get(f"/payments/{line['id']}", who))["elements"]
        [check] = [check for check in element["decision"]["checks"] if not check["passed"]]
        return element["decision"]["reason_code"], check

    reason, told = await failed(desk.holder)
    assert (reason, told["explanation"]) == ("rule_declined", "Large payments are blocked.")
    assert (told["would_pass"], told["detail"]) == (None, None)
    _, shown = await failed(await desk.staff(Role.SUPPORT))
    assert shown["detail"].startswith("too_much: amount ")
    assert shown["would_pass"].startswith("amount at most ")
    async with transaction(desk.engine) as session:
        await holders.balances(session, desk.holding)


async def test_everyones_payments_are_not_for_holders(desk: Desk) -> None:
    assert await desk.refused("/payments?everyone=true", desk.holder) == (403, "permission_missing")


async def test_other_peoples_payments_and_limits_do_not_exist(desk: Desk) -> None:
    await desk.pay(30_00, "iauth_1")
    [line] = (await desk.get("/payments"))["data"]
    stranger = await desk.stranger()
    assert (await desk.get("/payments", stranger))["data"] == []
    assert (await desk.get(f"/payments?card_id={line['card_id']}", stranger))["data"] == []
    assert await desk.refused(f"/payments/{line['id']}", stranger) == (404, "payment_unknown")
    assert await desk.refused(f"/payments/{new_id('pay')}", desk.holder) == (404, "payment_unknown")
    assert await desk.refused(f"/cards/{line['card_id']}/limits", stranger) == (404, "card_unknown")
    assert await desk.refused(f"/cards/{new_id('card')}/limits", desk.holder) == (404, "card_unknown")


@pytest.mark.parametrize("path", ["/payments", "/payments/{payment}", "/cards/{card}/limits"])
async def test_nobody_reads_without_signing_in(desk: Desk, path: str) -> None:
    asked = path.format(payment=new_id("pay"), card=desk.holding.cards[0].id)
    status, _ = await desk.refused(asked, {})
    assert status == 401


async def test_limits_tell_what_is_used_and_left_until_when_and_by_which_payments(desk: Desk) -> None:
    await desk.pay(30_00, "iauth_1", card=1)
    await desk.pay(45_00, "iauth_2", card=1)
    await desk.pay(60_00, "iauth_3")
    [paid] = [it["id"] for it in (await desk.get("/payments"))["data"] if it["held"] == 30_00]
    card = desk.holding.cards[1].id
    month, single = await desk.get(f"/cards/{card}/limits")
    plain = {"scope": "card", "measure": "amount", "span_seconds": None, "only": None}
    assert month == {
        "window": "month", "limit": 50_00, "used": 30_00, "remaining": 20_00,
        "resets_at": "2026-12-01T00:00:00Z", "payment_ids": [paid], **plain,
    }  # fmt: skip
    assert single == {
        "window": "per_authorization", "limit": 40_00, "used": 0, "remaining": 40_00, "resets_at": None,
        "payment_ids": [], **plain,
    }  # fmt: skip
    assert await desk.get(f"/cards/{desk.holding.cards[0].id}/limits") == []


async def test_a_limit_starts_anew_with_its_window(desk: Desk) -> None:
    await desk.pay(30_00, "iauth_1", card=1)
    desk.clock.instant = datetime(2026, 12, 1, tzinfo=UTC)
    later = await sign_in(desk.engine, desk.clock, desk.holding.user_id)
    [month, _] = await desk.get(f"/cards/{desk.holding.cards[1].id}/limits", later)
    assert (month["used"], month["payment_ids"]) == (0, [])
    assert month["resets_at"] == "2027-01-01T00:00:00Z"


SUPPOSED = {"name": "BAKERY", "mcc": "5462", "country": "US", "acceptor_id": "m_bakery"}


async def _preflight(desk: Desk, amount: int, *, card: int = 0, **more: Any) -> httpx.Response:
    path = f"/v1/cards/{desk.holding.cards[card].id}/preflight"
    body = {"amount": amount, "currency": "USD", "merchant": SUPPOSED, **more}
    return await desk.client.post(path, json=body, headers=desk.holder)


async def test_a_preflight_answers_as_the_purchase_will_be_answered_and_leaves_nothing(desk: Desk) -> None:
    await desk.pay(30_00, "iauth_1", card=1)
    tables = ("payments", "payment_elements", "decisions", "holds", "merchants", "outbox")
    counts = " UNION ALL ".join(f"SELECT count(*) FROM {table}" for table in tables)  # noqa: S608

    async def kept() -> list[int]:
        async with transaction(desk.engine) as session:
            return list((await session.execute(text(counts))).scalars())

    for amount in (900_00, 40_01, 20_01, 20_00):
        before = await kept()
        told = (await _preflight(desk, amount, card=1, merchant={**SUPPOSED, "name": f"NEW {amount}"})).json()
        assert await kept() == before
        approved = await desk.pay(amount, f"iauth_{amount}", card=1)
        assert (told["outcome"] == "approved") is approved, told
        [newest] = (await desk.get("/payments?limit=1"))["data"]
        [element] = (await desk.get(f"/payments/{newest['id']}"))["elements"]
        assert told["checks"] == element["decision"]["checks"]


async def test_a_preflight_says_what_would_let_the_purchase_pass(desk: Desk) -> None:
    told = (await _preflight(desk, 60_00, card=1)).json()
    assert (told["outcome"], told["reason_code"]) == ("declined", "limit_exceeded")
    failed = [check for check in told["checks"] if not check["passed"]]
    assert len(failed) == 2
    assert all(check["would_pass"] for check in failed)


async def test_nobody_preflights_with_the_card_of_somebody_else(desk: Desk) -> None:
    path = f"/v1/cards/{desk.holding.cards[0].id}/preflight"
    body = {"amount": 1, "currency": "USD", "merchant": SUPPOSED}
    answer = await desk.client.post(path, json=body, headers=await desk.stranger())
    assert (answer.status_code, answer.json()["code"]) == (404, "card_unknown")
