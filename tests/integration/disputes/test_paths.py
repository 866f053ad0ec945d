"""Each way that a dispute can go, through the API, the worker and the simulator, to books that agree."""

from base64 import b64decode
from datetime import timedelta
from typing import Any

import pytest

from cardwright import disputes
from cardwright.access import Role
from cardwright.disputes import CreditPolicy
from integration.disputes.desk import BALANCE, FRAUD, PNG, Desk

CHARGED = 40_00
POLICIES = list(CreditPolicy)
CREDITED_AT_SUBMISSION = {"at_once": CHARGED, "on_network_credit": 0, "never": 0}
CREDITED_BY_NETWORK = {"at_once": CHARGED, "on_network_credit": CHARGED, "never": 0}


async def submitted(desk: Desk, **changes: Any) -> str:
    dispute_id = await desk.open(await desk.charge(CHARGED), **changes)
    await desk.submit(dispute_id)
    await desk.background()
    return dispute_id


async def ended(desk: Desk, dispute_id: str, state: str, wallet: int) -> None:
    await desk.hear_all()
    assert await desk.state(dispute_id) == state
    assert (await desk.wallet(), await desk.suspense()) == (wallet, 0)


@pytest.mark.parametrize("policy", POLICIES)
async def test_a_won_dispute_gives_the_money_back_whatever_the_policy(
    desk: Desk, policy: CreditPolicy
) -> None:
    dispute_id = await submitted(desk)
    at_submission = CREDITED_AT_SUBMISSION[policy]
    assert await desk.wallet() == BALANCE - CHARGED + at_submission
    assert await desk.suspense() == at_submission
    await desk.answer(dispute_id, "credit")
    await desk.hear_all()
    credited = CREDITED_BY_NETWORK[policy]
    assert await desk.wallet() == BALANCE - CHARGED + credited
    assert await desk.suspense() == credited - CHARGED
    await desk.answer(dispute_id, "won")
    await ended(desk, dispute_id, "won", BALANCE)
    assert (await desk.balances())["issuer_settlement"] == 0


@pytest.mark.parametrize("policy", POLICIES)
async def test_a_lost_dispute_takes_every_credit_back(desk: Desk, policy: CreditPolicy) -> None:
    dispute_id = await submitted(desk)
    await desk.answer(dispute_id, "credit")
    await desk.hear_all()
    assert await desk.wallet() == BALANCE - CHARGED + CREDITED_BY_NETWORK[policy]
    await desk.answer(dispute_id, "lost", loss_reason="merchandise_delivered_or_shipped")
    await ended(desk, dispute_id, "lost", BALANCE - CHARGED)
    assert (await desk.case(dispute_id))["loss_reason"] == "delivered"


@pytest.mark.parametrize("policy", POLICIES)
async def test_a_withdrawn_dispute_takes_its_credit_back_and_may_still_be_won(
    desk: Desk, policy: CreditPolicy
) -> None:
    dispute_id = await submitted(desk)
    await desk.withdraw(dispute_id)
    await desk.background()
    await ended(desk, dispute_id, "withdrawn", BALANCE - CHARGED)
    # Stripe takes no withdrawal, so that the network may decide all the same; its money is the holder's.
    await desk.answer(dispute_id, "won")
    await ended(desk, dispute_id, "won", BALANCE)


async def test_a_withdrawn_dispute_that_the_network_declines_stays_withdrawn(desk: Desk) -> None:
    dispute_id = await submitted(desk)
    await desk.answer(dispute_id, "credit")
    await desk.hear_all()
    await desk.withdraw(dispute_id)
    await desk.background()
    assert (await desk.wallet(), await desk.suspense()) == (BALANCE - CHARGED, -CHARGED)
    await desk.answer(dispute_id, "lost")
    await ended(desk, dispute_id, "withdrawn", BALANCE - CHARGED)


@pytest.mark.parametrize("policy", [CreditPolicy.AT_ONCE])
async def test_a_part_that_is_won_is_what_the_holder_keeps(desk: Desk) -> None:
    dispute_id = await submitted(desk)
    await desk.answer(dispute_id, "won", amount=30_00)
    await ended(desk, dispute_id, "won", BALANCE - 10_00)


