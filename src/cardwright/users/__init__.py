"""Users: profiles, the people of a program and their roles."""

from cardwright.users.domain import Address, Profile, ProfileDetails
from cardwright.users.service import find_profile, get_profile, grant_role, save_profile
from cardwright.users.store import SEALED_COLUMNS

__all__ = [
    "SEALED_COLUMNS",
    "Address",
    "Profile",
    "ProfileDetails",
    "find_profile",
    "get_profile",
    "grant_role",
    "save_profile",
]
