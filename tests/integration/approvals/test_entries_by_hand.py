"""Entries made by hand: what can be proposed, and what the books say once another has approved."""

from typing import Any

import pytest

from cardwright import ledger
from cardwright.access import Role
from cardwright.db.session import transaction
from integration.approvals.office import Office, line

pytestmark = pytest.mark.four_eyes


async def balances(office: Office, owner_id: str) -> dict[str, int]:
    rows = await office.rows(
        "SELECT code, posted_balance FROM ledger_accounts WHERE owner_id = :owner", owner=owner_id
    )
    return {row.code: row.posted_balance for row in rows}


async def test_an_entry_in_a_currency_that_is_not_the_programs_is_not_proposed(office: Office) -> None:
    finance = await office.colleague("finance", Role.FINANCE)
    ada = await office.colleague("ada")
    lines = line("corrections", "debit", 600), line("wallet", "credit", 600, ada.user_id)
    refused = await finance.propose_entry(*lines, currency="EUR")
    assert (refused.status_code, refused.json()["code"]) == (422, "currency_not_supported")


async def verified(office: Office) -> bool:
    async with transaction(office.engine) as session:
        return await ledger.verify(session) == []


async def test_an_approved_entry_is_posted_verifies_and_is_shown_with_its_approval(office: Office) -> None:
    finance = await office.colleague("finance", Role.FINANCE)
    other = await office.colleague("other", Role.FINANCE)
    ada = await office.colleague("ada")
    proposed = await finance.propose_entry(
        line("corrections", "debit", 700),
        line("wallet", "credit", 600, ada.user_id),
        line("receivable", "debit", 100, ada.user_id),
        line("fees", "credit", 200),
    )
    assert proposed.status_code == 202
    assert (await finance.get("/ledger/entries")).json()["data"] == []
    assert (await other.decide(proposed)).status_code == 200
    [entry] = (await finance.get("/ledger/entries")).json()["data"]
    assert (entry["kind"], entry["approval_id"]) == ("manual", proposed.json()["id"])
    assert [(each["code"], each["side"], each["amount"]) for each in entry["postings"]] == [
        ("corrections", "debit", 700), ("wallet", "credit", 600), ("receivable", "debit", 100),
        ("fees", "credit", 200),
    ]  # fmt: skip
    assert await balances(office, ada.user_id) == {"wallet": 600, "receivable": 100}
    assert await verified(office)
    [trail] = await office.trail("ledger_entry.posted")
    assert (trail.actor_id, trail.details["proposed_by"]) == (other.user_id, finance.user_id)
    assert {"before": 0, "after": 600} in [
        {name: each[name] for name in ("before", "after") if name in each}
        for each in trail.details["balances"]
    ]


async def test_an_administrator_approves_entries_and_proposes_none(office: Office) -> None:
    admin = await office.colleague("admin", Role.ADMINISTRATOR)
    finance = await office.colleague("finance", Role.FINANCE)
    lines = (line("corrections", "debit", 5), line("fees", "credit", 5))
    assert (await admin.propose_entry(*lines)).status_code == 403
    assert (await admin.decide(await finance.propose_entry(*lines))).status_code == 200


async def test_an_entry_that_the_wallet_no_longer_covers_is_stale_and_moves_nothing(office: Office) -> None:
    finance = await office.colleague("finance", Role.FINANCE)
    admin = await office.colleague("admin", Role.ADMINISTRATOR)
    ada = await office.colleague("ada")
    give = (line("corrections", "debit", 500), line("wallet", "credit", 500, ada.user_id))
    take = (line("wallet", "debit", 400, ada.user_id), line("corrections", "credit", 400))
    first, second = await finance.propose_entry(*take), await finance.propose_entry(*take)
    early = await admin.decide(first)
    assert (early.status_code, early.json()["code"]) == (409, "funds_insufficient")
    assert (await admin.decide(await finance.propose_entry(*give))).status_code == 200
    assert (await admin.decide(first)).status_code == 200
    assert (await admin.decide(second)).json()["code"] == "funds_insufficient"
    assert (await balances(office, ada.user_id))["wallet"] == 100
    assert await verified(office)


