from typing import Any

import httpx
import pytest
import stripe
from stripe.identity import VerificationSession

from running_stripe import RunningStripe


@pytest.fixture
def session(client: stripe.StripeClient) -> VerificationSession:
    return client.v1.identity.verification_sessions.create(
        {
            "type": "document",
            "client_reference_id": "user_1",
            "metadata": {"user": "1"},
            "options": {"document": {"require_matching_selfie": True}},
            "return_url": "https://cards.example/done",
        }
    )


def test_good_documents_verify_a_person(running: RunningStripe, session: VerificationSession) -> None:
    running.subscribe()
    assert session.status == "requires_input"
    submitted = running.control(
        f"identity/{session.id}/submit", {"outcome": "verified", "first_name": "Ada", "last_name": "Sample"}
    )
    assert submitted.json()["status"] == "verified"
    sessions = running.client.v1.identity.verification_sessions
    plain = sessions.retrieve(session.id)
    assert "verified_outputs" not in plain
    assert plain.url is None
    shown = sessions.retrieve(session.id, {"expand": ["verified_outputs", "last_verification_report"]})
    assert shown.verified_outputs is not None
    assert (shown.verified_outputs.first_name, shown.verified_outputs.last_name) == ("Ada", "Sample")
    assert shown.last_verification_report.document.status == "verified"  # type: ignore[union-attr]
    assert shown.last_verification_report.selfie.status == "verified"  # type: ignore[union-attr]
    running.eventually(lambda: len(running.receiver.events) == 2)
    assert running.receiver.types == [
        "identity.verification_session.processing",
        "identity.verification_session.verified",
    ]


@pytest.mark.parametrize("outcome", ["document_expired", "selfie_face_mismatch", "document_unverified_other"])
def test_a_failed_check_says_why_and_waits_for_another_try(
    running: RunningStripe, session: VerificationSession, outcome: str
) -> None:
    running.subscribe("identity.verification_session.requires_input")
    running.control(f"identity/{session.id}/submit", {"outcome": outcome})
    sessions = running.client.v1.identity.verification_sessions
    shown = sessions.retrieve(session.id, {"expand": ["last_verification_report"]})
    assert shown.status == "requires_input"
    assert shown.last_error is not None
    assert shown.last_error.code == outcome
    assert shown.last_error.reason
    assert shown.url == session.url
    running.eventually(lambda: running.receiver.events)
    again = running.control(f"identity/{session.id}/submit", {"outcome": "verified"})
    assert again.json()["last_error"] is None
    third = running.control(f"identity/{session.id}/submit", {"outcome": "verified"})
    assert third.status_code == 400


def test_the_hosted_page_takes_the_documents(running: RunningStripe, session: VerificationSession) -> None:
    assert session.url is not None
    assert "Verify your identity" in httpx.get(session.url).text
    form = {"outcome": "verified", "first_name": "", "last_name": "Sample"}
    sent = httpx.post(f"{session.url}/submit", data=form)
    assert (sent.status_code, sent.headers["location"]) == (303, "https://cards.example/done")
    assert "verified" in httpx.get(session.url).text
    assert httpx.get(f"{session.url}nothing").status_code == 404


@pytest.mark.parametrize("body", [{"outcome": "perfect"}, {}, {"outcome": "verified", "age": 3}])
def test_a_submission_must_make_sense(
    running: RunningStripe, session: VerificationSession, body: dict[str, Any]
) -> None:
    assert running.control(f"identity/{session.id}/submit", body).status_code == 400
    kept = running.client.v1.identity.verification_sessions.retrieve(session.id)
    assert kept.status == "requires_input"


def test_a_session_is_canceled_while_it_waits(running: RunningStripe, session: VerificationSession) -> None:
    sessions = running.client.v1.identity.verification_sessions
    canceled = sessions.cancel(session.id)
    assert (canceled.status, canceled.url) == ("canceled", None)
    with pytest.raises(stripe.InvalidRequestError):
        sessions.cancel(session.id)


def test_sessions_are_listed_by_reference_and_status(
    client: stripe.StripeClient, session: VerificationSession
) -> None:
    sessions = client.v1.identity.verification_sessions
    other = sessions.create({"type": "id_number"})
    sessions.cancel(other.id)
    assert [it.id for it in sessions.list({"client_reference_id": "user_1"}).data] == [session.id]
    assert [it.id for it in sessions.list({"status": "canceled"}).data] == [other.id]


def test_a_session_needs_a_type_or_a_flow(client: stripe.StripeClient) -> None:
    with pytest.raises(stripe.InvalidRequestError) as refused:
        client.v1.identity.verification_sessions.create({})
    assert refused.value.param == "type"
    flow = client.v1.identity.verification_sessions.create({"verification_flow": "vf_1"})
    assert flow.type == "verification_flow"


@pytest.mark.parametrize(
    ("last_name", "status", "code"),
    [
        ("Sample", "verified", None),
        ("Slow", "processing", None),
        ("Consider", "processing", None),
        ("Never Answers", "processing", None),
        ("Flips Later", "verified", None),
        ("Document Expired", "requires_input", "document_expired"),
        ("Selfie Face Mismatch", "requires_input", "selfie_face_mismatch"),
    ],
)
def test_without_an_outcome_a_check_ends_as_the_name_says(
    running: RunningStripe, session: VerificationSession, last_name: str, status: str, code: str | None
) -> None:
    names = {"first_name": "Robin", "last_name": last_name}
    running.control(f"identity/{session.id}/submit", names)
    found = running.client.v1.identity.verification_sessions.retrieve(session.id)
    assert (found.status, found.last_error.code if found.last_error else None) == (status, code)
    if status == "processing":
        running.control(f"identity/{session.id}/submit", names | {"outcome": "verified"})
        ended = running.client.v1.identity.verification_sessions.retrieve(session.id)
        assert ended.status == "verified"
