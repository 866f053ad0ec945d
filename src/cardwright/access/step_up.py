"""The answer to somebody who has to use a strong factor first: which ones they have (RFC 9470)."""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from fastapi import FastAPI, Request, Response

from cardwright.access.actors import STEP_UP_WINDOW, StepUpRequired
from cardwright.db.session import Session, transaction
from cardwright.http.credentials import challenge
from cardwright.http.errors import problem


class FactorDirectory(Protocol):
    """Knows how each person can prove more than a password."""

    async def methods_of(self, session: Session, user_id: str) -> Sequence[str]:
        """Return the methods that work for somebody now, none for somebody who never added a factor."""
        ...


def answer_step_ups(app: FastAPI) -> None:
    """Register the handler that turns StepUpRequired into a problem document with its challenge."""
    app.add_exception_handler(StepUpRequired, _answer)


async def _answer(request: Request, error: Exception) -> Response:
    assert isinstance(error, StepUpRequired)  # noqa: S101 - registered for this class only
    provided: Mapping[type, Any] = request.app.state.provided
    directory: FactorDirectory = provided[FactorDirectory]
    # The transaction that was refused is gone; what it was confined to does not matter here.
    async with transaction(request.app.state.engine) as session:
        methods = await directory.methods_of(session, error.user_id)
    if not methods:
        detail = "This needs a passkey or an authenticator app; add one first."
        return problem(403, "factor_required", detail, request=request, extra={"methods": []})
    extra = {**error.details, "methods": list(methods)}
    response = problem(401, error.code, error.message, request=request, extra=extra)
    response.headers["WWW-Authenticate"] = (
        f'{challenge(request)} error="insufficient_user_authentication",'
        ' error_description="A strong factor has to be used again",'
        f' max_age="{int(STEP_UP_WINDOW.total_seconds())}"'
    )
    return response
