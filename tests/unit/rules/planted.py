"""Rulebooks of any size with forty defects in them, and rules that look like defects and are none."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from random import Random
from typing import Final

from cardwright.rules.domain import Rule, RuleAction, Rulebook
from cardwright.rules.language import types
from cardwright.rules.language.catalogue import AUTHORIZATION_FIELDS, Catalogue, NamedList

CATALOGUE: Final = Catalogue(
    AUTHORIZATION_FIELDS.fields,
    [
        NamedList("lists.blocked", types.TEXT, "Merchants nobody may pay."),
        NamedList("lists.risky", types.COUNTRY, "Countries to look at twice."),
        NamedList("lists.sums", types.INTEGER, "Amounts that were seen in fraud."),
    ],
    AUTHORIZATION_FIELDS.at_most,
)
DEAD: Final = (
    "amount > 5000 && amount < 4000",
    'merchant.name.startsWith("SHOP") && merchant.name == "MARKET"',
    'merchant.name.startsWith("AB") && merchant.name.contains("Z") && merchant.name.startsWith("AC")',
    'merchant.name.matches("^[0-9]+$") && merchant.name.contains("A")',
    'merchant.name == "Casino 7" && !merchant.name.matches("(?i)CASINO")',
    'merchant.id == "m-1" && merchant.id in lists.blocked && !("m-1" in lists.blocked)',
    'has(merchant.city) && merchant.city == merchant.name && merchant.name == "A" && merchant.city != "A"',
    "!has(holder.country) && amount > 1 && !(!has(holder.country) || amount < 9)",
    "(card.age_days < 7 ? 100 : 50) > 100",
    "velocity.approved_count_1h > 7 && velocity.approved_count_24h <= 7",
    'merchant.country in ["DE", "FR"] && merchant.country.startsWith("U")',
    'merchant.mcc >= "3000" && merchant.mcc < "3300" && merchant.mcc.endsWith("999")',
    "amount / 100 > 50 && amount % 7 == 3 && amount < 5100",
    '(holder.kyc_level > 1 ? merchant.country : "US") == "DE" && holder.kyc_level == 1',
)
SHADOWED: Final = (
    (["amount > 100"], "amount > 200"),
    (['merchant.name.contains("BET")'], 'merchant.name.startsWith("BETTING")'),
    (['merchant.name.matches("(?i)casino")'], 'merchant.name.contains("Casino")'),
    (
        ['merchant.name.matches("(?s)^A.*Z$")'],
        'merchant.name.startsWith("AB") && merchant.name.endsWith("YZ")',
    ),
    (['merchant.id.matches("[0-9]{4}$")'], 'merchant.id.endsWith("1234")'),
    (['merchant.mcc >= "3000" && merchant.mcc <= "3299"'], 'merchant.mcc in ["3005", "3100"]'),
    (['merchant.country.startsWith("N")'], 'merchant.country == "NG" && amount > 5'),
    (["merchant.id in lists.blocked"], 'merchant.id in lists.blocked && merchant.id == "m-2"'),
    (["amount <= 500", "amount > 400"], "holder.kyc_level == 0"),
    (["has(merchant.city)"], 'has(merchant.city) && merchant.city == "LAGOS"'),
    (["(holder.kyc_level > 1 ? 1000 : 100) < amount"], "amount > 1000"),
    (["velocity.approved_count_24h > 5"], "velocity.approved_count_1h > 5"),
    (["amount / 100 >= 3"], "amount >= 300"),
    (["merchant.country in lists.risky"], 'merchant.country in lists.risky && currency in ["USD", "EUR"]'),
)
CONTRADICTING: Final = (
    ("amount < 500", "amount > 400"),
    ('merchant.name.startsWith("BOOK")', 'merchant.name.endsWith("CASINO")'),
    (
        'merchant.name.matches("^[A-Z]{3}-[0-9]+$")',
        'merchant.name.contains("7-7") || merchant.name.endsWith("-77")',
    ),
    ('merchant.id == "m-3"', "merchant.id in lists.blocked"),
    ("has(holder.country) && holder.country == merchant.country", "merchant.country in lists.risky"),
    ("holder.kyc_level >= 2", "(holder.age_days < 30 ? 10000 : 90000) < amount"),
    ('merchant.mcc == "5411"', 'merchant.mcc.startsWith("54") && amount > 9'),
    ("has(merchant.city) && merchant.city == merchant.name", 'merchant.name.matches("(?i)^lagos")'),
    ("amount % 100 == 0", "amount in lists.sums"),
    ("velocity.approved_count_24h < 3", "velocity.approved_count_1h == 2"),
    ('channel == "wallet"', '!(channel in ["ecommerce", "atm"]) && amount > 9'),
    ('card.type == "recurring" || currency == "JPY"', 'currency != "EUR" && card.type != "recurring"'),
)
HARMONIOUS: Final = (
    ("amount < 500", "amount >= 500"),
    ('merchant.name.startsWith("BOOK")', 'merchant.name.matches("^[a-z]")'),
    ("has(holder.country) && amount < 10", "!has(holder.country)"),
)
_FREE: Final = (
    "amount > {n}", "velocity.approved_count_1h > {s}", "velocity.approved_amount_24h + amount > {n}",
    "holder.kyc_level < 3", 'merchant.country in ["NG", "GH", "CI"]', 'merchant.mcc.startsWith("{s}")',
    'merchant.name.matches("(?i)shop|market{s}")', 'channel == "ecommerce"', "card.age_days > {s}",
    "(holder.age_days < {s} ? 10000 : 100) < amount",
    "has(holder.country) && holder.country != merchant.country",
    'merchant.name.contains("GIFT {s}")', "velocity.declined_count_1h > {s}", "amount % {n} != 3",
)  # fmt: skip
_ACTIONS: Final = (RuleAction.DECLINE, RuleAction.CHALLENGE, RuleAction.FLAG)


@dataclass(frozen=True, slots=True)
class Planted:
    """A rulebook and its defects, by the names of rules; `harmonious` are pairs that never hit together."""

    rulebook: Rulebook
    dead: frozenset[str]
    shadowed: frozenset[str]
    contradicting: frozenset[tuple[str, str]]
    harmonious: frozenset[tuple[str, str]]


def plant(count: int, seed: int = 1) -> Planted:
    """Return so many rules; each group stands in a corner of its own, so that none covers another."""
    random = Random(seed)  # noqa: S311 - no secret
    corners = iter(range(10_000))
    rules = [_rule(f"dead_{place}", when) for place, when in enumerate(DEAD)]
    for place, (broad, narrow) in enumerate(SHADOWED):
        corner = f"velocity.distinct_merchants_24h == {next(corners)}"
        rules += [_rule(f"broad_{place}_{n}", f"{corner} && {when}") for n, when in enumerate(broad)]
        rules.append(_rule(f"narrow_{place}", f"{corner} && {narrow}", _ACTIONS[place % 3]))
    rules += _pairs("clash", CONTRADICTING, corners) + _pairs("harmony", HARMONIOUS, corners)
    for place in range(count - len(rules)):
        parts = [
            part.format(n=random.randint(5, 50_000), s=random.randint(1, 40))
            for part in random.sample(_FREE, 3)
        ]
        corner = f"velocity.distinct_merchants_24h == {next(corners)}"
        rules.append(_rule(f"free_{place}", f"{corner} && {parts[0]} && ({parts[1]} || {parts[2]})"))
    # What comes first stays, so that of two equal rules it is known which is told to be superfluous.
    narrow = [rule for rule in rules if rule.name.startswith("narrow")]
    others = [rule for rule in rules if rule not in narrow]
    random.shuffle(others)
    return Planted(
        Rulebook(1, (*others, *narrow)),
        frozenset(f"dead_{place}" for place in range(len(DEAD))),
        frozenset(f"narrow_{place}" for place in range(len(SHADOWED))),
        frozenset((f"clash_{place}_0", f"clash_{place}_1") for place in range(len(CONTRADICTING))),
        frozenset((f"harmony_{place}_0", f"harmony_{place}_1") for place in range(len(HARMONIOUS))),
    )


def entangle(count: int, seed: int = 1) -> Rulebook:
    """Return so many rules without corners, of all actions: most of them meet, and some cover others."""
    random = Random(seed)  # noqa: S311 - no secret
    rules = []
    for place in range(count):
        parts = [
            part.format(n=random.randint(5, 50_000), s=random.randint(1, 40))
            for part in random.sample(_FREE, 3)
        ]
        action = random.choice([*_ACTIONS, *_ACTIONS, RuleAction.DECLINE, RuleAction.ALLOW])
        rules.append(_rule(f"rule_{place}", f"{parts[0]} && ({parts[1]} || {parts[2]})", action))
    return Rulebook(1, tuple(rules))


def _pairs(name: str, pairs: Sequence[tuple[str, str]], corners: Iterator[int]) -> list[Rule]:
    rules: list[Rule] = []
    for place, (allowing, declining) in enumerate(pairs):
        corner = f"velocity.distinct_merchants_24h == {next(corners)}"
        rules.append(_rule(f"{name}_{place}_0", f"{corner} && ({allowing})", RuleAction.ALLOW))
        rules.append(_rule(f"{name}_{place}_1", f"{corner} && ({declining})"))
    return rules


def _rule(name: str, when: str, action: RuleAction = RuleAction.DECLINE) -> Rule:
    return Rule(name, when, action, "A reason.")
