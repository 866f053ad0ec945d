"""Access: who is asking, in which roles, and what that permits; one table for guards and documentation."""

from cardwright.access.actors import Actor, Principal, Viewer
from cardwright.access.guards import Authenticator, Authenticators, allow
from cardwright.access.handbook import handbook
from cardwright.access.permissions import ANY_SESSION, PUBLIC, Permission, Reach, Role, permissions_of
from cardwright.access.routes import Operation, ensure_declared, operations
from cardwright.access.store import add_role, find_roles, remove_role

__all__ = [
    "ANY_SESSION",
    "PUBLIC",
    "Actor",
    "Authenticator",
    "Authenticators",
    "Operation",
    "Permission",
    "Principal",
    "Reach",
    "Role",
    "Viewer",
    "add_role",
    "allow",
    "ensure_declared",
    "find_roles",
    "handbook",
    "operations",
    "permissions_of",
    "remove_role",
]
