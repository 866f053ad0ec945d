"""Cards: each one issued here, and what happened on one of them."""

from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import Response

from simulator.page.desk import ask, go_to
from simulator.page.rendering import page

_MOST_SHOWN = 100


async def show_all(request: Request) -> Response:
    """Show the cards, newest first."""
    found = await ask(request, "GET", f"/v1/issuing/cards?limit={_MOST_SHOWN}")
    return page(request, "cards.html", cards=found["data"], has_more=found["has_more"])


async def make_one(request: Request) -> Response:
    """Issue a card to a made-up person, for whoever tries the simulator on its own."""
    address = {"line1": "1 Test Lane", "city": "Portland", "postal_code": "97201", "country": "US"}
    holder = {
        "name": "Sample Holder",
        "individual[first_name]": "Sample",
        "individual[last_name]": "Holder",
        **{f"billing[address][{part}]": value for part, value in address.items()},
    }
    cardholder = await ask(request, "POST", "/v1/issuing/cardholders", form=holder)
    wish = {"cardholder": cardholder["id"], "currency": "usd", "type": "virtual", "status": "active"}
    card = await ask(request, "POST", "/v1/issuing/cards", form=wish)
    return go_to(f"/pay?card={card['id']}")


async def show_one(request: Request) -> Response:
    """Show one card with its authorizations and its transactions."""
    card_id = quote(request.path_params["card"], safe="")
    card = await ask(request, "GET", f"/v1/issuing/cards/{card_id}")
    query = f"card={card_id}&limit={_MOST_SHOWN}"
    authorizations = await ask(request, "GET", f"/v1/issuing/authorizations?{query}")
    transactions = await ask(request, "GET", f"/v1/issuing/transactions?{query}")
    facts = {"authorizations": authorizations["data"], "transactions": transactions["data"]}
    return page(request, "card.html", card=card, **facts)
