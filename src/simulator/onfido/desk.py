"""Applicants and workflow runs: begun, handed in on a hosted page, decided by the applicant's name."""

import hashlib
import hmac
import json
import uuid
from datetime import UTC, datetime
from typing import Literal

from simulator.applicants import PROBLEMS, Problem, script_of
from simulator.clock import VirtualClock
from simulator.objects import JsonObject, ObjectStore
from simulator.onfido import outcomes
from simulator.onfido.errors import OnfidoError
from simulator.settings import SimulatorSettings
from simulator.webhooks import Dispatcher, Message

APPLICANT = "onfido.applicant"
RUN = "onfido.workflow_run"
CHANNEL = "onfido"
_ENDPOINT = "onfido.endpoint"
Decision = Literal["approved", "declined", "abandoned", "error", "review", "processing", "awaiting_input"]
_FINAL = frozenset({"approved", "declined", "abandoned", "error"})


class IdentityDesk:
    """Everything at Onfido, and the endpoint that hears of it."""

    def __init__(
        self, settings: SimulatorSettings, objects: ObjectStore, clock: VirtualClock, dispatcher: Dispatcher
    ) -> None:
        self._settings = settings
        self._objects = objects
        self._clock = clock
        self._dispatcher = dispatcher
        dispatcher.register_signer(CHANNEL, signature_headers)

    def set_endpoint(self, url: str) -> JsonObject:
        """Set where webhooks go; return {"url", "token"}."""
        token = self._settings.onfido_webhook_token
        self._objects.put(_ENDPOINT, {"id": CHANNEL, "url": url})
        return {"url": url, "token": token}

    def create_applicant(self, wanted: JsonObject) -> JsonObject:
        """Keep an applicant."""
        applicant_id = str(uuid.uuid4())
        applicant = wanted | {
            "id": applicant_id,
            "created_at": self._now(),
            "href": f"/v3.6/applicants/{applicant_id}",
            "sandbox": True,
        }
        self._objects.put(APPLICANT, applicant)
        return applicant

    def create_run(self, wanted: JsonObject) -> JsonObject:
        """Begin a run that waits for documents; OnfidoError 422 without its applicant or workflow."""
        if wanted["workflow_id"] != self._settings.onfido_workflow_id:
            raise OnfidoError(422, "validation_error", "There is no such workflow.")
        if self._objects.get(APPLICANT, wanted["applicant_id"]) is None:
            raise OnfidoError(422, "validation_error", "There is no such applicant.")
        run_id, now = str(uuid.uuid4()), self._now()
        link = {"completed_redirect_url": None, "expired_redirect_url": None, "expires_at": None}
        page = f"{self._settings.base_url}/_sim/onfido/runs/{run_id}"
        run: JsonObject = {
            "id": run_id,
            "applicant_id": wanted["applicant_id"],
            "workflow_id": wanted["workflow_id"],
            "workflow_version_id": 1,
            "tags": wanted.get("tags"),
            "customer_user_id": wanted.get("customer_user_id") or "",
            "link": link | {"language": None} | (wanted.get("link") or {}) | {"url": page},
            "status": "awaiting_input",
            "dashboard_url": page,
            "output": {},
            "reasons": [],
            "sdk_token": None,
            "created_at": now,
            "updated_at": now,
        }
        self._objects.put(RUN, run)
        return run

    def run(self, run_id: str) -> JsonObject:
        """Return a run; OnfidoError 404 for what there is not."""
        found = self._objects.get(RUN, run_id)
        if found is None:
            raise OnfidoError(404, "resource_not_found", "There is no such workflow run.")
        return found

    def runs(self, tags: list[str], *, is_oldest_first: bool) -> list[JsonObject]:
        """Return the runs that carry all these tags."""
        found = self._objects.list(RUN, where=lambda it: set(tags) <= set(it["tags"] or ()))
        return found[::-1] if is_oldest_first else found

    def submit(self, run_id: str) -> JsonObject:
        """Take the documents in, and do what the applicant's name says; OnfidoError 409 out of turn."""
        run = self.run(run_id)
        if run["status"] != "awaiting_input":
            raise OnfidoError(409, "conflict", f"This run is {run['status']}.")
        applicant = self._objects.get(APPLICANT, run["applicant_id"]) or {}
        script = script_of(applicant.get("first_name", ""), applicant.get("last_name", ""))
        if script == "consider":
            return self._move(run, "review")
        if script in {"slow", "never_answers"}:
            return self._move(run, "processing")
        if script == "abandoned":
            return self._complete(run, "abandoned", None)
        for problem in PROBLEMS:
            if problem == script:
                return self._complete(run, "declined", problem)
        approved = self._complete(run, "approved", None)
        # Whoever looks later finds another outcome than was told.
        return self._flip(approved) if script == "flips_later" else approved

    def decide(self, run_id: str, decision: Decision, problem: Problem | None = None) -> JsonObject:
        """Bring a run wherever a workflow can, from outside: to an end, back, or against what was said."""
        if decision in {"review", "processing", "awaiting_input"}:
            return self._move(self.run(run_id), decision)
        return self._complete(self.run(run_id), decision, problem)

    def tell(self, run_id: str) -> None:
        """Send the webhook of a run's completion once more, as it is now."""
        self._tell(self.run(run_id))

    def _flip(self, run: JsonObject) -> JsonObject:
        return self._complete(run, "declined", "document_unverified_other")

    def _complete(self, run: JsonObject, status: str, problem: Problem | None) -> JsonObject:
        ended = {"output": outcomes.output_of(problem), "reasons": outcomes.reasons_of(problem)}
        return self._move(run | ended, status)

    def _move(self, run: JsonObject, status: str) -> JsonObject:
        moved = run | {"status": status, "updated_at": self._now()}
        self._objects.put(RUN, moved)
        if status in _FINAL:
            self._tell(moved)
        return moved

    def _tell(self, run: JsonObject) -> None:
        endpoint = self._objects.get(_ENDPOINT, CHANNEL)
        if endpoint is None:
            return
        about = {
            "id": run["id"],
            "status": run["status"],
            "completed_at_iso8601": run["updated_at"],
            "href": f"https://api.eu.onfido.com/v3.6/workflow_runs/{run['id']}",
        }
        action = "workflow_run.completed"
        payload = {"resource_type": "workflow_run", "action": action, "object": about}
        message = Message(
            channel=CHANNEL, endpoint=CHANNEL, url=endpoint["url"], topic=action, reference=run["id"],
            body=json.dumps({"payload": payload}), secret=self._settings.onfido_webhook_token,
        )  # fmt: skip
        self._dispatcher.submit(message)

    def _now(self) -> str:
        return datetime.fromtimestamp(self._clock.timestamp(), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def signature_headers(url: str, body: str, secret: str) -> dict[str, str]:  # noqa: ARG001 - a Signer's shape
    """Return the header of one attempt: the digest of the body, and nothing of the time."""
    return {"X-SHA2-Signature": hmac.new(secret.encode(), body.encode(), hashlib.sha256).hexdigest()}
