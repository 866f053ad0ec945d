"""Accounts and their security."""

from typing import Final

from cardwright.events.domain import EventField, EventType
from cardwright.events.types.shapes import EVERYBODY, PERSON, PROGRAM, STAFF_ALONE, id_of, kind, number, word

_FACTOR: Final = word("factor", "What it is: `passkey`, `totp` or `recovery_code`.", "passkey")
_PROVIDER: Final = word("provider", "The provider's id in this deployment.", "google", optional=True)
_CHANGE: Final = id_of("email_change_id", "emch", "The change.")
_GRANT: Final = (
    id_of("grant_id", "grant", "What was granted, and is ended now."),
    word("client_id", "The client that it was granted to.", "client_01jd9zq3f8e7vtm5g6w2x4y8zn"),
)


def _secure(name: str, summary: str, *fields: EventField) -> EventType:
    return kind(f"authentication.{name}", summary, PERSON, "user", *fields)


TYPES: Final = (
    _secure("email_verified", "Somebody proved their e-mail address; the account can be used."),
    _secure("registration_repeated", "Somebody tried to register an address that has an account."),
    _secure("signed_in_from_new_device", "Somebody signed in from a device that was not seen before.",
            id_of("session_id", "sess", "The session that began."),
            word("device", "The browser and system, if they tell.", "Firefox on Linux", optional=True)),
    _secure("factor_added", "A passkey or another second factor was added to an account.", _FACTOR),
    _secure("factor_removed", "A passkey or another second factor was removed from an account.", _FACTOR),
    _secure("recovery_code_used", "One of the recovery codes was used up.",
            number("codes_left", "How many are left.", 9)),
    _secure("passkey_counter_rolled_back", "A passkey showed an older counter: it may have been copied.",
            id_of("passkey_id", "pk", "The passkey.")),
    _secure("identity_linked", "An outside provider can be used to sign in from now on.", _PROVIDER),
    _secure("identity_unlinked", "An outside provider can be used to sign in no longer.", _PROVIDER),
    _secure("password_reset_issued", "A link to set another password was sent to the owner."),
    _secure("password_changed", "The password of an account was changed; its other sessions ended."),
    _secure("account_locked", "An account was locked after too many wrong passwords.",
            number("minutes", "For how long.", 15)),
    _secure("email_change_requested", "Somebody who knew the password asked for another e-mail address.",
            _CHANGE),
    _secure("email_changed", "An account has another e-mail address.", _CHANGE),
    kind("oauth.code_reused", "An authorization code came a second time: the grant was ended.", PERSON,
         "user", *_GRANT),
    kind("oauth.refresh_token_reused", "A spent refresh token was shown: the grant was ended.", PERSON,
         "user", *_GRANT),
    kind("users.name_changed", "Somebody's name or date of birth changed.", EVERYBODY, "user"),
    kind("users.phone_verified", "Somebody proved a phone number.", PERSON, "user"),
    kind("users.phone_replaced", "Another phone number took the place of a proven one.", PERSON, "user"),
    kind("users.phone_removed", "A proven phone number was removed.", PERSON, "user"),
    kind("users.account_closed", "Somebody closed their account.", EVERYBODY, "user"),
    kind("users.account_erased", "The personal data of a closed account were erased: erase yours.", PROGRAM,
         "user"),
    kind("approvals.proposal_rejected", "A proposal was rejected by a second person.", STAFF_ALONE, "appr",
         id_of("user_id", "user", "Who had proposed it."),
         id_of("approval_id", "appr", "The proposal."),
         word("kind", "What was proposed.", "role.grant")),
)  # fmt: skip
"""What happens to people's accounts."""
