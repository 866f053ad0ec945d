"""Proposing and deciding, over HTTP: who may, when, and what is left when it fails."""

import asyncio
from datetime import timedelta

import httpx
import pytest

from cardwright.access import Role
from cardwright.approvals import ApprovalKind, ApprovalKinds, expire_approvals
from cardwright.db.jobs import Work
from cardwright.notifications import SUBSCRIPTIONS
from cardwright.users import APPROVAL_KINDS
from integration.approvals.office import RULE, Office, line
from integration.kyc.people import deliver

pytestmark = pytest.mark.four_eyes
ENTRY = (line("corrections", "debit", 500), line("fees", "credit", 500))


def refusal(answer: httpx.Response) -> tuple[int, str]:
    return (answer.status_code, answer.json()["code"])


async def test_whoever_proposed_cannot_decide_though_they_hold_the_permission(office: Office) -> None:
    admin = await office.colleague("admin", Role.ADMINISTRATOR)
    ada = await office.colleague("ada")
    proposed = await admin.grant(ada.user_id, "support")
    for how in ("approve", "reject"):
        assert refusal(await admin.decide(proposed, how)) == (403, "four_eyes")
    assert (await admin.get(f"/approvals/{proposed.json()['id']}")).json()["state"] == "proposed"


async def test_nobody_approves_what_is_about_themselves(office: Office) -> None:
    admin = await office.colleague("admin", Role.ADMINISTRATOR)
    other = await office.colleague("other", Role.ADMINISTRATOR)
    body = {"role": "administrator", "reason": "Moves to another team"}
    proposed = await admin.post(f"/users/{other.user_id}/role-revocations", body)
    assert refusal(await other.decide(proposed)) == (403, "four_eyes")
    third = await office.colleague("third", Role.ADMINISTRATOR)
    assert (await third.decide(proposed)).json()["state"] == "applied"


async def test_of_twenty_who_approve_at_once_one_does_and_it_is_done_once(office: Office) -> None:
    admin = await office.colleague("admin", Role.ADMINISTRATOR)
    ada = await office.colleague("ada")
    crowd = [await office.colleague(f"admin {number}", Role.ADMINISTRATOR) for number in range(20)]
    proposed = await admin.grant(ada.user_id, "support")
    answers = await asyncio.gather(*(one.decide(proposed) for one in crowd))
    assert sorted(answer.status_code for answer in answers) == [200] + [409] * 19
    assert {answer.json()["code"] for answer in answers if answer.status_code == 409} == {"approval_closed"}
    steps = (await admin.get(f"/approvals/{proposed.json()['id']}")).json()["history"]
    assert [step["state"] for step in steps] == ["proposed", "approved", "applied"]
    granted = await office.trail("role.granted")
    assert len(granted) == 1


async def test_two_roles_that_conflict_approved_at_once_are_not_both_granted(office: Office) -> None:
    admin = await office.colleague("admin", Role.ADMINISTRATOR)
    ada = await office.colleague("ada")
    others = [await office.colleague(f"other {number}", Role.ADMINISTRATOR) for number in range(2)]
    proposals = [await admin.grant(ada.user_id, role) for role in ("support", "auditor")]
    answers = await asyncio.gather(
        *(one.decide(proposed) for one, proposed in zip(others, proposals, strict=True))
    )
    assert sorted(answer.status_code for answer in answers) == [200, 409]
    assert len(await office.rows("SELECT role FROM user_roles WHERE approval_id IS NOT NULL")) == 1


async def test_what_was_rejected_or_taken_back_cannot_be_approved(office: Office) -> None:
    admin = await office.colleague("admin", Role.ADMINISTRATOR)
    other = await office.colleague("other", Role.ADMINISTRATOR)
    ada = await office.colleague("ada")
    rejected, withdrawn = [await admin.grant(ada.user_id, role) for role in ("support", "finance")]
    assert (await other.decide(rejected, "reject")).json()["note"] == "Seen"
    assert (await admin.decide(withdrawn, "withdraw")).json()["state"] == "withdrawn"
    for proposed in (rejected, withdrawn):
        assert refusal(await other.decide(proposed)) == (409, "approval_closed")
    assert refusal(await admin.decide(rejected, "withdraw")) == (409, "approval_closed")
    assert (await ada.get("/me")).json()["roles"] == ["cardholder"]


