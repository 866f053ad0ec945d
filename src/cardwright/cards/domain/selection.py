"""Which purchases are meant: by category, merchant, country, channel and hour."""

from dataclasses import dataclass, fields
from enum import StrEnum

from cardwright.cards.domain.hours import Hours


class Dimension(StrEnum):
    """One thing that purchases are told apart by."""

    CATEGORIES = "categories"
    MERCHANTS = "merchants"
    COUNTRIES = "countries"
    CHANNELS = "channels"
    HOURS = "hours"


@dataclass(frozen=True, slots=True)
class Purchase:
    """What is known of a purchase.

    The merchant's identity, its MCC with the group and the name of that, where it is, how the card is
    presented, and when it is where the cardholder lives; weekday 1 is Monday.
    """

    merchant_id: str
    merchant_name: str
    mcc: str
    group: str
    country: str
    channel: str
    weekday: int
    minute: int
    merchant_aliases: tuple[str, ...] = ()
    category: str = ""

    @property
    def merchant_ids(self) -> tuple[str, ...]:
        """Every id that means the merchant."""
        return (self.merchant_id, *self.merchant_aliases)

    def is_among(self, dimension: Dimension, values: tuple[str, ...]) -> bool:
        """Answer whether this purchase has one of the values; a category is an MCC or a group's id."""
        match dimension:
            case Dimension.CATEGORIES:
                return self.mcc in values or self.group in values
            case Dimension.MERCHANTS:
                return any(known in values for known in self.merchant_ids)
            case Dimension.COUNTRIES:
                return self.country in values
            case Dimension.CHANNELS:
                return self.channel in values
            case Dimension.HOURS:
                return any(Hours.parse(value).contains(self.weekday, self.minute) for value in values)


@dataclass(frozen=True, slots=True)
class Selection:
    """Some purchases: those that have one of the values in every dimension that names any. Empty: all."""

    categories: tuple[str, ...] = ()
    merchants: tuple[str, ...] = ()
    countries: tuple[str, ...] = ()
    channels: tuple[str, ...] = ()
    hours: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for value in self.hours:
            Hours.parse(value)

    def values(self, dimension: Dimension) -> tuple[str, ...]:
        """Return what a dimension names."""
        found: tuple[str, ...] = getattr(self, dimension)
        return found

    @property
    def is_everything(self) -> bool:
        """Whether nothing is named, so that all purchases are meant."""
        return not any(getattr(self, field.name) for field in fields(self))

    def has(self, purchase: Purchase) -> bool:
        """Answer whether a purchase is one of these."""
        return all(
            purchase.is_among(dimension, self.values(dimension))
            for dimension in Dimension
            if self.values(dimension)
        )

    def __str__(self) -> str:
        """Name what is selected in words; nothing for everything.

        >>> str(Selection(categories=("groceries", "5814"), countries=("FR",)))
        'groceries or 5814, FR'
        """
        return ", ".join(
            " or ".join(self.values(dimension)) for dimension in Dimension if self.values(dimension)
        )
