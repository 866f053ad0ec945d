"""What can go wrong between the app and the server."""

from typing import Any

import httpx


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


def refusal_of(response: httpx.Response) -> Refused:
    """Return what the server says is wrong; of an answer that is no problem+json, its status."""
    told: Any = None
    if "json" in response.headers.get("content-type", ""):
        told = response.json()
    if not isinstance(told, dict):
        return Refused(f"http_{response.status_code}", "")
    detail = told.get("detail") or told.get("error_description") or ""
    return Refused(str(told.get("code") or told.get("error") or ""), str(detail))
