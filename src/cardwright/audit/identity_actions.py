"""The acts of verifying identities: documents, levels, screening, reviews."""

from collections.abc import Mapping
from typing import Final

from cardwright.audit.action_names import Action
from cardwright.audit.meaning import OBJECTS, PEOPLE, STAFF, Meaning

_HIT: Final = "owner_id, list, score"

OF_IDENTITY: Final[Mapping[Action, Meaning]] = {
    "identity_document.erased": Meaning(
        "The key of an identity document was destroyed.", "document", "owner_id, because, reason", OBJECTS
    ),
    "identity_document.review_ended": Meaning("A review of a document ended.", "document", "owner_id"),
    "identity_document.review_started": Meaning(
        "A document was handed in: its holder cannot delete it before it was judged.", "document", "owner_id"
    ),
    "identity_document.uploaded": Meaning(
        "Somebody showed an identity document.", "document", "owner_id, kind", OBJECTS
    ),
    "identity_document.view_opened": Meaning(
        "A reviewer may see a document for a minute.", "document", "owner_id, view_id", PEOPLE
    ),
    "identity_document.viewed": Meaning(
        "A reviewer saw a page of a document.", "document", "owner_id, view_id, page", PEOPLE
    ),
    "identity_documents.read": Meaning("Staff listed a person's documents.", "user", "cursor", PEOPLE),
    "identity_review.asked_for_more": Meaning(
        "A person was asked to show more.", "review", "owner_id, missing, note_id, message_note_id"
    ),
    "identity_review.assigned": Meaning("A review was taken or given.", "review", "owner_id, before, after"),
    "identity_review.decided": Meaning(
        "A review was decided, or nothing was left to decide.",
        "review",
        "owner_id, outcome, reason, note_id, approval_id, proposed_by",
    ),
    "identity_review.hits_decided": Meaning(
        "The last open hit of a reviewed person was decided.", "review", "owner_id, hit_id"
    ),
    "identity_review.joined": Meaning(
        "A review got another cause.", "review", "owner_id, cause, verification_id"
    ),
    "identity_review.noted": Meaning("Somebody wrote about a review.", "review", "owner_id, note_id"),
    "identity_review.opened": Meaning(
        "Somebody has to look at a person's identity.", "review", "owner_id, cause, verification_id"
    ),
    "identity_review.overdue": Meaning("A review became late.", "review", "owner_id, causes"),
    "identity_review.override_proposed": Meaning(
        "Somebody proposed to turn a decision about an identity around.",
        "review",
        "owner_id, approval_id, before, after, note_id",
    ),
    "identity_review.profile_changed": Meaning(
        "A reviewed person changed their name or birth date.", "review", "owner_id, changed_at"
    ),
    "identity_review.read": Meaning("Staff looked at a review.", "review", "owner_id", PEOPLE),
    "identity_review.vendor_decided": Meaning(
        "A vendor decided while a review was open for other causes.", "review", "owner_id, verification_id"
    ),
    "identity_review_terms.changed": Meaning(
        "Staff changed how long reviewers have.", "cause", "before, after: in hours"
    ),
    "identity_reviews.read": Meaning("Staff read the queue of reviews.", "program", "cursor", PEOPLE),
    "identity_level.changed": Meaning(
        "Staff changed what a level of verification allows.",
        "level",
        "before, after, approval_id, proposed_by",
    ),
    "screening_hit.confirmed": Meaning("Somebody is who is listed.", "hit", f"{_HIT}, before", PEOPLE),
    "screening_hit.dismissed": Meaning("Somebody is not who is listed.", "hit", f"{_HIT}, before", PEOPLE),
    "screening_hit.opened": Meaning("Somebody may be who is listed.", "hit", f"{_HIT}, is_new"),
    "screening_hit.outdated": Meaning(
        "Who somebody may have been is listed no more.", "hit", "owner_id, list"
    ),
    "screening_hit.read": Meaning("Staff looked at a hit of screening.", "hit", "owner_id", PEOPLE),
    "screening_hits.read": Meaning("Staff read the queue of hits.", "program", "cursor", PEOPLE),
    "screening_list.imported": Meaning(
        "People are screened by another list.", "list", "name, version, entries, before", STAFF
    ),
    "screenings.read": Meaning("Staff listed a person's screenings.", "user", "cursor", PEOPLE),
    "verification.contradicted": Meaning(
        "The vendor said the opposite of what stands, which stays.", "verification", "stands, said, owner_id"
    ),
    "verification.decided": Meaning(
        "The vendor's answer was applied, or staff decided.",
        "verification",
        "before, after, reason, owner_id",
    ),
    "verification.expired": Meaning(
        "An attempt or an approval came to its end.", "verification", "what, owner_id"
    ),
    "verification.read": Meaning("Staff looked at a verification.", "verification", "owner_id", PEOPLE),
    "verification.renewal_required": Meaning(
        "Staff wants a person verified again.", "verification", "reason, until, owner_id"
    ),
    "verification.requested": Meaning("Somebody asked to be verified.", "verification", "", OBJECTS),
    "verification.sent_back": Meaning("Staff asked for more.", "verification", "owner_id"),
    "verification.submitted": Meaning(
        "Somebody handed in their documents here.", "verification", "owner_id", OBJECTS
    ),
    "verifications.read": Meaning("Staff listed a person's verifications.", "user", "cursor", PEOPLE),
}
"""Part of the catalogue."""