@pytest.mark.parametrize("policy", [CreditPolicy.AT_ONCE])
async def test_a_credit_that_was_spent_is_owed_when_the_dispute_is_lost(desk: Desk) -> None:
    dispute_id = await submitted(desk)
    await desk.charge(BALANCE)
    assert await desk.wallet() == 0
    await desk.answer(dispute_id, "lost")
    await ended(desk, dispute_id, "lost", 0)
    assert (await desk.balances())["receivable"] == CHARGED


async def test_a_credit_that_the_network_takes_back_meanwhile_is_taken_back_here(desk: Desk) -> None:
    dispute_id = await submitted(desk)
    await desk.answer(dispute_id, "credit")
    await desk.hear_all()
    assert await desk.wallet() == BALANCE
    await desk.answer(dispute_id, "take_back")
    await desk.hear_all()
    assert await desk.state(dispute_id) == "submitted"
    assert (await desk.wallet(), await desk.suspense()) == (BALANCE - CHARGED, 0)
    await desk.answer(dispute_id, "won")
    await ended(desk, dispute_id, "won", BALANCE)


async def test_a_draft_that_is_withdrawn_never_reaches_the_network(desk: Desk) -> None:
    dispute_id = await desk.open(await desk.charge(CHARGED))
    await desk.withdraw(dispute_id)
    await desk.background()
    assert await desk.state(dispute_id) == "withdrawn"
    assert await desk.at_network() == []
    assert (await desk.wallet(), await desk.suspense()) == (BALANCE - CHARGED, 0)


async def test_a_draft_is_reminded_of_once_and_expires_with_its_deadline(desk: Desk) -> None:
    dispute_id = await desk.open(await desk.charge(CHARGED))
    assert await _reminded_and_expired(desk) == (0, 0)
    await desk.advance(timedelta(days=104))
    assert await _reminded_and_expired(desk) == (1, 0)
    assert await _reminded_and_expired(desk) == (0, 0)
    await desk.advance(timedelta(days=6, seconds=5))
    assert await desk.refused("POST", f"/disputes/{dispute_id}/submit", {}) == "deadline_passed"
    assert await _reminded_and_expired(desk) == (0, 1)
    assert await _reminded_and_expired(desk) == (0, 0)
    case = await desk.case(dispute_id)
    assert (case["state"], [step["kind"] for step in case["timeline"]]) == (
        "expired", ["opened", "deadline_near", "expired"],
    )  # fmt: skip
    assert await desk.refused("POST", f"/disputes/{dispute_id}/submit", {}) == "dispute_closed"
    assert await desk.suspense() == 0


async def _reminded_and_expired(desk: Desk) -> tuple[int, int]:
    return await disputes.remind_of_deadlines(desk.work), await disputes.expire_drafts(desk.work)


async def test_a_dispute_that_comes_too_late_at_the_network_expires_here(desk: Desk) -> None:
    dispute_id = await desk.open(await desk.charge(CHARGED))
    await desk.submit(dispute_id)
    await desk.break_next("error", "*/submit", count=30)
    with pytest.raises(AssertionError, match="stayed away"):
        await desk.background()
    await desk.advance(timedelta(days=111))
    await desk.hear_all()
    await ended(desk, dispute_id, "expired", BALANCE - CHARGED)


async def test_what_the_network_refuses_is_a_draft_again_and_can_be_filed_once_more(desk: Desk) -> None:
    payment_id = await desk.charge(CHARGED)
    dispute_id = await desk.open(payment_id)
    await desk.submit(dispute_id)
    await desk.break_next("error", "*/submit", status=400)
    told = await desk.background()
    assert "disputes.dispute_returned" in told
    case = await desk.case(dispute_id)
    assert (case["state"], case["refusal"]) == ("draft", "network_refused")
    changed = {"reason": "other", "statement": {"product_kind": "goods", "product_description": "A chair"}}
    await desk.done("PATCH", f"/disputes/{dispute_id}", changed)
    await desk.submit(dispute_id)
    await desk.background()
    [filed] = await desk.at_network()
    assert (filed.status, filed.evidence.reason) == ("submitted", "other")
    assert filed.evidence.other is not None
    assert filed.evidence.other.product_type == "merchandise"
    await desk.answer(dispute_id, "won")
    await ended(desk, dispute_id, "won", BALANCE)


