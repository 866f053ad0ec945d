"""The names that people read, from descriptors of the shapes that networks and processors send."""

from typing import Final

import pytest

from cardwright.merchants import clean_name, colour_of, logo_letter
from cardwright.merchants.looks import PALETTE

SHAPES: Final = (
    # A processor's mark before the name.
    ("SQ *CORNER SHOP #0423", "Corner Shop"),
    ("SQ *MAPLE & RYE BAKERY", "Maple & Rye Bakery"),
    ("TST* THE COPPER POT - DO", "The Copper Pot"),
    ("TST* LUNA CAFE 00012345", "Luna Cafe"),
    ("SP NORTHBEAM GOODS", "Northbeam Goods"),
    ("SP * NORTHBEAM GOODS", "Northbeam Goods"),
    ("PAYPAL *NORTHWIND", "Northwind"),
    ("PAYPAL *NORTHWIND 4029357733", "Northwind"),
    ("PAYPAL *SQ *CORNER SHOP", "Corner Shop"),
    ("PP*MARLOWPRESS", "Marlowpress"),
    ("PYPL*HARBORLIGHT", "Harborlight"),
    ("GOOGLE *TUNERIVER", "Tuneriver"),
    ("SumUp  *Bike Doctor", "Bike Doctor"),
    ("Zettle_*Fika & Friends", "Fika & Friends"),
    ("IZ *KIOSK AM ZOO", "Kiosk Am Zoo"),
    ("WPY*CITY ROWING CLUB", "City Rowing Club"),
    ("2CO.COM*PIXELSMITH", "Pixelsmith"),
    ("PADDLE.NET* DRAFTLY", "Draftly"),
    ("FS *codeharbor", "Codeharbor"),
    ("DD *NOODLE BARN", "Noodle Barn"),
    ("EB *JAZZ IN THE PARK", "Jazz in the Park"),
    ("KLARNA*STRIDEWEAR", "Stridewear"),
    ("ADY*LE PETIT COIN", "Le Petit Coin"),
    ("NYX*SNACKBOX 1044", "Snackbox"),
    # A brand's own star, and what was bought behind it.
    ("RIDELY   *TRIP", "Ridely"),
    ("RIDELY *TRIP HELP.RIDELY.COM", "Ridely"),
    ("CLOUDFORGE* SUBSCRIPTION", "Cloudforge"),
    ("BIGBARN*2A3BC4DE5", "Bigbarn"),
    # Web addresses.
    ("APPLE.COM/BILL", "Apple"),
    ("CLOUDFORGE.IO", "Cloudforge"),
    ("WWW.CLOUDFORGE.COM/BILL", "Cloudforge"),
    ("HTTPS://SHOP.TEAHAUS.CO.UK", "Teahaus"),
    ("HELP.RIDELY.COM", "Ridely"),
    ("CKO*WWW.LEAFCART.COM", "Leafcart"),
    ("CORNER SHOP WWW.CORNER.DE", "Corner Shop"),
    # Telephone numbers, with or without a state behind.
    ("CLOUDFORGE.COM 866-555-0100 CA", "Cloudforge"),
    ("GREENBASKET 8005550199", "Greenbasket"),
    ("GREEN BASKET 800-555-0199 WA", "Green Basket"),
    ("GREEN BASKET (800) 555-0199", "Green Basket"),
    ("GREEN BASKET +44 20 7946 0958", "Green Basket"),
    ("+1 800 555 0199 GREEN BASKET", "Green Basket"),
    # Numbers of stores, terminals, orders and days, and places behind them.
    ("GREEN BASKET #1043 CHICAGO IL", "Green Basket"),
    ("GREEN BASKET STORE 00423 SEATTLE WA", "Green Basket"),
    ("GREEN BASKET 00423", "Green Basket"),
    ("00423 GREEN BASKET", "Green Basket"),
    ("LAST MILE FUEL 57444212345", "Last Mile Fuel"),
    ("GADGET PIER T4471 AUSTIN TX", "Gadget Pier"),
    ("HARBOR HOTEL ORDER 99812", "Harbor Hotel"),
    ("NORTH AIR 0122345678901", "North Air"),
    ("TUNERIVER PREMIUM 12/03", "Tuneriver Premium"),
    ("PINE STREET BOOKS      PORTLAND     OR", "Pine Street Books"),
    # Numbers that belong to the name.
    ("7-CORNERS 33412", "7-Corners"),
    ("FOREVER 12", "Forever 12"),
    ("99 LANTERNS MARKET #1771", "99 Lanterns Market"),
    ("1800PETALS", "1800petals"),
    ("PARKEO/STREET 12", "Parkeo Street 12"),
    # Legal forms.
    ("BÄCKEREI MÜLLER GMBH", "Bäckerei Müller"),
    ("IN *HILLSIDE PLUMBING LLC", "Hillside Plumbing"),
    ("MOLLIE*KAASHUIS BV", "Kaashuis"),
    ("ACME TOOLS, INC.", "Acme Tools"),
    ("ACME TOOLS S.A.", "Acme Tools"),
    ("MAISON-BLANCHE SARL", "Maison-Blanche"),
    # How it is written.
    ("O'MALLEY'S PUB", "O'Malley's Pub"),
    ("BP 4432 DENVER", "BP"),
    ("H&J STORE #44", "H&J"),
    ("ST. ANNE PHARMACY", "St Anne Pharmacy"),
    ("BANK OF THE RIVER", "Bank of the River"),
    ("CAFE DE LA GARE", "Cafe de la Gare"),
    ("Crème Brûlée Bar", "Crème Brûlée Bar"),
    ("corner shop", "Corner Shop"),
    ("ИП ИВАНОВ 0012", "Ип Иванов"),
    ("日本珈琲", "日本珈琲"),
    # What says nothing is shown as it came.
    ("12345", "12345"),
    ("...", "..."),
    ("", "Unknown merchant"),
    (" \x00\t ", "Unknown merchant"),
)  # fmt: skip
IN_CITIES: Final = (
    ("CORNER CAFE BOSTON", "Boston", "Corner Cafe"),
    ("CORNER CAFE BOSTON MA", "Boston", "Corner Cafe"),
    ("NEW YORK BAGELS NEW YORK NY", "New York", "New York Bagels"),
    ("KIEZ-SPÄTI BERLIN DE", "Berlin", "Kiez-Späti"),
    ("BOSTON", "Boston", "Boston"),
    ("BOSTON MA", "Boston", "Boston Ma"),
    ("CORNER CAFE", "Boston", "Corner Cafe"),
)


