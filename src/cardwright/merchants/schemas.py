"""The bodies of the merchants' routes."""

from datetime import datetime
from typing import Annotated, Self

from pydantic import Field, StringConstraints

from cardwright.http.strict import Id, Input, Line, NetworkName, Output
from cardwright.merchants.categories import category
from cardwright.merchants.domain import Merchant, Origin
from cardwright.merchants.looks import colour_of, logo_letter

_Source = Annotated[str, StringConstraints(pattern="^[a-z][a-z_]{1,39}$"), Field(examples=["stripe"])]
_AcceptorId = Annotated[
    NetworkName, StringConstraints(min_length=1, max_length=100), Field(examples=["100000000000001"])
]


class MerchantView(Output):
    """A merchant by its name; `category` is what its code stands for."""

    id: Id
    name: str
    mcc: str
    category: str
    group: str
    country: str
    logo_letter: str = Field(description="What stands for the merchant where there is no picture.")
    colour: str = Field(description="The name of the design's colour that the letter stands on.")

    @classmethod
    def of(cls, merchant: Merchant) -> Self:
        """Show a merchant."""
        return cls(
            id=merchant.id, name=merchant.name, mcc=merchant.mcc, group=merchant.group,
            category=category(merchant.mcc).name, country=merchant.country,
            logo_letter=logo_letter(merchant.name), colour=colour_of(merchant.id),
        )  # fmt: skip


class AcceptorView(Output):
    """An id under which a network knows a merchant, and how it came to belong to it."""

    merchant_id: Id = Field(description="Whose it is: the merchant's own, or that of one merged into it.")
    source: str
    acceptor_id: str
    descriptor: str
    mcc: str
    country: str
    origin: Origin
    first_seen_at: datetime


class MergedView(Output):
    """A merchant that staff merged into another."""

    id: Id
    name: str
    merged_into: Id


class MerchantDetail(MerchantView):
    """A merchant with everything that means it."""

    acceptors: list[AcceptorView]
    descriptors: list[str]
    merged: list[MergedView] = Field(description="The merchants that mean it; each merge can be undone.")


class RenameMerchant(Input):
    """What a merchant is called."""

    name: Annotated[Line, StringConstraints(min_length=1, max_length=80), Field(examples=["Corner Shop"])]


class MergeMerchants(Input):
    """The other merchant that is the same."""

    other_id: Id = Field(description="The merchant that means this one from now on.")


class UnmergeMerchants(Input):
    """The other merchant that is not the same."""

    other_id: Id = Field(description="The merchant that means itself again.")


class NamedAcceptor(Input):
    """The id under which a network knows a merchant."""

    source: _Source = Field(description="The network.")
    acceptor_id: _AcceptorId = Field(description="The id that the merchant has there.")


class LearningView(Output):
    """Whether the program learns who a merchant is."""

    is_on: bool


class SetLearning(Input):
    """Whether the program learns who a merchant is."""

    is_on: Annotated[
        bool,
        Field(
            description="Off: an id that no staff gave a merchant, and that is not its first, is another's.",
            examples=[False],
        ),
    ]


class CategoryView(Output):
    """A merchant category code and what it stands for."""

    mcc: str
    name: str


class GroupView(Output):
    """A group of categories with its name, colour and icon."""

    id: str
    name: str
    colour: str
    icon: str
    categories: list[CategoryView]
