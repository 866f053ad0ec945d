"""Kept payment methods, auto top-up, withdrawals and refunds as their callers meet them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from browsers import sign_in
from cardwright import funding
from cardwright.access import Role, Viewer
from cardwright.core.clock import MovableClock
from cardwright.core.money import Money
from cardwright.db.jobs import Work
from cardwright.db.session import transaction
from cardwright.funding import (
    CardDetails,
    ChargeResult,
    ChargeStatus,
    PaymentSource,
    SavedMethod,
    SetupResult,
    SetupStatus,
    TopUp,
)
from integration.kyc.people import a_person, a_verified_person, deliver, the_program
from staff import grant_role

METHODS, RULE, WITHDRAWALS = "/v1/payment-methods", "/v1/auto-top-up", "/v1/withdrawals"
CAPS = {"threshold": 20_00, "amount": 50_00, "most_per_day": 100_00, "most_per_month": 500_00}


class Willing:
    """A gateway that agrees to everything at once."""

    async def create_customer(self, *, program_id: str, user_id: str) -> str:
        assert program_id
        return f"cus_{user_id}"

    async def set_up(self, method: SavedMethod, token: object, customer: str, return_url: str) -> SetupResult:
        assert return_url.endswith(method.id)
        assert "pm_" not in str(token)
        assert customer == f"cus_{method.user_id}"
        return SetupResult(
            SetupStatus.SUCCEEDED, f"seti_{method.id}", f"pm_{method.id}", method.id,
            CardDetails("visa", "4242", 12, 2030),
        )  # fmt: skip

    async def detach(self, reference: str) -> None:
        assert reference.startswith("pm_")

    async def charge(self, top_up: TopUp, source: PaymentSource, return_url: str) -> ChargeResult:
        assert return_url.endswith(top_up.id)
        assert source.token.reveal().startswith("pm_")
        money = Money(top_up.amount, top_up.currency)
        return ChargeResult(ChargeStatus.SUCCEEDED, f"pi_{top_up.id}", money, top_up.id)


@dataclass
class Counter:
    """The application, the worker, and a verified person who is signed in."""

    client: httpx.AsyncClient
    work: Work
    person: Mapping[str, str]
    sent: int = 0

    async def ask(self, method: str, path: str, body: Any = None, **headers: str) -> httpx.Response:
        self.sent += 1
        sent = {**self.person, "Idempotency-Key": f"key-{self.sent}", **headers}
        answer = await self.client.request(method, path, json=body, headers=sent)
        await deliver(self.work, [it for it in funding.SUBSCRIPTIONS if it.name != "funding.execute_refund"])
        return answer

    async def kept(self) -> str:
        made = await self.ask("POST", METHODS, {"payment_method_token": "pm_card_visa", "label": "Mine"})
        assert made.status_code == 201
        return str(made.json()["id"])

    async def paid(self, amount: int = 50_00) -> str:
        body = {"amount": amount, "currency": "USD", "payment_method_token": "pm_card_visa"}
        made = await self.ask("POST", "/v1/top-ups", body)
        return str(made.json()["id"])


@pytest.fixture
async def counter(client: httpx.AsyncClient, engine: AsyncEngine, clock: MovableClock) -> Counter:
    user_id = await a_verified_person(engine, clock)
    gateway = Willing()
    provided = {
        funding.FundingGateway: gateway,
        funding.MethodGateway: gateway,
        funding.TopUpReturn: funding.TopUpReturn("https://cardwright.test/top-ups"),
        funding.MethodReturn: funding.MethodReturn("https://cardwright.test/payment-methods"),
    }
    return Counter(client, Work(engine, clock, provided), await sign_in(engine, clock, user_id))


async def test_a_kept_method_shows_enough_to_be_known_and_no_more(counter: Counter) -> None:
    method_id = await counter.kept()
    shown = (await counter.ask("GET", f"{METHODS}/{method_id}")).json()
    assert (shown["status"], shown["label"], shown["is_default"]) == ("active", "Mine", True)
    assert shown["card"] == {"brand": "visa", "last4": "4242", "exp_month": 12, "exp_year": 2030}
    assert "pm_" not in str(shown)
    assert (await counter.ask("GET", METHODS)).json() == {"data": [shown]}


async def test_a_method_is_renamed_and_let_go(counter: Counter) -> None:
    method_id = await counter.kept()
    path = f"{METHODS}/{method_id}"
    assert (await counter.ask("PATCH", path, {"label": "Rent"})).json()["label"] == "Rent"
    for nothing in ({}, {"is_default": False}, {"label": ""}, {"label": "a\nb"}, {"state": "removed"}):
        assert (await counter.ask("PATCH", path, nothing)).status_code == 422
    assert (await counter.ask("DELETE", path)).status_code == 204
    assert (await counter.ask("GET", path)).json()["code"] == "payment_method_unknown"
    assert (await counter.ask("DELETE", path)).status_code == 404
    again = {"amount": 50_00, "currency": "USD", "payment_method_id": method_id}
    refused = await counter.ask("POST", "/v1/top-ups", again)
    assert (refused.status_code, refused.json()["code"]) == (422, "payment_method_unknown")


async def test_a_top_up_names_one_way_to_pay(counter: Counter) -> None:
    method_id = await counter.kept()
    body = {"amount": 50_00, "currency": "USD"}
    made = await counter.ask("POST", "/v1/top-ups", {**body, "payment_method_id": method_id})
    assert (made.status_code, made.json()["payment_method_id"]) == (201, method_id)
    both = {"payment_method_id": method_id, "payment_method_token": "pm_card_visa"}
    for wrong in ({}, both):
        refused = await counter.ask("POST", "/v1/top-ups", {**body, **wrong})
        assert (refused.status_code, refused.json()["code"]) == (422, "validation_failed")


async def test_a_rule_is_set_shown_and_switched_off(counter: Counter) -> None:
    assert (await counter.ask("GET", RULE)).json() == {"rule": None}
    wanted = {**CAPS, "payment_method_id": await counter.kept()}
    made = await counter.ask("PUT", RULE, wanted)
    assert (made.status_code, made.json()["is_on"]) == (200, True)
    shown = (await counter.ask("GET", RULE)).json()["rule"]
    assert (shown["added_today"], shown["currency"]) == (50_00, "USD")
    [added] = (await counter.ask("GET", "/v1/top-ups")).json()["data"]
    assert (added["origin"], added["status"]) == ("auto", "succeeded")
    assert (await counter.ask("DELETE", RULE)).status_code == 204
    off = (await counter.ask("GET", RULE)).json()["rule"]
    assert (off["is_on"], off["off_reason_code"]) == (False, "switched_off")
    refused = await counter.ask("PUT", RULE, {**wanted, "most_per_day": 1})
    assert (refused.status_code, refused.json()["code"]) == (422, "caps_contradict")


async def test_a_withdrawal_is_made_once_and_shows_where_it_goes(counter: Counter) -> None:
    top_up_id = await counter.paid()
    body = {"amount": 30_00, "currency": "USD", "order": "oldest_first"}
    made, again = [
        await counter.ask("POST", WITHDRAWALS, body, **{"Idempotency-Key": "once"}) for _ in range(2)
    ]
    assert (made.status_code, again.json()) == (201, made.json())
    [refund] = made.json()["refunds"]
    assert (refund["top_up_id"], refund["amount"], refund["status"]) == (top_up_id, 30_00, "requested")
    assert (await counter.ask("GET", WITHDRAWALS)).json()["data"] == [made.json()]
    assert (await counter.ask("GET", f"{WITHDRAWALS}/{made.json()['id']}")).json() == made.json()
    wallet = (await counter.ask("GET", "/v1/wallet")).json()
    assert (wallet["available_balance"], wallet["held"]) == (20_00, 30_00)


@pytest.mark.parametrize(
    ("changes", "status", "code"),
    [
        ({"amount": 50_01}, 409, "not_refundable"),
        ({"amount": 0}, 422, "validation_failed"),
        ({"amount": -1}, 422, "validation_failed"),
        ({"amount": "3000"}, 422, "validation_failed"),
        ({"amount": True}, 422, "validation_failed"),
        ({"amount": 1.5}, 422, "validation_failed"),
        ({"currency": "EUR"}, 422, "currency_not_supported"),
        ({"order": "random"}, 422, "validation_failed"),
        ({"to": "DE00"}, 422, "validation_failed"),
    ],
)
async def test_a_wrong_withdrawal_is_refused_and_changes_nothing(
    counter: Counter, changes: dict[str, Any], status: int, code: str
) -> None:
    await counter.paid()
    refused = await counter.ask("POST", WITHDRAWALS, {"amount": 30_00, "currency": "USD", **changes})
    assert (refused.status_code, refused.json()["code"]) == (status, code)
    assert (await counter.ask("GET", WITHDRAWALS)).json()["data"] == []
    assert (await counter.ask("GET", "/v1/wallet")).json()["held"] == 0


async def test_an_account_is_not_closed_while_money_is_on_its_way_back(counter: Counter) -> None:
    await counter.paid()
    await counter.ask("POST", WITHDRAWALS, {"amount": 50_00, "currency": "USD"})
    async with counter.work.transaction() as session:
        everybodys = Viewer((await the_program(session)).id, None)
        [owner] = await funding.withdrawals.list_visible(session, everybodys, cursor=None, limit=1)
        held = await funding.find_obstacles(session, program_id=owner[0].program_id, user_id=owner[0].user_id)
    assert [it.code for it in held] == ["withdrawals_open"]


async def test_finance_gives_a_top_up_back_with_a_factor_and_a_reason(
    counter: Counter, engine: AsyncEngine, clock: MovableClock
) -> None:
    top_up_id = await counter.paid()
    path, body = f"/v1/top-ups/{top_up_id}/refund", {"amount": 10_00, "reason": "Paid twice."}
    assert (await counter.ask("POST", path, body)).status_code == 403
    staff_id = await a_person(engine, clock, "finance@example.com")
    async with transaction(engine) as session:
        await grant_role(session, staff_id, Role.FINANCE, "system", clock.now())
    counter.person = await sign_in(engine, clock, staff_id, has_used_factor=True)
    made = await counter.ask("POST", path, body)
    assert (made.status_code, made.json()["kind"], made.json()["reason"]) == (201, "refund", "Paid twice.")
    assert (await counter.ask("POST", path, {"reason": "x", "amount": 40_01})).status_code == 409
    assert [it["id"] for it in (await counter.ask("GET", "/v1/top-ups")).json()["data"]] == [top_up_id]
    [shown] = (await counter.ask("GET", WITHDRAWALS)).json()["data"]
    assert shown == made.json()
