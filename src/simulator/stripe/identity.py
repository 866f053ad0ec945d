"""Identity verification sessions: created, handed in on a hosted page, verified or sent back."""

import secrets
from typing import Literal

from pydantic import Field

from simulator.objects import JsonObject
from simulator.stripe import verification_reports
from simulator.stripe.account import StripeAccount
from simulator.stripe.errors import StripeError, parameter_missing
from simulator.stripe.events import emit, emit_change
from simulator.stripe.lists import CreatedListParams, is_match, page
from simulator.stripe.operations import Call, Operation, Operations
from simulator.stripe.params import Flag, ListOf, Metadata, Params, RequestParams, Text, merged_metadata
from simulator.stripe.verification_reports import Submission

KIND = "identity.verification_session"
OUTPUTS_KIND = "stripe.verified_outputs"
HIDDEN = frozenset({"verified_outputs", "verified_outputs.dob"})
_PATH = "/v1/identity/verification_sessions"


class DocumentOptions(Params):
    """What a document check asks for."""

    allowed_types: ListOf[Literal["driving_license", "id_card", "passport"]] | None = None
    require_id_number: Flag | None = None
    require_live_capture: Flag | None = None
    require_matching_selfie: Flag | None = None


class SessionOptions(Params):
    """Options by type of check."""

    document: DocumentOptions | None = None


class ProvidedDetails(Params):
    """What is known about the person already."""

    email: Text | None = None
    phone: Text | None = None


class CreateSession(RequestParams):
    """The parameters of a new session."""

    client_reference_id: Text | None = None
    metadata: Metadata = Field(default_factory=dict)
    options: SessionOptions | None = None
    provided_details: ProvidedDetails | None = None
    return_url: Text | None = None
    type: Literal["document", "id_number"] | None = None
    verification_flow: Text | None = None


class ListSessions(CreatedListParams):
    """The filters of the list."""

    client_reference_id: Text | None = None
    status: Literal["canceled", "processing", "requires_input", "verified"] | None = None


def create(call: Call, params: CreateSession) -> JsonObject:
    """Open a session that waits for documents."""
    account = call.account
    if params.type is None and params.verification_flow is None:
        raise parameter_missing("type")
    session_id = account.objects.new_id("vs")
    session: JsonObject = {
        "id": session_id,
        "object": KIND,
        "client_reference_id": params.client_reference_id,
        "client_secret": f"{session_id}_secret_{secrets.token_urlsafe(18)}",
        "created": account.clock.timestamp(),
        "last_error": None,
        "last_verification_report": None,
        "livemode": False,
        "metadata": merged_metadata({}, params),
        "options": params.options.model_dump(exclude_none=True) if params.options else {},
        "provided_details": params.provided_details and params.provided_details.model_dump(),
        "redaction": None,
        "related_customer": None,
        "status": "requires_input",
        "type": params.type or "verification_flow",
        "url": account.page_url(f"identity/{session_id}"),
        "verification_flow": params.verification_flow,
    }
    account.objects.put(KIND, session)
    account.objects.put(OUTPUTS_KIND, {"id": session_id, "return_url": params.return_url, "outputs": None})
    emit(account, "identity.verification_session.created", session)
    return session


def get_session(account: StripeAccount, session_id: str) -> JsonObject:
    """Return a session; StripeError when there is none."""
    return account.get(KIND, session_id, noun="verification session")


def return_url_of(account: StripeAccount, session_id: str) -> str | None:
    """Return where the hosted page sends the person afterwards."""
    kept = account.objects.get(OUTPUTS_KIND, session_id)
    return kept["return_url"] if kept else None


def render(account: StripeAccount, session: JsonObject) -> JsonObject:  # noqa: ARG001 - a Render's shape
    """Show a session, which is kept as it is shown."""
    return session


def retrieve(call: Call, params: RequestParams) -> JsonObject:
    """Show one session, with what was verified when the request expands it."""
    session = get_session(call.account, call.ids["session"])
    if HIDDEN & set(params.expand):
        kept = call.account.objects.get(OUTPUTS_KIND, session["id"])
        session["verified_outputs"] = kept["outputs"] if kept else None
    return session


def list_all(call: Call, params: ListSessions) -> JsonObject:
    """List sessions."""
    found = call.account.objects.list(
        KIND, where=lambda it: is_match(it, params, "client_reference_id", "status")
    )
    return page(found, params, call.path)


def cancel(call: Call, params: RequestParams) -> JsonObject:  # noqa: ARG001 - an operation's shape
    """Close a session that still waits."""
    session = get_session(call.account, call.ids["session"])
    _ensure_waiting(session)
    return _move(call.account, session, "canceled", {"client_secret": None, "url": None})


def submit(account: StripeAccount, session_id: str, submission: Submission) -> JsonObject:
    """Take the documents in, look at them, and tell what came of it."""
    session = get_session(account, session_id)
    # What still is looked at can be ended: it is handed in without an outcome, and again with one.
    if session["status"] != "processing" or submission.outcome == "processing":
        _ensure_waiting(session)
        session = _move(
            account, session, "processing", {"client_secret": None, "url": None, "last_error": None}
        )
    if submission.outcome == "processing":
        return session
    if submission.outcome == "flips_later":
        refused = submission.model_copy(update={"outcome": "document_unverified_other"})
        submit(account, session_id, refused)
        return submit(account, session_id, submission.model_copy(update={"outcome": "verified"}))
    report = verification_reports.write(account, session, submission)
    if submission.outcome == "verified":
        outputs = verification_reports.outputs_from(submission)
        kept = {"id": session_id, "return_url": return_url_of(account, session_id), "outputs": outputs}
        account.objects.put(OUTPUTS_KIND, kept)
        return _move(account, session, "verified", {"last_verification_report": report["id"]})
    again = {
        "client_secret": f"{session_id}_secret_{secrets.token_urlsafe(18)}",
        "url": account.page_url(f"identity/{session_id}"),
        "last_error": verification_reports.error_from(submission),
        "last_verification_report": report["id"],
    }
    return _move(account, session, "requires_input", again)


def _ensure_waiting(session: JsonObject) -> None:
    if session["status"] != "requires_input":
        raise StripeError(
            f"This session is {session['status']} and no longer waits for input.", param="session"
        )


def _move(account: StripeAccount, before: JsonObject, status: str, members: JsonObject) -> JsonObject:
    after = before | members | {"status": status}
    account.objects.put(KIND, after)
    emit_change(account, f"identity.verification_session.{status}", before, after)
    return after


OPERATIONS: Operations = (
    Operation("POST", _PATH, CreateSession, create),
    Operation("GET", _PATH, ListSessions, list_all),
    Operation("GET", f"{_PATH}/{{session}}", RequestParams, retrieve, expands_hidden=HIDDEN),
    Operation("POST", f"{_PATH}/{{session}}/cancel", RequestParams, cancel),
)
