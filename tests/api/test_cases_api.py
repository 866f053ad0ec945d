"""Cases as analysts work on them and as holders answer, over HTTP and a real database."""

import asyncio
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import httpx
import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from api.test_payments_api import Desk
from browsers import headers_of, opened_for, sign_in
from cardwright import cards, cases
from cardwright.access import Actor, Principal, Reach, Role, StepUpRequired
from cardwright.api_keys import Environment, NewKey, create_key
from cardwright.authentication.factors.domain import Owner
from cardwright.cards import CardState
from cardwright.cases import Label, answering, labels
from cardwright.cases.domain import Answer
from cardwright.core.clock import MovableClock
from cardwright.core.ids import new_id
from cardwright.db.jobs import Work
from cardwright.db.outbox import Event
from cardwright.db.session import transaction
from cardwright.rules import Rule, RuleAction
from integration.authentication import factor_people
from integration.kyc.people import a_person, drain
from integration.payments import holders
from staff import grant_role, publish_rulebook

FLAGGING = Rule("large", "amount >= 3000", RuleAction.FLAG, "Large.")
BODY: Mapping[str, Any] = {"finding": "fraud", "reason": "Nobody buys there."}


@dataclass
class CaseDesk:
    """A holder who pays, and analysts who look at it."""

    desk: Desk
    analyst: Mapping[str, str]
    analyst_id: str
    told: list[Event]

    async def ask(
        self, method: str, path: str, body: Any = None, who: Mapping[str, str] | None = None
    ) -> httpx.Response:
        headers = {**(self.analyst if who is None else who), "Idempotency-Key": new_id("key")}
        return await self.desk.client.request(method, f"/v1{path}", json=body, headers=headers)

    async def done(self, *asked: Any, **more: Any) -> Any:
        answer = await self.ask(*asked, **more)
        assert answer.is_success, answer.text
        return answer.json()

    async def refused(self, *asked: Any, **more: Any) -> tuple[int, str]:
        answer = await self.ask(*asked, **more)
        assert answer.is_client_error, answer.text
        return answer.status_code, answer.json()["code"]

    async def background(self) -> None:
        """Deliver each event to cases twice, as a queue may."""
        work = Work(self.desk.engine, self.desk.clock, {})
        for event in await drain(self.desk.engine):
            self.told.append(event)
            for subscription in cases.SUBSCRIPTIONS:
                if subscription.event_type == event.type:
                    await subscription.handle(work, event)
                    await subscription.handle(work, event)

    async def flagged(self, amount: int = 30_00, reference: str = "iauth_1", card: int = 1) -> Any:
        """Let the holder pay what a rule flags, and return the case."""
        await self.desk.pay(amount, reference, card=card)
        await self.background()
        await self.background()
        return (await self.done("GET", "/cases"))["data"][-1]

    async def claimed(self, **more: Any) -> Any:
        case = await self.flagged(**more)
        return await self.done("POST", f"/cases/{case['id']}/claim")

    async def decide(self, case: Any, **changes: Any) -> httpx.Response:
        body = {**BODY, "version": case["version"], **changes}
        return await self.ask("POST", f"/cases/{case['id']}/decide", body)

    async def say(self, case: Any, said: str, who: Mapping[str, str] | None = None) -> httpx.Response:
        path = f"/me/payment-questions/{case['id']}/answer"
        return await self.ask("POST", path, {"answer": said}, who or self.desk.holder)

    async def another(self, role: Role = Role.FRAUD_ANALYST) -> tuple[str, Mapping[str, str]]:
        user_id = await a_person(self.desk.engine, self.desk.clock, f"{new_id('mail')}@example.com")
        async with transaction(self.desk.engine) as session:
            await grant_role(session, user_id, role, "system", self.desk.clock.now())
        return user_id, await sign_in(self.desk.engine, self.desk.clock, user_id)

    async def card(self, number: int = 1) -> cards.Card:
        async with transaction(self.desk.engine) as session:
            found = await cards.find_card(session, self.desk.holding.cards[number].id)
        assert found is not None
        return found

    async def labels(self, **wanted: Any) -> list[Label]:
        async with transaction(self.desk.engine) as session:
            return [it async for it in labels(session, self.desk.holding.program_id, **wanted)]

    async def count(self, table: str) -> int:
        async with transaction(self.desk.engine) as session:
            return int((await session.execute(text(f"SELECT count(*) FROM {table}"))).scalar_one())  # noqa: S608


