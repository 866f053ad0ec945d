"""What a merchant may tell about a purchase when it captures: reference, receipt, flight, lodging."""

from typing import Annotated

from pydantic import Field

from simulator.objects import JsonObject
from simulator.stripe.params import Flag, Integer, ListOf, NaturalInteger, Params, Text

AirportCode = Annotated[Text, Field(max_length=3)]


class Segment(Params):
    """One leg of a flight."""

    arrival_airport_code: AirportCode | None = None
    carrier: Text | None = None
    departure_airport_code: AirportCode | None = None
    flight_number: Text | None = None
    service_class: Text | None = None
    stopover_allowed: Flag | None = None


class Flight(Params):
    """A flight that was bought."""

    departure_at: Integer | None = None
    passenger_name: Text | None = None
    refundable: Flag | None = None
    segments: ListOf[Segment] | None = None
    travel_agency: Text | None = None


class Lodging(Params):
    """A stay that was bought."""

    check_in_at: Integer | None = None
    nights: NaturalInteger | None = None


class ReceiptLine(Params):
    """One line of a receipt; amounts in minor units."""

    description: Annotated[Text, Field(max_length=26)] | None = None
    quantity: Integer | None = None
    total: Integer | None = None
    unit_cost: Integer | None = None


class PurchaseDetails(Params):
    """Everything a merchant tells."""

    flight: Flight | None = None
    lodging: Lodging | None = None
    receipt: ListOf[ReceiptLine] | None = None
    reference: Text | None = None


def shown_details(params: PurchaseDetails | None) -> JsonObject | None:
    """Return the details as a transaction shows them."""
    return {"fleet": None, "fuel": None, **params.model_dump()} if params else None
