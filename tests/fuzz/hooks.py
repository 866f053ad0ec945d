"""What schemathesis shall know of this API beyond its description."""

from typing import Any

import schemathesis

_OF_THE_SHAPE = {"validation_failed", "json_invalid", "json_duplicate_key", "idempotency_key_missing"}
_BEYOND_DESCRIPTION = {
    "value_error",  # a validator of ours, on what JSON Schema has no word for
    "int_type",  # JSON Schema takes 1.0 for an integer; amounts of money are never written so
}


@schemathesis.check
def what_is_described_is_understood(ctx: Any, response: Any, case: Any) -> None:
    """Fail when a request that fits the description is refused for its shape.

    Refusals for a reason of the domain are the product at work and 422 as well; the codes tell them apart.
    """
    is_fitting = case.meta is not None and case.meta.generation.mode.is_positive
    if not is_fitting or response.status_code not in {400, 422}:
        return
    if "None" in (case.path_parameters or {}).values():
        # An answer that was to give the id had none: what was asked for is no id, whatever it is taken for.
        return
    if not response.headers.get("content-type", [""])[0].startswith("application/problem+json"):
        return
    problem = response.json()
    found = {error["code"] for error in problem.get("errors", ()) if not _is_of_blanks(case, error)}
    if problem.get("errors") and not found:
        return
    if problem["code"] in _OF_THE_SHAPE and not (found and found <= _BEYOND_DESCRIPTION):
        raise AssertionError(f"it fits the description and is refused: {response.text[:500]}")


def _is_of_blanks(case: Any, error: dict[str, str]) -> bool:
    # What people write is read without the blanks around it, which no schema can say: a blank is too short.
    place, *path = error["pointer"].strip("/").split("/")
    found = {"body": case.body, "query": case.query}.get(place)
    for name in path:
        found = found.get(name) if isinstance(found, dict) else None
    return error["code"] == "too_short" and isinstance(found, str) and not found.strip()
