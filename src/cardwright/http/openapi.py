"""The API's description of itself: OpenAPI 3.1 with the errors and headers as they really are."""

from collections.abc import Container, Iterator, Mapping
from typing import Any, Final

from fastapi import FastAPI

from cardwright.http.cross_site import CSRF_HEADER
from cardwright.http.deps import KEY_PATTERN

_PROBLEM: Final[dict[str, Any]] = {
    "type": "object",
    "title": "Problem",
    "description": "What went wrong (RFC 9457); `code` is stable, further members depend on it.",
    "required": ["type", "title", "status", "detail", "code", "request_id"],
    "properties": {
        "type": {"type": "string", "examples": ["urn:cardwright:problem:kyc_required"]},
        "title": {"type": "string", "examples": ["Kyc required"]},
        "status": {"type": "integer", "examples": [409]},
        "detail": {"type": "string", "examples": ["Verify your identity first."]},
        "code": {"type": "string", "examples": ["kyc_required"]},
        "request_id": {"type": "string", "examples": ["req_01kb3x9p4fe8s8b9xkq5n2r7vt"]},
    },
}
_ERROR: Final[dict[str, Any]] = {
    "description": "A problem, told as RFC 9457 describes.",
    "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
}
_CREDENTIALS: Final[dict[str, Any]] = {
    "session": {
        "type": "apiKey",
        "in": "cookie",
        "name": "__Host-cardwright",
        "description": f"Set by `POST /v1/auth/sign-in`; what changes anything needs `{CSRF_HEADER}: 1` too.",
    },
    "accessToken": {
        "type": "http",
        "scheme": "bearer",
        "bearerFormat": "JWT",
        "description": "From `POST /oauth/token`; one bound to a key takes the scheme DPoP and a proof.",
    },
    "apiKey": {
        "type": "http",
        "scheme": "bearer",
        "description": "From `POST /v1/api-keys`, for programs; cut down to the scopes it was made with.",
    },
}
_BROWSER: Final = "session"
_REPLACED: Final = ("HTTPValidationError", "ValidationError")


def install(
    api: FastAPI, *, public: Container[str], any_session: Container[str],
    webhooks: Mapping[str, Any] | None = None, webhook_headers: Mapping[str, Any] | None = None,
) -> None:  # fmt: skip
    """Let the application describe itself by `describe`.

    `public` are the operations that need no sign-in, `any_session` those for a browser's session alone, and
    `webhooks` what it posts to others, with the parameters `webhook_headers`.
    """
    generate = api.openapi

    def openapi() -> dict[str, Any]:
        if api.openapi_schema is None:
            api.openapi_schema = describe(generate(), public=public, any_session=any_session)
            if webhooks:
                api.openapi_schema["webhooks"] = dict(webhooks)
                api.openapi_schema["components"]["parameters"] = dict(webhook_headers or {})
        return api.openapi_schema

    api.openapi = openapi  # type: ignore[method-assign] # FastAPI's own way to extend it


def describe(
    document: dict[str, Any], *, public: Container[str], any_session: Container[str]
) -> dict[str, Any]:
    """Replace FastAPI's idea of errors by ours; say which header is required and which credentials do."""
    schemas = document["components"]["schemas"]
    for name in _REPLACED:
        schemas.pop(name, None)
    schemas["Problem"] = _PROBLEM
    document["components"]["securitySchemes"] = _CREDENTIALS
    for operation in _operations(document):
        operation["responses"].pop("422", None)
        # OAuth's endpoints declare the errors that their RFCs prescribe.
        told = operation["responses"].get("default", _ERROR)
        # Whatever else a route answers: a request that cannot be read never gets to it.
        operation["responses"]["default"] = {**told, "content": {**_ERROR["content"], **told["content"]}}
        if operation["operationId"] not in public:
            accepted = [_BROWSER] if operation["operationId"] in any_session else list(_CREDENTIALS)
            operation["security"] = [{name: []} for name in accepted]
        for parameter in operation.get("parameters", ()):
            # The handler takes it as optional, to refuse its absence with a problem of its own.
            if parameter["name"] == "Idempotency-Key":
                parameter["required"] = True
                parameter["schema"] = {"type": "string", "pattern": KEY_PATTERN, "maxLength": 255}
                parameter["example"] = "3f0c8f5e-top-up-1"
            elif parameter["in"] == "header":
                parameter["schema"] = _never_null(parameter["schema"])
    return document


def _never_null(schema: Mapping[str, Any]) -> dict[str, Any]:
    # A header that is not sent is None to its handler; one that is sent is a text, `null` included.
    kinds = [kind for kind in schema.get("anyOf", ()) if kind != {"type": "null"}]
    rest = {name: value for name, value in schema.items() if name != "anyOf"}
    return {**rest, **kinds[0]} if len(kinds) == 1 else dict(schema)


def _operations(document: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for path in document["paths"].values():
        yield from path.values()
