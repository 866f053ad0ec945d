"""Users: profiles, the people of a program and their roles."""

from typing import Final

from cardwright.approvals import ApprovalKind
from cardwright.users.closing import (
    ERASED,
    Holdback,
    Holdbacks,
    Obstacle,
    erase_closed_accounts,
    forget_old_numbers,
)
from cardwright.users.domain import Address, Contact, Named, Profile, ProfileDetails, TimeZones
from cardwright.users.numbers import country_of
from cardwright.users.phone_store import SEALED_COLUMNS as _OF_PHONES
from cardwright.users.phones import PhoneSecret, find_phone_letter
from cardwright.users.reveals import REVEAL
from cardwright.users.roles import ROLE_GRANT, ROLE_REVOCATION, grant_as_operator, revoke_as_operator
from cardwright.users.searching import OwnersByCard, index_names
from cardwright.users.service import (
    NAME_CHANGED,
    Residence,
    find_profile,
    find_residence,
    get_person,
    get_profile,
    save_profile,
)
from cardwright.users.sms_budgets import SmsRules, admit_reply
from cardwright.users.store import SEALED_COLUMNS as _OF_PROFILES
from cardwright.users.store import count_profiles, find_contacts, find_named, is_reachable, named_page

SEALED_COLUMNS: Final = (*_OF_PROFILES, *_OF_PHONES)
"""What of people is encrypted at rest."""

APPROVAL_KINDS: Final[tuple[ApprovalKind, ...]] = (ROLE_GRANT, ROLE_REVOCATION, REVEAL)

__all__ = [
    "APPROVAL_KINDS",
    "ERASED",
    "NAME_CHANGED",
    "SEALED_COLUMNS",
    "Address",
    "Contact",
    "Holdback",
    "Holdbacks",
    "Named",
    "Obstacle",
    "OwnersByCard",
    "PhoneSecret",
    "Profile",
    "ProfileDetails",
    "Residence",
    "SmsRules",
    "TimeZones",
    "admit_reply",
    "count_profiles",
    "country_of",
    "erase_closed_accounts",
    "find_contacts",
    "find_named",
    "find_phone_letter",
    "find_profile",
    "find_residence",
    "forget_old_numbers",
    "get_person",
    "get_profile",
    "grant_as_operator",
    "index_names",
    "is_reachable",
    "named_page",
    "revoke_as_operator",
    "save_profile",
]
