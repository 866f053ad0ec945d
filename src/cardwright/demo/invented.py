"""Invented authorizations: people who buy what people buy, and three kinds of fraud among them.

The same seed gives the same history. Nothing of it was anybody's: it is what the demo's risk model is trained
on, so that the demo has a score to show. What such a model finds says nothing about real frauds.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Final

BEGIN: Final = datetime(2026, 1, 1, tzinfo=UTC)
DAYS: Final = 60
GAMBLING_MCC: Final = "7995"
_NEW_SHARE: Final = 0.4
_KNOWN_DAYS: Final = 700
# Who has only just got a card tries it: a few small purchases within minutes are no sign of fraud.
_FIRST_TRIES: Final = (2, 12)
# Category, the least and the most of what is usual there, in minor units.
_SHOPS: Final = (
    ("5411", 8_00, 120_00), ("5462", 2_00, 15_00), ("5812", 12_00, 90_00), ("5814", 4_00, 25_00),
    ("5942", 6_00, 60_00), ("4121", 6_00, 45_00), ("5541", 20_00, 80_00), ("4899", 10_00, 60_00),
    ("5734", 5_00, 150_00), ("7372", 5_00, 200_00), ("5732", 30_00, 900_00), ("4511", 90_00, 1_200_00),
    ("7011", 70_00, 600_00), (GAMBLING_MCC, 5_00, 18_00),
)  # fmt: skip
_DEAR: Final = ("5732", "5944", "4829")
_TESTED: Final = ("5815", "8398", "5734")
_HOME: Final = ("US", "US", "US", "US", "US", "US", "US", "GB", "DE", "FR")
_ABROAD: Final = ("NG", "RO", "BR", "TH", "VN", "ZA")


@dataclass(frozen=True, slots=True)
class Shop:
    """A merchant; usual amounts in minor units."""

    id: str
    mcc: str
    country: str
    least: int
    most: int


@dataclass(frozen=True, slots=True)
class Bearer:
    """A card, who holds it, and since when there are both."""

    card: str
    holder: str
    card_type: str
    card_since: datetime
    holder_since: datetime
    kyc_level: int
    thrift: int
    """One divides what others spend by this."""


@dataclass(frozen=True, slots=True)
class Invented:
    """An authorization in US dollars; amounts in minor units."""

    number: int
    bearer: Bearer
    shop: Shop
    channel: str
    amount: int
    at: datetime
    is_approved: bool
    is_fraud: bool


def invent(seed: int, holders: int) -> Sequence[Invented]:
    """Return the authorizations of so many holders in 60 days, in order of time, no two of one instant."""
    random = Random(seed)  # noqa: S311 - an invented history, the same each time
    shops = [
        Shop(f"mer_{n}", mcc, random.choice(_HOME), least, most)
        for n, (mcc, least, most) in enumerate(_SHOPS * 6)
    ]
    bearers = [bearer for n in range(holders) for bearer in _bearers(random, n)]
    new = [it for it in bearers if it.card_since > BEGIN] or bearers
    made = [each for bearer in bearers for each in _lived(random, bearer, shops)]
    for _ in range(max(3, holders // 20)):
        made += _large_abroad(random, random.choice(bearers))
        made += _gambling(random, random.choice(bearers), shops)
        made += _gambling(random, random.choice(new), shops)
    for n in range(max(2, holders // 60)):
        made += _card_testing(random, bearers, f"mer_tested_{n}")
    return [
        Invented(n, *it[:4], it[4] + timedelta(microseconds=n), *it[5:])
        for n, it in enumerate(sorted(made, key=lambda it: (it[4], it[0].card, it[1].id, it[3])))
    ]


_Made = tuple[Bearer, Shop, str, int, datetime, bool, bool]


def _bearers(random: Random, number: int) -> Iterator[Bearer]:
    is_new = random.random() < _NEW_SHARE
    since = BEGIN + timedelta(seconds=random.randrange(DAYS * 86_400) if is_new else 0)
    if not is_new:
        since -= timedelta(days=1 + random.randrange(_KNOWN_DAYS))
    level, thrift = random.choice((1, 1, 2)), random.choice((1, 1, 2, 3))
    for which in range(random.choice((1, 1, 2))):
        kind = random.choice(("standard", "standard", "standard", "merchant_locked", "recurring"))
        yield Bearer(f"card_{number}_{which}", f"user_{number}", kind, since, since, level, thrift)


def _lived(random: Random, bearer: Bearer, shops: Sequence[Shop]) -> Iterator[_Made]:
    usual = random.sample(shops, 1 if bearer.card_type == "merchant_locked" else random.randrange(4, 15))
    at = max(bearer.card_since, BEGIN)
    if at > BEGIN:
        for _ in range(random.randrange(*_FIRST_TRIES)):
            at += timedelta(seconds=1 + random.randrange(400))
            yield _bought(random, bearer, random.choice(usual), at)
    end = BEGIN + timedelta(days=DAYS)
    while (at := at + timedelta(minutes=20 + random.randrange(6_000))) < end:
        hour = timedelta(hours=random.randrange(15) if at.hour < _WAKES else 0)
        if at + hour < end:
            yield _bought(random, bearer, random.choice(usual), at + hour)


_WAKES: Final = 7


def _bought(random: Random, bearer: Bearer, shop: Shop, at: datetime) -> _Made:
    # Mostly small: the product of two chances leans to the lower end.
    share = random.randrange(1, 1_001) * random.randrange(1, 1_001)
    amount = shop.least + (shop.most - shop.least) * share // (1_000_000 * bearer.thrift)
    channel = random.choice(("ecommerce", "ecommerce", "in_person", "wallet"))
    return bearer, shop, channel, amount, at, random.random() < 0.95, False  # noqa: PLR2004


def _large_abroad(random: Random, bearer: Bearer) -> Iterator[_Made]:
    """Invent sudden large sums in countries far away: a stolen number that is emptied within hours."""
    at = _some_instant(random, bearer)
    for n in range(random.randrange(2, 6)):
        place = random.randrange(40)
        shop = Shop(f"mer_far_{place}", random.choice(_DEAR), _ABROAD[place % len(_ABROAD)], 0, 0)
        at += timedelta(minutes=2 + random.randrange(90))
        amount = 400_00 + random.randrange(1_600_00)
        yield bearer, shop, "ecommerce", amount, at, random.random() < 0.8 or n == 0, True  # noqa: PLR2004


def _gambling(random: Random, bearer: Bearer, shops: Sequence[Shop]) -> Iterator[_Made]:
    """Invent one stake after the other, larger than any that people choose themselves."""
    shop = random.choice([it for it in shops if it.mcc == GAMBLING_MCC])
    at = _some_instant(random, bearer)
    for _ in range(random.randrange(4, 11)):
        at += timedelta(seconds=20 + random.randrange(240))
        amount = 20_00 + random.randrange(280_00)
        yield bearer, shop, "ecommerce", amount, at, random.random() < 0.75, True  # noqa: PLR2004


def _card_testing(random: Random, bearers: Sequence[Bearer], merchant: str) -> Iterator[_Made]:
    """Invent a shop where a list of numbers is tried with tiny sums, most of them in vain."""
    shop = Shop(merchant, random.choice(_TESTED), "US", 0, 0)
    tried = random.sample(bearers, min(len(bearers), 12))
    at = max(_some_instant(random, it) for it in tried)
    for bearer in tried:
        for _ in range(random.randrange(2, 6)):
            at += timedelta(seconds=2 + random.randrange(40))
            yield bearer, shop, "ecommerce", 50 + random.randrange(2_50), at, random.random() < 0.4, True  # noqa: PLR2004


_AT_ONCE_SHARE: Final = 0.5
"""Of frauds with new cards, so many happen within the first hour."""


def _some_instant(random: Random, bearer: Bearer) -> datetime:
    begin = max(bearer.card_since, BEGIN)
    if begin > BEGIN and random.random() < _AT_ONCE_SHARE:
        return begin + timedelta(seconds=60 + random.randrange(3_600))
    seconds = int((BEGIN + timedelta(days=DAYS) - begin).total_seconds())
    return begin + timedelta(seconds=random.randrange(seconds))
