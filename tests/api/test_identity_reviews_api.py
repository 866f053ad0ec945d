"""Reviews of identities as reviewers work on them, over HTTP and a real database."""

import asyncio
from datetime import timedelta
from typing import Any

import httpx
import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine

from api.review_office import REVIEWS, Office, an_office
from browsers import sign_in
from cardwright import kyc
from cardwright.access import Role
from cardwright.core.clock import MovableClock
from cardwright.core.ids import new_id
from cardwright.db.confinement import confine_to_customer, confine_to_program
from cardwright.db.outbox import Event
from cardwright.db.session import transaction
from cardwright.kyc import RejectionReason
from cardwright.kyc.documents import DocumentKind
from cardwright.kyc.review.following import forget_person
from cardwright.users import ERASED
from integration.kyc.people import a_person
from staff import grant_role

APPROVED = {"decision": "approved"}
NO_TERM = "good_until = NULL, renew_from = NULL"
REJECTED = {"decision": "rejected", "rejection_reason": "face_mismatch"}


@pytest.fixture
async def office(client: httpx.AsyncClient, engine: AsyncEngine, clock: MovableClock) -> Office:
    return await an_office(client, engine, clock)


async def test_what_a_vendor_leaves_open_waits_until_somebody_approves_it(
    office: Office,
) -> None:
    user_id = await office.verified()
    review = await office.review_of(user_id)
    assert (review["state"], review["causes"], review["version"]) == ("open", ["vendor_review"], 1)
    claimed = await office.claim(review)
    assert (claimed["state"], claimed["assignee_id"]) == ("in_review", office.one_id)
    decided = await office.act(claimed, "decide", **APPROVED)
    assert (decided["state"], decided["outcome"], decided["resolved_by"]) == (
        "resolved", "approved", office.one_id,
    )  # fmt: skip
    assert await office.status_of(user_id) == ("approved", 2)
    assert await office.queue() == []
    await office.deliver()
    about = [event.type for event in office.told if event.subject_id == review["id"]]
    assert about == ["kyc.review_opened", "kyc.review_decided"]


async def test_a_rejection_needs_a_reason_and_tells_the_person_that_alone(office: Office) -> None:
    review = await office.claimed()
    assert await office.refuse(review, "decide", decision="rejected") == (422, "reason_unfit")
    assert await office.refuse(review, "decide", **APPROVED, rejection_reason="under_age") == (
        422, "reason_unfit",
    )  # fmt: skip
    decided = await office.act(review, "decide", **REJECTED, reason="The passport shows another face.")
    assert (decided["outcome"], decided["rejection_reason"]) == ("rejected", "face_mismatch")
    assert (await office.status_of(review["user_id"]))[0] == "rejected"
    file = await office.file(review)
    assert [note["words"] for note in file["notes"]] == ["The passport shows another face."]
    assert "another face" not in str(file["activities"])


async def test_the_file_shows_everything_in_front_of_the_reviewer_and_looking_is_recorded(
    office: Office,
) -> None:
    await office.listed()
    user_id = await office.verified()
    review = await office.review_of(user_id)
    file = await office.file(review)
    assert file["profile"]["full_name"] == "Robin Sample"
    assert "email" not in file["profile"]
    [verification] = file["verifications"]
    assert (verification["status"], verification["provider"], verification["vendor_answer"]) == (
        "in_review", "stripe", None,
    )  # fmt: skip
    [hit] = file["hits"]
    assert (hit["person"]["name"], hit["listed"]["name"]) == ("Robin Sample", "Robyn Semple")
    assert sorted(review["causes"]) == ["screening", "vendor_review"]
    assert file["earlier_reviews"] == file["notes"] == file["documents"] == []
    assert [it["kind"] for it in file["activities"]] == ["opened", "joined"]
    assert (await office.actions(review))[-1] == "identity_review.read"


