"""The merchant of a payment as it is shown: whom we take it for, beside what the network said."""

from collections.abc import Mapping
from typing import Self

from pydantic import Field

from cardwright import merchants
from cardwright.http.strict import Output
from cardwright.payments.domain import Payment


class MerchantView(Output):
    """The merchant as we know it, with the network's own words."""

    id: str = Field(description="The merchant's id here: the one that locks, limits and controls name.")
    name: str
    descriptor: str = Field(description="What the network calls it.")
    acceptor_id: str = Field(description="The id that the network knows it under.")
    mcc: str
    category: str
    group: str
    group_name: str
    group_colour: str = Field(description="The name of a colour of the design.")
    group_icon: str = Field(description="The name of an icon of the design.")
    country: str
    city: str | None
    logo_letter: str = Field(description="What stands for the merchant where there is no picture.")
    colour: str = Field(description="The name of the design's colour that the letter stands on.")

    @classmethod
    def of(cls, payment: Payment, known: Mapping[str, merchants.Merchant]) -> Self:
        """Show the merchant of a payment, of those known by their ids."""
        told, found = payment.merchant, known.get(payment.merchant_id)
        # Payments from before there were identities have none.
        id_, name = (
            (found.id, found.name) if found else (payment.merchant_id, merchants.clean_name(told.name))
        )
        category = merchants.category(told.mcc)
        return cls(
            id=id_, name=name, descriptor=told.name, acceptor_id=told.id, mcc=told.mcc,
            category=category.name, group=category.group.id, group_name=category.group.name,
            group_colour=category.group.colour, group_icon=category.group.icon, country=told.country,
            city=told.city, logo_letter=merchants.logo_letter(name), colour=merchants.colour_of(id_),
        )  # fmt: skip
