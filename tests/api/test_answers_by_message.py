"""Answers from messages: the link of an e-mail and the buttons of a push message, against a real database."""

import asyncio
import random
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from html import unescape
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from api.test_cases_api import CaseDesk, office
from builders import provided_for_tests
from cardwright.authentication import EmailCodes
from cardwright.authentication.factors.domain import Owner
from cardwright.cards import CardState
from cardwright.cases.answering import answer_by_text
from cardwright.cases.domain import Answer
from cardwright.challenges import ChallengeState
from cardwright.core.clock import MovableClock
from cardwright.core.errors import Conflict
from cardwright.core.ids import new_id
from cardwright.core.sensitive import Sensitive
from cardwright.db.jobs import Work
from cardwright.db.outbox import Event
from cardwright.notifications import EmailMessage, EmailSender, PushMessage, PushSender
from cardwright.notifications.answer_links import issue, read
from cardwright.notifications.composing import compose
from cardwright.notifications.people import find_people
from cardwright.notifications.planning import plan
from cardwright.notifications.service import register_device, revoke_device
from cardwright.notifications.store import notification_of, notifications
from cardwright.programs import Program
from integration.authentication.factor_people import Person
from integration.challenges.scene import a_scene
from integration.kyc.people import drain
from software_authenticator import SoftwareAuthenticator

__all__ = ["office"]

OTHER_KEY = Sensitive("another key of codes, for tests only")
LINK = re.compile(r'href="([^"]*/answers\?t=[^"]*)"')


@dataclass
class Mailbox:
    """What a person's messages ask, and the person who answers without being signed in."""

    client: httpx.AsyncClient
    work: Work
    program_id: str

    async def device(self, user_id: str) -> str:
        async with self.work.transaction() as session:
            made = await register_device(
                session, program_id=self.program_id, user_id=user_id, platform="android",
                push_token=new_id("token"), at=self.work.clock.now(),
            )  # fmt: skip
        return made.id

    async def tokens(self, event: Event) -> tuple[str, dict[str, str]]:
        """Have an event told; return the token of the e-mail's link and those of the push's buttons."""
        await plan(self.work, event)
        async with self.work.transaction() as session:
            found = await session.execute(notifications.select().where(notifications.c.event_id == event.id))
            composed: list[Any] = []
            for row in found.all():
                if row.channel in {"email", "push"}:
                    people = await find_people(session, [row.user_id])
                    composed += await compose(session, self.work, notification_of(row), people[row.user_id])
        [letter] = [it for it in composed if isinstance(it, EmailMessage)]
        [push] = [it for it in composed if isinstance(it, PushMessage)]
        [link] = set(LINK.findall(letter.html))
        assert unescape(link) in letter.text
        [token] = parse_qs(urlsplit(unescape(link)).query)["t"]
        return token, {action.name: action.token.reveal() for action in push.actions}

    async def open(self, token: str) -> httpx.Response:
        return await self.client.get("/answers", params={"t": token})

    async def press(self, token: str, answer: str) -> httpx.Response:
        return await self.client.post("/answers", data={"t": token, "answer": answer})

    async def push(self, token: str, answer: str) -> httpx.Response:
        return await self.client.post("/v1/answers", json={"token": token, "answer": answer})


@pytest.fixture
async def mailbox(client: httpx.AsyncClient, engine: AsyncEngine, clock: MovableClock) -> Mailbox:
    provided = {**await provided_for_tests(engine, clock), EmailSender: object(), PushSender: object()}
    work = Work(engine, clock, provided)
    return Mailbox(client, work, provided[Program].id)


async def asked(office: CaseDesk, mailbox: Mailbox, **more: Any) -> tuple[Any, str, dict[str, str]]:
    """Let the holder pay what is flagged; return the case and the tokens of the question."""
    case = await office.flagged(**more)
    event = next(it for it in reversed(office.told) if it.type == "cases.question_asked")
    return case, *await mailbox.tokens(event)


async def answer_of(office: CaseDesk, case: Any) -> str | None:
    return (await office.done("GET", f"/cases/{case['id']}"))["case"]["answer"]


async def with_factor(office: CaseDesk) -> None:
    desk = office.desk
    owner = Owner(desk.holding.user_id, desk.holding.program_id)
    await Person(desk.engine, desk.clock, owner, new_id("ses")).with_passkey(SoftwareAuthenticator())