async def test_every_filter_narrows_the_queue_and_counts_say_how_much_there_is(office: Office) -> None:
    mine = await office.claimed()
    theirs = await office.review_of(await office.verified())
    found = {
        "state": [{"state": "in_review"}, {"state": "open"}],
        "assignee": [{"assignee_id": office.one_id}, {"user_id": theirs["user_id"]}],
        "cause": [{"cause": "vendor_review"}, {"cause": "screening"}],
        "overdue": [{"overdue": True}, {"overdue": False}],
    }
    ids = {name: [[it["id"] for it in await office.queue(**w)] for w in ws] for name, ws in found.items()}
    both = [mine["id"], theirs["id"]]
    assert ids == {
        "state": [[mine["id"]], [theirs["id"]]], "assignee": [[mine["id"]], [theirs["id"]]],
        "cause": [both, []], "overdue": [[], both],
    }  # fmt: skip
    counts = await office.done("GET", f"{REVIEWS}/counts")
    assert counts["states"] == {"open": 1, "in_review": 1, "waiting": 0}
    assert (counts["causes"]["vendor_review"], counts["overdue"], counts["mine"]) == (2, 0, 1)
    first = await office.done("GET", REVIEWS, params={"limit": 1})
    rest = await office.queue(cursor=first["next_cursor"])
    assert [it["id"] for it in (*first["data"], *rest)] == both


async def test_of_two_who_claim_at_once_one_has_it(office: Office) -> None:
    review = await office.review_of(await office.verified())
    path = f"{REVIEWS}/{review['id']}/claim"
    answers = await asyncio.gather(
        *(office.ask("POST", path, who=who) for who in (office.one, office.two) for _ in range(3))
    )
    codes = [answer.json().get("code", "mine") for answer in answers]
    assert sorted(codes) == ["mine"] * 3 + ["review_assigned"] * 3
    assert (await office.now(review))["version"] == 2
    assert [it["kind"] for it in (await office.file(review))["activities"]] == ["opened", "assigned"]


async def test_nobody_decides_what_changed_since_they_read_it_or_what_is_another_s(office: Office) -> None:
    review = await office.review_of(await office.verified())
    assert await office.refuse(review, "decide", **APPROVED) == (409, "review_unclaimed")
    claimed = await office.claim(review)
    assert await office.refuse(review, "decide", **APPROVED) == (409, "review_changed")
    assert await office.refuse(claimed, "decide", office.two, **APPROVED) == (409, "review_assigned")
    to_two = {"assignee_id": office.two_id, "version": claimed["version"]}
    handed = await office.done("POST", f"{REVIEWS}/{review['id']}/assign", to_two)
    assert await office.refuse(handed, "decide", **APPROVED) == (409, "review_assigned")
    await office.act(handed, "decide", office.two, **APPROVED)
    assert await office.refuse(handed, "decide", office.two, **APPROVED) == (409, "review_resolved")


async def test_of_two_decisions_at_once_one_is_made(office: Office) -> None:
    review = await office.claimed()
    path = f"{REVIEWS}/{review['id']}/decide"
    bodies = [{**it, "version": review["version"], "reason": "Looked."} for it in (APPROVED, REJECTED)]
    answers = await asyncio.gather(*(office.ask("POST", path, body) for body in bodies))
    assert sorted(answer.status_code for answer in answers) == [200, 409]


async def test_a_review_is_given_to_those_who_may_decide_it_only(office: Office) -> None:
    review = await office.claimed()
    path = f"{REVIEWS}/{review['id']}/assign"
    for to in (await office.person(), new_id("user"), review["user_id"]):
        body = {"assignee_id": to, "version": review["version"]}
        assert await office.refused("POST", path, body) == (422, "assignee_unfit")
    back = await office.done("POST", path, {"assignee_id": None, "version": review["version"]})
    assert (back["state"], back["assignee_id"]) == ("open", None)


async def test_turning_around_what_a_vendor_decided_needs_a_second_person(office: Office) -> None:
    review = await office.claimed("rejected", RejectionReason.DOCUMENT_UNREADABLE)
    proposed = await office.act(review, "decide", **APPROVED)
    assert proposed["state"] == "in_review"
    assert proposed["override_id"] is not None
    assert (await office.status_of(review["user_id"]))[0] == "rejected"
    assert await office.refuse(proposed, "decide", **APPROVED) == (409, "override_proposed")
    alone = await office.approve(proposed, office.one)
    assert (alone.status_code, alone.json()["code"]) == (403, "four_eyes")
    assert (await office.approve(proposed, office.two)).json()["state"] == "applied"
    decided = await office.now(review)
    assert (decided["outcome"], decided["resolved_by"]) == ("approved", office.two_id)
    assert (await office.status_of(review["user_id"]))[0] == "approved"
    told = [it["kind"] for it in (await office.file(review))["activities"]]
    assert told == ["opened", "noted", "assigned", "override_proposed", "decided"]


