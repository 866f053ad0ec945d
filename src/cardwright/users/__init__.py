"""Users: profiles, the people of a program and their roles."""

from cardwright.users.domain import Address, Profile, ProfileDetails
from cardwright.users.service import find_profile, get_profile, grant_role, save_profile

__all__ = [
    "Address",
    "Profile",
    "ProfileDetails",
    "find_profile",
    "get_profile",
    "grant_role",
    "save_profile",
]