async def test_a_charge_whose_prepared_dispute_was_given_up_can_be_disputed_anew(desk: Desk) -> None:
    payment_id = await desk.charge(CHARGED)
    first = await desk.open(payment_id)
    await desk.submit(first)
    await desk.break_next("error", "*/submit", status=400)
    await desk.background()
    await desk.withdraw(first)
    second = await desk.open(payment_id, amount=10_00)
    await desk.submit(second)
    await desk.background()
    [filed] = await desk.at_network()
    assert (filed.status, filed.amount, filed.metadata["dispute_id"]) == ("submitted", 10_00, second)
    await desk.answer(second, "won")
    await ended(desk, second, "won", BALANCE - CHARGED + 10_00)
    assert await desk.state(first) == "withdrawn"


REASONS: dict[str, dict[str, Any]] = {
    "fraud": {},
    "not_authorized": {},
    "canceled": {
        "product_description": "A chair", "product_kind": "goods", "expected_on": "2026-10-01",
        "canceled_on": "2026-09-20", "cancellation_reason": "Late.", "cancellation_policy_told": False,
    },
    "not_received": {
        "product_description": "A chair", "product_kind": "goods", "expected_on": "2026-10-01",
    },
    "goods_not_as_described": {
        "received_on": "2026-10-01", "return_description": "By post.", "return_outcome": "refused",
        "returned_on": "2026-10-03",
    },
    "service_not_as_described": {
        "received_on": "2026-10-01", "canceled_on": "2026-09-20", "cancellation_reason": "No view.",
    },
    "other": {"product_description": "A chair", "product_kind": "service"},
}  # fmt: skip


@pytest.mark.parametrize("reason", REASONS)
async def test_a_dispute_of_every_reason_can_be_submitted_once_nothing_is_missing(
    desk: Desk, reason: str
) -> None:
    dispute_id = await desk.open(await desk.charge(CHARGED), reason=reason)
    assert (await desk.case(dispute_id))["missing"] == list(REASONS[reason])
    for name, value in REASONS[reason].items():
        assert await desk.refused("POST", f"/disputes/{dispute_id}/submit", {}) == "evidence_incomplete"
        await desk.done("PATCH", f"/disputes/{dispute_id}", {"statement": {name: value}})
    await desk.submit(dispute_id)
    await desk.background()
    assert (await desk.at_network())[0].status == "submitted"


async def test_a_charge_that_came_twice_names_the_first_and_shows_files_of_every_kind(desk: Desk) -> None:
    first, second = await desk.charge(CHARGED), await desk.charge(CHARGED)
    told = {"explanation": "Twice.", "duplicate_of": second}
    body = {"reason": "charged_twice", "statement": told}
    assert await desk.refused("POST", f"/payments/{second}/disputes", body) == "duplicate_unknown"
    dispute_id = await desk.open(second, reason="charged_twice", statement={**told, "duplicate_of": first})
    for kind in ("documentation", "card_statement", "cash_receipt", "check_image"):
        await desk.show_file(dispute_id, kind)
    await desk.submit(dispute_id)
    await desk.background()
    [filed] = await desk.at_network()
    shown = filed.evidence.duplicate
    assert shown is not None
    assert await desk.payment_of(str(shown.original_transaction)) == first
    uploads = {shown.additional_documentation, shown.card_statement, shown.cash_receipt, shown.check_image}
    assert len(uploads) == 4
    kept = desk.simulator.world.objects.list("stripe.file_content")
    assert {it["id"] for it in kept} == uploads
    assert {b64decode(it["base64"]) for it in kept} == {PNG}


