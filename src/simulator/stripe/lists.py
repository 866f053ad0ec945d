"""Lists: newest first, cut into pages by object ids, filtered by time of creation."""

from collections.abc import Callable
from typing import Annotated, Any

from pydantic import BeforeValidator, Field

from simulator.objects import JsonObject
from simulator.stripe.errors import missing_resource
from simulator.stripe.params import Integer, Params, RequestParams, Text

DEFAULT_LIMIT = 10
MAX_LIMIT = 100


class TimeRange(Params):
    """Bounds of a time in unix seconds."""

    gt: Integer | None = None
    gte: Integer | None = None
    lt: Integer | None = None
    lte: Integer | None = None

    def holds(self, moment: int) -> bool:
        """Say whether the moment is inside every bound."""
        return (
            (self.gt is None or moment > self.gt)
            and (self.gte is None or moment >= self.gte)
            and (self.lt is None or moment < self.lt)
            and (self.lte is None or moment <= self.lte)
        )


def _range_from(value: object) -> object:
    return {"gte": value, "lte": value} if isinstance(value, str) else value


class ListParams(RequestParams):
    """The parameters every list takes."""

    limit: Annotated[Integer, Field(ge=1, le=MAX_LIMIT)] = DEFAULT_LIMIT
    starting_after: Text | None = None
    ending_before: Text | None = None


class CreatedListParams(ListParams):
    """The parameters of a list that can also be cut by time of creation."""

    created: Annotated[TimeRange, BeforeValidator(_range_from)] | None = None


def is_match(obj: JsonObject, params: CreatedListParams, *fields: str) -> bool:
    """Say whether an object is in the range and equals every given filter among `fields`."""
    if params.created is not None and not params.created.holds(obj["created"]):
        return False
    wanted: dict[str, Any] = {name: getattr(params, name) for name in fields}
    return all(value is None or obj[name] == value for name, value in wanted.items())


def page(
    newest_first: list[JsonObject],
    params: ListParams,
    url: str,
    render: Callable[[JsonObject], JsonObject] = lambda obj: obj,
) -> JsonObject:
    """Cut one page out of all matching objects and render its members only."""
    ids = [obj["id"] for obj in newest_first]
    if params.ending_before is not None:
        end = _position(ids, params.ending_before, "ending_before")
        start = max(0, end - params.limit)
        has_more = start > 0
    else:
        after = params.starting_after
        start = 0 if after is None else _position(ids, after, "starting_after") + 1
        end = start + params.limit
        has_more = end < len(ids)
    data = [render(obj) for obj in newest_first[start:end]]
    return {"object": "list", "url": url, "has_more": has_more, "data": data}


def _position(ids: list[str], object_id: str, param: str) -> int:
    if object_id not in ids:
        raise missing_resource("object", object_id, param=param, status=400)
    return ids.index(object_id)
