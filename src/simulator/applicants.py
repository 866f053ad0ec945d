"""How a check of identity ends, scripted by the applicant's name: the same words for every vendor."""

from collections.abc import Mapping
from typing import Literal, get_args

DocumentProblem = Literal["document_expired", "document_type_not_supported", "document_unverified_other"]
SelfieProblem = Literal[
    "selfie_document_missing_photo", "selfie_face_mismatch", "selfie_manipulated", "selfie_unverified_other"
]
OtherProblem = Literal["abandoned", "consent_declined", "country_not_supported", "under_supported_age"]
Problem = DocumentProblem | SelfieProblem | OtherProblem
PROBLEMS: tuple[Problem, ...] = (
    *get_args(DocumentProblem),
    *get_args(SelfieProblem),
    *get_args(OtherProblem),
)
Script = Literal["verified", "consider", "slow", "never_answers", "flips_later"] | Problem
_PEOPLE: Mapping[str, Script] = {"max power": "selfie_face_mismatch"}
_WORDS: Mapping[str, Script] = {
    **{word: word for word in PROBLEMS},
    "consider": "consider",
    "slow": "slow",
    "never_answers": "never_answers",
    "flips_later": "flips_later",
}


def script_of(first_name: str, last_name: str) -> Script:
    """Return how a check of this person ends.

    The last name says it, as `Robin Consider` or `Robin Document Expired`; anybody else is verified.
    """
    whole = f"{first_name} {last_name}".strip().lower()
    for word, script in _WORDS.items():
        if whole.endswith(" " + word.replace("_", " ")) or last_name.lower() == word:
            return script
    return _PEOPLE.get(whole, "verified")
