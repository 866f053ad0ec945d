"""How a push service says no."""

from starlette.requests import Request
from starlette.responses import JSONResponse


class PushError(Exception):
    """A refused message: its status, and why in words."""

    def __init__(self, status: int, reason: str, *, retry_after_seconds: int | None = None) -> None:
        super().__init__(reason)
        self.status = status
        self.retry_after_seconds = retry_after_seconds


def render_error(_request: Request, error: Exception) -> JSONResponse:
    """Answer a PushError."""
    if not isinstance(error, PushError):
        raise error
    seconds = error.retry_after_seconds
    headers = None if seconds is None else {"Retry-After": str(seconds)}
    return JSONResponse({"code": error.status, "message": str(error)}, error.status, headers)
