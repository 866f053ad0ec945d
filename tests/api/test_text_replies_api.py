"""Answers to "was this you?" by text message: Twilio's webhook, a real database, the simulator's phone."""

import asyncio
import re
import socket
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

import httpx
import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine
from structlog.testing import capture_logs

from api.test_cases_api import CaseDesk, office
from builders import provided_for_tests
from cardwright import cases, notifications
from cardwright.adapters import twilio_replies
from cardwright.adapters.twilio import TwilioSmsSender
from cardwright.adapters.twilio_replies import TwilioReplyWebhook
from cardwright.authentication import EmailCodes
from cardwright.cards import CardState
from cardwright.core.clock import Clock, MovableClock, SystemClock
from cardwright.core.ids import new_id
from cardwright.core.sensitive import Sensitive
from cardwright.db import jobs
from cardwright.db.jobs import Work
from cardwright.db.outbox import Event
from cardwright.db.session import transaction
from cardwright.http.webhooks_in import WebhookSources
from cardwright.main import build_app
from cardwright.notifications import SmsSender
from cardwright.notifications.sending import send_due
from cardwright.programs import Program
from cardwright.users import ERASED, SmsRules
from cardwright.users.store import save_proven_phone
from integration.kyc.people import a_person, drain
from integration.worker.bench import Bench, eventually
from running_simulator import QUICK, RunningSimulator, running_simulator
from serving import serving
from simulator.twilio.delivery import signed_headers

__all__ = ["office"]

PHONE, ELSEWHERE = "+16175551234", "+16175559876"
PATH = f"/webhooks/{twilio_replies.SOURCE}"
URL = f"https://cardwright.test{PATH}"
TOKEN = QUICK.twilio_auth_token
CODE = re.compile(r"Reply YES (\d{4}) or NO (\d{4})\.")
SUBSCRIPTIONS = (*cases.SUBSCRIPTIONS, *notifications.SUBSCRIPTIONS, *twilio_replies.SUBSCRIPTIONS)


def other_than(*codes: str) -> str:
    return next(code for code in ("0000", "1111", "2222", "3333") if code not in codes)


@dataclass
class Line:
    """The holder's phone: what it is sent, and what it sends."""

    office: CaseDesk
    simulator: RunningSimulator
    api: httpx.AsyncClient
    work: Work

    async def prove(self, user_id: str, phone: str | None = PHONE) -> None:
        program_id, at = self.office.desk.holding.program_id, self.work.clock.now()
        async with self.work.transaction() as session:
            await save_proven_phone(session, program_id, user_id, phone, at=at)

    async def background(self) -> None:
        """Run jobs until none waits, each twice, as a queue may."""
        while events := await drain(self.work.engine):
            for event in events:
                for subscription in SUBSCRIPTIONS:
                    if subscription.event_type == event.type:
                        await subscription.handle(self.work, event)
                        await subscription.handle(self.work, event)
            while await send_due(self.work):
                pass

    def texts(self) -> list[str]:
        """Return what was sent to phones by Twilio, oldest first."""
        sent = reversed(self.simulator.world.objects.list("twilio_message"))
        return [it["body"] for it in sent if it["direction"] != "inbound"]

    async def asked(self, reference: str = "iauth_1", amount: int = 30_00) -> tuple[str, str]:
        """Let the holder pay what is flagged; return the case and the code that came to the phone."""
        await self.office.desk.pay(amount, reference, card=1)
        await self.background()
        [yes, no] = set(CODE.findall(self.texts()[-1])).pop()
        assert yes == no
        async with self.work.transaction() as session:
            found = await session.execute(text("SELECT id FROM cases ORDER BY id DESC LIMIT 1"))
        return str(found.scalar_one()), yes

    async def post(
        self, body: str, sender: str = PHONE, sid: str | None = None, token: str = TOKEN, **more: str
    ) -> httpx.Response:
        form = {"MessageSid": sid or new_id("SM"), "From": sender, "To": "+15005550006", "Body": body, **more}
        content = urlencode(form)
        headers = {**signed_headers(URL, content, token), "Content-Type": "application/x-www-form-urlencoded"}
        return await self.api.post(PATH, content=content, headers=headers)

    async def reply(self, *written: Any, **more: Any) -> str | None:
        """Send a reply, and return what came back."""
        before = len(self.texts())
        assert (await self.post(*written, **more)).status_code == 202
        await self.background()
        back = self.texts()[before:]
        assert len(back) <= 1
        return back[0] if back else None

    async def file(self, case_id: str) -> Any:
        return await self.office.done("GET", f"/cases/{case_id}")

    async def tries(self) -> list[int]:
        async with self.work.transaction() as session:
            rows = await session.execute(text("SELECT tries FROM questions_by_text ORDER BY case_id"))
            return list(rows.scalars())


