"""A case from the network's question to the next purchase that it stops."""

from collections.abc import Mapping
from typing import Any

import httpx

from browsers import forgetful_jar, sign_in
from builders import provided_for_tests
from cardwright import cases
from cardwright.access import Role
from cardwright.cards import CardState, NewCard
from cardwright.core.clock import SystemClock
from cardwright.core.ids import new_id
from cardwright.db.jobs import Work
from cardwright.db.session import transaction
from cardwright.main import build_app
from cardwright.rules import Rule, RuleAction
from cardwright.rules.domain import ListKind
from cardwright.rules.lists import create_list
from integration.cards.stand import Stand
from integration.kyc.people import a_person, drain
from staff import grant_role, publish_rulebook

SHOP = {
    "network_id": "100000000000001", "name": "CORNER SHOP", "category": "grocery_stores_supermarkets",
}  # fmt: skip
ELSEWHERE = {**SHOP, "network_id": "100000000000002", "name": "OTHER SHOP"}
RULES = [
    Rule("large", "amount >= 3000", RuleAction.FLAG, "Large for a shop."),
    Rule("blocked", "merchant.id in lists.blocked", RuleAction.DECLINE, "Nothing is bought there."),
]


async def an_analyst(stand: Stand) -> Mapping[str, str]:
    clock = SystemClock()
    user_id = await a_person(stand.engine, clock, "ana@example.com")
    async with transaction(stand.engine) as session:
        await grant_role(session, user_id, Role.FRAUD_ANALYST, "system", clock.now())
    return await sign_in(stand.engine, clock, user_id)


async def a_list_and_rules(stand: Stand) -> str:
    clock = SystemClock()
    async with transaction(stand.engine) as session:
        made = await create_list(
            session, program_id=stand.program_id, name="blocked", kind=ListKind.TEXT,
            description="No.", by="system", at=clock.now(),
        )  # fmt: skip
        await publish_rulebook(
            session, clock, program_id=stand.program_id, author_id=new_id("user"), rules=RULES, note="x",
            expected_version=0,
        )  # fmt: skip
    return made.id


async def background(stand: Stand) -> None:
    work = Work(stand.engine, SystemClock(), {})
    for event in await drain(stand.engine):
        for subscription in cases.SUBSCRIPTIONS:
            if subscription.event_type == event.type:
                await subscription.handle(work, event)


async def test_a_flagged_payment_ends_in_a_list_that_stops_the_next(stand: Stand) -> None:
    clock = SystemClock()
    list_id, analyst = await a_list_and_rules(stand), await an_analyst(stand)
    holder = await sign_in(stand.engine, clock, stand.user_id)
    app = build_app(stand.engine, await provided_for_tests(stand.engine, clock))
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(
        transport=transport, base_url="https://cardwright.test", cookies=forgetful_jar()
    ) as api:

        async def done(who: Mapping[str, str], method: str, path: str, body: Any = None) -> Any:
            headers = {**who, "Idempotency-Key": new_id("key")}
            answer = await api.request(method, f"/v1{path}", json=body, headers=headers)
            assert answer.is_success, answer.text
            return answer.json()

        paid = await stand.pay(30_00, merchant_data=SHOP)
        assert paid.approved
        await background(stand)
        [question] = (await done(holder, "GET", "/me/payment-questions"))["data"]
        assert (question["amount"], question["merchant_name"]) == (30_00, "CORNER SHOP")
        await done(holder, "POST", f"/me/payment-questions/{question['id']}/answer", {"answer": "no"})
        await stand.deliver()
        assert (await stand.card(question["card_id"])).state is CardState.FROZEN
        assert not (await stand.pay(1_00, merchant_data=ELSEWHERE)).approved

        case = await done(analyst, "POST", f"/cases/{question['id']}/claim")
        assert (case["priority"], case["answer"], case["rules"]) == ("high", "no", ["large"])
        decision = {
            "finding": "fraud", "reason": "The holder was at work.", "version": case["version"],
            "card": "replace", "notify_holder": True,
            "lists": [{"list_id": list_id, "field": "merchant.id"}],
        }  # fmt: skip
        decided = await done(analyst, "POST", f"/cases/{case['id']}/decide", decision)
        assert (decided["state"], decided["finding"]) == ("resolved", "fraud")
        await stand.deliver()

        other = await stand.issue(NewCard("Another"))
        stopped = await stand.pay(1_00, card=other.processor_reference, merchant_data=SHOP)
        assert not stopped.approved
        assert await stand.reason(stopped) == "rule_declined"
        elsewhere = await stand.pay(1_00, card=other.processor_reference, merchant_data=ELSEWHERE)
        assert elsewhere.approved
        evidence = await done(analyst, "GET", f"/cases/{case['id']}/evidence")
        [shown] = evidence["decisions"]
        assert [hit["rule"] for hit in shown["hits"]] == ["large"]
    async with transaction(stand.engine) as session:
        [label] = [it async for it in cases.labels(session, stand.program_id)]
    assert (label.payment_id, label.is_fraud, label.source) == (question["payment_id"], True, "case")
