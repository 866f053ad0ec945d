"""Whatever goes wrong leaves as a problem document with an id, and tells nothing it should not."""

import logging
from collections.abc import AsyncIterator
from typing import Annotated, Any

import httpx
import pytest
from fastapi import FastAPI, Request
from structlog.testing import capture_logs

from cardwright.core import errors as core_errors
from cardwright.core.errors import CardwrightError
from cardwright.core.ids import ensure_id
from cardwright.http import errors, strict
from cardwright.http.middleware import MAX_BODY_BYTES, RequestEnvelope
from cardwright.http.pagination import page
from cardwright.http.strict import Input, Output

STATUSES = {
    "Malformed": 400, "Unauthenticated": 401, "Forbidden": 403, "NotFound": 404, "Conflict": 409,
    "Invalid": 422, "TooMany": 429, "Unavailable": 503, "CardwrightError": 500,
}  # fmt: skip
router = strict.router("/things", "things")


class Thing(Input):
    name: str
    secret: Annotated[str, strict.Field(max_length=8)] = ""


class Number(Output):
    value: int


@router.post("")
async def make_thing(body: Thing) -> Number:
    return Number(value=len(body.name))


@router.post("/raw")
async def read_raw(request: Request) -> Number:
    return Number(value=len(await request.body()))


@router.get("/errors/{name}")
async def fail(name: str) -> Number:
    if name == "RuntimeError":
        raise RuntimeError("the database password is hunter2")
    error: type[CardwrightError] = getattr(core_errors, name)
    raise error("it_failed", "It failed.", retry_after_seconds=30)


@pytest.fixture
async def client() -> AsyncIterator[httpx.AsyncClient]:
    """A small application with nothing in it but the edge."""
    app = FastAPI()
    errors.install(app)
    app.include_router(router)
    transport = httpx.ASGITransport(RequestEnvelope(app), raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="https://cardwright.test") as opened:
        yield opened


def ensure_problem(answer: httpx.Response, status: int, code: str) -> dict[str, Any]:
    body: dict[str, Any] = answer.json()
    assert (answer.status_code, body["status"], body["code"]) == (status, status, code)
    assert answer.headers["content-type"] == "application/problem+json"
    assert body["type"] == f"urn:cardwright:problem:{code}"
    assert body["title"]
    assert body["detail"]
    assert body["request_id"] == ensure_id(answer.headers["x-request-id"], "req")
    return body


@pytest.mark.parametrize("name", STATUSES)
async def test_every_kind_of_error_has_its_status(client: httpx.AsyncClient, name: str) -> None:
    answer = await client.get(f"/things/errors/{name}")
    body = ensure_problem(answer, STATUSES[name], "it_failed")
    assert body["detail"] == "It failed."
    assert answer.headers["retry-after"] == "30"
    assert answer.headers.get("www-authenticate") == ("Bearer" if name == "Unauthenticated" else None)


async def test_a_fault_of_ours_is_logged_and_told_to_nobody(client: httpx.AsyncClient) -> None:
    with capture_logs() as logged:
        answer = await client.get("/things/errors/RuntimeError")
    body = ensure_problem(answer, 500, "internal_error")
    assert "hunter2" not in answer.text
    assert "RuntimeError" not in answer.text
    assert body.keys() == {"type", "title", "status", "detail", "code", "request_id"}
    path = "/things/errors/RuntimeError"
    assert [(entry["event"], entry.get("error"), entry["path"]) for entry in logged] == [
        ("request_failed", "RuntimeError", path), ("request", None, path),
    ]  # fmt: skip
    assert {entry["request_id"] for entry in logged if "request_id" in entry} == {body["request_id"]}


async def test_a_route_nobody_knows_and_a_method_it_does_not_take_are_problems(
    client: httpx.AsyncClient,
) -> None:
    ensure_problem(await client.get("/nothing"), 404, "route_unknown")
    answer = await client.delete("/things")
    ensure_problem(answer, 405, "method_not_allowed")
    assert answer.headers["allow"] == "POST"


