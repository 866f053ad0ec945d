"""What a workflow puts out of its reports: one part that is not clear for each problem."""

from collections.abc import Mapping

from simulator.applicants import Problem
from simulator.objects import JsonObject

_PLACES: Mapping[Problem, tuple[str, str, str]] = {
    "country_not_supported": ("document", "image_integrity", "issuing_country"),
    "document_expired": ("document", "data_validation", "document_expiration"),
    "document_type_not_supported": ("document", "image_integrity", "supported_document"),
    "document_unverified_other": ("document", "image_integrity", "image_quality"),
    "selfie_face_mismatch": ("facial_similarity_photo", "face_comparison", "face_match"),
    "selfie_manipulated": ("facial_similarity_photo", "visual_authenticity", "spoofing_detection"),
    "selfie_unverified_other": ("facial_similarity_photo", "image_integrity", "source_integrity"),
    "under_supported_age": ("document", "age_validation", "minimum_accepted_age"),
}
_WORDS: Mapping[Problem, str] = {
    "consent_declined": "consent_declined",
    "selfie_document_missing_photo": "document_without_photo",
}
"""What no report tells of, the workflow names among its reasons."""


def reasons_of(problem: Problem | None) -> list[str]:
    """Return the words that the workflow gives for its outcome."""
    word = _WORDS.get(problem) if problem is not None else None
    return [word] if word is not None else []


def output_of(problem: Problem | None) -> JsonObject:
    """Return {report name: {"result", "sub_result", "breakdown"}}."""
    output: JsonObject = {
        "document": {"result": "clear", "sub_result": "clear", "breakdown": {}},
        "facial_similarity_photo": {"result": "clear", "breakdown": {}},
    }
    if problem is not None and problem in _PLACES:
        report, breakdown, part = _PLACES[problem]
        bad = {"result": "consider", "breakdown": {part: {"result": "consider", "properties": {}}}}
        output[report] |= {"result": "consider", "breakdown": {breakdown: bad}}
        if report == "document":
            output[report]["sub_result"] = "rejected"
    return output