@pytest.fixture
def simulator() -> Iterator[RunningSimulator]:
    with running_simulator() as simulator:
        yield simulator


def hook(provided: Any, clock: Clock) -> TwilioReplyWebhook:
    codes, program_id = provided[EmailCodes], provided[Program].id
    return TwilioReplyWebhook([Sensitive(TOKEN)], codes, program_id=program_id, clock=clock)


@pytest.fixture
async def line(
    office: CaseDesk,
    engine: AsyncEngine,
    clock: MovableClock,
    simulator: RunningSimulator,
) -> AsyncIterator[Line]:
    provided = await provided_for_tests(engine, clock)
    sender = TwilioSmsSender(
        QUICK.twilio_account_sid, Sensitive(TOKEN), QUICK.twilio_numbers[0], simulator.base_url
    )
    sources = WebhookSources("https://cardwright.test", {twilio_replies.SOURCE: hook(provided, clock)})
    app = build_app(engine, {**provided, WebhookSources: sources})
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="https://cardwright.test") as api:
        made = Line(office, simulator, api, Work(engine, clock, {**provided, SmsSender: sender}))
        await made.prove(office.desk.holding.user_id)
        yield made
    await sender.aclose()


async def test_yes_makes_it_genuine_once_and_the_timeline_says_it_came_by_text(line: Line) -> None:
    case_id, code = await line.asked()
    assert "the payment was yours" in str(await line.reply(f"Yes, {code}!"))
    file = await line.file(case_id)
    assert (file["case"]["state"], file["case"]["finding"], file["case"]["answer"]) == (
        "resolved", "genuine", "yes",
    )  # fmt: skip
    answered = file["activities"][-1]
    assert (answered["kind"], answered["actor_id"]) == ("answered", line.office.desk.holding.user_id)
    assert answered["details"] == {"answer": "yes", "answered_by": "sms"}
    assert "We have your answer already." in str(await line.reply(f"NO {code}"))
    assert (await line.office.card()).state is CardState.ACTIVE
    assert [(it.is_fraud, it.source) for it in await line.office.labels()] == [(False, "holder")]
    async with line.work.transaction() as session:
        told = await session.execute(text("SELECT details FROM audit_entries WHERE action = 'case.answered'"))
        assert [it["answered_by"] for it in told.scalars()] == ["sms"]


async def test_no_freezes_the_card_and_leaves_the_case_to_staff(line: Line) -> None:
    case_id, code = await line.asked()
    assert "we look into the payment" in str(await line.reply(f"لا {code}"))
    case = (await line.file(case_id))["case"]
    assert (case["state"], case["answer"], case["priority"]) == ("open", "no", "high")
    assert (await line.office.card()).state is CardState.FROZEN


async def test_an_answer_in_the_app_is_told_apart_and_ends_the_code(line: Line) -> None:
    case_id, code = await line.asked()
    assert (await line.office.say({"id": case_id}, "no")).status_code == 200
    assert (await line.file(case_id))["activities"][-1]["details"]["answered_by"] == "app"
    assert "We have your answer already." in str(await line.reply(f"YES {code}"))
    assert (await line.file(case_id))["case"]["answer"] == "no"


