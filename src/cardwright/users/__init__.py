"""Users: profiles, roles and what they permit, the trail of who did what."""

from cardwright.users.audit import record
from cardwright.users.domain import Address, Profile, ProfileDetails
from cardwright.users.guards import CurrentActor, require
from cardwright.users.permissions import Actor, Permission, Role
from cardwright.users.service import find_profile, get_profile, grant_role, save_profile

__all__ = [
    "Actor",
    "Address",
    "CurrentActor",
    "Permission",
    "Profile",
    "ProfileDetails",
    "Role",
    "find_profile",
    "get_profile",
    "grant_role",
    "record",
    "require",
    "save_profile",
]
