"""Deliveries as receivers meet them and as their owners see them: retries, the log, replays, tests."""

import json
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from cardwright.core.clock import MovableClock
from cardwright.db.session import transaction
from cardwright.webhooks.domain.schedule import GIVEN_UP_AFTER, PAUSES
from cardwright.webhooks.sweeping import KEPT, sweep_log
from webhook_desk import DELIVERIES, ENDPOINTS, Desk, a_desk
from webhook_receivers import raw, status

CLEARED = "payments.payment_cleared"
DECLINED = "payments.authorization_declined"


@pytest.fixture
async def desk(engine: AsyncEngine, clock: MovableClock, database_url: str) -> AsyncIterator[Desk]:
    async with a_desk(engine, clock, database_url) as made:
        yield made


def a_payment(desk: Desk, type_: str = CLEARED) -> Any:
    return desk.event(type_, payment_id="pay_1", amount=1, currency="USD")


async def test_what_fails_is_tried_for_three_days_with_the_same_id_and_then_given_up(desk: Desk) -> None:
    made = await desk.make(path="/down")
    desk.receiver.at("/down", status(503, b"busy"))
    (happened,) = await desk.happen(a_payment(desk))
    begun = desk.clock.now()
    for _ in range(len(PAUSES) + 1):
        assert await desk.deliver() == 1
        assert await desk.deliver() == 0
        (delivery,) = await desk.deliveries(made["id"])
        if delivery["next_attempt_at"]:
            desk.clock.advance(_instant(delivery["next_attempt_at"]) - desk.clock.now())
    assert (delivery["state"], delivery["attempts"], delivery["last_status"]) == ("failed", 11, 503)
    assert timedelta(days=2.7) < desk.clock.now() - begun < timedelta(days=3.3)
    assert desk.receiver.events_at("/down") == [happened.id] * 11
    stamps = [int(each.headers["webhook-timestamp"]) for each in desk.receiver.received]
    assert stamps == sorted(set(stamps))
    assert len({each.body for each in desk.receiver.received}) == 1


async def test_a_retry_after_is_honoured(desk: Desk) -> None:
    made = await desk.make(path="/busy")
    later = (desk.clock.now() + timedelta(hours=3)).strftime("%a, %d %b %Y %H:%M:%S GMT")
    for value, seconds in (("7200", 7200), (later, 10800), ("soon", None), ("-5", None)):
        desk.receiver.at("/busy", status(429, Retry_After=value))
        await desk.happen(a_payment(desk))
        await desk.deliver()
        delivery = (await desk.deliveries(made["id"]))[0]
        pause = (_instant(delivery["next_attempt_at"]) - desk.clock.now()).total_seconds()
        assert pause == (pytest.approx(5, abs=1) if seconds is None else seconds)


@pytest.mark.parametrize("code", [301, 302, 307, 308])
async def test_a_redirect_is_a_failure_and_nobody_goes_there(desk: Desk, code: int) -> None:
    made = await desk.make(path="/moved")
    desk.receiver.at("/moved", status(code, Location=desk.receiver.at("/elsewhere")))
    await desk.happen(a_payment(desk))
    await desk.deliver()
    (delivery,) = await desk.deliveries(made["id"])
    assert (delivery["state"], delivery["last_status"]) == ("pending", code)
    assert [each.path for each in desk.receiver.received] == ["/moved"]


async def test_an_endpoint_that_says_410_is_disabled_and_its_owner_is_told(desk: Desk) -> None:
    made = await desk.make("holder", "/gone")
    desk.receiver.at("/gone", status(410))
    await desk.happen(a_payment(desk))
    await desk.deliver()
    shown = await desk.get(f"{ENDPOINTS}/{made['id']}", "holder")
    assert (shown["is_enabled"], shown["disabled_because"]) == (False, "gone")
    (told,) = await _announced(desk)
    assert told["payload"] == {
        "user_id": desk.ids["holder"], "reason": "gone", "url": desk.receiver.at("/gone"),
    }  # fmt: skip
    (delivery,) = await desk.deliveries(made["id"], "holder")
    assert delivery["state"] == "failed"


