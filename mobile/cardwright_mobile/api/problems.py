"""What can go wrong between the app and the server."""

from typing import Any, Final

import httpx

_SERVER_ERROR: Final = 500
_STEP_UP: Final = "step_up_required"


class ApiError(Exception):
    """Anything that kept an answer from us; `code` is stable, `detail` is for people."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(detail)
        self.code = code
        self.detail = detail


class Unreachable(ApiError):
    """The server did not answer. Its text is the app's own, in the language of the app."""

    def __init__(self) -> None:
        super().__init__("unreachable", "")


class SignedOut(ApiError):
    """The tokens are worth nothing any more: somebody has to sign in again."""

    def __init__(self) -> None:
        super().__init__("signed_out", "")


class Refused(ApiError):
    """The server said no, as problem+json (RFC 9457)."""

    def __init__(self, code: str, detail: str, *, status: int = 400) -> None:
        super().__init__(code, detail)
        self.status = status

    @property
    def is_final(self) -> bool:
        """Whether nothing was done: what breaks on the way may have had its effect all the same."""
        return self.status < _SERVER_ERROR


class StepUpNeeded(Refused):
    """A strong factor has to be used again before this is done (RFC 9470)."""


def raise_where_more_is_asked(response: httpx.Response) -> None:
    """Raise StepUpNeeded where the tokens are good and a strong factor was not used lately enough."""
    refusal = refusal_of(response)
    if refusal.code == _STEP_UP:
        raise StepUpNeeded(refusal.code, refusal.detail, status=response.status_code)


def refusal_of(response: httpx.Response) -> Refused:
    """Return what the server says is wrong; of an answer that is no problem+json, its status."""
    told: Any = None
    status = response.status_code
    if "json" in response.headers.get("content-type", ""):
        told = response.json()
    if not isinstance(told, dict):
        return Refused(f"http_{status}", "", status=status)
    detail = told.get("detail") or told.get("error_description") or ""
    return Refused(str(told.get("code") or told.get("error") or ""), str(detail), status=status)
