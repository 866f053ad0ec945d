"""The log of payments: each filter lists what a reader with pencil and paper would, page by page."""

import csv
import io
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import httpx
import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from api.payment_log import CAFE, COUNT, MERCHANTS, Log, a_log, pay
from cardwright import merchants
from cardwright.core.clock import MovableClock
from cardwright.core.ids import new_id
from cardwright.db.confinement import confine_to_customer, confine_to_program
from cardwright.db.session import transaction
from cardwright.payments import export, log_queries, service
from cardwright.payments import store as payments_store
from integration.payments import holders
from integration.payments.network import BAKERY

Line = Mapping[str, Any]
GROUPS_OF = {"5462": "groceries", "7011": "lodging", "5814": "restaurants", "7995": "gambling"}


@pytest.fixture
async def log(client: httpx.AsyncClient, engine: AsyncEngine, clock: MovableClock) -> Log:
    return await a_log(client, engine, clock)


def named(*names: str) -> Callable[[Line], bool]:
    return lambda line: line["merchant"]["descriptor"] in names


FILTERS: Mapping[str, tuple[dict[str, Any], Callable[[Line], bool]]] = {
    "nothing": ({}, lambda _: True),
    "a part of a name": ({"text": "ake"}, named("Bakery")),
    "capitals": ({"text": "BAKERY"}, named("Bakery")),
    "an accent": ({"text": "café"}, named(CAFE.name)),
    "a capital with dots": ({"text": "Ünder"}, named(CAFE.name)),
    "signs of a pattern, as they are": ({"text": "100%_"}, named(CAFE.name)),
    "a sign that would fit anything": ({"text": "B%y"}, lambda _: False),
    "a backslash": ({"text": "y\\s"}, named("Lucky\\Seven")),
    "two letters begin a word": ({"text": "ho"}, named("Hotel")),
    "two letters within a word": ({"text": "el"}, lambda _: False),
    "a city": ({"text": "springfield"}, named("Bakery")),
    "a card's digits": ({"text": "4242"}, lambda _: True),
    "the first of a card's digits": ({"text": "42"}, lambda _: True),
    "some of a card's digits": ({"text": "242"}, lambda _: True),
    "the last of a card's digits": ({"text": "24"}, lambda _: False),
    "a code": ({"category": "7011"}, named("Hotel")),
    "a group": ({"category": "gambling"}, named("Lucky\\Seven")),
    "a group of two merchants": ({"category": "restaurants"}, named(CAFE.name)),
    "pending": ({"status": "pending"}, lambda line: line["status"] == "pending"),
    "settled": ({"status": "settled"}, lambda line: line["status"] == "settled"),
    "voided": ({"status": "voided"}, lambda line: line["status"] == "voided"),
    "expired": ({"status": "expired"}, lambda line: line["status"] == "expired"),
    "declined": ({"status": "declined"}, lambda line: line["status"] == "declined"),
    "at least": ({"amount_min": 20_00}, lambda line: line["amount"] >= 20_00),
    "at most": ({"amount_max": 9_90}, lambda line: line["amount"] <= 9_90),
    "between": ({"amount_min": 9_90, "amount_max": 20_00}, lambda line: 9_90 <= line["amount"] <= 20_00),
    "from on": (
        {"opened_from": "2027-01-02T12:00:00Z"}, lambda line: line["opened_at"] >= "2027-01-02T12:00:00Z"
    ),
    "before": (
        {"opened_before": "2027-01-02T13:00:00+01:00"},
        lambda line: line["opened_at"] < "2027-01-02T12:00:00Z",
    ),
    "several at once": (
        {"text": "hotel", "status": "settled", "amount_max": 25_00},
        lambda line: named("Hotel")(line) and line["status"] == "settled" and line["amount"] <= 25_00,
    ),
}  # fmt: skip

FIT_NOTHING = {"a sign that would fit anything", "two letters within a word", "the last of a card's digits"}
PLACED = {name: query for name, (query, _) in FILTERS.items() if query.keys() & {"text", "category"}}


async def test_each_filter_lists_what_fits_it_and_nothing_else_newest_first(log: Log) -> None:
    everything = await log.listed()
    assert [line["id"] for line in everything] == log.ids[::-1]
    assert {line["status"] for line in everything} == {
        "pending", "settled", "voided", "expired", "declined",
    }  # fmt: skip
    staff = await log.staff()
    for name, (query, fits) in FILTERS.items():
        right = [line for line in everything if fits(line)]
        assert await log.listed(**query) == right, name
        assert await log.listed(staff, everyone=True, **query) == right, name
        assert bool(right) == (name not in FIT_NOTHING), name