async def test_an_endpoint_without_a_success_for_days_is_given_up_and_one_that_recovers_is_not(
    desk: Desk,
) -> None:
    dead, flaky = await desk.make(path="/dead"), await desk.make(path="/flaky")
    for path in ("/dead", "/flaky"):
        desk.receiver.at(path, status(500))

    async def a_day() -> None:
        await desk.happen(a_payment(desk))
        await desk.deliver()
        desk.clock.advance(timedelta(days=1))

    for _ in range(2):
        await a_day()
    desk.receiver.at("/flaky", status(200))
    await a_day()
    desk.receiver.at("/flaky", status(500))
    for _ in range(GIVEN_UP_AFTER.days - 2):
        await a_day()
    assert (await desk.get(f"{ENDPOINTS}/{dead['id']}"))["disabled_because"] == "failing"
    assert (await desk.get(f"{ENDPOINTS}/{flaky['id']}"))["is_enabled"]
    assert {each["state"] for each in await desk.deliveries(dead["id"])} == {"failed", "canceled"}
    # Of the program's own endpoints, whoever made it is told.
    assert [told["payload"]["user_id"] for told in await _announced(desk)] == [desk.ids["developer"]]


async def test_the_log_shows_each_request_and_each_answer(desk: Desk) -> None:
    made = await desk.make(path="/hook")
    desk.receiver.at("/hook", status(500, b"no \x00 such thing", X_Trace="abc"))
    (happened,) = await desk.happen(a_payment(desk))
    await desk.deliver()
    desk.receiver.at("/hook", status(204, b""))
    desk.clock.advance(timedelta(minutes=1))
    await desk.deliver()
    (listed,) = await desk.deliveries(made["id"])
    shown = await desk.log(listed["id"])
    assert shown["request_body"] == json.loads(desk.receiver.received[0].body)
    assert shown["event_id"] == happened.id
    first, second = shown["log"]
    assert (first["number"], first["status"], first["error"]) == (1, 500, None)
    assert first["answer_body"] == "no \ufffd such thing"
    assert first["answer_headers"]["x-trace"] == "abc"
    assert (second["number"], second["status"]) == (2, 204)
    for attempt, received in zip(shown["log"], desk.receiver.received, strict=True):
        assert attempt["request_headers"].items() <= dict(received.headers).items()
        assert {"webhook-id", "webhook-timestamp", "webhook-signature"} <= attempt["request_headers"].keys()
    assert await desk.log(listed["id"], "neighbour") == 404
    assert (await desk.log(listed["id"], "auditor"))["id"] == listed["id"]


async def test_deliveries_are_listed_by_state_type_and_time_in_pages(desk: Desk) -> None:
    made = await desk.make(path="/hook")
    for number in range(5):
        await desk.happen(a_payment(desk, CLEARED if number % 2 else DECLINED))
        desk.clock.advance(timedelta(hours=1))
    desk.receiver.at("/hook", status(500))
    await desk.deliver()
    desk.receiver.at("/hook", status(200))
    await desk.happen(a_payment(desk))
    await desk.deliver()
    assert len(await desk.deliveries(made["id"], state="pending")) == 5
    assert len(await desk.deliveries(made["id"], state="succeeded")) == 1
    assert {each["event_type"] for each in await desk.deliveries(made["id"], type=DECLINED)} == {DECLINED}
    since = (desk.clock.now() - timedelta(hours=2, minutes=30)).isoformat()
    assert len(await desk.deliveries(made["id"], since=since)) == 3
    path, seen, cursor = f"{ENDPOINTS}/{made['id']}/deliveries", [], {}
    while True:
        page = await desk.get(path, limit=4, **cursor)
        seen += [each["id"] for each in page["data"]]
        if page["next_cursor"] is None:
            break
        cursor = {"cursor": page["next_cursor"]}
    assert seen == sorted(set(seen), reverse=True)
    assert len(seen) == 6


async def test_a_replay_sends_the_same_event_again_whatever_became_of_it(desk: Desk) -> None:
    made = await desk.make(path="/hook")
    (happened,) = await desk.happen(a_payment(desk))
    await desk.deliver()
    (delivery,) = await desk.deliveries(made["id"])
    desk.clock.advance(timedelta(hours=1))
    path = f"{DELIVERIES}/{delivery['id']}/replay"
    first = await desk.post(path, "developer", "once")
    assert (await desk.post(path, "developer", "once")).json() == first.json()
    assert first.status_code == 202
    assert first.json()["state"] == "pending"
    assert await desk.deliver() == 1
    assert desk.receiver.events_at("/hook") == [happened.id] * 2
    shown = await desk.log(delivery["id"])
    assert (shown["state"], shown["replays"], [each["number"] for each in shown["log"]]) == (
        "succeeded", 1, [1, 2],
    )  # fmt: skip
    assert (await desk.post(path, "neighbour")).status_code == 404
    assert (await desk.post(path, "auditor")).status_code == 403
    await desk.patch(made["id"], is_enabled=False)
    assert (await desk.post(path, "developer")).json()["code"] == "webhook_endpoint_disabled"


