"""How Onfido says no."""

from starlette.requests import Request
from starlette.responses import JSONResponse


class OnfidoError(Exception):
    """A request that is refused; carries the type and the status of the answer."""

    def __init__(self, status: int, error_type: str, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.error_type = error_type


def render_error(_request: Request, error: Exception) -> JSONResponse:
    """Answer an OnfidoError with {"error": {"type", "message", "fields"}}."""
    if not isinstance(error, OnfidoError):
        raise error
    problem = {"type": error.error_type, "message": str(error), "fields": {}}
    return JSONResponse({"error": problem}, error.status)