async def test_keeping_what_a_vendor_decided_needs_nobody_else(office: Office) -> None:
    review = await office.claimed("rejected", RejectionReason.DOCUMENT_UNREADABLE)
    decided = await office.act(review, "decide", **REJECTED)
    assert (decided["outcome"], decided["override_id"]) == ("rejected", None)


async def test_a_proposal_that_is_refused_leaves_the_review_to_be_decided_anew(office: Office) -> None:
    review = await office.act(await office.claimed("approved"), "decide", **REJECTED)
    path = f"/approvals/{review['override_id']}/reject"
    await office.done("POST", path, {"note": "The photo is theirs."}, who=office.two)
    assert (await office.status_of(review["user_id"]))[0] == "approved"
    again = await office.act(await office.now(review), "decide", **APPROVED)
    assert again["outcome"] == "approved"


@pytest.mark.parametrize("as_staff", [True, False])
@pytest.mark.parametrize(
    "change",
    [
        f"state = 'rejected', reason = 'unverified', decided_by = 'user_x', {NO_TERM}",
        f"state = 'rejected', reason = 'unverified', {NO_TERM}",
        f"state = 'in_review', {NO_TERM}",
    ],
)
async def test_the_database_lets_nobody_turn_an_approval_around_alone(
    office: Office, change: str, *, as_staff: bool
) -> None:
    user_id = await office.verified("approved")
    run = office.changed_by_staff if as_staff else office.changed
    with pytest.raises(DBAPIError, match="nobody approved this"):
        await run(f"UPDATE identity_verifications SET {change}")  # noqa: S608 - ours
    assert await office.status_of(user_id) == ("approved", 2)


async def test_the_database_lets_staff_change_no_answer_of_a_vendor(office: Office) -> None:
    await office.verified("rejected", RejectionReason.DOCUMENT_UNREADABLE)
    changes = (
        "answer = 'approved'",
        "state = 'approved', decided_by = 'user_x', good_until = now(), renew_from = now()",
    )
    for change in changes:
        with pytest.raises(DBAPIError, match=r"vendor answered|nobody approved"):
            await office.changed_by_staff(f"UPDATE identity_verifications SET {change}")  # noqa: S608


async def test_nobody_is_approved_before_their_hits_are_dismissed(office: Office) -> None:
    await office.listed()
    review = await office.claimed()
    assert await office.refuse(review, "decide", **APPROVED) == (409, "hits_undecided")
    await office.judge(review["user_id"])
    told = await office.now(review)
    assert told["version"] > review["version"]
    decided = await office.act(told, "decide", **APPROVED)
    assert decided["outcome"] == "approved"
    kinds = [it["kind"] for it in (await office.file(review))["activities"]]
    assert kinds.count("hits_decided") == 1


async def test_whom_a_confirmed_hit_names_is_rejected_by_one_and_approved_by_nobody(office: Office) -> None:
    await office.listed()
    user_id = await office.verified("approved")
    review = await office.claim(await office.review_of(user_id))
    assert review["causes"] == ["screening"]
    await office.judge(user_id, "confirm")
    review = await office.now(review)
    assert await office.refuse(review, "decide", **APPROVED) == (409, "hits_undecided")
    decided = await office.act(review, "decide", decision="rejected", rejection_reason="unverified")
    assert (decided["outcome"], decided["override_id"]) == ("rejected", None)


async def test_a_review_for_hits_alone_ends_when_the_last_of_them_is_decided(office: Office) -> None:
    user_id = await office.verified("approved")
    await office.listed()
    review = await office.review_of(user_id)
    assert (review["causes"], review["verification_id"]) == (["screening"], None)
    claimed = await office.claim(review)
    assert await office.refuse(claimed, "close") == (409, "hits_undecided")
    await office.judge(user_id)
    settled = await office.now(review)
    assert (settled["state"], settled["outcome"], settled["resolved_by"]) == (
        "resolved", "settled", "system",
    )  # fmt: skip


