"""Routes: answers that come with the token of a message; nobody has to be signed in for them."""

from typing import Annotated, Any, Final
from urllib.parse import parse_qsl

from fastapi import Depends, Query, Request
from fastapi.responses import HTMLResponse
from pydantic import Field, StringConstraints

from cardwright.access import FactorDirectory
from cardwright.authentication import AccountLinks, EmailCodes
from cardwright.core.errors import CardwrightError
from cardwright.http import strict
from cardwright.http.deps import ClockDep, TransactionsDep, provided
from cardwright.http.errors import status_of
from cardwright.http.languages import favourite
from cardwright.http.rate_limits import RateLimiter, client_key
from cardwright.http.strict import Input, Output
from cardwright.notifications import answer_pages
from cardwright.notifications.answer_links import PATH, read
from cardwright.notifications.answers import AnswerDesk, Asked, Choice, Outcome
from cardwright.notifications.composing import speech_for
from cardwright.notifications.signed_facts import link_invalid
from cardwright.notifications.speech import Speech, speech_of
from cardwright.programs import Program

router = strict.router("", "notifications")
_EXAMPLE: Final = "WyJlbWFpbCIsInF1ZXN0aW9uIl0.1fTk3APA91bHx9"
_PER_CLIENT: Final = "30/minute; 300/day"
_PER_SUBJECT: Final = "30/hour"
_LONGEST: Final = 1024
# Whatever else it is, it is no token: a link that was cut gets words as an answer.
Token = Annotated[str, StringConstraints(max_length=_LONGEST)]
_HTML: Final = {"text/html": {"schema": {"type": "string"}}}
_PAGE: Final[dict[int | str, dict[str, Any]]] = {
    200: {"content": _HTML, "description": "A page for people."},
    **{
        status: {"content": _HTML, "description": "A page that says why there is nothing to answer."}
        for status in (403, 404, 409, 429)
    },
}


_FORM: Final = {
    "requestBody": {
        "required": True,
        "content": {
            "application/x-www-form-urlencoded": {
                "schema": {
                    "type": "object",
                    "description": "The page's form.",
                    "properties": {
                        "t": {"type": "string", "description": "The link's token.", "examples": [_EXAMPLE]},
                        "answer": {
                            "type": "string",
                            "enum": [choice.value for choice in Choice],
                            "description": "The button that was pressed.",
                            "examples": ["no"],
                        },
                    },
                    "required": ["t", "answer"],
                }
            }
        },
    }
}


class TokenAnswer(Input):
    """What was chosen on a message, with the token that the message carried."""

    token: Token = Field(description="Of the button or the link.", examples=[_EXAMPLE])
    answer: Choice = Field(
        strict=False, description="`approve` is never taken: it needs a sign-in.", examples=["no"]
    )


class TokenOutcome(Output):
    """What came of it, for a program and in words in the person's language."""

    outcome: Outcome = Field(examples=["denied"])
    text: str = Field(examples=["Thank you. The card is frozen, and somebody looks into it."])


class Counter:
    """What the routes of this page need: the desk, and how often it may be asked."""

    def __init__(
        self,
        request: Request,
        begin: TransactionsDep,
        clock: ClockDep,
        codes: Annotated[EmailCodes, Depends(provided(EmailCodes))],
        factors: Annotated[FactorDirectory, Depends(provided(FactorDirectory))],
        program: Annotated[Program, Depends(provided(Program))],
        limiter: Annotated[RateLimiter, Depends(provided(RateLimiter))],
        links: Annotated[AccountLinks, Depends(provided(AccountLinks))],
    ) -> None:
        self._client = request.client.host if request.client else None
        self._language = favourite(request.headers.get("accept-language"))
        self._begin, self._clock, self._codes, self._factors = begin, clock, codes, factors
        self._program, self._limiter = program, limiter
        self.app_url = links.public_url

    async def look(self, token: str) -> tuple[Asked, Speech]:
        """Return what a token asks, and how to say it."""
        await self._count(token)
        async with self._begin() as session:
            asked = await self._desk(session).look(token, self._clock.now())
            return asked, await speech_for(session, asked.permit.user_id)

    async def answer(self, token: str, choice: Choice) -> tuple[Outcome, Speech]:
        """Take an answer."""
        await self._count(token)
        async with self._begin() as session:
            speech = await speech_for(session, read(self._codes, token).user_id)
            return await self._desk(session).answer(token, choice, self._clock.now()), speech

    async def speech(self, token: str) -> Speech:
        """Return how to say that something is wrong: in the person's language if the token is one."""
        try:
            user_id = read(self._codes, token).user_id
        except CardwrightError:
            return speech_of(self._language, None)
        async with self._begin() as session:
            return await speech_for(session, user_id)

    def _desk(self, session: Any) -> AnswerDesk:
        return AnswerDesk(session, self._codes, self._factors, self._program.id)

    async def _count(self, token: str) -> None:
        await self._limiter.hit(_PER_CLIENT, "answer", client_key(self._client))
        await self._limiter.hit(_PER_SUBJECT, "answer", read(self._codes, token).subject_id)


CounterDep = Annotated[Counter, Depends(Counter)]


@router.post("/v1/answers")
async def answer_by_token(body: TokenAnswer, counter: CounterDep) -> TokenOutcome:
    """Answer with the token of a push message's button; the first answer, whichever way it comes, counts."""
    outcome, speech = await counter.answer(body.token, body.answer)
    return TokenOutcome(outcome=outcome, text=answer_pages.outcome_text(outcome, speech))


@router.get(PATH, response_class=HTMLResponse, responses=_PAGE)
async def show_answer_page(
    counter: CounterDep, t: Annotated[Token, Query(description="The link's token.", examples=[_EXAMPLE])]
) -> HTMLResponse:
    """Show what a link of an e-mail asks. Opening it, as mail scanners do, changes nothing."""
    try:
        asked, speech = await counter.look(t)
    except CardwrightError as error:
        return answer_pages.message(error.code, await counter.speech(t), status=status_of(error))
    return answer_pages.question(asked, t, speech, counter.app_url)


@router.post(PATH, response_class=HTMLResponse, responses=_PAGE, openapi_extra=_FORM)
async def answer_by_form(counter: CounterDep, request: Request) -> HTMLResponse:
    """Take the answer of the page's form and say what came of it."""
    sent = dict(parse_qsl((await request.body()).decode("utf-8", "replace")))
    t, said = sent.get("t", "")[:_LONGEST], sent.get("answer", "")
    try:
        if said not in set(Choice):
            raise link_invalid()
        outcome, speech = await counter.answer(t, Choice(said))
    except CardwrightError as error:
        return answer_pages.message(error.code, await counter.speech(t), status=status_of(error))
    return answer_pages.thanks(outcome, speech)
