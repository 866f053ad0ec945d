"""Routes behind the links of e-mails: nobody signs in, and what opens a link changes nothing."""

from collections.abc import Mapping
from typing import Annotated, Any, Final

from fastapi import Depends, Path, Response
from fastapi.responses import HTMLResponse

from cardwright.authentication import EmailCodes
from cardwright.core.errors import NotFound
from cardwright.http import strict
from cardwright.http.deps import ClockDep, SessionDep, provided
from cardwright.notifications import preferences, unsubscribing
from cardwright.notifications.catalogue import Group
from cardwright.notifications.pages import render
from cardwright.notifications.speech import speech_of
from cardwright.programs import Program

router = strict.router("/v1", "notifications")
Codes = Annotated[EmailCodes, Depends(provided(EmailCodes))]
OfProgram = Annotated[Program, Depends(provided(Program))]
# Whatever else it is, it is no token: a link that was cut gets words as an answer.
Token = Annotated[str, Path(max_length=1024, description="What the e-mail's link ends with.")]
_ENGLISH: Final = speech_of(None, None)
_PAGE: Final[dict[int | str, dict[str, Any]]] = {
    404: {
        "content": {"text/html": {"schema": {"type": "string"}}},
        "description": "A page that says that the link does not work, or not any more.",
    }
}
_KINDS: Final[Mapping[Group, str]] = {
    "cards": "about your cards",
    "payments": "about your payments",
    "money": "about money that you add or withdraw",
    "identity": "about your identity verification",
    "security": "about your security",
    "disputes": "about your disputes",
    "work": "about your tasks",
    "developer": "about webhooks and API keys",
    "summaries": "that can be switched off",
}


@router.get("/unsubscribe/{token}", response_class=HTMLResponse, responses=_PAGE)
async def show_unsubscribe_page(codes: Codes, program: OfProgram, clock: ClockDep, token: Token) -> Response:
    """Ask whether the e-mails of a kind shall end; this changes nothing."""
    try:
        permit = unsubscribing.read(codes, token, "unsubscribe", clock.now())
    except NotFound:
        return _invalid("The app lets you choose what you are told.")
    what = _KINDS[permit.group]
    text = f"{program.name} will send you no more e-mails {what}. What concerns your security is always sent."
    return _page("Unsubscribe?", text, "Unsubscribe")


@router.post("/unsubscribe/{token}", response_class=HTMLResponse, responses=_PAGE)
async def unsubscribe(
    session: SessionDep, codes: Codes, program: OfProgram, clock: ClockDep, token: Token
) -> Response:
    """End the e-mails of a kind with one click, from the page or from a mail program (RFC 8058)."""
    try:
        permit = await preferences.unsubscribe(session, codes, program, token, clock.now())
    except NotFound:
        return _invalid("The app lets you choose what you are told.")
    text = (
        f"You get no more e-mails {_KINDS[permit.group]} from {program.name}. The app lets you choose again."
    )
    return _page("Unsubscribed", text)


@router.get("/address-confirmations/{token}", response_class=HTMLResponse, responses=_PAGE)
async def show_address_page(codes: Codes, clock: ClockDep, token: Token) -> Response:
    """Ask whether an address shall get e-mails again; this changes nothing."""
    try:
        unsubscribing.read(codes, token, "confirm_address", clock.now())
    except NotFound:
        return _invalid("The app sends you another one.")
    return _page("Confirm this address?", "We write to it again once you do.", "Confirm")


@router.post("/address-confirmations/{token}", response_class=HTMLResponse, responses=_PAGE)
async def confirm_address(session: SessionDep, codes: Codes, clock: ClockDep, token: Token) -> Response:
    """Let an address get e-mails again, as somebody reads there."""
    try:
        await preferences.confirm_address(session, codes, token, clock.now())
    except NotFound:
        return _invalid("The app sends you another one.")
    return _page("Address confirmed", "We write to this address again.")


def _page(heading: str, text: str, button: str | None = None) -> Response:
    return render("link.html.j2", _ENGLISH, heading=heading, text=text, button=button)


def _invalid(instead: str) -> Response:
    text = f"It was cut off, or its time is over. {instead}"
    return render(
        "link.html.j2", _ENGLISH, status=404, heading="This link does not work", text=text, button=None
    )