@pytest.fixture
async def office(client: httpx.AsyncClient, engine: AsyncEngine, clock: MovableClock) -> CaseDesk:
    holding = await holders.a_holding(engine, clock, [], [], balance=2000_00)
    opened = await opened_for(engine, clock, holding.user_id, has_used_factor=True)
    desk = Desk(client, engine, clock, holding, headers_of(opened.secret.reveal()))
    async with transaction(engine) as session:
        await publish_rulebook(
            session, clock, program_id=holding.program_id, author_id=new_id("user"), rules=[FLAGGING],
            note="first", expected_version=0,
        )  # fmt: skip
    made = CaseDesk(desk, {}, "", [])
    made.analyst_id, made.analyst = await made.another()
    await drain(engine)
    return made


async def test_a_flagged_payment_becomes_one_case_however_often_it_is_told_of(office: CaseDesk) -> None:
    case = await office.flagged()
    [listed] = (await office.done("GET", "/cases"))["data"]
    assert listed == case
    assert (case["state"], case["priority"], case["rules"], case["version"]) == (
        "open", "low", ["large"], 1,
    )  # fmt: skip
    assert (case["amount"], case["currency"], case["source"]) == (30_00, "USD", "rules")
    file = await office.done("GET", f"/cases/{case['id']}")
    assert [it["kind"] for it in file["activities"]] == ["opened"]
    assert [event.type for event in office.told].count("cases.question_asked") == 1
    await office.desk.pay(1_00, "iauth_2", card=1)
    await office.background()
    assert await office.count("cases") == 1


async def test_an_increment_that_is_flagged_joins_the_case_and_opens_it_again(office: CaseDesk) -> None:
    case = await office.claimed()
    assert (await office.decide(case, finding="genuine")).status_code == 200
    assert await office.desk.pay(40_00, "iauth_1", card=1, earlier=1)
    await office.background()
    [again] = (await office.done("GET", "/cases"))["data"]
    assert (again["id"], again["state"], again["finding"]) == (case["id"], "open", None)


async def test_the_evidence_tells_all_there_is(office: CaseDesk) -> None:
    first = await office.flagged(reference="iauth_0")
    await office.desk.pay(2_00, "iauth_small", card=1)
    case = await office.flagged(amount=31_00)
    found = await office.done("GET", f"/cases/{case['id']}/evidence")
    assert found["payment"]["id"] == case["payment_id"]
    assert [it["kind"] for it in found["elements"]] == ["authorization"]
    [decided] = found["decisions"]
    assert decided["decision"]["outcome"] == "approved"
    assert [(hit["rule"], hit["action"]) for hit in decided["hits"]] == [("large", "flag")]
    assert "31" in decided["hits"][0]["explanation"]
    assert [it["amount"] for it in found["card_payments"]] == [31_00, 2_00, 30_00]
    assert (found["card_payments_cursor"], found["disputes"], found["kyc_level"]) == (None, [], 2)
    [like] = found["similar"]
    assert (like["id"], like["same"]) == (first["id"], ["merchant", "card", "holder", "rule large"])


async def test_a_case_is_claimed_by_one_of_two_who_try_at_once(office: CaseDesk) -> None:
    case = await office.flagged()
    _, other = await office.another()
    answers = await asyncio.gather(
        *(office.ask("POST", f"/cases/{case['id']}/claim", None, who) for who in (office.analyst, other))
    )
    assert sorted(it.status_code for it in answers) == [200, 409]
    [loser] = [it.json() for it in answers if it.status_code == 409]
    [winner] = [it.json() for it in answers if it.status_code == 200]
    assert (loser["code"], loser["assignee_id"]) == ("case_assigned", winner["assignee_id"])


