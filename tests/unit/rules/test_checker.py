import pytest
from hypothesis import assume, given

from cardwright.rules.language.catalogue import AUTHORIZATION_FIELDS, Catalogue, Field, NamedList
from cardwright.rules.language.checker import MAX_DIAGNOSTICS, check
from cardwright.rules.language.diagnostics import ExpressionError
from cardwright.rules.language.interpreter import Facts, interpret
from cardwright.rules.language.types import COUNTRY, INTEGER, TEXT, TRUTH
from unit.rules.expressions import LISTS, accepted, conditions, facts

LISTED = Catalogue(
    AUTHORIZATION_FIELDS.fields,
    [
        NamedList("lists.blocked", TEXT, "Merchants nobody may pay."),
        NamedList("lists.risky", COUNTRY, "Countries to look at."),
        NamedList("lists.amounts", INTEGER, "Amounts of a scheme."),
    ],
)


def faults(source: str) -> list[str]:
    try:
        check(source, LISTED)
    except ExpressionError as error:
        return [str(diagnostic) for diagnostic in error.diagnostics]
    return []


@pytest.mark.parametrize(
    "source",
    [
        'amount > 30000 && merchant.country in ["NG"]',
        'merchant.mcc >= "3000" && merchant.mcc <= "3299"',
        "amount > 5 == true",
        "-amount < 5 || amount % 7 == 3",
        'merchant.country == ""',
        "has(holder.country) && holder.country != merchant.country",
        '!has(holder.country) || holder.country == "DE"',
        'has(holder.country) ? holder.country == "DE" : amount > 5',
        '!(!has(holder.country) || holder.country == "DE") && holder.country == "FR"',
        "(has(holder.country) && amount > 5) && holder.country != merchant.country",
        '(!has(holder.country) ? false : amount > 5) && holder.country == "DE"',
        'amount < 5 || !has(merchant.city) || merchant.city.contains("x")',
        "(card.age_days < 2 ? 20000 : 50000) < amount",
        "merchant.id in lists.blocked || merchant.country in lists.risky || amount % 7 in lists.amounts",
        r'merchant.name.matches(r"(?i)^casino\b") && has(holder.country) && holder.country in lists.risky',
    ],
)
def test_well_typed_conditions_are_accepted(source: str) -> None:
    assert faults(source) == []


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("amuont > 5", "1:1 unknown field 'amuont'; did you mean 'amount'?"),
        ('amount > "5"', "1:10 cannot compare a whole number with a text"),
        ("amount + 1", "1:1 a condition must be true or false, this is a whole number"),
        ('merchant.country == "UK"', "1:21 'UK' is not a country code"),
        ('currency == "usd"', "1:13 'usd' is not a currency code"),
        ('merchant.mcc == "US"', "1:17 'US' is not a merchant category code"),
        ('channel == "ecomerce"', "1:12 'ecomerce' is not a channel; did you mean 'ecommerce'?"),
        ('merchant.country in ["NG", 5]', "1:28 cannot compare a country code with a whole number"),
        ("currency == merchant.country", "1:1 cannot compare a currency code with a country code"),
        ('merchant.country > "NG"', "1:1 a country code has no order; compare with == or !="),
        ('merchant.name < "b"', "1:1 a text has no order; compare with == or !="),
        ("amount > 5 < true", "1:1 true or false has no order; compare with == or !="),
        ('holder.country == "DE"', "1:1 holder.country may be missing; guard it: has(holder.country) && …"),
        (
            'has(holder.country) || holder.country == "DE"',
            "1:24 holder.country may be missing; guard it: has(holder.country) && …",
        ),
        (
            '(has(holder.country) || amount > 5) && holder.country == "DE"',
            "1:40 holder.country may be missing; guard it: has(holder.country) && …",
        ),
        ("has(amount)", "1:1 amount always has a value; has() is for optional fields"),
        ("has(holder.city)", "1:5 unknown field 'holder.city'; did you mean 'holder.country'?"),
        ("merchant.name + 1 > 5", "1:1 '+' needs a whole number, this is a text"),
        ("amount * 10000 > 1", "1:1 the result may be too great for a 64-bit whole number"),
        ("amount / 0 > 1", "1:10 '/' takes a positive number written out on its right"),
        ("amount % -3 > 1", "1:10 '%' takes a positive number written out on its right"),
        ("amount / card.age_days > 1", "1:10 '/' takes a positive number written out on its right"),
        ("amount && amount > 5", "1:1 '&&' needs true or false, this is a whole number"),
        ("-merchant.name == 5", "1:2 '-' needs a whole number, this is a text"),
        ("!amount", "1:2 '!' needs true or false, this is a whole number"),
        ('amount.contains("5")', "1:1 contains needs a text, this is a whole number"),
        ("merchant.name.contains(5)", "1:24 contains takes a text in quotes"),
        ("amount > 1 ? amount : true", "1:23 cannot compare a whole number with true or false"),
        ("merchant.id in lists.bloked", "1:16 unknown list 'lists.bloked'; did you mean 'lists.blocked'?"),
        ("merchant.country in lists.blocked", "1:1 cannot compare a country code with a text"),
        ("amount in lists.risky", "1:1 cannot compare a whole number with a country code"),
        (
            "holder.country in lists.risky",
            "1:1 holder.country may be missing; guard it: has(holder.country) && …",
        ),
        ("lists.risky == merchant.country", "1:1 lists.risky is a list; it may stand only after 'in'"),
        ('"NG" in lists.risky', "1:1 the condition reads no field, so it is always the same"),
        ("amount.matches('5')", "1:1 matches needs a text, this is a whole number"),
        ("merchant.name.matches('a**')", "1:23 not a pattern of RE2: bad repetition operator: **"),
        ("merchant.name.matches('(?=a)')", "1:23 not a pattern of RE2: invalid perl operator: (?="),
        (
            r"merchant.name.matches(r'\\\C')",
            r"1:23 not a pattern of RE2: \C, a single byte, is no part of a text",
        ),
        ("merchant.name.matches('.{1000}')", "1:23 the patterns are too large together; repeat less"),
        (
            f"merchant.name.matches('{'a' * 300}') || merchant.name.matches('{'a' * 300}')",
            "1:352 the patterns have more than 500 characters together",
        ),
        ("true || 1 > 2", "1:1 the condition reads no field, so it is always the same"),
    ],
)
def test_each_type_fault_is_named_with_its_place(source: str, expected: str) -> None:
    assert faults(source) == [expected]


