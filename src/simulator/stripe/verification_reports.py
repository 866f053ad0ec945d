"""Verification reports: what the check of documents and selfie found, scripted by the hosted page."""

from typing import Any, Literal, get_args

from pydantic import BaseModel, ConfigDict, Field, model_validator

from simulator.applicants import DocumentProblem, OtherProblem, SelfieProblem, script_of
from simulator.objects import JsonObject
from simulator.stripe.account import StripeAccount
from simulator.stripe.operations import Call, Operation, Operations
from simulator.stripe.params import RequestParams

KIND = "identity.verification_report"
Outcome = Literal["verified", "processing", "flips_later"] | DocumentProblem | SelfieProblem | OtherProblem
_REASONS = {
    "document_expired": "The document is expired.",
    "document_type_not_supported": "This type of document is not accepted.",
    "document_unverified_other": "The document could not be verified.",
    "selfie_document_missing_photo": "The document has no photo to compare with.",
    "selfie_face_mismatch": "The face does not match the photo on the document.",
    "selfie_manipulated": "The selfie seems to be manipulated.",
    "selfie_unverified_other": "The selfie could not be verified.",
    "abandoned": "The person did not finish.",
    "consent_declined": "The person did not consent.",
    "country_not_supported": "Documents of this country are not accepted.",
    "under_supported_age": "The person is too young.",
}


class Submission(BaseModel):
    """What the person hands in, and how the check is to end: as the name says unless told."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    outcome: Outcome
    first_name: str = Field(default="Robin", max_length=200)
    last_name: str = Field(default="Sample", max_length=200)
    birth_year: int = Field(default=1990, ge=1900, le=2100)

    @model_validator(mode="before")
    @classmethod
    def _ends_as_the_name_says(cls, given: Any) -> Any:
        if not isinstance(given, dict) or given.get("outcome") or not given.get("last_name"):
            return given
        script = script_of(str(given.get("first_name", "")), str(given.get("last_name", "")))
        stays = script in {"consider", "slow", "never_answers"}
        return given | {"outcome": "processing" if stays else script}


def write(account: StripeAccount, session: JsonObject, submission: Submission) -> JsonObject:
    """Keep a report of the check; it names the person only when all was well with the document."""
    report = {
        "id": account.objects.new_id("vr"),
        "object": KIND,
        "client_reference_id": session["client_reference_id"],
        "created": account.clock.timestamp(),
        "document": _document(submission),
        "livemode": False,
        "options": session["options"],
        "selfie": _selfie(session, submission),
        "type": session["type"],
        "verification_flow": session["verification_flow"],
        "verification_session": session["id"],
    }
    account.objects.put(KIND, report)
    return report


def outputs_from(submission: Submission) -> JsonObject:
    """Return what was verified about a person."""
    return {
        "address": _address(),
        "dob": _birth(submission),
        "email": None,
        "first_name": submission.first_name,
        "id_number": None,
        "id_number_type": None,
        "last_name": submission.last_name,
        "phone": None,
        "sex": None,
        "unparsed_place_of_birth": None,
        "unparsed_sex": None,
    }


def error_from(submission: Submission) -> JsonObject:
    """Return {"code", "reason"} of a check that did not end well."""
    return {"code": submission.outcome, "reason": _REASONS[submission.outcome]}


def render(account: StripeAccount, report: JsonObject) -> JsonObject:  # noqa: ARG001 - a Render's shape
    """Show a report, which is kept as it is shown."""
    return report


def retrieve(call: Call, params: RequestParams) -> JsonObject:  # noqa: ARG001 - an operation's shape
    """Show one report."""
    return call.account.get(KIND, call.ids["report"], noun="verification report")


def _document(submission: Submission) -> JsonObject:
    is_fine = submission.outcome not in get_args(DocumentProblem)
    return {
        "address": _address() if is_fine else None,
        "error": None if is_fine else error_from(submission),
        "expiration_date": None,
        "files": [],
        "first_name": submission.first_name if is_fine else None,
        "issued_date": None,
        "issuing_country": "US",
        "last_name": submission.last_name if is_fine else None,
        "sex": None,
        "status": "verified" if is_fine else "unverified",
        "type": "passport",
        "unparsed_place_of_birth": None,
        "unparsed_sex": None,
    }


def _selfie(session: JsonObject, submission: Submission) -> JsonObject | None:
    is_wanted = session["options"].get("document", {}).get("require_matching_selfie", False)
    has_problem = submission.outcome in get_args(SelfieProblem)
    if not is_wanted and not has_problem:
        return None
    return {
        "document": None,
        "error": error_from(submission) if has_problem else None,
        "selfie": None,
        "status": "unverified" if has_problem else "verified",
    }


def _birth(submission: Submission) -> JsonObject:
    return {"day": 1, "month": 1, "year": submission.birth_year}


def _address() -> JsonObject:
    return {
        "city": "Springfield",
        "country": "US",
        "line1": "1 Sample Street",
        "line2": None,
        "postal_code": "12345",
        "state": "IL",
    }


OPERATIONS: Operations = (
    Operation("GET", "/v1/identity/verification_reports/{report}", RequestParams, retrieve),
)
