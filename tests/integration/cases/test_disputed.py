"""What disputes say of payments, and cases that open them."""

from cardwright import cases
from cardwright.access import Role
from cardwright.cases import Label
from cardwright.db.jobs import Work
from cardwright.db.session import transaction
from integration.disputes.desk import Desk
from integration.kyc.people import drain


async def known(desk: Desk) -> list[Label]:
    """Deliver what happened to cases, twice, and return the labels."""
    work = Work(desk.engine, desk.clock, {})
    for event in await drain(desk.engine):
        for subscription in cases.SUBSCRIPTIONS:
            if subscription.event_type == event.type:
                await subscription.handle(work, event)
                await subscription.handle(work, event)
    async with transaction(desk.engine) as session:
        return [it async for it in cases.labels(session, desk.program.id)]


async def test_a_submitted_dispute_about_fraud_is_a_label_and_another_is_none(desk: Desk) -> None:
    payment_id, other = await desk.charge(20_00), await desk.charge(10_00)
    dispute_id = await desk.open(payment_id)
    assert await known(desk) == []
    await desk.submit(dispute_id)
    details = {
        "explanation": "Nothing came.", "product_description": "A chair", "product_kind": "goods",
        "expected_on": "2026-01-01",
    }  # fmt: skip
    await desk.submit(await desk.open(other, reason="not_received", statement=details))
    [label] = await known(desk)
    assert (label.payment_id, label.is_fraud, label.source) == (payment_id, True, "dispute")


async def test_a_case_prepares_the_dispute_of_the_charge(desk: Desk) -> None:
    payment_id = await desk.charge(20_00)
    analyst = await desk.staff(Role.FRAUD_ANALYST)
    body = {"payment_id": payment_id, "reason": "A tip."}
    opened = await desk.done("POST", "/cases", body, who=analyst)
    path = f"/cases/{opened['case']['id']}"
    claimed = await desk.done("POST", f"{path}/claim", who=analyst)
    decision = {
        "finding": "fraud", "reason": "A known ring.", "version": claimed["version"], "card": "lock",
        "dispute": {"explanation": "The holder never shopped there."},
    }  # fmt: skip
    await desk.done("POST", f"{path}/decide", decision, who=analyst)
    [dispute] = (await desk.done("GET", "/disputes"))["data"]
    assert (dispute["payment_id"], dispute["reason"], dispute["state"]) == (payment_id, "fraud", "draft")
    evidence = await desk.done("GET", f"{path}/evidence", who=analyst)
    assert [it["id"] for it in evidence["disputes"]] == [dispute["id"]]
    history = await desk.done("GET", path, who=analyst)
    assert history["activities"][-1]["details"]["dispute_id"] == dispute["id"]


async def test_a_second_dispute_keeps_a_case_from_being_decided(desk: Desk) -> None:
    payment_id = await desk.charge(20_00)
    await desk.open(payment_id)
    analyst = await desk.staff(Role.FRAUD_ANALYST)
    opened = await desk.done("POST", "/cases", {"payment_id": payment_id, "reason": "A tip."}, who=analyst)
    path = f"/cases/{opened['case']['id']}"
    claimed = await desk.done("POST", f"{path}/claim", who=analyst)
    decision = {
        "finding": "fraud", "reason": "A ring.", "version": claimed["version"], "card": "replace",
        "dispute": {"explanation": "Not theirs."},
    }  # fmt: skip
    assert await desk.refused("POST", f"{path}/decide", decision, who=analyst) == "dispute_open"
    assert (await desk.done("GET", path, who=analyst))["case"] == claimed
