"""The real-time authorization webhook: one endpoint, one question, two seconds to answer it."""

import asyncio
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import httpx
from pydantic import BaseModel, ConfigDict, Field, StrictBool, StrictInt, ValidationError

from simulator import trust
from simulator.faults import Fault, FaultKind, Faults, wait_out
from simulator.objects import JsonObject, ObjectStore
from simulator.stripe.signatures import new_signing_secret, signature_headers

KIND = "stripe.realtime"
TOPIC = "issuing_authorization.request"
DEADLINE_SECONDS = 2.0
_ID = "endpoint"
TimeoutDefault = Literal["approve", "decline"]


class Decision(BaseModel):
    """The body that answers a request for a decision; other members are ignored."""

    model_config = ConfigDict(frozen=True)

    approved: StrictBool
    amount: StrictInt | None = Field(default=None, ge=1)
    metadata: dict[str, str] = {}


@dataclass(frozen=True, slots=True)
class Answered:
    """The endpoint decided in time and in the right form."""

    decision: Decision


@dataclass(frozen=True, slots=True)
class Late:
    """The deadline passed; `approved` is the account's default."""

    approved: bool


@dataclass(frozen=True, slots=True)
class Unusable:
    """An answer came, or failed to come, in a way that decides nothing."""

    problem: str


class RealTimeWebhook:
    """The account's setting for real-time decisions and the way to ask for one."""

    def __init__(self, objects: ObjectStore, faults: Faults, *, authority: Path | None = None) -> None:
        self._objects = objects
        self._authority = authority
        self._faults = faults
        self._client: httpx.AsyncClient | None = None

    def configure(self, url: str, timeout_default: TimeoutDefault) -> JsonObject:
        """Set the endpoint; its signing secret stays the same for as long as there is one."""
        kept = self.configuration()
        configuration = {
            "id": _ID,
            "url": url,
            "timeout_default": timeout_default,
            "secret": kept["secret"] if kept else new_signing_secret(),
        }
        self._objects.put(KIND, configuration)
        return configuration

    def configuration(self) -> JsonObject | None:
        """Return {"url", "timeout_default", "secret"}, or None: then everything is approved."""
        return self._objects.get(KIND, _ID)

    def remove(self) -> None:
        """Decide without asking from now on."""
        self._objects.delete(KIND, _ID)

    async def ask(self, body: str, configuration: JsonObject) -> Answered | Late | Unusable:
        """Send the question once and judge what comes back within the deadline."""
        struck = self._faults.take("webhook", TOPIC)
        try:
            async with asyncio.timeout(DEADLINE_SECONDS):
                answer = await self._post(body, configuration, struck)
        except (TimeoutError, httpx.TimeoutException):
            return Late(approved=configuration["timeout_default"] == "approve")
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            return Unusable(f"The endpoint could not be reached: {type(error).__name__}")
        return _judge(answer)

    async def close(self) -> None:
        """Close the connections to the endpoint."""
        if self._client is not None:
            await self._client.aclose()
            self._client = None

    async def _post(
        self, body: str, configuration: JsonObject, struck: dict[FaultKind, Fault]
    ) -> httpx.Response:
        if "drop" in struck:
            await asyncio.Event().wait()
        await wait_out(struck)
        if self._client is None:
            trusted = trust.context(self._authority)
            self._client = httpx.AsyncClient(timeout=DEADLINE_SECONDS, trust_env=False, verify=trusted)
        url = configuration["url"]
        headers = {
            "Accept": "application/json",
            "Content-Type": "application/json",
            **signature_headers(url, body, configuration["secret"]),
        }
        posts = [
            self._client.post(url, content=body.encode(), headers=headers)
            for _ in range(2 if "duplicate" in struck else 1)
        ]
        # Of two copies of a question the first one's answer counts; both are heard out.
        return (await asyncio.gather(*posts))[0]


def _judge(answer: httpx.Response) -> Answered | Unusable:
    if answer.status_code != httpx.codes.OK:
        return Unusable(f"The endpoint answered with status {answer.status_code} instead of 200.")
    if "stripe-version" not in answer.headers:
        return Unusable("The answer has no Stripe-Version header.")
    try:
        return Answered(Decision.model_validate_json(answer.content))
    except ValidationError as error:
        problem = error.errors(include_url=False)[0]
        where = ".".join(str(part) for part in problem["loc"])
        return Unusable(f"The answer's body is not usable: {where} {problem['msg']}")
