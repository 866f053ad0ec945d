"""The one table of roles and permissions; guards and documentation are made from it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, Literal, get_args

Permission = Literal[
    "audit.read",
    "kyc.read",
    "ledger.read",
    "payments.read",
    "roles.grant",
    "rules.read",
    "rules.write",
    "users.read",
]
PERMISSIONS: Final[frozenset[str]] = frozenset(get_args(Permission))


class Role(StrEnum):
    """What somebody is to the program; everybody is a holder, and staff are something besides."""

    HOLDER = "holder"
    ANALYST = "analyst"
    FINANCE = "finance"
    SUPPORT = "support"
    ADMIN = "admin"


GRANTED: Final[Mapping[Role, frozenset[str]]] = {
    Role.HOLDER: frozenset(),
    Role.ANALYST: frozenset({"rules.read", "rules.write", "payments.read", "users.read"}),
    Role.FINANCE: frozenset({"ledger.read", "payments.read"}),
    Role.SUPPORT: frozenset({"users.read", "kyc.read", "payments.read"}),
    Role.ADMIN: PERMISSIONS,
}
"""What each role permits over other people's things. One's own things need no permission."""


@dataclass(frozen=True, slots=True)
class Actor:
    """Whoever makes a request, with what they may do at this moment."""

    user_id: str
    program_id: str
    session_id: str
    permissions: frozenset[str]


def permissions_of(roles: Iterable[Role]) -> frozenset[str]:
    """Return what several roles permit together.

    >>> sorted(permissions_of([Role.HOLDER, Role.FINANCE]))
    ['ledger.read', 'payments.read']
    """
    return frozenset[str]().union(*(GRANTED[role] for role in roles))
