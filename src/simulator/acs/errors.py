"""How the access control server says no."""

from starlette.requests import Request
from starlette.responses import JSONResponse


class AcsError(Exception):
    """A request that is refused; carries a code and the status of the answer."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.code = code


def render_error(_request: Request, error: Exception) -> JSONResponse:
    """Answer an AcsError with {"error": {"code", "message"}}."""
    if not isinstance(error, AcsError):
        raise error
    return JSONResponse({"error": {"code": error.code, "message": str(error)}}, error.status)