@pytest.mark.parametrize("first", ["approved", "in_review"])
async def test_what_hits_alone_held_is_approved_with_the_last_of_them(office: Office, first: str) -> None:
    await office.listed()
    user_id = await office.verified(first)
    review = await office.review_of(user_id)
    await office.answer(review["verification_id"], "approved")
    assert (await office.status_of(user_id))[0] == "in_review"
    await office.judge(user_id)
    assert await office.status_of(user_id) == ("approved", 2)
    assert (await office.now(review))["outcome"] == "settled"
    assert [event.type for event in office.told].count("kyc.approved") == 1


async def test_what_staff_looks_at_for_another_reason_waits_for_them(office: Office) -> None:
    await office.listed()
    user_id = await office.verified("approved")
    review = await office.claim(await office.review_of(user_id))
    await office.act(review, "ask-for-more", missing=["selfie"])
    await office.show(user_id, DocumentKind.PASSPORT, DocumentKind.SELFIE)
    await office.submit(user_id, review["verification_id"])
    await office.judge(user_id)
    assert (await office.status_of(user_id))[0] == "in_review"
    assert (await office.now(review))["causes"] == ["screening", "manual"]


async def test_a_renewal_says_that_it_is_one(office: Office) -> None:
    user_id = await office.verified("approved")
    await office.later(timedelta(days=705))
    await office.answer(await office.begin(user_id), "in_review")
    review = await office.review_of(user_id)
    assert review["causes"] == ["vendor_review", "reverification"]
    await office.answer(review["verification_id"], "approved")
    assert (await office.now(review))["outcome"] == "settled"


async def test_no_reason_of_a_reviewer_stands_in_clear(office: Office) -> None:
    words = "Their brother wrote that the photo is his."
    user_id = await office.verified("rejected", RejectionReason.DOCUMENT_UNREADABLE)
    opened = await office.done("POST", REVIEWS, {"user_id": user_id, "reason": words})
    await office.act(await office.claim(opened), "decide", **APPROVED, reason=words)
    assert [note["words"] for note in (await office.file(opened))["notes"]] == [words, words]
    async with transaction(office.engine) as session:
        for table in ("approvals", "audit_entries", "identity_review_activities", "outbox"):
            rows = (await session.scalars(text(f"SELECT t::text FROM {table} t"))).all()  # noqa: S608
            assert rows
            assert "brother" not in str(rows), table


async def test_what_a_vendor_decides_itself_closes_the_review_that_was_for_it_alone(office: Office) -> None:
    user_id = await office.verified()
    review = await office.review_of(user_id)
    verification = review["verification_id"]
    await office.answer(verification, "approved")
    assert (await office.now(review))["outcome"] == "settled"
    assert (await office.status_of(user_id))[0] == "approved"


async def test_a_vendor_that_contradicts_what_stands_brings_a_review_about(office: Office) -> None:
    user_id = await office.person()
    verification = await office.begin(user_id)
    await office.answer(verification, "approved")
    await office.answer(verification, "rejected", RejectionReason.FACE_MISMATCH)
    review = await office.review_of(user_id)
    assert review["causes"] == ["contradiction"]
    [shown] = (await office.file(review))["verifications"]
    assert (shown["status"], shown["contradicted_by"]) == ("approved", "rejected")
    decided = await office.act(await office.claim(review), "decide", **APPROVED)
    assert (decided["outcome"], decided["override_id"]) == ("approved", None)


async def test_whoever_is_asked_for_more_stops_the_clock_until_they_sent_it(office: Office) -> None:
    review = await office.claimed()
    waiting = await office.act(
        review, "ask-for-more", missing=["id_card_back"], reason="The back is missing."
    )
    assert waiting["state"] == "waiting"
    assert await office.refuse(waiting, "decide", **APPROVED) == (409, "review_waiting")
    await office.later(timedelta(days=3))
    assert not (await office.now(review))["is_overdue"]
    assert await kyc.mark_overdue_reviews(office.work) == 0
    assert (await office.status_of(review["user_id"]))[0] == "collecting"
    [asked] = [it for it in (await office.file(review))["activities"] if it["kind"] == "asked_for_more"]
    assert asked["details"]["missing"] == ["id_card_back"]