def test_there_are_enough_shapes() -> None:
    assert len({descriptor for descriptor, _ in SHAPES}) >= 60


@pytest.mark.parametrize(("descriptor", "name"), SHAPES)
def test_a_descriptor_is_shown_as_people_would_write_it(descriptor: str, name: str) -> None:
    assert clean_name(descriptor) == name


@pytest.mark.parametrize(("descriptor", "city", "name"), IN_CITIES)
def test_the_city_that_the_network_tells_is_no_part_of_the_name(
    descriptor: str, city: str, name: str
) -> None:
    assert clean_name(descriptor, city) == name


@pytest.mark.parametrize("repeated", ["A", "1", "*", "SQ *", "1-", "A.COM ", "0 ", " "])
def test_no_descriptor_takes_long_to_read(repeated: str) -> None:
    assert len(clean_name(repeated * (20_000 // len(repeated)))) <= 60


def test_a_merchant_looks_the_same_each_time() -> None:
    colours = {colour_of(f"mer_{number}") for number in range(500)}
    assert colours == set(PALETTE)
    assert colour_of("mer_1") == colour_of("mer_1")
    assert [logo_letter(name) for name in ("corner", "7-Corners", "'t Hof", "日本", "...", "ß")] == [
        "C", "7", "T", "日", "?", "S",
    ]  # fmt: skip