async def test_a_rejection_says_why(office: Office) -> None:
    admin = await office.colleague("admin", Role.ADMINISTRATOR)
    other = await office.colleague("other", Role.ADMINISTRATOR)
    proposed = await admin.grant((await office.colleague("ada")).user_id, "support")
    path = f"/approvals/{proposed.json()['id']}/reject"
    for body in ({}, {"note": ""}, {"note": "   "}, {"note": "two\nlines"}):
        assert refusal(await other.post(path, body)) == (422, "validation_failed")


async def test_of_a_rejection_whoever_proposed_is_told(office: Office) -> None:
    admin = await office.colleague("admin", Role.ADMINISTRATOR)
    other = await office.colleague("other", Role.ADMINISTRATOR)
    proposed = await admin.grant((await office.colleague("ada")).user_id, "support")
    await other.decide(proposed, "reject")
    await deliver(Work(office.engine, office.clock, {}), SUBSCRIPTIONS)
    [told] = (await admin.get("/notifications")).json()["data"]
    assert (told["title"], told["event_type"]) == (
        "What you proposed was refused", "approvals.proposal_rejected",
    )  # fmt: skip
    assert "giving somebody a role" in told["body"]
    assert (await other.get("/notifications")).json()["data"] == []


async def test_nobody_takes_back_what_another_proposed(office: Office) -> None:
    admin = await office.colleague("admin", Role.ADMINISTRATOR)
    other = await office.colleague("other", Role.ADMINISTRATOR)
    proposed = await admin.grant((await office.colleague("ada")).user_id, "support")
    assert refusal(await other.decide(proposed, "withdraw")) == (404, "approval_unknown")


async def test_a_proposal_that_waited_too_long_is_not_approved_and_the_worker_closes_it(
    office: Office,
) -> None:
    admin = await office.colleague("admin", Role.ADMINISTRATOR)
    other = await office.colleague("other", Role.ADMINISTRATOR)
    proposed = await admin.grant((await office.colleague("ada")).user_id, "support")
    work = Work(office.engine, office.clock, {})
    assert await expire_approvals(work) == 0
    await office.pass_time(timedelta(days=3))
    assert refusal(await other.decide(proposed)) == (409, "approval_expired")
    assert refusal(await admin.decide(proposed, "withdraw")) == (409, "approval_expired")
    assert (await expire_approvals(work), await expire_approvals(work)) == (1, 0)
    shown = (await admin.get(f"/approvals/{proposed.json()['id']}")).json()
    assert (shown["state"], shown["decided_by"]) == ("expired", None)
    assert [(step["state"], step["actor_id"]) for step in shown["history"]] == [
        ("proposed", admin.user_id), ("expired", "system"),
    ]  # fmt: skip
    [entry] = await office.trail("approval.expired")
    assert (entry.actor_id, entry.details["after"]) == ("system", {"state": "expired"})


async def test_whose_roles_were_taken_away_meanwhile_decides_nothing(office: Office) -> None:
    admin = await office.colleague("admin", Role.ADMINISTRATOR)
    other = await office.colleague("other", Role.ADMINISTRATOR)
    proposed = await admin.grant((await office.colleague("ada")).user_id, "support")
    await office.dismiss(other)
    assert refusal(await other.decide(proposed)) == (403, "permission_missing")