async def test_a_case_is_decided_once_whoever_decides_at_once(office: CaseDesk) -> None:
    case = await office.claimed()
    answers = await asyncio.gather(
        *(office.decide(case, finding=finding) for finding in ("fraud", "genuine", "unclear"))
    )
    assert sorted(it.status_code for it in answers) == [200, 409, 409]
    assert {it.json().get("code") for it in answers} == {None, "case_resolved"}
    assert await office.count("payment_labels") == 1


async def test_of_holder_and_staff_at_once_exactly_one_is_heard(office: CaseDesk) -> None:
    outcomes: Counter[tuple[int, int]] = Counter()
    for number in range(4):
        case = await office.claimed(reference=f"iauth_{number}")
        said, decided = await asyncio.gather(office.say(case, "yes"), office.decide(case, finding="unclear"))
        outcomes[said.status_code, decided.status_code] += 1
        loser = said if said.status_code == 409 else decided
        assert loser.json()["code"] in ("question_closed", "case_resolved")
    assert set(outcomes) <= {(200, 409), (409, 200)}


async def test_yes_resolves_the_case_as_genuine(office: CaseDesk) -> None:
    case = await office.flagged()
    [question] = (await office.done("GET", "/me/payment-questions", who=office.desk.holder))["data"]
    assert (question["id"], question["can_answer"]) == (case["id"], True)
    assert "rules" not in question
    answered = (await office.say(case, "yes")).json()
    assert (answered["answer"], answered["can_answer"]) == ("yes", False)
    shown = (await office.done("GET", f"/cases/{case['id']}"))["case"]
    assert (shown["state"], shown["finding"], shown["resolved_by"]) == (
        "resolved", "genuine", office.desk.holding.user_id,
    )  # fmt: skip
    [label] = await office.labels()
    assert (label.is_fraud, label.source) == (False, "holder")
    assert (await office.say(case, "no")).json()["code"] == "question_answered"


async def test_yes_needs_the_factor_of_whoever_has_one_and_no_does_not(office: CaseDesk) -> None:
    case = await office.flagged()
    desk = office.desk
    await factor_people.Person(
        desk.engine, desk.clock, Owner(desk.holding.user_id, desk.holding.program_id), new_id("ses")
    ).with_app()
    without = await sign_in(desk.engine, desk.clock, desk.holding.user_id)
    refused = await office.say(case, "yes", without)
    assert (refused.status_code, refused.json()["code"]) == (401, "step_up_required")
    assert "totp" in refused.json()["methods"]
    assert (await office.say(case, "no", without)).status_code == 200


async def test_whoever_has_no_factor_says_yes_with_the_session_alone_which_unlocks_nothing(
    office: CaseDesk,
) -> None:
    case = await office.flagged()
    desk = office.desk
    only_password = await sign_in(desk.engine, desk.clock, desk.holding.user_id)
    card_id = desk.holding.cards[1].id
    async with transaction(desk.engine) as session:
        await cards.change_state(
            session, card_id, CardState.FROZEN, user_id=desk.holding.user_id, reason="lost",
            at=desk.clock.now(),
        )  # fmt: skip
    assert (await office.say(case, "yes", only_password)).status_code == 200
    shown = (await office.done("GET", f"/cases/{case['id']}"))["case"]
    assert (shown["state"], shown["finding"]) == ("resolved", "genuine")
    assert (await office.card()).state is CardState.FROZEN


async def test_an_application_says_yes_for_nobody_who_has_no_factor(office: CaseDesk) -> None:
    case = await office.flagged()
    holding, at = office.desk.holding, office.desk.clock.now()
    app = Principal(
        holding.user_id, holding.program_id, session_id=new_id("ses"),
        scopes=frozenset({"payment_questions.answer"}),
    )  # fmt: skip
    with pytest.raises(StepUpRequired):
        async with transaction(office.desk.engine) as session:
            await answering.answer(session, case["id"], Answer.YES, by=Actor(app, Reach.OWN), at=at)


