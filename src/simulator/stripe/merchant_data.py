"""What the network says about a merchant: as a parameter, and as an authorization shows it."""

import hashlib

from simulator.objects import JsonObject
from simulator.stripe.categories import CODE_BY_CATEGORY, DEFAULT_CATEGORY, MerchantCategory
from simulator.stripe.params import Params, Text
from simulator.stripe.spending import Country

NETWORK_ID_DIGITS = 15


class MerchantData(Params):
    """The merchant of a test authorization; what is left out is made up."""

    category: MerchantCategory = DEFAULT_CATEGORY
    city: Text | None = None
    country: Country | None = None
    name: Text | None = None
    network_id: Text | None = None
    postal_code: Text | None = None
    state: Text | None = None
    terminal_id: Text | None = None
    url: Text | None = None

    def shown(self) -> JsonObject:
        """Return the merchant as authorizations and transactions show it."""
        name = self.name or "A MADE-UP MERCHANT"
        return {
            "category": self.category,
            "category_code": CODE_BY_CATEGORY[self.category],
            "city": self.city or "Springfield",
            "country": self.country or "US",
            "name": name,
            "network_id": self.network_id or _network_id_of(name),
            "postal_code": self.postal_code,
            "state": self.state,
            "tax_id": None,
            "terminal_id": self.terminal_id,
            "url": self.url,
        }


def _network_id_of(name: str) -> str:
    """Derive an id that stays the same for the same name, as an acquirer's would."""
    digest = int(hashlib.sha256(name.encode()).hexdigest(), 16)
    return f"{digest % 10**NETWORK_ID_DIGITS:0{NETWORK_ID_DIGITS}d}"