async def test_what_somebody_proposed_who_is_staff_no_longer_is_not_done(office: Office) -> None:
    admin = await office.colleague("admin", Role.ADMINISTRATOR)
    other = await office.colleague("other", Role.ADMINISTRATOR)
    proposed = await admin.grant((await office.colleague("ada")).user_id, "support")
    await office.dismiss(admin)
    assert refusal(await other.decide(proposed)) == (409, "proposer_not_permitted")
    assert (await other.decide(proposed, "reject")).status_code == 200


async def test_each_kind_is_decided_by_its_own_deciders_only(office: Office) -> None:
    admin = await office.colleague("admin", Role.ADMINISTRATOR)
    finance = await office.colleague("finance", Role.FINANCE)
    analyst = await office.colleague("analyst", Role.FRAUD_ANALYST)
    entry, rules = await finance.propose_entry(*ENTRY), await analyst.propose_rules(RULE)
    role = await admin.grant((await office.colleague("ada")).user_id, "support")
    for person, proposed in ((analyst, entry), (finance, rules), (analyst, role), (finance, role)):
        # They may not even see it: to them it does not exist.
        assert refusal(await person.decide(proposed)) == (404, "approval_unknown")
    auditor = await office.colleague("auditor", Role.AUDITOR)
    assert refusal(await auditor.decide(entry)) == (403, "permission_missing")
    shown = {
        name: {each["kind"] for each in (await person.get("/approvals")).json()["data"]}
        for name, person in office.people.items()
        if name != "ada"
    }
    everything = {"ledger.manual_entry", "rulebook.publish", "role.grant"}
    assert shown == {
        "admin": everything,
        "finance": {"ledger.manual_entry"},
        "analyst": {"rulebook.publish"},
        "auditor": everything,
    }


async def test_who_sees_a_proposal_and_may_not_decide_it_is_told_which_permission_it_needs(
    office: Office,
) -> None:
    analyst = await office.colleague("analyst", Role.FRAUD_ANALYST)
    proposed = await analyst.ask_to_see((await office.colleague("ada")).user_id)
    answer = await analyst.decide(proposed)
    assert refusal(answer) == (403, "permission_missing")
    assert "reveals.approve" in answer.json()["detail"]


async def test_proposals_are_listed_by_state_and_in_pages(office: Office) -> None:
    analyst = await office.colleague("analyst", Role.FRAUD_ANALYST)
    other = await office.colleague("other", Role.FRAUD_ANALYST)
    proposals = [await analyst.propose_rules({**RULE, "name": f"rule_{n}"}) for n in range(3)]
    await other.decide(proposals[0], "reject")
    first = (await other.get("/approvals", state="proposed", limit=1)).json()
    rest = (await other.get("/approvals", state="proposed", limit=1, cursor=first["next_cursor"])).json()
    assert [each["id"] for each in (*first["data"], *rest["data"])] == [
        proposals[2].json()["id"], proposals[1].json()["id"],
    ]  # fmt: skip
    assert rest["next_cursor"] is None
    assert refusal(await other.get("/approvals", state="maybe")) == (422, "validation_failed")


async def test_an_approval_of_another_program_does_not_exist(office: Office) -> None:
    admin = await office.colleague("admin", Role.ADMINISTRATOR)
    proposed = await admin.grant((await office.colleague("ada")).user_id, "support")
    elsewhere = Office(office.client, office.engine, office.clock, "prog_of_somebody_else")
    stranger = await elsewhere.colleague("stranger", Role.ADMINISTRATOR)
    for how in ("approve", "reject", "withdraw"):
        assert refusal(await stranger.decide(proposed, how)) == (404, "approval_unknown")
    assert (await stranger.get(f"/approvals/{proposed.json()['id']}")).status_code == 404
    assert (await stranger.get("/approvals")).json()["data"] == []


def test_two_kinds_of_one_name_stop_the_start() -> None:
    kinds: list[ApprovalKind] = [*APPROVAL_KINDS, APPROVAL_KINDS[0]]
    with pytest.raises(ValueError, match="one name"):
        ApprovalKinds(kinds)