async def test_opening_a_link_changes_nothing_and_shows_merchant_and_amount_alone(
    office: CaseDesk, mailbox: Mailbox
) -> None:
    await mailbox.device(office.desk.holding.user_id)
    case, token, _ = await asked(office, mailbox)
    for _ in range(3):
        page = await mailbox.open(token)
    assert page.status_code == 200
    assert await answer_of(office, case) is None
    shown = re.sub(r"<style>.*?</style>", "", page.text, flags=re.DOTALL)
    assert "30.00" in shown
    assert case["merchant_name"][:8] in shown
    for secret in ("4242", "@", case["id"], case["card_id"], case["payment_id"], office.desk.holding.user_id):
        assert secret not in shown.replace(token, "")
    policy = page.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "script" not in policy + page.text
    assert page.headers["Cache-Control"] == "no-store"
    assert page.headers["Referrer-Policy"] == "no-referrer"


@pytest.mark.parametrize(("said", "words"), [("yes", "it was you"), ("no", "frozen")])
async def test_a_link_answers_once_and_then_says_that_it_was_answered(
    office: CaseDesk, mailbox: Mailbox, said: str, words: str
) -> None:
    await mailbox.device(office.desk.holding.user_id)
    case, token, _ = await asked(office, mailbox)
    first, again = await mailbox.press(token, said), await mailbox.press(token, "no")
    assert (first.status_code, words in first.text) == (200, True)
    assert (again.status_code, "answered already" in again.text) == (409, True)
    assert "answered already" in (await mailbox.open(token)).text
    assert await answer_of(office, case) == said
    assert (await office.card()).state is (CardState.FROZEN if said == "no" else CardState.ACTIVE)
    timeline = (await office.done("GET", f"/cases/{case['id']}"))["activities"]
    assert [it["details"]["answered_by"] for it in timeline if it["kind"] == "answered"] == ["email"]


async def test_a_button_of_a_push_message_answers_without_a_sign_in(
    office: CaseDesk, mailbox: Mailbox
) -> None:
    await mailbox.device(office.desk.holding.user_id)
    case, _, buttons = await asked(office, mailbox)
    assert set(buttons) == {"yes", "no"}
    answered = await mailbox.push(buttons["no"], "no")
    assert answered.json()["outcome"] == "denied"
    repeated = await mailbox.push(buttons["yes"], "yes")
    assert (repeated.status_code, repeated.json()["code"]) == (409, "question_answered")
    assert await answer_of(office, case) == "no"


async def test_whoever_has_a_factor_says_yes_with_it_and_no_without(
    office: CaseDesk, mailbox: Mailbox
) -> None:
    await mailbox.device(office.desk.holding.user_id)
    await with_factor(office)
    case, token, buttons = await asked(office, mailbox)
    assert set(buttons) == {"no"}
    page = await mailbox.open(token)
    assert 'value="yes"' not in page.text
    assert "sign in and use your passkey" in page.text
    for refused in (await mailbox.press(token, "yes"), await mailbox.push(buttons["no"], "yes")):
        assert refused.status_code == 403
    assert await answer_of(office, case) is None
    assert (await mailbox.press(token, "no")).status_code == 200


async def test_forged_changed_and_expired_links_answer_nothing(office: CaseDesk, mailbox: Mailbox) -> None:
    holder = office.desk.holding.user_id
    device_id = await mailbox.device(holder)
    _, token, buttons = await asked(office, mailbox)
    codes = mailbox.work.get(EmailCodes)
    body, _, proof = token.partition(".")
    other = issue(EmailCodes(OTHER_KEY), read(codes, token))
    for wrong in (body, f"{body}.{proof[:-1]}", f"{body[:-1]}.{proof}", other, "", "é", "." * 9, "x" * 1024):
        answered = await mailbox.press(wrong, "no")
        assert answered.status_code in {404, 422}, wrong
    async with mailbox.work.transaction() as session:
        await revoke_device(session, user_id=holder, device_id=device_id, at=mailbox.work.clock.now())
    assert (await mailbox.push(buttons["no"], "no")).json()["code"] == "link_invalid"
    office.desk.clock.advance(timedelta(days=8))
    late = await mailbox.press(token, "no")
    assert (late.status_code, "time to answer is over" in late.text) == (409, True)
    async with mailbox.work.transaction() as session:
        kept = (await session.execute(text("SELECT answer FROM cases"))).scalar_one()
    assert kept is None


async def test_a_link_to_an_address_that_was_given_up_is_no_good(office: CaseDesk, mailbox: Mailbox) -> None:
    await mailbox.device(office.desk.holding.user_id)
    _, token, _ = await asked(office, mailbox)
    permit = read(mailbox.work.get(EmailCodes), token)
    elsewhere = issue(mailbox.work.get(EmailCodes), replace(permit, place="another address"))
    assert (await mailbox.press(elsewhere, "no")).status_code == 404


