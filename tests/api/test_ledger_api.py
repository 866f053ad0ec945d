"""The ledger as cardholders and finance meet it."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import httpx
import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from browsers import sign_in
from cardwright import ledger
from cardwright.access import Role
from cardwright.core.clock import MovableClock
from cardwright.db.session import transaction
from integration.kyc.people import a_person, the_program
from staff import grant_role

TRIAL_BALANCE, ENTRIES = "/v1/ledger/trial-balance", "/v1/ledger/entries"
ACCOUNTS = "/v1/ledger/accounts"
Headers = Mapping[str, str]


@pytest.fixture
async def holder_id(engine: AsyncEngine, clock: MovableClock) -> str:
    return await a_person(engine, clock)


@pytest.fixture
async def holder(engine: AsyncEngine, clock: MovableClock, holder_id: str) -> Headers:
    return await sign_in(engine, clock, holder_id)


@pytest.fixture
async def finance(engine: AsyncEngine, clock: MovableClock) -> Headers:
    user_id = await a_person(engine, clock, "finance@example.com")
    async with transaction(engine) as session:
        await grant_role(session, user_id, Role.FINANCE, "system", clock.now())
    return await sign_in(engine, clock, user_id)


async def top_up(
    engine: AsyncEngine, clock: MovableClock, user_id: str, amount: int, number: int = 1
) -> None:
    async with transaction(engine) as session:
        program = await the_program(session)
        await ledger.credit_wallet(
            session, program_id=program.id, user_id=user_id, currency="USD", amount=amount,
            contra="funding_in_transit", kind="top_up", external_id=f"top_up:{number}", at=clock.now(),
        )  # fmt: skip


async def get(client: httpx.AsyncClient, path: str, headers: Headers, **query: Any) -> Any:
    answer = await client.get(path, headers=headers, params=query)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_a_wallet_nobody_topped_up_is_empty(client: httpx.AsyncClient, holder: Headers) -> None:
    assert await get(client, "/v1/wallet", holder) == {
        "currency": "USD", "available_balance": 0, "held": 0, "posted_balance": 0, "owed": 0,
    }  # fmt: skip


async def test_a_wallet_shows_what_is_held_and_what_is_owed(
    client: httpx.AsyncClient, engine: AsyncEngine, clock: MovableClock, holder: Headers, holder_id: str
) -> None:
    await top_up(engine, clock, holder_id, 5_000)
    async with transaction(engine) as session:
        program = await the_program(session)
        wallet = await ledger.wallet_for_update(
            session, program_id=program.id, user_id=holder_id, currency="USD"
        )
        wallet = await ledger.place_hold(
            session, wallet, payment_id="pay_1", amount=1_500, expires_at=clock.now()
        )
        await ledger.debit_wallet(
            session, wallet=wallet, amount=4_000, contra="issuer_settlement", kind="force_post",
            external_id="force:1", at=clock.now(),
        )  # fmt: skip
    assert await get(client, "/v1/wallet", holder) == {
        "currency": "USD", "available_balance": 0, "held": 1_500, "posted_balance": 1_500, "owed": 500,
    }  # fmt: skip


async def test_a_wallet_is_only_ever_ones_own(
    client: httpx.AsyncClient, engine: AsyncEngine, clock: MovableClock, holder_id: str
) -> None:
    await top_up(engine, clock, holder_id, 5_000)
    other = await sign_in(engine, clock, await a_person(engine, clock, "casey@example.com"))
    assert (await get(client, "/v1/wallet", other))["posted_balance"] == 0


async def test_finance_sees_the_wallet_of_somebody_and_the_look_is_written_down(
    client: httpx.AsyncClient, engine: AsyncEngine, clock: MovableClock, finance: Headers, holder_id: str
) -> None:
    await top_up(engine, clock, holder_id, 5_000)
    wallet = await get(client, f"/v1/users/{holder_id}/wallet", finance)
    assert (wallet["posted_balance"], wallet["held"], wallet["owed"]) == (5_000, 0, 0)
    async with transaction(engine) as session:
        looks = await session.execute(
            text("SELECT subject_id FROM audit_entries WHERE action = 'wallet.read'")
        )
    assert looks.scalars().all() == [holder_id]


async def test_how_far_the_journal_is_sealed_is_told(client: httpx.AsyncClient, finance: Headers) -> None:
    seals = await get(client, "/v1/ledger/seals", finance)
    assert (seals["size"], seals["root"], seals["waiting"], seals["findings"]) == (0, None, 0, [])


@pytest.mark.parametrize("path", [TRIAL_BALANCE, ENTRIES, ACCOUNTS])
async def test_the_books_are_for_finance_only(client: httpx.AsyncClient, holder: Headers, path: str) -> None:
    refused = await client.get(path, headers=holder)
    assert (refused.status_code, refused.json()["code"]) == (403, "permission_missing")
    assert (await client.get(path)).status_code == 401


async def test_the_trial_balance_is_read_now_and_as_it_stood(
    client: httpx.AsyncClient, engine: AsyncEngine, clock: MovableClock, finance: Headers, holder_id: str
) -> None:
    assert await get(client, TRIAL_BALANCE, finance) == {"at": None, "lines": [], "difference": {}}
    await top_up(engine, clock, holder_id, 5_000)
    then = clock.now().isoformat()
    clock.advance(timedelta(minutes=5))
    await top_up(engine, clock, holder_id, 700, number=2)
    now = await get(client, TRIAL_BALANCE, finance)
    assert now["difference"] == {"USD": 0}
    assert {line["code"]: (line["debits"], line["credits"], line["balance"]) for line in now["lines"]} == {
        "funding_in_transit": (5_700, 0, 5_700),
        "wallet": (0, 5_700, 5_700),
    }
    earlier = await get(client, TRIAL_BALANCE, finance, at=then)
    assert {line["code"]: line["balance"] for line in earlier["lines"]} == {
        "funding_in_transit": 5_000,
        "wallet": 5_000,
    }


@pytest.mark.parametrize(
    "at",
    [
        "2026-11-23T12:00:00",
        "yesterday",
        "2026-13-01T00:00:00Z",
        "0001-01-01T00:00:00+14:00",
        "",
        "2026-11-23",
    ],
)
async def test_an_instant_without_its_zone_or_off_the_calendar_is_refused(
    client: httpx.AsyncClient, finance: Headers, at: str
) -> None:
    refused = await client.get(TRIAL_BALANCE, headers=finance, params={"at": at})
    assert (refused.status_code, refused.json()["code"]) == (422, "validation_failed")
    assert refused.json()["errors"][0]["pointer"] == "/query/at"


async def test_the_journal_is_read_in_pages(
    client: httpx.AsyncClient, engine: AsyncEngine, clock: MovableClock, finance: Headers, holder_id: str
) -> None:
    for number in range(1, 4):
        await top_up(engine, clock, holder_id, 100 * number, number)
    first = await get(client, ENTRIES, finance, limit=2)
    rest = await get(client, ENTRIES, finance, limit=2, cursor=first["next_cursor"])
    shown = [*first["data"], *rest["data"]]
    assert [entry["external_id"] for entry in shown] == ["top_up:3", "top_up:2", "top_up:1"]
    assert rest["next_cursor"] is None
    assert [(line["code"], line["side"], line["amount"]) for line in shown[0]["postings"]] == [
        ("funding_in_transit", "debit", 300),
        ("wallet", "credit", 300),
    ]


@pytest.mark.parametrize("query", [{"limit": 0}, {"limit": 101}, {"limit": "x"}, {"cursor": "1; DROP TABLE"}])
async def test_a_page_that_cannot_be_is_refused(
    client: httpx.AsyncClient, finance: Headers, query: dict[str, Any]
) -> None:
    refused = await client.get(ENTRIES, headers=finance, params=query)
    assert (refused.status_code, refused.json()["code"]) == (422, "validation_failed")


async def test_accounts_are_shown_with_what_is_posted_held_and_available(
    client: httpx.AsyncClient, engine: AsyncEngine, clock: MovableClock, finance: Headers, holder_id: str
) -> None:
    await top_up(engine, clock, holder_id, 5_000)
    async with transaction(engine) as session:
        program = await the_program(session)
        wallet = await ledger.wallet_for_update(
            session, program_id=program.id, user_id=holder_id, currency="USD"
        )
        await ledger.place_hold(session, wallet, payment_id="pay_1", amount=1_500, expires_at=clock.now())
    accounts = (await get(client, ACCOUNTS, finance))["data"]
    shown = {found["code"]: found for found in accounts}
    assert {code: (found["posted_balance"], found["held"]) for code, found in shown.items()} == {
        "wallet": (5_000, 1_500), "receivable": (0, 0), "funding_in_transit": (5_000, 0),
    }  # fmt: skip
    assert shown["wallet"] == await get(client, f"{ACCOUNTS}/{wallet.id}", finance)
    assert shown["wallet"] == {
        "id": wallet.id, "code": "wallet", "owner_id": holder_id, "currency": "USD", "normal_side": "credit",
        "posted_balance": 5_000, "held": 1_500, "available_balance": 3_500, "floor": 0,
    }  # fmt: skip
    for query, codes in (
        ({"code": "wallet"}, ["wallet"]),
        ({"owner_id": program.id}, ["funding_in_transit"]),
        ({"owner_id": holder_id, "code": "receivable"}, ["receivable"]),
        ({"currency": "EUR"}, []),
    ):
        found = (await get(client, ACCOUNTS, finance, **query))["data"]
        assert [account["code"] for account in found] == codes
    first = await get(client, ACCOUNTS, finance, limit=2)
    rest = await get(client, ACCOUNTS, finance, limit=2, cursor=first["next_cursor"])
    assert [*first["data"], *rest["data"]] == accounts
    unknown = await client.get(f"{ACCOUNTS}/acct_00000000000000000000000000", headers=finance)
    assert (unknown.status_code, unknown.json()["code"]) == (404, "account_unknown")


async def test_entries_are_found_by_account_kind_date_and_external_id(
    client: httpx.AsyncClient, engine: AsyncEngine, clock: MovableClock, finance: Headers, holder_id: str
) -> None:
    other_id = await a_person(engine, clock, "casey@example.com")
    await top_up(engine, clock, holder_id, 100, 1)
    clock.advance(timedelta(minutes=5))
    then = clock.now().isoformat()
    await top_up(engine, clock, holder_id, 200, 2)
    await top_up(engine, clock, other_id, 300, 3)
    [wallet] = (await get(client, ACCOUNTS, finance, owner_id=holder_id, code="wallet"))["data"]
    for query, numbers in (
        ({"account_id": wallet["id"]}, [2, 1]),
        ({"account_id": wallet["id"], "limit": 1}, [2]),
        ({"kind": "top_up"}, [3, 2, 1]),
        ({"kind": "clearing"}, []),
        ({"external_id": "top_up:2"}, [2]),
        ({"payment_id": "pay_00000000000000000000000000"}, []),
        ({"since": then}, [3, 2]),
        ({"until": then}, [1]),
        ({"since": "2026-11-23T12:00:00Z", "until": "2026-11-23T12:00:01Z"}, [1]),
        ({"account_id": wallet["id"], "since": then}, [2]),
    ):
        found = (await get(client, ENTRIES, finance, **query))["data"]
        assert [entry["external_id"] for entry in found] == [f"top_up:{number}" for number in numbers]
    one = (await get(client, ENTRIES, finance, external_id="top_up:2"))["data"][0]
    assert await get(client, f"{ENTRIES}/{one['id']}", finance) == one
    unknown = await client.get(f"{ENTRIES}/entry_00000000000000000000000000", headers=finance)
    assert (unknown.status_code, unknown.json()["code"]) == (404, "entry_unknown")


async def test_another_programs_books_are_not_there(
    client: httpx.AsyncClient, engine: AsyncEngine, clock: MovableClock, finance: Headers
) -> None:
    async with transaction(engine) as session:
        entry = await ledger.credit_wallet(
            session, program_id="prog_other", user_id="user_1", currency="USD", amount=5, contra="fees",
            kind="gift", external_id="gift:1", at=clock.now(),
        )  # fmt: skip
    assert (await client.get(f"{ENTRIES}/{entry.id}", headers=finance)).status_code == 404
    assert (await get(client, ACCOUNTS, finance))["data"] == []
