"""The permission table, read back as a whole."""

import pytest

from cardwright.users.guards import require
from cardwright.users.permissions import GRANTED, PERMISSIONS, Role, permissions_of

TABLE = """
             holder analyst finance support admin
audit.read        -       -       -       -     x
kyc.read          -       -       -       x     x
ledger.read       -       -       x       -     x
payments.read     -       x       x       x     x
roles.grant       -       -       -       -     x
rules.read        -       x       -       -     x
rules.write       -       x       -       -     x
users.read        -       x       -       x     x
"""


def test_each_role_permits_what_the_table_says_and_nothing_else() -> None:
    header, *lines = TABLE.strip().splitlines()
    expected = {
        (Role(role), line.split()[0]): mark == "x"
        for line in lines
        for role, mark in zip(header.split(), line.split()[1:], strict=True)
    }
    actual = {(role, permission): permission in GRANTED[role] for role in Role for permission in PERMISSIONS}
    assert actual == expected


def test_roles_add_up() -> None:
    assert permissions_of([]) == frozenset()
    both = permissions_of([Role.FINANCE, Role.SUPPORT])
    assert both == GRANTED[Role.FINANCE] | GRANTED[Role.SUPPORT]


def test_a_guard_for_an_unknown_permission_cannot_be_made() -> None:
    with pytest.raises(ValueError, match=r"cards\.fly"):
        require("cards.fly")  # type: ignore[arg-type]