async def test_any_order_of_answers_over_all_ways_gives_exactly_one(
    office: CaseDesk, mailbox: Mailbox
) -> None:
    holder = office.desk.holding.user_id
    await mailbox.device(holder)
    questions = [await asked(office, mailbox, reference=f"iauth_{number}") for number in range(6)]
    chance = random.Random(7)  # noqa: S311 - which order is tried

    async def say(way: str, said: str, question: tuple[Any, str, Mapping[str, str]]) -> bool:
        case, token, buttons = question
        match way:
            case "app":
                return (await office.say({"id": case["id"]}, said)).is_success
            case "email":
                return (await mailbox.press(token, said)).is_success
            case "push":
                return (await mailbox.push(buttons[said], said)).is_success
        try:
            async with mailbox.work.transaction() as session:
                at = mailbox.work.clock.now()
                await answer_by_text(session, case["id"], Answer(said), user_id=holder, at=at)
        except Conflict:
            return False
        return True

    for number, question in enumerate(questions):
        tries = [(way, chance.choice(("yes", "no"))) for way in ("app", "email", "push", "sms") * 2]
        chance.shuffle(tries)
        if number % 2:
            results = await asyncio.gather(*(say(way, said, question) for way, said in tries))
        else:
            results = [await say(way, said, question) for way, said in tries]
        assert results.count(True) == 1
        assert await answer_of(office, question[0]) == tries[results.index(True)][1]
        timeline = (await office.done("GET", f"/cases/{question[0]['id']}"))["activities"]
        answered = [it["details"]["answered_by"] for it in timeline if it["kind"] == "answered"]
        assert answered == [tries[results.index(True)][0]]


async def test_a_purchase_is_refused_by_a_message_and_approved_only_signed_in(
    engine: AsyncEngine, clock: MovableClock, mailbox: Mailbox
) -> None:
    scene = await a_scene(engine, clock)
    await mailbox.device(scene.holder.user_id)
    await scene.asked()
    event = next(it for it in await drain(engine) if it.type == "challenges.challenge_requested")
    token, buttons = await mailbox.tokens(event)
    assert set(buttons) == {"refuse"}
    page = await mailbox.open(token)
    assert "To approve it, sign in" in page.text
    for refused in (await mailbox.press(token, "approve"), await mailbox.push(buttons["refuse"], "approve")):
        assert refused.status_code == 403
    assert (await mailbox.push(buttons["refuse"], "yes")).json()["code"] == "answer_impossible"
    assert (await scene.stored()).state is ChallengeState.PENDING
    done = await mailbox.press(token, "refuse")
    assert (done.status_code, "was refused" in done.text) == (200, True)
    kept = await scene.stored()
    assert (kept.state, kept.decided_by) == (ChallengeState.REFUSED, scene.holder.user_id)
    again = await mailbox.push(buttons["refuse"], "refuse")
    assert (again.status_code, again.json()["code"]) == (409, "challenge_decided")
    async with mailbox.work.transaction() as session:
        told = await session.execute(
            text("SELECT details FROM audit_entries WHERE action = 'challenge.refused'")
        )
        assert [it["way"] for it in told.scalars()] == ["email"]


async def test_a_purchase_that_waits_no_more_says_so(
    engine: AsyncEngine, clock: MovableClock, mailbox: Mailbox
) -> None:
    scene = await a_scene(engine, clock)
    await mailbox.device(scene.holder.user_id)
    await scene.asked()
    event = next(it for it in await drain(engine) if it.type == "challenges.challenge_requested")
    token, _ = await mailbox.tokens(event)
    clock.advance(timedelta(minutes=30))
    late = await mailbox.press(token, "refuse")
    assert (late.status_code, "time to answer is over" in late.text) == (409, True)


async def test_pages_speak_the_persons_language(office: CaseDesk, mailbox: Mailbox) -> None:
    await mailbox.device(office.desk.holding.user_id)
    _, token, _ = await asked(office, mailbox)
    async with mailbox.work.transaction() as session:
        await session.execute(text("UPDATE profiles SET locale = 'ar'"))
    page = await mailbox.open(token)
    assert 'lang="ar" dir="rtl"' in page.text
    assert "لا، لم أكن أنا" in page.text
    broken = await mailbox.client.get("/answers", params={"t": "x"}, headers={"Accept-Language": "de-AT,en"})
    assert "Dieser Link funktioniert nicht" in broken.text


async def test_guessing_is_slowed_down(mailbox: Mailbox) -> None:
    statuses = [(await mailbox.open(f"guess.{number}")).status_code for number in range(32)]
    assert statuses[:30] == [404] * 30
    assert statuses[-1] == 429