async def test_no_freezes_the_card_and_leaves_an_urgent_case(office: CaseDesk) -> None:
    case = await office.flagged()
    assert (await office.say(case, "no")).status_code == 200
    assert (await office.card()).state is CardState.FROZEN
    shown = (await office.done("GET", f"/cases/{case['id']}"))["case"]
    assert (shown["state"], shown["priority"], shown["answer"]) == ("open", "high", "no")
    assert shown["due_at"] < case["due_at"]
    [label] = await office.labels()
    assert (label.is_fraud, label.source, label.labelled_by) == (
        True, "holder", office.desk.holding.user_id,
    )  # fmt: skip


async def test_a_question_of_another_does_not_exist_and_an_old_one_is_over(office: CaseDesk) -> None:
    case = await office.flagged()
    stranger = await office.desk.stranger()
    assert (await office.say(case, "no", stranger)).status_code == 404
    assert (await office.done("GET", "/me/payment-questions", who=stranger))["data"] == []
    office.desk.clock.advance(timedelta(days=7))
    office.desk.holder = await sign_in(office.desk.engine, office.desk.clock, office.desk.holding.user_id)
    late = await office.say(case, "no")
    assert (late.status_code, late.json()["code"]) == (409, "question_expired")
    assert (await office.card()).state is CardState.ACTIVE


async def test_a_holder_reports_what_no_rule_saw(office: CaseDesk) -> None:
    await office.desk.pay(1_00, "iauth_1", card=1)
    [payment] = (await office.desk.get("/payments"))["data"]
    path = f"/payments/{payment['id']}/report-fraud"
    assert (await office.refused("POST", path, who=await office.desk.stranger()))[0] == 404
    await office.done("POST", path, who=office.desk.holder)
    [case] = (await office.done("GET", "/cases"))["data"]
    assert (case["source"], case["priority"], case["answer"]) == ("holder", "high", "no")
    assert (await office.card()).state is CardState.FROZEN
    assert await office.refused("POST", path, who=office.desk.holder) == (409, "fraud_reported")


async def test_fraud_replaces_the_card_disputes_lists_and_tells_in_one_go(office: CaseDesk) -> None:
    made = await office.done(
        "POST", "/rule-lists", {"name": "blocked", "kind": "text", "description": "Blocked."}
    )
    case = await office.claimed()
    answer = await office.decide(
        case, card="replace", lists=[{"list_id": made["id"], "field": "merchant.id"}], notify_holder=True
    )
    assert answer.status_code == 200, answer.text
    old = await office.card()
    assert (old.state, old.replaced_by is not None) == (CardState.CANCELED, True)
    [entry] = await office.done("GET", f"/rule-lists/{made['id']}/entries")
    assert entry["value"] == "m_bakery"
    assert entry["reason"] == f"{case['id']}: {BODY['reason']}"
    await office.background()
    assert "cases.payment_reviewed" in [event.type for event in office.told]
    [label] = await office.labels()
    assert (label.is_fraud, label.source, label.labelled_by) == (True, "case", office.analyst_id)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"lists": [{"list_id": new_id("rlist"), "field": "merchant.id"}]}, "list_unknown"),
        ({"dispute": {"explanation": "Not theirs."}}, "clearing_unknown"),
        ({"finding": "genuine", "dispute": {"explanation": "Not theirs."}}, "effects_contradict"),
        ({"finding": "genuine", "card": "replace"}, "effects_contradict"),
        ({"version": 7}, "case_changed"),
    ],
)
async def test_an_effect_that_cannot_be_leaves_everything_as_it_was(
    office: CaseDesk, changes: Mapping[str, Any], code: str
) -> None:
    case = await office.claimed()
    refused = await office.decide(case, **{"card": "lock", **changes})
    assert refused.json()["code"] == code
    assert (await office.done("GET", f"/cases/{case['id']}"))["case"] == case
    assert (await office.card()).lock is None
    assert await office.count("payment_labels") == 0