async def test_what_was_refunded_or_is_claimed_already_is_no_claim_any_more(desk: Desk) -> None:
    payment_id, captures = await desk.purchase(30_00, 10_00)
    path = f"/payments/{payment_id}/disputes"
    assert await desk.refused("POST", path, FRAUD) == "clearing_ambiguous"
    assert await desk.refused("POST", path, {**FRAUD, "sequence": 1}) == "clearing_unknown"
    first = await desk.open(payment_id, sequence=2, amount=25_00)
    assert await desk.refused("POST", path, {**FRAUD, "sequence": 2}) == "dispute_open"
    second = await desk.open(payment_id, sequence=3)
    too_much = {"amount": 10_01}
    assert await desk.refused("PATCH", f"/disputes/{second}", too_much) == "amount_not_disputable"
    await desk.refund(captures[0], 15_00)
    assert await desk.refused("POST", f"/disputes/{first}/submit", {}) == "amount_not_disputable"
    await desk.done("PATCH", f"/disputes/{first}", {"amount": 15_00})
    await desk.submit(first)
    await desk.submit(second)
    await desk.background()
    assert sorted(it.amount for it in await desk.at_network()) == [10_00, 15_00]
    await desk.answer(first, "lost")
    await desk.answer(second, "won")
    await ended(desk, second, "won", BALANCE - 40_00 + 15_00 + 10_00)
    assert await desk.refused("POST", path, {**FRAUD, "sequence": 2}) == "clearing_disputed"


async def test_a_purchase_that_was_refunded_or_never_charged_cannot_be_disputed(desk: Desk) -> None:
    payment_id, captures = await desk.purchase(30_00)
    await desk.refund(captures[0], 30_00)
    assert await desk.refused("POST", f"/payments/{payment_id}/disputes", FRAUD) == "nothing_disputable"
    held, _ = await desk.purchase()
    assert await desk.refused("POST", f"/payments/{held}/disputes", FRAUD) == "clearing_unknown"
    late = await desk.charge(10_00)
    await desk.advance(timedelta(days=110, seconds=5))
    assert await desk.refused("POST", f"/payments/{late}/disputes", FRAUD) == "deadline_passed"


async def test_staff_act_for_a_holder_with_a_reason_that_is_kept(desk: Desk) -> None:
    payment_id = await desk.charge(CHARGED)
    support, finance = await desk.staff(Role.SUPPORT), await desk.staff(Role.FINANCE)
    path, body = f"/payments/{payment_id}/disputes", {"reason": "fraud"}
    assert await desk.refused("POST", path, body, who=support) == "staff_reason_missing"
    assert await desk.refused("POST", path, body, who=finance) == "permission_missing"
    why = {"staff_reason": "They called."}
    told = {**body, "statement": {"explanation": "Not mine."}, **why}
    dispute_id = (await desk.done("POST", path, told, who=support))["id"]
    assert (await desk.done("GET", "/disputes/queue", who=finance))["data"][0]["id"] == dispute_id
    assert (await desk.done("POST", f"/disputes/{dispute_id}/submit", why, who=support))[
        "state"
    ] == "submitted"
    await desk.background()
    steps = [(it["kind"], it["actor"]) for it in (await desk.case(dispute_id))["timeline"]]
    assert steps == [("opened", "staff"), ("submitted", "staff"), ("filed", "network")]
    assert [it["id"] for it in (await desk.done("GET", "/disputes"))["data"]] == [dispute_id]


async def test_other_peoples_disputes_are_not_found(desk: Desk) -> None:
    payment_id = await desk.charge(CHARGED)
    dispute_id = await desk.open(payment_id)
    await desk.show_file(dispute_id)
    stranger = await desk.stranger()
    for method, path, body in (
        ("POST", f"/payments/{payment_id}/disputes", {"reason": "fraud"}),
        ("GET", f"/disputes/{dispute_id}", None),
        ("PATCH", f"/disputes/{dispute_id}", {"amount": 1}),
        ("PUT", f"/disputes/{dispute_id}/files/documentation", {"content": "aGVsbG8="}),
        ("GET", f"/disputes/{dispute_id}/files/documentation", None),
        ("DELETE", f"/disputes/{dispute_id}/files/documentation", None),
        ("POST", f"/disputes/{dispute_id}/submit", {}),
        ("POST", f"/disputes/{dispute_id}/withdraw", {}),
    ):
        answer = await desk.ask(method, path, body, who=stranger)
        expected = {404, 422} if method == "PUT" else {404}
        assert answer.status_code in expected, (method, path, answer.text)
    assert (await desk.done("GET", "/disputes", who=stranger))["data"] == []
    assert await desk.refused("GET", "/disputes/queue", who=stranger) == "permission_missing"
    assert await desk.state(dispute_id) == "draft"
