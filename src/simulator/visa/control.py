"""What a test may look at: the accounts that were issued, without their numbers."""

from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from simulator.visa.accounts import ACCOUNT


def routes() -> list[Route]:
    """The control route of the virtual accounts."""
    return [Route("/_sim/visa/accounts", list_accounts, methods=["GET"])]


async def list_accounts(request: Request) -> JSONResponse:
    """Show last digits, status, rules and optional fields, newest first."""
    shown = ("expirationDate", "status", "rules", "optional")
    data = [
        {"last4": kept["id"][-4:]} | {name: kept[name] for name in shown}
        for kept in request.app.state.world.objects.list(ACCOUNT)
    ]
    return JSONResponse({"data": data})