async def test_an_effect_needs_the_permission_of_what_it_does(office: CaseDesk) -> None:
    case, now = await office.claimed(), office.desk.clock.now()
    async with transaction(office.desk.engine) as session:
        owner = Principal(office.analyst_id, office.desk.holding.program_id)
        wanted = NewKey("Program", frozenset({"cases.write"}), now + timedelta(days=1))
        _, minted = await create_key(session, wanted, Environment.TEST, owner=owner, at=now)
    key = {"Authorization": f"Bearer {minted.text.reveal()}"}
    path, body = f"/cases/{case['id']}/decide", {**BODY, "version": case["version"]}
    refused = await office.refused("POST", path, {**body, "card": "lock"}, key)
    assert refused == (403, "permission_missing")
    assert (await office.done("POST", path, body, key))["state"] == "resolved"


async def test_what_is_genuine_unlocks_the_card(office: CaseDesk) -> None:
    case = await office.claimed()
    async with transaction(office.desk.engine) as session:
        await cards.lock(session, case["card_id"], reason="odd", staff_id="rules", at=office.desk.clock.now())
    assert (await office.decide(case, finding="genuine", card="unlock")).status_code == 200
    assert (await office.card()).lock is None


async def test_deciding_needs_the_case_in_ones_own_hands(office: CaseDesk) -> None:
    case = await office.flagged()
    assert (await office.decide(case)).json()["code"] == "case_unclaimed"
    other_id, other = await office.another()
    assigned = await office.done(
        "POST", f"/cases/{case['id']}/assign", {"assignee_id": other_id, "version": case["version"]}
    )
    assert (await office.decide(assigned)).json()["code"] == "case_assigned"
    unfit = {"assignee_id": office.desk.holding.user_id, "version": assigned["version"]}
    assert await office.refused("POST", f"/cases/{case['id']}/assign", unfit) == (422, "assignee_unfit")
    body = {**BODY, "version": assigned["version"]}
    assert (await office.ask("POST", f"/cases/{case['id']}/decide", body, other)).status_code == 200


async def test_a_case_is_reopened_with_a_reason_and_decided_anew(office: CaseDesk) -> None:
    case = await office.claimed()
    decided = (await office.decide(case)).json()
    before = office.desk.clock.now()
    office.desk.clock.advance(timedelta(minutes=1))
    reopened = await office.done(
        "POST", f"/cases/{case['id']}/reopen", {"reason": "The holder called.", "version": decided["version"]}
    )
    assert (reopened["state"], reopened["finding"], reopened["assignee_id"]) == ("open", None, None)
    again = await office.done("POST", f"/cases/{case['id']}/claim")
    assert (await office.decide(again, finding="genuine")).status_code == 200
    assert [it.is_fraud for it in await office.labels()] == [False]
    assert [it.is_fraud for it in await office.labels(as_of=before)] == [True]
    assert await office.labels(since=office.desk.clock.now() + timedelta(seconds=1)) == []
    third = await office.done("GET", f"/cases/{case['id']}")
    assert [it["kind"] for it in third["activities"]] == [
        "opened", "assigned", "decided", "reopened", "assigned", "decided",
    ]  # fmt: skip


async def test_what_is_unclear_takes_an_earlier_label_back(office: CaseDesk) -> None:
    case = await office.flagged()
    await office.say(case, "no")
    office.desk.clock.advance(timedelta(minutes=1))
    claimed = await office.done("POST", f"/cases/{case['id']}/claim")
    assert (await office.decide(claimed, finding="unclear")).status_code == 200
    assert await office.labels() == []
    assert await office.count("payment_labels") == 2