async def test_a_span_is_replayed_and_only_what_failed_in_it(desk: Desk) -> None:
    made = await desk.make(path="/hook")
    desk.receiver.at("/hook", status(500))
    failed = []
    for _ in range(4):
        (event,) = await desk.happen(a_payment(desk))
        await desk.deliver()
        failed.append(event.id)
        desk.clock.advance(timedelta(hours=1))
    await desk.patch(made["id"], is_enabled=False)
    await desk.patch(made["id"], is_enabled=True)
    desk.receiver.at("/hook", status(200))
    before = len(desk.receiver.received)
    since = (desk.clock.now() - timedelta(hours=4)).isoformat()
    until = (desk.clock.now() - timedelta(minutes=150)).isoformat()
    path = f"{ENDPOINTS}/{made['id']}/replay"
    assert (await desk.post(path, "developer", since=since, until=until)).status_code == 202
    await desk.run_jobs()
    await desk.deliver()
    assert sorted(each.event["id"] for each in desk.receiver.received[before:]) == sorted(failed[:2])


async def test_what_was_never_sent_is_sent_when_asked_for(desk: Desk) -> None:
    before = await desk.happen(*(a_payment(desk) for _ in range(3)))
    desk.clock.advance(timedelta(days=2))
    missed = await desk.happen(*(a_payment(desk) for _ in range(600)))
    made = await desk.make(path="/hook", event_types=["payments.*"])
    holders = await desk.make("neighbour", path="/neighbour")
    (sent,) = await desk.happen(a_payment(desk))
    await desk.deliver()
    desk.clock.advance(timedelta(minutes=1))
    since = (desk.clock.now() - timedelta(days=1)).isoformat()
    for endpoint, who in ((made, "developer"), (holders, "neighbour")):
        path = f"{ENDPOINTS}/{endpoint['id']}/replay"
        answer = await desk.post(path, who, since=since, which="undelivered")
        assert answer.status_code == 202
    await desk.run_jobs()
    async with transaction(desk.engine) as session:
        query = text("SELECT event_id FROM webhook_deliveries WHERE endpoint_id = :id")
        queued = set(await session.scalars(query, {"id": made["id"]}))
    assert queued == {event.id for event in (*missed, sent)}
    assert not queued & {event.id for event in before}
    assert await desk.deliveries(holders["id"], "neighbour") == []
    assert len(desk.receiver.received) == 1


@pytest.mark.parametrize(
    "span", [{"since": timedelta(days=-32)}, {"since": timedelta(0), "until": timedelta(hours=-1)}]
)
async def test_a_span_that_makes_no_sense_is_refused(desk: Desk, span: dict[str, timedelta]) -> None:
    made = await desk.make()
    body = {name: (desk.clock.now() + ago).isoformat() for name, ago in span.items()}
    answer = await desk.post(f"{ENDPOINTS}/{made['id']}/replay", "developer", **body)
    assert answer.json()["code"] == "replay_span_invalid"


async def test_a_test_event_is_sent_past_the_filters_and_so_often_only(desk: Desk) -> None:
    made = await desk.make(event_types=["cards.*"])
    path = f"{ENDPOINTS}/{made['id']}/test"
    answers = [await desk.post(path, "developer") for _ in range(11)]
    assert [answer.status_code for answer in answers] == [202] * 10 + [429]
    await desk.deliver()
    await desk.deliver()
    assert {each.event["type"] for each in desk.receiver.received} == {"webhooks.test"}
    assert len(desk.receiver.received) == 10
    shown = await desk.log(answers[0].json()["id"])
    assert (shown["state"], shown["request_body"]["type"]) == ("succeeded", "webhooks.test")


async def test_a_card_number_that_a_receiver_answers_is_kept_nowhere(desk: Desk) -> None:
    made = await desk.make(path="/echo")
    number = "4242" * 4
    desk.receiver.at("/echo", status(200, f"card {number}".encode(), X_Card=number))
    await desk.happen(a_payment(desk))
    await desk.deliver()
    (delivery,) = await desk.deliveries(made["id"])
    shown = await desk.log(delivery["id"])
    assert number not in json.dumps(shown)
    assert "withheld" in shown["log"][0]["answer_body"]


