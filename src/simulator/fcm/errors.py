"""The two ways Google says no: OAuth2's flat error, and the API error with its details."""

from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse

_STATUS_OF = {
    "INVALID_ARGUMENT": 400,
    "UNAUTHENTICATED": 401,
    "PERMISSION_DENIED": 403,
    "NOT_FOUND": 404,
    "RESOURCE_EXHAUSTED": 429,
    "UNAVAILABLE": 503,
}


class OAuthError(Exception):
    """A token request that is refused; carries OAuth2's error code, its text is the description."""

    def __init__(self, code: str, description: str) -> None:
        super().__init__(description)
        self.code = code


class GoogleError(Exception):
    """A refused API call: a canonical status, and FCM's own error code where it has one."""

    def __init__(
        self,
        status: str,
        message: str,
        *,
        fcm_code: str | None = None,
        violations: list[dict[str, str]] | None = None,
        retry_after_seconds: int | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.fcm_code = fcm_code
        self.violations = violations or []
        self.retry_after_seconds = retry_after_seconds

    def details(self) -> list[dict[str, Any]]:
        """Return the typed details: FCM's code, then the fields that are wrong."""
        details: list[dict[str, Any]] = []
        if self.fcm_code is not None:
            fcm_error = "type.googleapis.com/google.firebase.fcm.v1.FcmError"
            details.append({"@type": fcm_error, "errorCode": self.fcm_code})
        if self.violations:
            bad_request = "type.googleapis.com/google.rpc.BadRequest"
            details.append({"@type": bad_request, "fieldViolations": self.violations})
        return details


def render_oauth_error(_request: Request, error: Exception) -> JSONResponse:
    """Answer an OAuthError with 400 and OAuth2's error document."""
    if not isinstance(error, OAuthError):
        raise error
    return JSONResponse({"error": error.code, "error_description": str(error)}, 400)


def render_google_error(_request: Request, error: Exception) -> JSONResponse:
    """Answer a GoogleError with {"error": {code, message, status, details}}."""
    if not isinstance(error, GoogleError):
        raise error
    code = _STATUS_OF[error.status]
    document = {"code": code, "message": str(error), "status": error.status, "details": error.details()}
    seconds = error.retry_after_seconds
    headers = None if seconds is None else {"Retry-After": str(seconds)}
    return JSONResponse({"error": document}, code, headers)