async def test_what_twilio_did_not_sign_is_refused_and_kept_nowhere(line: Line) -> None:
    case_id, code = await line.asked()
    wrong = await line.post(f"NO {code}", token="another-token")
    unsigned = await line.api.post(PATH, data={"MessageSid": "SM1", "From": PHONE, "Body": f"NO {code}"})
    assert {wrong.status_code, unsigned.status_code} == {401}
    nameless = await line.post("x", sid="SM2", From="")
    assert (nameless.status_code, nameless.json()["code"]) == (400, "webhook_invalid")
    assert await line.office.count("inbox") == 0
    assert (await line.file(case_id))["case"]["answer"] is None


async def test_the_same_message_again_has_one_effect_and_one_answer(line: Line) -> None:
    _, code = await line.asked()
    wrong = other_than(code)
    assert "not the code" in str(await line.reply(f"YES {wrong}", sid="SM1"))
    answers = await asyncio.gather(*(line.post(f"YES {wrong}", sid="SM1") for _ in range(5)))
    assert {answer.status_code for answer in answers} == {202}
    before = len(line.texts())
    await line.background()
    assert (len(line.texts()) - before, await line.tries()) == (0, [1])


async def test_neither_number_nor_text_nor_code_is_kept_or_logged(line: Line) -> None:
    with capture_logs() as logs:
        _, code = await line.asked()
        await line.reply(f"NO {code} ")
    async with line.work.transaction() as session:
        for table in (
            "inbox",
            "questions_by_text",
            "outbox",
            "notifications",
            "case_activities",
            "audit_entries",
        ):
            dump = "".join((await session.execute(text(f"SELECT t::text FROM {table} t"))).scalars())  # noqa: S608
            assert PHONE.lstrip("+") not in dump, table
            assert not re.search(rf"NO {code}", dump), table
    [kept] = await _inbox(line)
    assert kept["answer"] == "no"
    assert code not in {kept["number"], kept["tried"]}
    assert logs
    assert PHONE.lstrip("+") not in str(logs)


async def _inbox(line: Line) -> list[Any]:
    async with line.work.transaction() as session:
        return list((await session.execute(text("SELECT payload FROM inbox ORDER BY id"))).scalars())


async def test_the_right_code_from_another_number_changes_and_hears_nothing(line: Line) -> None:
    case_id, code = await line.asked()
    assert await line.reply(f"NO {code}", ELSEWHERE) is None
    assert ((await line.file(case_id))["case"]["answer"], await line.tries()) == (None, [0])


async def test_a_number_that_is_its_holders_no_more_changes_and_hears_nothing(line: Line) -> None:
    case_id, code = await line.asked()
    await line.prove(line.office.desk.holding.user_id, ELSEWHERE)
    for sender in (PHONE, ELSEWHERE):
        assert await line.reply(f"NO {code}", sender) is None
    assert (await line.file(case_id))["case"]["answer"] is None


async def test_five_wrong_codes_end_the_code_but_not_the_question(line: Line) -> None:
    case_id, code = await line.asked()
    back = [await line.reply(f"YES {other_than(code)}") for _ in range(5)]
    assert ["Too many wrong codes" in str(it) for it in back] == [False] * 4 + [True]
    await line.reply(f"YES {code}")
    file = await line.file(case_id)
    assert (file["case"]["answer"], await line.tries()) == (None, [5])
    refused = [it["details"] for it in file["activities"] if it["kind"] == "reply_refused"]
    assert refused == [{"tries": number} for number in range(1, 6)]
    assert (await line.office.say({"id": case_id}, "no")).status_code == 200


