"""What two descriptors have in common, and which could be anybody's; categories and their groups."""

import pytest

from cardwright.merchants import GROUP_IDS, category, groups
from cardwright.merchants.descriptors import clean_name, descriptor_key
from cardwright.merchants.groups import group_of


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("CORNER SHOP", "SQ *Corner Shop 0423"),
        ("CLOUDFORGE", "www.cloudforge.com/bill"),
        ("Crème Brûlée Bar", "CREME BRULEE BAR #12"),
        ("PAYPAL *NORTHWIND", "Northwind 4029357733"),
        ("O'Malley's Pub", "OMALLEYS PUB"),
    ],
)
def test_descriptors_of_one_merchant_have_one_key(one: str, other: str) -> None:
    assert descriptor_key(one) == descriptor_key(other) is not None


@pytest.mark.parametrize(
    "descriptor", ["", "   ", "12345", "CAFE 12", "HOTEL", "SHOP #4", "A1 B2", "***", "日本"]
)
def test_a_descriptor_that_could_be_anybodys_has_no_key(descriptor: str) -> None:
    assert descriptor_key(descriptor) is None
    assert clean_name(descriptor)


def test_every_code_has_exactly_one_group_and_every_group_a_code() -> None:
    used = {group_of(f"{code:04}").id for code in range(10_000)}
    assert used == GROUP_IDS
    assert group_of("x").id == group_of("").id == "other"


@pytest.mark.parametrize(
    ("mcc", "group", "word"),
    [
        ("5411", "groceries", "supermarkets"), ("5812", "restaurants", "estaurants"),
        ("7995", "gambling", "betting"), ("3000", "airlines", "UNITED"), ("7011", "lodging", "odging"),
        ("4814", "utilities", "elecommunication"), ("6011", "cash", "ash"), ("9311", "government", "ax"),
    ],
)  # fmt: skip
def test_codes_of_the_standard_are_known_by_name_and_group(mcc: str, group: str, word: str) -> None:
    found = category(mcc)
    assert found.group.id == group
    assert word.lower() in found.name.lower()


def test_the_list_is_the_whole_standard() -> None:
    listed = [found for _, members in groups() for found in members]
    assert len({found.mcc for found in listed}) == len(listed) > 800
    assert all(found.name and len(found.mcc) == 4 for found in listed)


def test_a_code_in_no_list_is_named_by_its_group() -> None:
    assert category("0000").name == "Everything else"
