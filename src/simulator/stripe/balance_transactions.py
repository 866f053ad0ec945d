"""What moved the balances, as the API lists it; fees of the account are taken on order."""

from simulator.objects import JsonObject
from simulator.stripe import balances, misreporting
from simulator.stripe.account import StripeAccount
from simulator.stripe.errors import missing_resource
from simulator.stripe.lists import CreatedListParams, is_match, page
from simulator.stripe.operations import Call, Operation, Operations
from simulator.stripe.params import Currency, RequestParams, Text

KIND = balances.KIND
FEE = "stripe_fee"


class ListBalanceTransactions(CreatedListParams):
    """The filters of the list."""

    currency: Currency | None = None
    payout: Text | None = None
    source: Text | None = None
    type: Text | None = None


def retrieve(call: Call, params: RequestParams) -> JsonObject:  # noqa: ARG001 - an operation's shape
    """Show one entry."""
    return call.account.get(KIND, call.ids["id"], noun="balance transaction")


def list_all(call: Call, params: ListBalanceTransactions) -> JsonObject:
    """List entries of both purses."""
    if params.payout is not None:
        raise missing_resource("payout", params.payout, param="payout", status=400)
    found = call.account.objects.list(
        KIND, where=lambda it: is_match(it, params, "currency", "source", "type")
    )
    return page(misreporting.reported(call.account, found), params, call.path)


def take_fee(account: StripeAccount, amount: int, currency: str) -> JsonObject:
    """Take a fee from what payments brought in, as the account's bill does; nothing lists its source."""
    return balances.post(account, "payments", FEE, -amount, currency, None)


OPERATIONS: Operations = (
    Operation("GET", "/v1/balance_transactions", ListBalanceTransactions, list_all),
    Operation("GET", "/v1/balance_transactions/{id}", RequestParams, retrieve),
)