async def test_an_overdue_case_is_told_of_once_and_seen_in_the_queue(office: CaseDesk) -> None:
    case = await office.claimed()
    assert (await office.done("GET", "/cases?overdue=true"))["data"] == []
    office.desk.clock.advance(timedelta(hours=72))
    office.analyst = await sign_in(office.desk.engine, office.desk.clock, office.analyst_id)
    [late] = (await office.done("GET", "/cases?overdue=true"))["data"]
    assert (late["id"], late["is_overdue"]) == (case["id"], True)
    work = Work(office.desk.engine, office.desk.clock, {})
    marked = await asyncio.gather(*(cases.mark_overdue_cases(work) for _ in range(2)))
    assert sum(marked) == 1
    assert await cases.mark_overdue_cases(work) == 0
    await office.background()
    told = [event for event in office.told if "overdue" in event.type]
    assert [event.type for event in told] == ["cases.case_overdue", "cases.assigned_case_overdue"]
    assert told[1].payload["user_id"] == office.analyst_id


async def test_the_queue_is_filtered_counted_and_paged_by_when_cases_are_due(office: CaseDesk) -> None:
    low = await office.flagged(amount=30_00, reference="iauth_1")
    high = await office.flagged(amount=600_00, reference="iauth_2")
    normal = await office.flagged(amount=60_00, reference="iauth_3")
    await office.done("POST", f"/cases/{normal['id']}/claim")

    async def ids(query: str) -> list[str]:
        return [it["id"] for it in (await office.done("GET", f"/cases?{query}"))["data"]]

    by_due = sorted((await office.done("GET", "/cases"))["data"], key=lambda it: it["due_at"])
    assert await ids("") == [it["id"] for it in by_due]
    assert {it["priority"] for it in by_due} == {"high", "normal", "low"}
    first = await office.done("GET", "/cases?limit=2")
    rest = await office.done("GET", f"/cases?limit=2&cursor={first['next_cursor']}")
    assert [it["id"] for it in first["data"] + rest["data"]] == await ids("")
    assert len(await ids("priority=high")) == 1
    assert await ids(f"assignee_id={office.analyst_id}") == await ids("state=in_review")
    assert await ids("rule=large&overdue=false") == await ids("")
    assert await ids("rule=small") == []
    assert await ids(f"card_id={low['card_id']}&user_id={high['user_id']}") == await ids("")
    counts = await office.done("GET", "/cases/counts")
    assert counts == {
        "states": {"open": 2, "in_review": 1}, "priorities": {"high": 1, "normal": 1, "low": 1},
        "overdue": 0, "mine": 1,
    }  # fmt: skip


async def test_notes_are_kept_sealed_with_their_author(office: CaseDesk) -> None:
    case = await office.flagged()
    words = "The holder was abroad that week."
    await office.done("POST", f"/cases/{case['id']}/notes", {"words": words})
    [note] = (await office.done("GET", f"/cases/{case['id']}"))["notes"]
    assert (note["words"], note["author_id"]) == (words, office.analyst_id)
    async with transaction(office.desk.engine) as session:
        kept = (await session.execute(text("SELECT words FROM case_notes"))).scalar_one()
    assert "abroad" not in kept


async def test_staff_open_a_case_by_hand_and_may_have_the_holder_asked(office: CaseDesk) -> None:
    await office.desk.pay(1_00, "iauth_1", card=1)
    [payment] = (await office.desk.get("/payments"))["data"]
    body = {"payment_id": payment["id"], "reason": "A tip.", "ask_holder": True}
    opened = await office.done("POST", "/cases", body)
    assert (opened["case"]["source"], opened["activities"][0]["details"]["reason"]) == ("staff", "A tip.")
    assert await office.refused("POST", "/cases", body) == (409, "case_exists")
    [question] = (await office.done("GET", "/me/payment-questions", who=office.desk.holder))["data"]
    assert question["id"] == opened["case"]["id"]
    body = {"payment_id": new_id("pay"), "reason": "A tip."}
    assert (await office.refused("POST", "/cases", body))[0] == 404
