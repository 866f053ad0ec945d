"""Our groups of merchant categories: every code of four digits belongs to exactly one."""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Group:
    """A group of categories as people recognise it; `colour` and `icon` are names of the design's tokens."""

    id: str
    name: str
    colour: str
    icon: str


_TABLE: Final = (
    ("gambling", "Gambling", "stone", "dice", "7800-7802 7995 9406 9754"),
    ("groceries", "Groceries", "green", "basket", "5297-5298 5300 5311-5331 5399-5499 5921"),
    ("restaurants", "Restaurants and cafés", "orange", "fork", "5811-5814"),
    ("fuel", "Fuel and charging", "yellow", "fuel", "5172 5541-5552 5983"),
    ("airlines", "Airlines", "sky", "plane", "3000-3350 4511 4582"),
    ("car_rental", "Car rental", "indigo", "car", "3351-3500 7512-7519"),
    ("lodging", "Hotels and lodging", "violet", "bed", "3501-3999 7011-7012 7032-7033"),
    ("transport", "Transport", "blue", "train", "4011-4215 4411 4457-4468 4722-4723 4784-4789 7523-7524"),
    ("software", "Software and cloud", "teal", "cloud", "4816 5045 5734 5817-5818 7371-7379"),
    ("digital_goods", "Digital goods and subscriptions", "cyan", "play", "5815-5816 5968 7841 4899"),
    ("advertising", "Advertising", "pink", "megaphone", "5199 7311 7333 7338"),
    ("utilities", "Phone, power and water", "slate", "plug", "4812-4815 4821 4900"),
    ("clothing", "Clothing", "rose", "shirt", "5137 5139 5611-5699 5931 7251 7296"),
    ("electronics", "Electronics", "zinc", "chip", "5065 5722 5732-5733 5946 7622-7629"),
    ("home", "House and garden", "lime", "house", "1520-1799 5021-5039 5072-5074 5198-5261 5712-5719 7217"),
    ("health", "Health", "red", "heart", "4119 5047 5122 5912 5975-5976 8011-8099"),
    ("personal_care", "Personal care", "fuchsia", "scissors", "5977 7230 7297-7298"),
    ("education", "Education", "amber", "book", "5111-5112 5192 5942-5943 5994 8211-8299 8351"),
    ("entertainment", "Entertainment and sports", "purple", "ticket", "5735 5940-5945 7829-7999"),
    ("cash", "Cash", "emerald", "banknote", "4829 6010-6011 6050-6051 6529-6540"),
    ("finance", "Banking and insurance", "gray", "bank", "5960 6012 6211 6300 6381 6399 7276 7321"),
    ("government", "Government and taxes", "neutral", "columns", "9211-9405 9407-9411 9700-9753 9950"),
    ("charity", "Charity and membership", "coral", "hand", "8398 8641-8699"),
    ("adult", "Adult", "black", "eye-off", "5967 7273 7297 5993"),
    ("professional", "Professional services", "navy", "briefcase", "7299-7399 8111 8911-8999"),
)  # fmt: skip
OTHER: Final = Group("other", "Everything else", "gray", "dots")


def _codes(spec: str) -> list[int]:
    spans = [part.partition("-") for part in spec.split()]
    return [code for first, _, last in spans for code in range(int(first), int(last or first) + 1)]


def _by_code() -> dict[int, Group]:
    found: dict[int, Group] = {}
    for id_, name, colour, icon, spec in _TABLE:
        for code in _codes(spec):
            found.setdefault(code, Group(id_, name, colour, icon))
    return found


_BY_CODE: Final = _by_code()
GROUPS: Final = (*(Group(*row[:4]) for row in _TABLE), OTHER)


GROUP_IDS: Final = frozenset(group.id for group in GROUPS)


def group_of(mcc: str) -> Group:
    """Return the group of a merchant category code.

    >>> group_of("5411").id, group_of("7995").id, group_of("0000").id
    ('groceries', 'gambling', 'other')
    """
    return _BY_CODE.get(int(mcc), OTHER) if mcc.isascii() and mcc.isdecimal() else OTHER
