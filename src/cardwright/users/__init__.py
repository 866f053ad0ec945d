"""Users: profiles, the people of a program and their roles."""

from typing import Final

from cardwright.approvals import ApprovalKind
from cardwright.users.domain import Address, Profile, ProfileDetails
from cardwright.users.reveals import REVEAL
from cardwright.users.roles import ROLE_GRANT, ROLE_REVOCATION, grant_as_operator, revoke_as_operator
from cardwright.users.service import find_profile, get_person, get_profile, save_profile
from cardwright.users.store import SEALED_COLUMNS

APPROVAL_KINDS: Final[tuple[ApprovalKind, ...]] = (ROLE_GRANT, ROLE_REVOCATION, REVEAL)

__all__ = [
    "APPROVAL_KINDS",
    "SEALED_COLUMNS",
    "Address",
    "Profile",
    "ProfileDetails",
    "find_profile",
    "get_person",
    "get_profile",
    "grant_as_operator",
    "revoke_as_operator",
    "save_profile",
]