@pytest.mark.parametrize(
    ("lines", "code"),
    [
        ([line("corrections", "debit", 5), line("fees", "credit", 4)], "entry_unbalanced"),
        ([line("corrections", "debit", 5), line("piggy_bank", "credit", 5)], "account_unknown"),
        ([line("corrections", "debit", 5), line("wallet", "credit", 5)], "account_owner_wrong"),
        (
            [line("corrections", "debit", 5, "user_00000000000000000000000000"), line("fees", "credit", 5)],
            "account_owner_wrong",
        ),
        (
            [line("corrections", "debit", 5), line("wallet", "credit", 5, "user_00000000000000000000000000")],
            "account_owner_wrong",
        ),
        ([line("corrections", "debit", 5)], "validation_failed"),
        ([line("corrections", "debit", 0), line("fees", "credit", 0)], "validation_failed"),
        ([line("corrections", "up", 5), line("fees", "credit", 5)], "validation_failed"),
    ],
)
async def test_an_entry_that_could_not_be_posted_is_not_proposed(
    office: Office, lines: list[dict[str, Any]], code: str
) -> None:
    finance = await office.colleague("finance", Role.FINANCE)
    answer = await finance.propose_entry(*lines)
    assert (answer.status_code, answer.json()["code"]) == (422, code)
    assert await office.rows("SELECT id FROM approvals") == []


async def test_an_entry_in_no_currency_is_not_proposed(office: Office) -> None:
    finance = await office.colleague("finance", Role.FINANCE)
    lines = (line("corrections", "debit", 5), line("fees", "credit", 5))
    assert (await finance.propose_entry(*lines, currency="XXX")).json()["code"] == "currency_unknown"


GIVE, TAKE = ("corrections", "debit", 500), ("fees", "credit", 500)


async def test_an_entry_is_taken_back_once_by_another_with_its_sides_exchanged(office: Office) -> None:
    finance = await office.colleague("finance", Role.FINANCE)
    other = await office.colleague("other", Role.FINANCE)
    await other.decide(await finance.propose_entry(line(*GIVE), line(*TAKE)))
    [wrong] = (await finance.get("/ledger/entries")).json()["data"]
    twice = [await finance.propose_reversal(wrong["id"]) for _ in range(2)]
    assert [answer.status_code for answer in twice] == [202, 202]
    assert (await finance.decide(twice[0])).json()["code"] == "four_eyes"
    assert (await other.decide(twice[0])).status_code == 200
    late = await other.decide(twice[1])
    assert (late.status_code, late.json()["code"]) == (409, "entry_reversed")
    assert (await finance.propose_reversal(wrong["id"])).json()["code"] == "entry_reversed"
    undone, first = (await finance.get("/ledger/entries")).json()["data"]
    assert (undone["reverses_id"], first["reverses_id"]) == (wrong["id"], None)
    assert [(each["code"], each["side"], each["amount"]) for each in undone["postings"]] == [
        ("corrections", "credit", 500), ("fees", "debit", 500),
    ]  # fmt: skip
    balance = (await finance.get("/ledger/trial-balance")).json()
    assert {found["balance"] for found in balance["lines"]} == {0}
    assert await verified(office)


async def test_what_a_wallet_has_spent_is_not_taken_back(office: Office) -> None:
    finance = await office.colleague("finance", Role.FINANCE)
    other = await office.colleague("other", Role.FINANCE)
    ada = await office.colleague("ada")
    await other.decide(
        await finance.propose_entry(
            line("corrections", "debit", 500), line("wallet", "credit", 500, ada.user_id)
        )
    )
    [given] = (await finance.get("/ledger/entries")).json()["data"]
    await other.decide(
        await finance.propose_entry(
            line("wallet", "debit", 400, ada.user_id), line("corrections", "credit", 400)
        )
    )
    refused = await other.decide(await finance.propose_reversal(given["id"]))
    assert (refused.status_code, refused.json()["code"]) == (409, "funds_insufficient")
    assert (await balances(office, ada.user_id))["wallet"] == 100


async def test_an_entry_that_is_not_there_is_not_taken_back(office: Office) -> None:
    finance = await office.colleague("finance", Role.FINANCE)
    unknown = await finance.propose_reversal("entry_00000000000000000000000000")
    assert (unknown.status_code, unknown.json()["code"]) == (404, "entry_unknown")


async def test_an_entry_is_dated_earlier_but_not_later(office: Office) -> None:
    finance = await office.colleague("finance", Role.FINANCE)
    other = await office.colleague("other", Role.FINANCE)
    lines = (line(*GIVE), line(*TAKE))
    late = await finance.propose_entry(*lines, posted_at="2026-11-23T12:00:01Z")
    assert (late.status_code, late.json()["code"]) == (422, "posted_at_in_future")
    await other.decide(await finance.propose_entry(*lines, posted_at="2026-11-01T01:00:00+01:00"))
    await other.decide(await finance.propose_entry(*lines, posted_at="2026-10-01T00:00:00Z"))
    first = (await finance.get("/ledger/entries", limit=1)).json()
    rest = (await finance.get("/ledger/entries", cursor=first["next_cursor"])).json()
    dates = [entry["posted_at"] for entry in (*first["data"], *rest["data"])]
    assert dates == ["2026-11-01T00:00:00Z", "2026-10-01T00:00:00Z"]
