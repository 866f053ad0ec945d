"""Routes behind the links of e-mails: nobody signs in, and what opens a link changes nothing."""

from typing import Annotated, Final

from fastapi import Depends, Path, Response
from fastapi.responses import HTMLResponse

from cardwright.authentication import EmailCodes
from cardwright.http import strict
from cardwright.http.deps import ClockDep, SessionDep, provided
from cardwright.notifications import preferences, unsubscribing
from cardwright.notifications.pages import render
from cardwright.notifications.speech import speech_of
from cardwright.programs import Program

router = strict.router("/v1", "notifications")
Codes = Annotated[EmailCodes, Depends(provided(EmailCodes))]
OfProgram = Annotated[Program, Depends(provided(Program))]
Token = Annotated[
    str, Path(pattern=r"^[A-Za-z0-9_.\-]{1,600}$", description="What the e-mail's link ends with.")
]
_ENGLISH: Final = speech_of(None, None)


@router.get("/unsubscribe/{token}", response_class=HTMLResponse)
async def show_unsubscribe_page(codes: Codes, clock: ClockDep, token: Token) -> Response:
    """Ask whether the e-mails of a kind shall end; this changes nothing."""
    unsubscribing.read(codes, token, "unsubscribe", clock.now())
    text = "You will get no more e-mails of this kind. What concerns your security is always sent."
    return _page("Unsubscribe?", text, "Unsubscribe")


@router.post("/unsubscribe/{token}", response_class=HTMLResponse)
async def unsubscribe(
    session: SessionDep, codes: Codes, program: OfProgram, clock: ClockDep, token: Token
) -> Response:
    """End the e-mails of a kind with one click, from the page or from a mail program (RFC 8058)."""
    await preferences.unsubscribe(session, codes, program, token, clock.now())
    return _page("Unsubscribed", "You get no more e-mails of this kind. The app lets you choose again.")


@router.get("/address-confirmations/{token}", response_class=HTMLResponse)
async def show_address_page(codes: Codes, clock: ClockDep, token: Token) -> Response:
    """Ask whether an address shall get e-mails again; this changes nothing."""
    unsubscribing.read(codes, token, "confirm_address", clock.now())
    return _page("Confirm this address?", "We write to it again once you do.", "Confirm")


@router.post("/address-confirmations/{token}", response_class=HTMLResponse)
async def confirm_address(session: SessionDep, codes: Codes, clock: ClockDep, token: Token) -> Response:
    """Let an address get e-mails again, as somebody reads there."""
    await preferences.confirm_address(session, codes, token, clock.now())
    return _page("Address confirmed", "We write to this address again.")


def _page(heading: str, text: str, button: str | None = None) -> Response:
    return render("link.html.j2", _ENGLISH, heading=heading, text=text, button=button)