async def test_every_answer_has_an_id_of_its_own_and_careful_headers(client: httpx.AsyncClient) -> None:
    first, second = [await client.post("/things", json={"name": "a"}) for _ in range(2)]
    assert first.headers["x-request-id"] != second.headers["x-request-id"]
    assert first.headers["x-content-type-options"] == "nosniff"
    assert first.headers["cache-control"] == "no-store"
    assert first.json() == {"value": 1}


async def test_fields_that_are_not_valid_are_pointed_at_without_repeating_them(
    client: httpx.AsyncClient,
) -> None:
    answer = await client.post("/things", json={"name": 5, "secret": "hunter2-hunter2", "a/b~c": 1})
    body = ensure_problem(answer, 422, "validation_failed")
    assert {error["pointer"]: error["code"] for error in body["errors"]} == {
        "/body/name": "string_type",
        "/body/secret": "string_too_long",
        "/body/a~1b~0c": "extra_forbidden",
    }
    assert "hunter2" not in answer.text


async def test_very_many_wrong_fields_get_a_short_answer(client: httpx.AsyncClient) -> None:
    answer = await client.post("/things", json={"x" * 500 + str(number): 1 for number in range(1_000)})
    assert len(ensure_problem(answer, 422, "validation_failed")["errors"]) == 50
    assert len(answer.content) < 20_000


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b'{"name":"a","name":"b"}', "json_duplicate_key"),
        (b'{"name":NaN}', "json_invalid"),
        (b'{"name":', "json_invalid"),
        (b'{"name":"a\\u0000b"}', "json_invalid"),
        (b"\xff\xfe", "json_invalid"),
    ],
)
async def test_a_malformed_body_is_named(client: httpx.AsyncClient, body: bytes, code: str) -> None:
    ensure_problem(
        await client.post("/things", content=body, headers={"Content-Type": "application/json"}), 400, code
    )


@pytest.mark.parametrize(
    "kind", ["", "text/plain", "application/x-www-form-urlencoded", "multipart/form-data"]
)
async def test_a_body_that_does_not_say_it_is_json_is_not_read_as_json(
    client: httpx.AsyncClient, kind: str
) -> None:
    headers = {"Content-Type": kind} if kind else {}
    answer = await client.post("/things", content=b'{"name":"a"}', headers=headers)
    ensure_problem(answer, 422, "validation_failed")


@pytest.mark.parametrize("path", ["/things", "/things/raw"])
@pytest.mark.parametrize("is_chunked", [False, True])
async def test_a_body_beyond_the_limit_is_refused_however_it_is_sent(
    client: httpx.AsyncClient, path: str, *, is_chunked: bool
) -> None:
    async def chunks() -> AsyncIterator[bytes]:
        for _ in range(17):
            yield b" " * 65_536

    answer = await client.post(
        path,
        content=chunks() if is_chunked else b" " * (MAX_BODY_BYTES + 1),
        headers={"Content-Type": "application/json"},
    )
    ensure_problem(answer, 413, "body_too_large")


async def test_a_body_at_the_limit_is_read(client: httpx.AsyncClient) -> None:
    answer = await client.post("/things/raw", content=b" " * MAX_BODY_BYTES)
    assert answer.json() == {"value": MAX_BODY_BYTES}


async def test_only_requests_are_put_into_an_envelope() -> None:
    seen: list[Any] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        seen.append((scope, receive, send))

    async def nothing(*_args: Any) -> Any:
        logging.getLogger(__name__).debug("never called")

    scope = {"type": "lifespan"}
    await RequestEnvelope(app)(scope, nothing, nothing)
    assert seen == [({"type": "lifespan"}, nothing, nothing)]


@pytest.mark.parametrize(
    ("fetched", "shown", "cursor"), [([], [], None), ([3, 2], [3, 2], None), ([3, 2, 1], [3, 2], "2")]
)
def test_a_page_is_cut_where_the_next_one_begins(
    fetched: list[int], shown: list[int], cursor: str | None
) -> None:
    cut = page(fetched, 2, show=lambda row: row, cursor_of=str)
    assert (cut.data, cut.next_cursor) == (shown, cursor)