async def test_what_is_looked_for_by_place_is_what_the_last_payments_would_have_shown(
    log: Log, monkeypatch: pytest.MonkeyPatch
) -> None:
    among_the_last = {name: await log.listed(**query) for name, query in PLACED.items()}
    for looked_through in (COUNT, 9, 1):
        monkeypatch.setattr(log_queries, "_LOOKED_THROUGH", looked_through)
        assert {name: await log.listed(**query) for name, query in PLACED.items()} == among_the_last


async def test_a_merchant_is_found_by_every_id_that_means_it(log: Log, engine: AsyncEngine) -> None:
    async with transaction(engine) as session:
        found = [await payments_store.find_payment_by_id(session, id_) for id_ in log.ids[:2]]
        bakery, hotel = [payment.merchant_id for payment in found if payment]
        await merchants.service.merge(
            session, bakery, hotel, program_id=log.holding.program_id, staff_id="s", at=log.clock.now()
        )
    for merchant_id in (bakery, hotel):
        listed = await log.listed(merchant_id=merchant_id)
        assert {line["merchant"]["descriptor"] for line in listed} == {"Bakery", "Hotel"}
        assert len(listed) == COUNT // 2
    card = log.holding.cards[1].id
    assert {line["card_id"] for line in await log.listed(card_id=card)} == {card}
    assert await log.listed(merchant_id=new_id("mer")) == []


async def test_the_log_is_as_sure_of_its_figures_as_the_books(log: Log, engine: AsyncEngine) -> None:
    async with transaction(engine) as session:
        assert await service.verify(session) == []
        await session.execute(
            text("UPDATE payments SET amount = amount + 1 WHERE id = :id"), {"id": log.ids[3]}
        )
        assert [wrong.subject_id for wrong in await service.verify(session)] == [log.ids[3]]
        await session.rollback()


async def test_nobody_finds_anothers_payments(log: Log, engine: AsyncEngine, clock: MovableClock) -> None:
    other = await holders.a_holding(engine, clock, [], [], balance=500_00, email="eve@example.com")
    theirs = await pay(log, other, 0, BAKERY)
    eve = await log.person(other)
    assert [line["id"] for line in await log.listed(eve, text="bakery")] == [theirs]
    assert theirs not in {line["id"] for line in await log.listed(text="bakery")}
    assert await log.listed(eve, card_id=log.holding.cards[0].id) == []
    staff = await log.staff()
    assert {theirs, log.ids[0]} <= {
        line["id"] for line in await log.listed(staff, everyone=True, text="bakery")
    }
    assert await log.listed(staff, text="bakery") == []
    answer = await log.get("/payments", eve, everyone=True, text="bakery")
    assert (answer.status_code, answer.json()["code"]) == (403, "permission_missing")
    answer = await log.get("/payments", eve, cursor=log.ids[3])
    assert (answer.status_code, answer.json()["code"]) == (422, "cursor_unknown")


async def test_the_finders_of_places_keep_to_the_second_wall(log: Log, engine: AsyncEngine) -> None:
    own = text("SELECT count(*) FROM own_payment_places('%', NULL, NULL)")
    programs = text("SELECT count(*) FROM program_payment_places('%', NULL, NULL)")
    places, cards = text("SELECT count(*) FROM payment_places"), text("SELECT count(*) FROM cards_paid")
    mine, somebody, program_id = log.holding.user_id, new_id("user"), log.holding.program_id
    for user_id, seen in ((mine, len(MERCHANTS)), (somebody, 0)):
        async with transaction(engine) as session:
            await confine_to_customer(session, program_id=program_id, user_id=user_id)
            assert await session.scalar(own) == seen
            assert await session.scalar(cards) == (2 if seen else 0)
            # Where the program's customers pay is nobody's own.
            assert await session.scalar(places) == 0
            # Not even on purpose does a customer's transaction look through the program's.
            with pytest.raises(Exception, match="permission denied"):
                await session.execute(programs)
            await session.rollback()
    for program, seen in ((program_id, len(MERCHANTS)), (new_id("prog"), 0)):
        async with transaction(engine) as session:
            await confine_to_program(session, program_id=program, user_id=somebody)
            assert await session.scalar(programs) == await session.scalar(places) == seen
            assert await session.scalar(cards) == (2 if seen else 0)
            assert await session.scalar(own) == 0


REFUSED: Mapping[str, str] = {
    "text=a": "validation_failed",
    "text=%20%20": "search_too_short",
    "text=%20a%20": "search_too_short",
    "text=a%00b": "validation_failed",
    f"text={'a' * 61}": "validation_failed",
    "card_id=x": "validation_failed",
    "merchant_id=x": "validation_failed",
    "category=541": "validation_failed",
    "category=shoes": "category_unknown",
    "status=lost": "validation_failed",
    "amount_min=1.5": "validation_failed",
    "amount_max=1e3": "validation_failed",
    f"amount_max={10**19}": "validation_failed",
    "opened_from=2026-01-01": "validation_failed",
    "opened_before=1": "validation_failed",
    "opened_before=2026-01-01T00:00:00": "validation_failed",
    f"cursor={'pay_' + '0' * 26}": "cursor_unknown",
}