def test_all_faults_of_a_condition_are_reported_at_once() -> None:
    assert faults('amuont > 5 &&\nchannel == "atmo" &&\n!amount') == [
        "1:1 unknown field 'amuont'; did you mean 'amount'?",
        "2:12 'atmo' is not a channel; did you mean 'atm'?",
        "3:2 '!' needs true or false, this is a whole number",
    ]


def test_a_flood_of_faults_is_cut() -> None:
    assert len(faults(" || ".join(["nothing_like_it"] * 300))) == MAX_DIAGNOSTICS


def test_the_fields_a_condition_reads_are_listed() -> None:
    checked = check("has(holder.country) && amount > 5 && amount < 9", AUTHORIZATION_FIELDS)
    assert [field.name for field in checked.fields] == ["amount", "holder.country"]


def test_the_lists_a_condition_asks_are_listed() -> None:
    checked = check("merchant.id in lists.blocked && !(amount in lists.amounts)", LISTED)
    assert [each.name for each in checked.lists] == ["lists.amounts", "lists.blocked"]


@pytest.mark.parametrize(
    "name", ["blocked", "lists.", "lists.Blocked", "lists.a.b", "lists.in", "lists.null"]
)
def test_a_list_whose_name_cel_would_not_read_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="not the name of a list"):
        NamedList(name, TEXT, "Never.")


def test_a_list_of_truths_two_of_one_name_and_a_field_among_lists_are_refused() -> None:
    with pytest.raises(ValueError, match="list of truths"):
        NamedList("lists.truths", TRUTH, "Never.")
    with pytest.raises(ValueError, match="two lists"):
        Catalogue([], [NamedList("lists.one", TEXT, "A list.")] * 2)
    with pytest.raises(ValueError, match="among the lists"):
        Catalogue([Field("lists.field", TEXT, "A field.")])


def test_an_optional_field_without_a_dotted_name_is_refused() -> None:
    with pytest.raises(ValueError, match="dotted name"):
        Field("country", TEXT, "Not askable with has().", is_optional=True)


def test_a_catalogue_with_one_name_twice_is_refused() -> None:
    field = Field("name", TEXT, "A text.")
    with pytest.raises(ValueError, match="same name"):
        Catalogue([field, field])


@given(conditions(guarded=False), facts)
def test_a_checked_condition_never_reads_a_missing_field(source: str, found: Facts) -> None:
    checked = accepted(source)
    assume(checked is not None)
    assert checked is not None
    assert interpret(checked.tree, found, LISTS) in {True, False}


@pytest.mark.parametrize(
    ("source", "message"),
    [
        (
            "has(risk.score) && risk.score > 0.5",
            "1:33 only whole numbers exist here; risk.score is in thousandths, 0.5 is 500",
        ),
        ("0.25 < risk.score", "1:1 only whole numbers exist here; risk.score is in thousandths, 0.25 is 250"),
        ("risk.score > 0.12345", "1:14 only whole numbers exist here; risk.score is in thousandths"),
        ("card.age_days > 1.5", "1:17 only whole numbers exist here; card.age_days is in days"),
        ("holder.kyc_level > 1.5", "1:20 only whole numbers exist here; holder.kyc_level is a level"),
        (
            "amount > 5.5",
            "1:10 only whole numbers exist here; amounts are in minor units, 12.50 USD is 1250",
        ),
    ],
)
def test_a_number_with_a_point_is_answered_in_the_unit_of_its_field(source: str, message: str) -> None:
    assert faults(source) == [message]


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("velocity.card.count_1h", "velocity.card.approved_count_1h"),
        ("velocity.merchant.count_24h", "velocity.merchant.approved_count_24h"),
    ],
)
def test_a_name_that_lacks_a_part_is_completed(written: str, meant: str) -> None:
    assert faults(f"{written} > 3") == [f"1:1 unknown field '{written}'; did you mean '{meant}'?"]
