"""The merchants of this made-up world, one for each kind of purchase worth trying."""

from dataclasses import dataclass

from simulator.objects import JsonObject
from simulator.stripe.categories import CODE_BY_CATEGORY


@dataclass(frozen=True, slots=True)
class Merchant:
    """A shop: how the network names it, what it sells, where it is, in which currency it sells."""

    id: str
    name: str
    category: str
    city: str
    country: str
    network_id: str
    currency: str = "usd"
    method: str = "online"

    def merchant_data(self) -> JsonObject:
        """Return the merchant as authorizations show it."""
        return {
            "category": self.category,
            "category_code": CODE_BY_CATEGORY[self.category],
            "city": self.city,
            "country": self.country,
            "name": self.name,
            "network_id": self.network_id,
            "postal_code": None,
            "state": None,
            "tax_id": None,
            "terminal_id": None if self.method == "online" else f"T{self.network_id[-7:]}",
            "url": f"https://{self.id}.example" if self.method == "online" else None,
        }

    def shown(self) -> JsonObject:
        """Return the merchant as the catalogue shows it."""
        return self.merchant_data() | {"id": self.id, "currency": self.currency, "method": self.method}


_ALL = (
    Merchant("pine-books", "PINE STREET BOOKS", "book_stores", "Portland", "US", "100000000000101"),
    Merchant(
        "green-basket",
        "GREEN BASKET MARKET",
        "grocery_stores_supermarkets",
        "Chicago",
        "US",
        "100000000000102",
        method="contactless",
    ),
    Merchant(
        "corner-cafe",
        "CORNER CAFE",
        "eating_places_restaurants",
        "Boston",
        "US",
        "100000000000103",
        method="chip",
    ),
    Merchant(
        "cloud-forge", "CLOUDFORGE HOSTING", "computer_network_services", "Seattle", "US", "100000000000104"
    ),
    Merchant(
        "tune-river", "TUNERIVER PREMIUM", "digital_goods_media", "Stockholm", "SE", "100000000000105", "eur"
    ),
    Merchant(
        "harbor-hotel", "HARBOR HOTEL", "hotels_motels_and_resorts", "Lisbon", "PT", "100000000000106", "eur"
    ),
    Merchant(
        "swift-wheels", "SWIFT WHEELS RENTALS", "car_rental_agencies", "Denver", "US", "100000000000107"
    ),
    Merchant(
        "last-mile-fuel",
        "LAST MILE FUEL",
        "automated_fuel_dispensers",
        "Tulsa",
        "US",
        "100000000000108",
        method="chip",
    ),
    Merchant("blue-wake", "BLUE WAKE CRUISES", "cruise_lines", "Miami", "US", "100000000000109"),
    Merchant("lucky-seven", "LUCKY SEVEN CASINO", "betting_casino_gambling", "Reno", "US", "100000000000110"),
    Merchant(
        "cash-point",
        "CASH POINT ATM",
        "automated_cash_disburse",
        "New York",
        "US",
        "100000000000111",
        method="chip",
    ),
    Merchant("north-air", "NORTH AIR", "airlines_air_carriers", "London", "GB", "100000000000112", "gbp"),
    Merchant("gadget-pier", "GADGET PIER", "electronics_stores", "Austin", "US", "100000000000113"),
)
CATALOGUE: dict[str, Merchant] = {merchant.id: merchant for merchant in _ALL}


def find_merchant(id_or_network_id: str) -> Merchant | None:
    """Return the merchant with this id, or with this id on the network."""
    by_network_id = {merchant.network_id: merchant for merchant in _ALL}
    return CATALOGUE.get(id_or_network_id) or by_network_id.get(id_or_network_id)