async def test_a_filter_that_cannot_be_is_refused(
    client: httpx.AsyncClient, engine: AsyncEngine, clock: MovableClock
) -> None:
    holding = await holders.a_holding(engine, clock, [])
    headers = await Log(client, engine, clock, holding, []).person()
    for query, code in REFUSED.items():
        answer = await client.get(f"/v1/payments?{query}", headers=headers)
        assert (answer.status_code, answer.json()["code"]) == (422, code), query


async def test_the_file_has_what_the_list_has_page_after_page(
    log: Log, engine: AsyncEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(export, "_AT_ONCE", 5)
    async with transaction(engine) as session:
        await session.execute(text("UPDATE profiles SET time_zone = 'Asia/Tokyo'"))
        await session.execute(
            text("UPDATE payments SET merchant = jsonb_set(merchant, '{name}', '\"=1+1\"') WHERE id = :id"),
            {"id": log.ids[-1]},
        )
    for query in ({}, {"status": "settled"}, {"text": "hotel"}):
        answer = await log.get("/payments.csv", **query)
        assert answer.headers["content-type"] == "text/csv; charset=utf-8"
        assert answer.headers["content-disposition"].startswith('attachment; filename="payments-')
        rows = list(csv.DictReader(io.StringIO(answer.text, newline="")))
        listed = await log.listed(**query)
        assert [row["payment_id"] for row in rows] == [line["id"] for line in listed]
        for row, line in zip(rows, listed, strict=True):
            assert (row["status"], row["currency"]) == (line["status"], "USD")
            assert [round(float(row[name]) * 100) for name in ("amount", "held", "posted")] == [
                line[name] for name in ("amount", "held", "posted")
            ]
            assert row["merchant"] == line["merchant"]["name"]
            assert row["opened_at"].endswith("T21:00:00+09:00")
    [newest] = list(csv.DictReader(io.StringIO((await log.get("/payments.csv")).text)))[:1]
    assert newest["descriptor"] == "'=1+1"
    answer = await log.get("/payments.csv", everyone=True)
    assert (answer.status_code, answer.json()["code"]) == (403, "permission_missing")
    staff = await log.staff()
    assert (await log.get("/payments.csv", staff, everyone=True)).text.count("\n") == COUNT + 1
    assert (await log.get("/payments.csv", staff)).text.count("\n") == 1


async def test_spending_is_what_the_payments_of_each_kind_come_to(log: Log, engine: AsyncEngine) -> None:
    async with transaction(engine) as session:
        await session.execute(text("UPDATE profiles SET time_zone = 'Pacific/Kiritimati'"))
    everything = [line for line in await log.listed() if line["status"] in {"pending", "settled"}]
    zone = ZoneInfo("Pacific/Kiritimati")

    def month(line: Line) -> str:
        return f"{datetime.fromisoformat(line['opened_at']).astimezone(zone):%Y-%m}"

    kinds: Mapping[str, Callable[[Line], str]] = {
        "merchant": lambda line: str(line["merchant"]["name"]),
        "category": lambda line: GROUPS_OF[line["merchant"]["mcc"]],
        "month": month,
    }
    for by, kind in kinds.items():
        right: dict[str, tuple[int, int]] = {}
        for line in everything:
            amount, count = right.get(kind(line), (0, 0))
            right[kind(line)] = amount + line["amount"], count + 1
        shown = (await log.get("/spending", by=by, first_day="2026-11-01", last_day="2027-12-31")).json()
        name = "name" if by == "merchant" else "key"
        assert {each[name]: (each["amount"], each["payments"]) for each in shown["data"]} == right
        assert shown["total"] == sum(amount for amount, _ in right.values())
        order = [each["key"] if by == "month" else -each["amount"] for each in shown["data"]]
        assert order == sorted(order)
    first = everything[-1]
    day = datetime.fromisoformat(first["opened_at"]).astimezone(zone).date()
    alone = (await log.get("/spending", by="month", first_day=str(day), last_day=str(day))).json()
    assert (alone["total"], alone["time_zone"]) == (first["amount"], "Pacific/Kiritimati")
    for query in (
        {"first_day": "2027-01-02", "last_day": "2027-01-01"},
        {"first_day": "2020-01-02", "last_day": "2027-01-01"},
        {"last_day": "0001-01-01"},
        {"last_day": "9999-12-31"},
    ):
        assert (await log.get("/spending", **query)).json()["code"] == "period_invalid"