async def test_whoever_is_asked_for_more_reads_what_sends_it_and_is_decided_about(office: Office) -> None:
    review, _ = await office.handed_in()
    user_id, message = review["user_id"], "The back is cut off: show all four corners."
    missing = ["id_card_front", "id_card_back"]
    assert await office.refuse(review, "ask-for-more", missing=["selfie", "selfie"]) == (
        422, "validation_failed",
    )  # fmt: skip
    await office.act(review, "ask-for-more", missing=missing, message=message, reason="Smudged; ours alone.")
    holder = await office.holder(user_id)
    standing = await office.done("GET", "/me/identity", who=holder)
    assert (standing["status"], standing["can_submit"]) == ("collecting", True)
    assert (standing["missing"], standing["message"]) == (missing, message)
    assert standing["next_step"] == "Upload what is missing, then submit it."
    file = await office.file(review)
    assert file["verifications"][0]["missing"] == missing
    assert [it["words"] for it in file["notes"]] == ["Smudged; ours alone.", message]
    await office.show(user_id, DocumentKind.ID_CARD_FRONT, DocumentKind.ID_CARD_BACK)
    await office.submit(user_id, review["verification_id"])
    standing = await office.done("GET", "/me/identity", who=holder)
    assert (standing["status"], standing["missing"], standing["message"]) == ("in_review", [], None)
    back = await office.now(review)
    assert (back["state"], back["assignee_id"]) == ("in_review", office.one_id)
    await office.act(back, "decide", **APPROVED)
    assert await office.status_of(user_id) == ("approved", 2)
    async with transaction(office.engine) as session:
        kept = await session.scalar(text("SELECT string_agg(message, ' ') FROM identity_verifications"))
    assert "corners" not in str(kept)


async def test_nothing_can_be_handed_in_before_it_is_known_where(office: Office) -> None:
    office.order = ("manual",)
    user_id = await office.person()
    holder = await office.holder(user_id)
    asked = await office.done("POST", "/identity-verifications", who=holder)
    path = f"/identity-verifications/{asked['id']}/submit"
    assert await office.refused("POST", path, who=holder) == (409, "verification_not_begun")
    await office.deliver()
    assert await office.refused("POST", path, who=holder) == (409, "documents_missing")


async def test_what_was_handed_in_is_kept_until_it_was_judged_though_nobody_opened_it(office: Office) -> None:
    review, shown = await office.handed_in()
    holder = await office.holder(review["user_id"])
    for document_id in shown:
        path = f"/me/identity-documents/{document_id}"
        assert await office.refused("DELETE", path, who=holder) == (409, "document_in_review")
    await office.act(review, "decide", **APPROVED)
    for document_id in shown:
        answer = await office.ask("DELETE", f"/me/identity-documents/{document_id}", who=holder)
        assert answer.status_code == 204
    assert await office.actions({"id": shown[0]}) == [
        f"identity_document.{act}" for act in ("review_started", "review_ended", "erased")
    ]


async def test_nobody_is_approved_on_documents_that_are_gone(office: Office) -> None:
    review, shown = await office.handed_in()
    for document_id in shown:
        await office.done("POST", f"/identity-documents/{document_id}/erase", {"reason": "unfit"})
    assert await office.refuse(review, "decide", **APPROVED) == (409, "documents_missing")
    assert (await office.status_of(review["user_id"]))[0] == "in_review"
    decided = await office.act(review, "decide", **REJECTED)
    assert decided["outcome"] == "rejected"


async def test_a_second_person_approves_nobody_whose_documents_are_gone(office: Office) -> None:
    review, shown = await office.handed_in()
    await office.act(review, "decide", **REJECTED)
    await office.done("POST", REVIEWS, {"user_id": review["user_id"], "reason": "They wrote to us."})
    again = await office.claim(await office.review_of(review["user_id"]))
    proposed = await office.act(again, "decide", **APPROVED)
    for document_id in shown:
        await office.done("POST", f"/identity-documents/{document_id}/erase", {"reason": "unfit"})
    refused = await office.approve(proposed, office.two)
    assert (refused.status_code, refused.json()["code"]) == (409, "documents_missing")


