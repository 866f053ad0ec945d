"""Controls of the drill under /_sim/stripe: lists and deliveries that go wrong by a seed, and fees."""

from dataclasses import asdict
from typing import Self

from pydantic import BaseModel, ConfigDict, Field, model_validator
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from simulator.stripe import balance_transactions, misdelivery, misreporting
from simulator.stripe.account import StripeAccount
from simulator.stripe.control import guarded, read
from simulator.stripe.misdelivery import PERCENT, Misdelivery


class MisreportOrder(BaseModel):
    """What a list is to do to how many of its records; `among` confines the choice to some ids."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    list: misreporting.LISTS_OF_RECORDS
    action: misreporting.Action
    member: misreporting.Member | None = None
    count: int = Field(ge=1)
    seed: int = 0
    among: tuple[str, ...] | None = None


class MisdeliveryOrder(BaseModel):
    """How many of a hundred events are lost, sent twice or garbled."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    seed: int = 0
    drop: int = Field(default=0, ge=0, le=PERCENT)
    duplicate: int = Field(default=0, ge=0, le=PERCENT)
    alter: int = Field(default=0, ge=0, le=PERCENT)
    selector: str = "*"

    @model_validator(mode="after")
    def _ensure_possible(self) -> Self:
        if self.drop + self.duplicate + self.alter > PERCENT:
            raise ValueError("no more than a hundred of a hundred events can go wrong")
        return self


class Fee(BaseModel):
    """A fee in minor units."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    amount: int = Field(ge=1)
    currency: str = "usd"


class DrillControl:
    """The handlers."""

    def __init__(self, account: StripeAccount) -> None:
        self._account = account

    def routes(self) -> list[Route]:
        """Return the routes."""
        prefix = "/_sim/stripe"
        return [
            Route(f"{prefix}/misreports", guarded(self.misreport), methods=["POST"]),
            Route(f"{prefix}/misreports", guarded(self.report_well), methods=["DELETE"]),
            Route(f"{prefix}/misdelivery", guarded(self.misdeliver), methods=["POST"]),
            Route(f"{prefix}/misdelivery", guarded(self.show_misdelivered), methods=["GET"]),
            Route(f"{prefix}/misdelivery", guarded(self.deliver_well), methods=["DELETE"]),
            Route(f"{prefix}/fees", guarded(self.take_fee), methods=["POST"]),
        ]

    async def misreport(self, request: Request) -> Response:
        """Make a list wrong, and say about which records."""
        order, _ = await read(request, MisreportOrder)
        made = misreporting.misreport(
            self._account, misreporting.LISTS[order.list], order.action, order.member, count=order.count,
            seed=order.seed, among=None if order.among is None else list(order.among),
        )  # fmt: skip
        return JSONResponse({"data": [asdict(each) for each in made]})

    async def report_well(self, request: Request) -> Response:  # noqa: ARG002 - a handler's shape
        """Make every list right."""
        misreporting.clear(self._account)
        return Response(status_code=204)

    async def misdeliver(self, request: Request) -> Response:
        """Let events go wrong."""
        order, _ = await read(request, MisdeliveryOrder)
        misdelivery.order(self._account, Misdelivery(**order.model_dump()))
        return JSONResponse(order.model_dump())

    async def show_misdelivered(self, request: Request) -> Response:  # noqa: ARG002 - a handler's shape
        """Say which events went wrong."""
        return JSONResponse({"data": misdelivery.log(self._account)})

    async def deliver_well(self, request: Request) -> Response:  # noqa: ARG002 - a handler's shape
        """Let events arrive again."""
        misdelivery.lift(self._account)
        return Response(status_code=204)

    async def take_fee(self, request: Request) -> Response:
        """Take a fee, and answer with the entry."""
        fee, _ = await read(request, Fee)
        return JSONResponse(balance_transactions.take_fee(self._account, fee.amount, fee.currency.lower()))
