"""What an operation of the API is: a method, a path, the parameters it takes, and what it does."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Generic, Literal, TypeVar

from simulator.objects import JsonObject
from simulator.stripe.account import StripeAccount
from simulator.stripe.params import RequestParams

P = TypeVar("P", bound=RequestParams)


@dataclass(frozen=True, slots=True)
class Call:
    """One authenticated request: the account, the ids in its URL, how its key is, the version it names."""

    account: StripeAccount
    ids: dict[str, str]
    path: str
    is_publishable: bool
    version: str | None = None


@dataclass(frozen=True, slots=True)
class Operation(Generic[P]):
    """One endpoint under /v1; `expands_hidden` names members that only expansion shows."""

    method: Literal["GET", "POST", "DELETE"]
    path: str
    params: type[P]
    handle: Callable[[Call, P], JsonObject | Awaitable[JsonObject]]
    allows_publishable: bool = False
    expands_hidden: frozenset[str] = frozenset()


Operations = tuple[Operation[Any], ...]