@pytest.mark.parametrize(
    ("answer", "status_kept", "error"),
    [
        (status(200, b"x" * 200_000), 200, None),
        (raw(b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n\x1f\x8b broken"), 200, None),
        (raw(b"HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\nhalf"), 200, None),
        (raw(b"\x00\xff\xfe garbage\r\n\r\n"), None, "answer_invalid"),
        (raw(b""), None, "answer_invalid"),
        (raw(b"HTTP/1.1 200 OK\r\n" + b"X-Pad: " + b"x" * 200_000), None, "answer_invalid"),
        (raw(b"HTTP/1.1 200 OK\r\n" + b"Set-Cookie: a=b\r\n" * 500 + b"\r\n"), 200, None),
    ],
)
async def test_hostile_answers_are_kept_in_part_and_break_nothing(
    desk: Desk, answer: Any, status_kept: int | None, error: str | None
) -> None:
    made = await desk.make(path="/odd")
    desk.receiver.at("/odd", answer)
    await desk.happen(a_payment(desk))
    await desk.deliver()
    (delivery,) = await desk.deliveries(made["id"])
    assert (delivery["last_status"], delivery["last_error"]) == (status_kept, error)
    (attempt,) = (await desk.log(delivery["id"]))["log"]
    assert len(attempt["answer_body"].encode()) <= 4096
    assert len(attempt["answer_headers"]) <= 32


async def test_nobody_listening_is_an_error_that_is_told(desk: Desk) -> None:
    made = await desk.make(path="")
    await desk.patch(made["id"], url="http://127.0.0.1:9/")
    await desk.happen(a_payment(desk))
    await desk.deliver()
    (delivery,) = await desk.deliveries(made["id"])
    assert (delivery["state"], delivery["last_error"]) == ("pending", "connect_failed")


async def test_the_log_is_kept_for_a_month_and_what_waits_is_kept_on(desk: Desk) -> None:
    made = await desk.make(path="/hook")
    deleted = await desk.make(path="/deleted")
    await desk.happen(a_payment(desk))
    await desk.deliver()
    await desk.client.delete(f"{ENDPOINTS}/{deleted['id']}", headers=await desk.by("developer"))
    desk.receiver.at("/hook", status(500))
    await desk.happen(a_payment(desk))
    await desk.deliver()
    desk.clock.advance(KEPT - timedelta(minutes=1))
    await sweep_log(desk.work)
    assert len(await desk.deliveries(made["id"])) == 2
    desk.clock.advance(timedelta(minutes=2))
    await sweep_log(desk.work)
    assert [each["state"] for each in await desk.deliveries(made["id"])] == ["pending"]
    async with transaction(desk.engine) as session:
        assert await session.scalar(text("SELECT count(*) FROM webhook_attempts")) == 1
        assert await session.scalar(text("SELECT count(*) FROM webhook_endpoints")) == 1


async def test_what_was_queued_while_its_endpoint_was_disabled_is_canceled_soon(desk: Desk) -> None:
    made = await desk.make(path="/hook")
    await desk.happen(a_payment(desk))
    async with transaction(desk.engine) as session:
        await session.execute(
            text("UPDATE webhook_endpoints SET disabled_because = 'gone', disabled_at = now()")
        )
    assert await desk.deliver() == 0
    await sweep_log(desk.work)
    assert [each["state"] for each in await desk.deliveries(made["id"])] == ["canceled"]


async def test_staff_that_looks_at_what_a_holder_was_sent_leaves_a_trace(desk: Desk) -> None:
    made = await desk.make("holder", "/hook")
    await desk.happen(a_payment(desk))
    (delivery,) = await desk.deliveries(made["id"], "holder")
    for who in ("holder", "auditor"):
        await desk.log(delivery["id"], who)
    async with transaction(desk.engine) as session:
        looks = text("SELECT actor_id FROM audit_entries WHERE action = 'webhook_delivery.read'")
        assert list(await session.scalars(looks)) == [desk.ids["auditor"]]


async def test_an_endpoint_with_an_unreadable_key_is_sent_nothing_and_holds_up_no_other(
    desk: Desk,
) -> None:
    broken, well = await desk.make(path="/broken"), await desk.make(path="/well")
    async with transaction(desk.engine) as session:
        await session.execute(
            text(
                """UPDATE webhook_keys SET key = other.key FROM (SELECT key FROM webhook_keys
                WHERE endpoint_id = :well LIMIT 1) AS other WHERE endpoint_id = :broken"""
            ),
            {"well": well["id"], "broken": broken["id"]},
        )
    await desk.happen(a_payment(desk))
    await desk.deliver()
    assert [each.path for each in desk.receiver.received] == ["/well"]
    (delivery,) = await desk.deliveries(broken["id"])
    assert (delivery["state"], delivery["last_error"]) == ("pending", "key_unreadable")


async def _announced(desk: Desk) -> list[Any]:
    async with transaction(desk.engine) as session:
        query = text("SELECT payload FROM outbox WHERE type = 'webhooks.endpoint_disabled'")
        waiting = [{"payload": payload} for payload in await session.scalars(query)]
        query = text("SELECT data FROM events WHERE type = 'webhooks.endpoint_disabled'")
        return waiting + [{"payload": data} for data in await session.scalars(query)]


def _instant(text_: str) -> Any:
    from datetime import datetime

    return datetime.fromisoformat(text_)
