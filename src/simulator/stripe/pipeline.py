"""What every /v1 request goes through: faults, key, parsing, idempotency, parameters, work, expansion."""

import inspect
import logging
from dataclasses import dataclass, field
from typing import Any

from pydantic import ValidationError
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from simulator.faults import BrokenResponse, garbage, wait_out
from simulator.objects import JsonObject
from simulator.stripe.account import StripeAccount
from simulator.stripe.authentication import is_publishable_call
from simulator.stripe.errors import StripeError, from_validation, internal_error
from simulator.stripe.events import API_VERSION, Origin, current_origin
from simulator.stripe.expand import Expander
from simulator.stripe.forms import Upload, parse_form, read_multipart
from simulator.stripe.idempotency import StoredAnswer, fingerprint_of
from simulator.stripe.operations import Call, Operation
from simulator.stripe.params import RequestParams

logger = logging.getLogger(__name__)
OK = 200


@dataclass(frozen=True, slots=True)
class Arrival:
    """A request as it came in: its id, its key for idempotency, its raw parameters."""

    request: Request
    request_id: str
    idempotency_key: str | None
    encoded: str
    uploads: dict[str, Upload] = field(default_factory=dict)

    @property
    def fingerprint(self) -> str:
        """A digest of what is asked for."""
        return fingerprint_of(self.request.method, self.request.url.path, self.encoded.encode())


class Pipeline:
    """Carries requests to their operations and answers back, with Stripe's headers on them."""

    def __init__(self, account: StripeAccount, expander: Expander) -> None:
        self._account = account
        self._expander = expander

    async def serve(self, operation: Operation[Any], request: Request) -> Response:
        """Answer one request."""
        path = request.url.path
        struck = self._account.faults.take("api", f"{request.method} {path}", path)
        # A caller that hangs up takes along what was not read, and the call would never be done.
        await request.body()
        await wait_out(struck)
        if "drop" in struck:
            return BrokenResponse()
        arrival = await self._arrival(request)
        if fault := struck.get("error"):
            failed = StripeError("An ordered fault.", status=fault.status, kind="api_error")
            return _respond(arrival, StoredAnswer(failed.status, failed.body(), arrival.request_id))
        answer = await self._answer(operation, arrival)
        if "garbage" in struck:
            return garbage()
        return BrokenResponse() if "drop_response" in struck else _respond(arrival, answer)

    def not_found(self, request: Request) -> Response:
        """Answer a request to a URL that Stripe, or this part of it, does not have."""
        error = StripeError(f"Unrecognized request URL ({request.method}: {request.url.path}).", status=404)
        return JSONResponse(error.body(), status_code=error.status)

    async def _arrival(self, request: Request) -> Arrival:
        is_post = request.method == "POST"
        key = request.headers.get("idempotency-key") if is_post else None
        encoded, uploads = request.url.query, dict[str, Upload]()
        if request.headers.get("content-type", "").startswith("multipart/form-data"):
            encoded, uploads = await read_multipart(request)
        elif is_post:
            encoded = (await request.body()).decode(errors="replace")
        return Arrival(request, self._account.objects.new_id("req"), key or None, encoded, uploads)

    async def _answer(self, operation: Operation[Any], arrival: Arrival) -> StoredAnswer:
        try:
            call = self._authenticated(operation, arrival)
            if arrival.idempotency_key is None:
                return await self._execute(operation, call, arrival, self._params(operation, arrival))
            return await self._execute_once(operation, call, arrival, arrival.idempotency_key)
        except StripeError as error:
            return StoredAnswer(error.status, error.body(), arrival.request_id)

    def _authenticated(self, operation: Operation[Any], arrival: Arrival) -> Call:
        request = arrival.request
        is_publishable = is_publishable_call(
            request.headers.get("authorization"),
            self._account.settings,
            allows_publishable=operation.allows_publishable,
        )
        version = request.headers.get("stripe-version")
        return Call(
            self._account, dict(request.path_params), request.url.path, is_publishable, version or None
        )

    def _params(self, operation: Operation[Any], arrival: Arrival) -> RequestParams:
        try:
            params: RequestParams = operation.params.model_validate(
                parse_form(arrival.encoded) | arrival.uploads
            )
        except ValidationError as error:
            raise from_validation(error.errors(include_url=False)) from None
        return params

    async def _execute_once(
        self, operation: Operation[Any], call: Call, arrival: Arrival, key: str
    ) -> StoredAnswer:
        """Answer a key the first time; what never began, as with bad parameters, is not kept."""
        stored = self._account.idempotency.begin(key, arrival.fingerprint)
        if stored is not None:
            return stored
        try:
            params = self._params(operation, arrival)
            answer = await self._execute(operation, call, arrival, params)
            self._account.idempotency.keep(key, arrival.fingerprint, answer)
        finally:
            self._account.idempotency.release(key)
        return answer

    async def _execute(
        self, operation: Operation[Any], call: Call, arrival: Arrival, params: RequestParams
    ) -> StoredAnswer:
        token = current_origin.set(Origin(arrival.request_id, arrival.idempotency_key))
        try:
            outcome = operation.handle(call, params)
            body: JsonObject = await outcome if inspect.isawaitable(outcome) else outcome
            self._expander.expand(body, params.expand, operation.expands_hidden)
        except StripeError as error:
            return StoredAnswer(error.status, error.body(), arrival.request_id)
        except Exception:
            logger.exception("operation %s %s failed", operation.method, operation.path)
            failure = internal_error()
            return StoredAnswer(failure.status, failure.body(), arrival.request_id)
        else:
            return StoredAnswer(OK, body, arrival.request_id)
        finally:
            current_origin.reset(token)


def _respond(arrival: Arrival, answer: StoredAnswer) -> Response:
    headers = {
        "Request-Id": arrival.request_id,
        "Stripe-Version": arrival.request.headers.get("stripe-version", API_VERSION),
    }
    if arrival.idempotency_key is not None:
        headers["Idempotency-Key"] = arrival.idempotency_key
    if answer.request_id != arrival.request_id:
        headers |= {"Idempotent-Replayed": "true", "Original-Request": answer.request_id}
    return JSONResponse(answer.body, status_code=answer.status, headers=headers)
