"""What the permission table and the lists of exceptions, and nothing else, say of one request."""

from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Final

from cardwright.access import PUBLIC, Operation, Permission, Reach, Role
from cardwright.access.permissions import TABLE

DECIDING: Final[Mapping[str, frozenset[Permission]]] = {
    "approve_proposal": frozenset({"reveals.approve"}),
    "reject_proposal": frozenset({"reveals.approve"}),
}
"""Operations that decide a proposal, and what its kind needs besides; nobody decides their own."""

SEEING: Final[Mapping[str, frozenset[Permission]]] = {
    "get_approval": frozenset({"reveals.approve", "audit.read"}),
    "view_revealed_user": frozenset(),
}
"""What puts another's proposal in reach, where the operation's own permission does not: any one of these."""


class Whose(StrEnum):
    """Whose thing a request names."""

    OWN = "own"
    OTHERS = "other's"
    NOBODYS = "none"
    FOREIGN = "another program's"
    UNNAMED = "-"
    """The request names no thing."""


class Expected(StrEnum):
    """How a request must be answered."""

    SIGN_IN = "401 token_missing"
    STEP_UP = "401 step_up_required"
    FORBIDDEN = "403 permission_missing"
    FOUR_EYES = "403 four_eyes"
    NOT_FOUND = "404"
    SERVED = "2xx, 409 or 422"
    OPEN = "anything but a guard's refusal"

    def allows(self, status: int, code: str | None) -> bool:
        """Answer whether an answer is one of these; `code` is that of a problem."""
        match self:
            case Expected.OPEN:
                return status < 500 and code not in {"token_missing", "permission_missing"}
            case Expected.SERVED:
                return 200 <= status < 300 or status in {409, 422}
            case Expected.NOT_FOUND:
                return status == 404 and code != "route_unknown"
            case _:
                return f"{status} {code}" == self.value


def expected(
    operation: Operation,
    role: Role | None,
    whose: Whose,
    *,
    scopes: frozenset[str] | None = None,
    has_used_factor: bool = True,
) -> Expected:
    """Return how an operation answers somebody in a role; None is nobody who signed in.

    With `scopes` they ask by an API key.
    """
    if operation.name in PUBLIC:
        return Expected.OPEN
    if role is None or (operation.permission is None and scopes is not None):
        return Expected.SIGN_IN
    if operation.permission is None:
        return Expected.OPEN
    reach = TABLE[operation.permission].get(role)
    is_within_scopes = scopes is None or operation.permission in scopes
    if reach is None or not is_within_scopes or (operation.reach is Reach.ANY and reach is Reach.OWN):
        return Expected.FORBIDDEN
    if operation.needs_step_up and (scopes is not None or not has_used_factor):
        return Expected.STEP_UP
    return _within_permission(operation, role, reach, whose)


def _within_permission(operation: Operation, role: Role, reach: Reach, whose: Whose) -> Expected:
    if operation.name in DECIDING and whose is Whose.OWN:
        return Expected.FOUR_EYES if _has_any_of(role, DECIDING[operation.name]) else Expected.FORBIDDEN
    if whose in {Whose.UNNAMED, Whose.OWN}:
        return Expected.SERVED
    needed = DECIDING.get(operation.name, SEEING.get(operation.name))
    is_others_in_reach = reach is Reach.ANY and (needed is None or _has_any_of(role, needed))
    return Expected.SERVED if whose is Whose.OTHERS and is_others_in_reach else Expected.NOT_FOUND


def _has_any_of(role: Role, permissions: Iterable[Permission]) -> bool:
    return any(TABLE[permission].get(role) is Reach.ANY for permission in permissions)