@pytest.mark.parametrize("change", [{"full_name": "Robin Other"}, {"date_of_birth": "1971-02-03"}])
async def test_whoever_changes_who_they_are_while_reviewed_is_read_again_first(
    office: Office, change: dict[str, str]
) -> None:
    review, _ = await office.handed_in()
    await office.change_profile(review["user_id"], **change)
    assert await office.refuse(review, "decide", **APPROVED) == (409, "review_changed")
    file = await office.file(review)
    assert file["profile"].items() >= change.items()
    assert [it["kind"] for it in file["activities"]].count("profile_changed") == 1
    assert (await office.act(file["review"], "decide", **APPROVED))["outcome"] == "approved"


async def test_what_says_nothing_of_who_one_is_may_change_while_one_is_reviewed(office: Office) -> None:
    review, _ = await office.handed_in()
    await office.change_profile(review["user_id"], locale="en-US")
    assert (await office.now(review))["version"] == review["version"]


async def test_what_was_proposed_of_another_name_is_not_done(office: Office) -> None:
    review = await office.claimed("rejected", RejectionReason.DOCUMENT_UNREADABLE)
    proposed = await office.act(review, "decide", **APPROVED)
    await office.change_profile(review["user_id"], full_name="Robin Other")
    refused = await office.approve(proposed, office.two)
    assert (refused.status_code, refused.json()["code"]) == (409, "override_outdated")
    assert (await office.status_of(review["user_id"]))[0] == "rejected"


async def test_a_late_review_is_seen_counted_and_told_of_once(office: Office) -> None:
    review = await office.claimed()
    assert await kyc.mark_overdue_reviews(office.work) == 0
    await office.later(timedelta(hours=24))
    assert [it["id"] for it in await office.queue(overdue=True)] == [review["id"]]
    assert (await office.done("GET", f"{REVIEWS}/counts"))["overdue"] == 1
    assert [await kyc.mark_overdue_reviews(office.work) for _ in range(2)] == [1, 0]
    await office.deliver()
    [late] = [event for event in office.told if event.type == "kyc.review_overdue"]
    assert late.payload["assignee_id"] == office.one_id
    [mine] = [event for event in office.told if event.type == "kyc.assigned_review_overdue"]
    assert (mine.payload["user_id"], mine.payload["review_id"]) == (office.one_id, review["id"])
    assert (await office.file(review))["activities"][-1]["kind"] == "overdue"


async def test_an_administrator_sets_how_long_reviewers_have_from_then_on(office: Office) -> None:
    path = "/identity-review-terms/vendor_review"
    assert await office.refused("PUT", path, {"hours": 2}) == (403, "permission_missing")
    before = await office.review_of(await office.verified())
    async with transaction(office.engine) as session:
        boss = await a_person(office.engine, office.clock, "boss@staff.example")
        await grant_role(session, boss, Role.ADMINISTRATOR, "system", office.clock.now())
    administrator = await sign_in(office.engine, office.clock, boss)
    for hours in (0, 8761, "2", 2.5):
        assert (await office.ask("PUT", path, {"hours": hours}, who=administrator)).status_code == 422
    await office.done("PUT", path, {"hours": 2}, who=administrator)
    terms = {it["cause"]: it["hours"] for it in await office.done("GET", "/identity-review-terms")}
    assert (terms["vendor_review"], terms["screening"]) == (2, 24)
    after = await office.review_of(await office.verified())
    assert after["due_at"] < before["due_at"]
    assert [it["id"] for it in await office.queue()] == [after["id"], before["id"]]