async def test_wrong_codes_at_once_are_all_counted(line: Line) -> None:
    case_id, code = await line.asked()
    await asyncio.gather(*(line.post(f"YES {other_than(code)}") for _ in range(8)))
    events = [it for it in await drain(line.work.engine) if it.type == "inbox.received"]
    await asyncio.gather(*(twilio_replies.handle(line.work, event) for event in events))
    assert await line.tries() == [5]
    assert [it["kind"] for it in (await line.file(case_id))["activities"]].count("reply_refused") == 5


async def test_two_replies_at_once_have_one_effect(line: Line) -> None:
    case_id, code = await line.asked()
    await asyncio.gather(line.post(f"YES {code}"), line.post(f"NO {code}"))
    events = [it for it in await drain(line.work.engine) if it.type == "inbox.received"]
    await asyncio.gather(*(twilio_replies.handle(line.work, event) for event in events))
    before = len(line.texts())
    await line.background()
    assert sum("already" in it for it in line.texts()[before:]) == 1
    assert [it["kind"] for it in (await line.file(case_id))["activities"]].count("answered") == 1
    assert await line.office.count("payment_labels") == 1


async def test_a_reply_and_the_app_at_once_have_one_effect(line: Line) -> None:
    case_id, code = await line.asked()
    await line.post(f"NO {code}")
    [event] = [it for it in await drain(line.work.engine) if it.type == "inbox.received"]
    _, said = await asyncio.gather(
        twilio_replies.handle(line.work, event), line.office.say({"id": case_id}, "yes")
    )
    assert said.status_code in (200, 409)
    assert [it["kind"] for it in (await line.file(case_id))["activities"]].count("answered") == 1


async def test_each_of_two_questions_takes_its_own_code_alone(line: Line) -> None:
    first, one = await line.asked("iauth_1")
    second, two = await line.asked("iauth_2", 31_00)
    if one == two:
        pytest.skip("the codes are the same, once in ten thousand")
    await line.reply(f"YES {one}")
    answers = [(await line.file(it))["case"]["answer"] for it in (first, second)]
    assert (answers, await line.tries()) == (["yes", None], [0, 0])
    await line.reply(f"NO {other_than(one, two)}")
    assert await line.tries() == [0, 1]


async def test_somebody_elses_code_is_a_wrong_one(line: Line) -> None:
    case_id, code = await line.asked()
    engine, clock = line.work.engine, line.office.desk.clock
    sam = await a_person(engine, clock, "sam@example.com")
    await line.prove(sam, ELSEWHERE)
    async with transaction(engine) as session:
        await session.execute(
            text("UPDATE cases SET user_id = :sam WHERE id = :case_id"), {"sam": sam, "case_id": case_id}
        )
        await session.execute(text("DELETE FROM questions_by_text"))
        payment_id = (await session.execute(text("SELECT payment_id FROM cases"))).scalar_one()
        codes = line.work.get(EmailCodes)
        his = await cases.take_replies(session, codes, payment_id, ELSEWHERE, clock.now())
    mine, my_code = await line.asked("iauth_2", 31_00)
    if his in (code, my_code):
        pytest.skip("the codes are the same, once in ten thousand")
    assert "not the code" in str(await line.reply(f"NO {his}"))
    assert [(await line.file(it))["case"]["answer"] for it in (case_id, mine)] == [None, None]
    assert await line.tries() == [0, 1]


async def test_a_late_reply_changes_nothing_and_is_told_so(line: Line) -> None:
    _, code = await line.asked()
    line.office.desk.clock.advance(timedelta(days=7))
    assert "The time to answer is over" in str(await line.reply(f"YES {code}"))
    assert "no question to you" in str(await line.reply("hello"))
    assert await line.office.count("payment_labels") == 0
    line.office.desk.clock.advance(timedelta(days=31))
    await cases.forget_numbers(line.work)
    assert await line.tries() == []
    assert await line.reply(f"YES {code}") is None


