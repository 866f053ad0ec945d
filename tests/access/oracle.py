"""What the permission table and the list of public operations, and nothing else, say of one request."""

from collections.abc import Iterable
from enum import StrEnum

from cardwright.access import PUBLIC, Operation, Reach, Role
from cardwright.access.permissions import TABLE


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

    SIGN_IN = "401"
    FORBIDDEN = "403"
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
            case Expected.SIGN_IN:
                return (status, code) == (401, "token_missing")
            case Expected.FORBIDDEN:
                return (status, code) == (403, "permission_missing")
            case Expected.NOT_FOUND:
                return status == 404 and code != "route_unknown"


def expected(operation: Operation, role: Role | None, whose: Whose) -> Expected:
    """Return how an operation answers somebody in a role; None is nobody who signed in."""
    if operation.name in PUBLIC:
        return Expected.OPEN
    if role is None:
        return Expected.SIGN_IN
    if operation.permission is None:
        return Expected.SERVED
    reach = TABLE[operation.permission].get(role)
    if reach is None or (operation.reach is Reach.ANY and reach is Reach.OWN):
        return Expected.FORBIDDEN
    in_reach = {Whose.UNNAMED, Whose.OWN} | ({Whose.OTHERS} if reach is Reach.ANY else set())
    return Expected.SERVED if whose in in_reach else Expected.NOT_FOUND


def in_reach_of(role: Role, operations: Iterable[Operation]) -> list[Operation]:
    """Return the operations that a role may use on its own things at least."""
    own = Whose.OWN
    return [each for each in operations if expected(each, role, own) is Expected.SERVED]