async def test_nobody_reviews_themselves_not_in_the_database_either(office: Office) -> None:
    user_id = await office.verified()
    review = await office.review_of(user_id)
    async with transaction(office.engine) as session:
        await grant_role(session, user_id, Role.KYC_REVIEWER, "system", office.clock.now())
    me = await sign_in(office.engine, office.clock, user_id)
    path = f"{REVIEWS}/{review['id']}"
    assert await office.refused("POST", f"{path}/claim", who=me) == (403, "own_identity")
    for how, body in (
        ("notes", {"words": "I am fine."}),
        ("assign", {"assignee_id": office.one_id, "version": 1}),
    ):
        assert await office.refused("POST", f"{path}/{how}", body, who=me) == (403, "own_identity")
    again = {"user_id": user_id, "reason": "Me."}
    assert await office.refused("POST", REVIEWS, again, who=me) == (403, "own_identity")
    with pytest.raises(DBAPIError, match="not_by_oneself"):
        await office.changed("UPDATE identity_reviews SET assignee_id = user_id, state = 'in_review'")


async def test_reviews_are_seen_by_staff_of_the_program_alone(office: Office) -> None:
    review = await office.claimed()
    await office.done("POST", f"{REVIEWS}/{review['id']}/notes", {"words": "Look twice."})
    tables = ("identity_reviews", "identity_review_activities", "identity_review_notes")
    async with transaction(office.engine) as session:
        await confine_to_program(session, program_id="prog_other", user_id="user_other")
        assert await _rows(session, tables) == [0, 0, 0]
    async with transaction(office.engine) as session:
        await confine_to_customer(session, program_id=office.program.id, user_id=review["user_id"])
        assert await _rows(session, tables) == [0, 0, 0]
    holder = await sign_in(office.engine, office.clock, review["user_id"])
    for path in (REVIEWS, f"{REVIEWS}/{review['id']}"):
        assert await office.refused("GET", path, who=holder) == (403, "permission_missing")
    for statement in (
        "UPDATE identity_review_activities SET kind = 'noted'", "DELETE FROM identity_review_notes",
        "DELETE FROM identity_reviews", "UPDATE identity_reviews SET user_id = 'user_x'",
    ):  # fmt: skip
        with pytest.raises(DBAPIError, match="permission denied"):
            await office.changed_by_staff(statement)


async def test_only_what_can_be_judged_is_opened_by_hand_and_once(office: Office) -> None:
    new = await office.person()
    assert await office.refused("POST", REVIEWS, {"user_id": new, "reason": "Odd."}) == (
        409, "nothing_to_review",
    )  # fmt: skip
    user_id = await office.verified("approved")
    body = {"user_id": user_id, "reason": "A tip."}
    opened = await office.done("POST", REVIEWS, body)
    assert opened["causes"] == ["staff"]
    assert await office.refused("POST", REVIEWS, body) == (409, "review_exists")
    assert await office.refused("POST", REVIEWS, {**body, "user_id": new_id("user")}) == (
        404, "user_not_found",
    )  # fmt: skip
    closed = await office.act(await office.claim(opened), "close", reason="The tip was of another.")
    assert closed["outcome"] == "settled"
    again = await office.done("POST", REVIEWS, body)
    assert [it["id"] for it in (await office.file(again))["earlier_reviews"]] == [opened["id"]]


async def test_the_history_says_everything_that_happened_in_order_and_the_trail_does_too(
    office: Office,
) -> None:
    review = await office.claimed()
    await office.done("POST", f"{REVIEWS}/{review['id']}/notes", {"words": "The stamp is smudged."})
    assert await office.refuse(review, "close") == (409, "verification_undecided")
    await office.act(review, "decide", **REJECTED)
    kinds = [it["kind"] for it in (await office.file(review))["activities"]]
    assert kinds == ["opened", "assigned", "noted", "decided"]
    assert (await office.actions(review))[:4] == [f"identity_review.{kind}" for kind in kinds]
    async with transaction(office.engine) as session:
        kept = await session.scalar(text("SELECT string_agg(words, ' ') FROM identity_review_notes"))
    assert "smudged" not in str(kept)


async def test_the_review_of_an_erased_person_ends(office: Office) -> None:
    review = await office.review_of(await office.verified())
    erased = Event(ERASED, office.program.id, review["user_id"], office.clock.now(), {})
    await forget_person(office.work, erased)
    await forget_person(office.work, erased)
    assert (await office.now(review))["outcome"] == "settled"


async def _rows(session: Any, tables: tuple[str, ...]) -> list[int]:
    return [int(await session.scalar(text(f"SELECT count(*) FROM {it}"))) for it in tables]  # noqa: S608