@pytest.mark.parametrize(
    ("written", "told"), [("what is this?", "not understand"), ("yes", "not understand")]
)
async def test_what_is_not_understood_is_no_try(line: Line, written: str, told: str) -> None:
    await line.asked()
    assert told in str(await line.reply(written))
    assert await line.tries() == [0]


async def test_words_that_twilio_answers_itself_are_answered_by_nobody_else(line: Line) -> None:
    await line.asked()
    assert await line.reply("Stop") is None
    assert await line.reply("Arrêt", OptOutType="STOP") is None
    kept = await _inbox(line)
    assert [it.keys() for it in kept] == [{"number", "starts"}] * 2
    assert PHONE not in str(kept)
    assert await line.reply("Help") is None
    assert (await _inbox(line))[-1] == {}


async def test_answers_to_replies_end_with_the_budget_and_what_was_said_still_counts(line: Line) -> None:
    case_id, code = await line.asked()
    line.work = Work(
        line.work.engine, line.work.clock,
        {**line.work.provided, SmsRules: SmsRules(frozenset({"US"}), most_per_day=1)},
    )  # fmt: skip
    assert await line.reply("hello") is not None
    assert await line.reply(f"NO {code}") is None
    assert (await line.file(case_id))["case"]["answer"] == "no"


async def test_a_question_that_was_answered_before_it_left_is_not_texted(line: Line) -> None:
    await line.office.desk.pay(30_00, "iauth_1", card=1)
    await line.office.background()
    asked = await drain(line.work.engine)
    [case] = (await line.office.done("GET", "/cases"))["data"]
    assert (await line.office.say(case, "no")).status_code == 200
    for event in asked:
        for subscription in notifications.SUBSCRIPTIONS:
            if subscription.event_type == event.type:
                await subscription.handle(line.work, event)
    await line.background()
    assert not any(CODE.search(it) for it in line.texts())


async def test_an_erased_persons_numbers_are_forgotten(line: Line) -> None:
    await line.asked()
    holding = line.office.desk.holding
    erased = Event(ERASED, holding.program_id, holding.user_id, line.work.clock.now())
    for subscription in cases.SUBSCRIPTIONS:
        if subscription.event_type == ERASED:
            await subscription.handle(line.work, erased)
    assert await line.tries() == []


async def test_the_whole_way_from_a_flag_to_the_phone_and_back(
    line: Line, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jobs, "FIRST_PAUSE_SECONDS", 0.1)
    outside, world, clock = line.simulator.base_url, line.simulator.world, SystemClock()
    with socket.create_server(("127.0.0.1", 0)) as listener:
        address = f"http://127.0.0.1:{listener.getsockname()[1]}"
        provided = await provided_for_tests(line.work.engine, clock)
        sources = WebhookSources(address, {twilio_replies.SOURCE: hook(provided, clock)})
        app = build_app(line.work.engine, {**provided, WebhookSources: sources})
        bench = Bench(line.work.engine, database_url, {**provided, SmsSender: line.work.get(SmsSender)})
        async with serving(app, listener), httpx.AsyncClient(base_url=outside) as phone:
            (await phone.post("/_sim/twilio/endpoint", json={"url": f"{address}{PATH}"})).raise_for_status()
            async with bench.running(*SUBSCRIPTIONS):
                await line.office.desk.pay(30_00, "iauth_1", card=1)

                async def received(words: str) -> Any:
                    return [it["text"] for it in world.inbox.list("sms", PHONE) if words in it["text"]]

                await eventually(lambda: received("was it you?"))
                [(code, _)] = CODE.findall((await received("was it you?"))[0])
                world.faults.add("webhook", "duplicate", selector="twilio.message.received")
                wrote = await phone.post("/_sim/twilio/messages", json={"from": PHONE, "body": f"no {code}"})
                assert wrote.status_code == 201
                await eventually(lambda: received("we look into the payment"))
    assert len(await received("we look into the payment")) == 1
    assert (await line.office.card()).state is CardState.FROZEN
