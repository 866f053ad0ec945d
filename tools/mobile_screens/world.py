"""A made-up world that fills every screen: Ada with all her cards, and somebody who only signed up."""

from collections.abc import Mapping
from dataclasses import dataclass

from cardwright.demo.stack import Addresses
from screenshots import ada
from web.holder import Holder
from web.outside import Outside

_TEMPLATES = (
    ("Groceries", "Food and what is needed at home.", {"limits": [{"window": "month", "amount": 300_00}]}),
    (
        "Subscription",
        "Stays with the first merchant.",
        {"type": "recurring", "limits": [{"window": "month", "amount": 40_00}]},
    ),
    ("One purchase", "Closes itself after one payment.", {"type": "single_use"}),
)


class Remembering(Holder):
    """A holder whose recovery codes are kept: each sign-in of a picture uses one up."""

    codes: list[str]

    def use_second_factor(self) -> list[str]:
        """Set up an authenticator app and keep the codes."""
        self.codes = super().use_second_factor()
        return self.codes


@dataclass(frozen=True, slots=True)
class World:
    """Who is in it, and the ids of Ada's things by what they are."""

    ada: Remembering
    newcomer: Holder
    outside: Outside
    ids: Mapping[str, str]


def make_world(where: Addresses) -> World:
    """Make it over the API and at the simulator's merchants."""
    outside = Outside(where.simulator)
    analyst = Holder(where.api, outside, "analyst@cardwright.example")
    analyst.sign_in(where.staff_password)
    for name, description, terms in _TEMPLATES:
        analyst.call("POST", "/v1/card-templates", {"name": name, "description": description, **terms})
    holder = Remembering(where.api, outside, "ada@people.example")
    ids = ada.live(holder, outside)
    # What she is asked about is photographed at the end, when it is asked anew.
    open_one = holder.call("GET", "/v1/challenges")["data"][0]
    holder.call("POST", f"/v1/challenges/{open_one['id']}/refuse", {"report_fraud": False})
    newcomer = Holder(where.api, outside, "max@people.example")
    newcomer.sign_up()
    return World(holder, newcomer, outside, ids)
