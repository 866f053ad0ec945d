"""The documentation page of roles and permissions, written from the table and the routes."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from cardwright.access.permissions import ANY_SESSION, CONFLICTS, TABLE, Reach, Role
from cardwright.access.routes import Operation

_SHOWN: Final[Mapping[Reach | None, str]] = {Reach.ANY: "any", Reach.OWN: "own", None: ""}


def handbook(operations: Iterable[Operation]) -> str:
    """Return the page as Markdown."""
    parts = [
        *_INTRODUCTION, *_permissions(),
        "", "## Roles that nobody holds together", "", *_conflicts(),
        "", "## Operations", "", *_operations(operations), "",
    ]  # fmt: skip
    return "\n".join(parts)


_INTRODUCTION: Final = (
    "# Roles and permissions",
    "",
    "Written by `make permissions` from the table that the guards use; do not edit.",
    "*own*: one's own things; *any*: everybody's in the program; empty: refused with 403. Whoever is granted",
    "no role is a cardholder. Somebody else's thing that is out of reach does not exist: 404.",
    "",
    "## Permissions",
    "",
)


def _permissions() -> Iterator[str]:
    yield _row("permission", *(role.value for role in Role))
    yield _row("---", *(":-:" for _ in Role))
    for permission, reaches in sorted(TABLE.items()):
        yield _row(f"`{permission}`", *(_SHOWN[reaches.get(role)] for role in Role))


def _conflicts() -> Iterator[str]:
    yield _row("role", "and", "because")
    yield _row("---", "---", "---")
    for pair, why in sorted(CONFLICTS.items(), key=lambda item: sorted(item[0])):
        yield _row(*sorted(role.value for role in pair), why)


def _operations(operations: Iterable[Operation]) -> Iterator[str]:
    yield _row("operation", "request", "needs")
    yield _row("---", "---", "---")
    for operation in sorted(operations, key=lambda found: (found.path, found.method)):
        yield _row(operation.name, f"`{operation.method} {operation.path}`", _needs(operation))


def _needs(operation: Operation) -> str:
    if operation.permission is None:
        return "a session" if operation.name in ANY_SESSION else "nothing"
    reach = " of everybody" if operation.reach is Reach.ANY else ""
    return f"`{operation.permission}`{reach}{', a factor used lately' if operation.needs_step_up else ''}"


def _row(*cells: str) -> str:
    return f"| {' | '.join(cells)} |"
