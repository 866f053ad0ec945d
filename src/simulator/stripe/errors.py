"""What goes wrong, in the shape Stripe gives it: a status, a type, and an object under "error"."""

from collections.abc import Mapping, Sequence
from typing import Any

from pydantic_core import ErrorDetails

from simulator.objects import JsonObject

DOCUMENTATION_URL = "https://docs.stripe.com/error-codes"
_BOUNDS = {"greater_than_equal", "less_than_equal"}
_OWN_CODES = ("parameter_", "metadata_", "amount_")


class StripeError(Exception):
    """An API error: HTTP status plus the members of Stripe's error object."""

    def __init__(
        self,
        message: str,
        *,
        status: int = 400,
        kind: str = "invalid_request_error",
        code: str | None = None,
        param: str | None = None,
        extra: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self._members = {"code": code, "message": message, "param": param, "type": kind, **(extra or {})}

    def body(self) -> JsonObject:
        """Return the JSON body of the answer."""
        members = {name: value for name, value in self._members.items() if value is not None}
        if self.code:
            members["doc_url"] = f"{DOCUMENTATION_URL}/{self.code.replace('_', '-')}"
        return {"error": members}


def missing_resource(noun: str, object_id: str, *, param: str = "id", status: int = 404) -> StripeError:
    """Say that there is no such object; 404 for the object a URL names, 400 for one a parameter names."""
    return StripeError(f"No such {noun}: '{object_id}'", status=status, code="resource_missing", param=param)


def parameter_missing(param: str) -> StripeError:
    """Say that a parameter this call needs is not there."""
    return StripeError(f"Missing required param: {param}.", code="parameter_missing", param=param)


def unauthorized(message: str, code: str | None = None) -> StripeError:
    """Say that the key is absent, unknown, or not of the kind that this call needs."""
    return StripeError(message, status=401, code=code)


def card_error(message: str, *, code: str, decline_code: str | None, extra: Mapping[str, Any]) -> StripeError:
    """Say that a card was refused; `extra` carries the payment intent and the charge."""
    return StripeError(
        message, status=402, kind="card_error", code=code, extra={"decline_code": decline_code, **extra}
    )


def internal_error() -> StripeError:
    """Say that the simulator itself failed."""
    return StripeError("The simulator failed to carry out this request.", status=500, kind="api_error")


def from_validation(errors: Sequence[ErrorDetails]) -> StripeError:
    """Turn what pydantic found into the one error that Stripe would name first: unknown names go first."""
    unknown = [error for error in errors if error["type"] == "extra_forbidden"]
    error = (unknown or list(errors))[0]
    param = bracketed(error["loc"])
    kind, context = error["type"], error.get("ctx", {})
    if kind == "missing":
        return parameter_missing(param)
    if kind.startswith(_OWN_CODES):
        return StripeError(error["msg"], code=kind, param=param)
    if kind in _BOUNDS:
        return StripeError(_out_of_bounds(error), code="parameter_invalid_integer", param=param)
    messages = {
        "extra_forbidden": f"Received unknown parameter: {param}",
        "literal_error": f"Invalid {param}: must be one of {context.get('expected')}",
        "string_too_long": f"Invalid string: must be at most {context.get('max_length')} characters",
    }
    code = "parameter_unknown" if kind == "extra_forbidden" else None
    return StripeError(messages.get(kind, f"Invalid {param}: {error['msg']}"), code=code, param=param)


def _out_of_bounds(error: ErrorDetails) -> str:
    return f"Invalid integer: {error['input']} ({error['msg']})"


def bracketed(location: Sequence[str | int]) -> str:
    """Write a path into the parameters as Stripe does: a[b][0][c]."""
    head, *rest = [str(part) for part in location] or [""]
    return head + "".join(f"[{part}]" for part in rest)
