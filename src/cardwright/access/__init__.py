"""Access: who is asking, in which roles, and what that permits; one table for guards and documentation."""

from cardwright.access.actors import STEP_UP_WINDOW, Actor, Principal, StepUpRequired, Viewer
from cardwright.access.guards import Authenticator, Authenticators, Steps, allow, allow_in_steps, permits
from cardwright.access.handbook import handbook
from cardwright.access.permissions import (
    ANY_SESSION,
    CONFLICTS,
    PUBLIC,
    Permission,
    Reach,
    Role,
    find_conflict,
    permissions_of,
)
from cardwright.access.routes import Operation, ensure_declared, operations
from cardwright.access.step_up import FactorDirectory, answer_step_ups
from cardwright.access.store import (
    add_role,
    as_operator,
    find_granted,
    find_holders,
    find_roles,
    remove_role,
)

__all__ = [
    "ANY_SESSION",
    "CONFLICTS",
    "PUBLIC",
    "STEP_UP_WINDOW",
    "Actor",
    "Authenticator",
    "Authenticators",
    "FactorDirectory",
    "Operation",
    "Permission",
    "Principal",
    "Reach",
    "Role",
    "StepUpRequired",
    "Steps",
    "Viewer",
    "add_role",
    "allow",
    "allow_in_steps",
    "answer_step_ups",
    "as_operator",
    "ensure_declared",
    "find_conflict",
    "find_granted",
    "find_holders",
    "find_roles",
    "handbook",
    "operations",
    "permissions_of",
    "permits",
    "remove_role",
]
