"""A made-up world that fills every page: customers, their payments and troubles, and a staff at work."""

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Final

from cardwright.demo.stack import Addresses
from screenshots import ada, customers, office
from screenshots.customers import Crowd
from screenshots.office import Office, Staff
from web.holder import PROFILE, Holder
from web.outside import Outside

NAMES: Final = {
    "analyst": "Katherine Johnson", "finance": "Luca Pacioli", "admin": "Hedy Lamarr",
    "admin2": "Alan Turing", "reviewer": "Dorothy Vaughan",
}  # fmt: skip
Tell = Callable[[str], AbstractContextManager[object]]


@dataclass(frozen=True, slots=True)
class World:
    """Who is in it, each signed in, and the ids of what the pages are about; `ids` are of Ada's things."""

    ada: Holder
    newcomer: Holder
    admin: Holder
    reviewer: Holder
    finance: Holder
    ids: Mapping[str, str]
    crowd: Crowd
    office: Office


def make_world(where: Addresses, tell: Tell) -> World:
    """Make it, over the API and at the simulator's merchants; `tell` says what takes its time."""
    outside = Outside(where.simulator)
    with tell("Staff sign in and publish rules"):
        staff = Staff(*(_member(where, outside, name) for name in ("analyst", "finance", "admin", "admin2")))
        reviewer = _member(where, outside, "reviewer")
        list_id = office.write_rules(staff)
    with tell("Ada lives with her cards"):
        holder = Holder(where.api, outside, "ada@people.example")
        ids = ada.live(holder, outside)
        newcomer = Holder(where.api, outside, "max@people.example")
        newcomer.sign_up()
    with tell("Others pay, complain, are doubted"):
        crowd = customers.settle(where.api, outside, staff.analyst, reviewer)
    with tell("Staff try rules, keep books, compare, propose"):
        done = office.work(staff, list_id)
    return World(holder, newcomer, staff.admin, reviewer, staff.finance, ids, crowd, done)


def _member(where: Addresses, outside: Outside, name: str) -> Holder:
    somebody = Holder(where.api, outside, f"{name}@cardwright.example")
    somebody.sign_in(where.staff_password)
    somebody.call("PUT", "/v1/me/profile", {**PROFILE, "full_name": NAMES[name]})
    return somebody
