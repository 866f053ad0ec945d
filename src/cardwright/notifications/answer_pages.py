"""What the page says that asks for an answer, or takes one."""

from typing import Final

from starlette.responses import HTMLResponse

from cardwright.notifications.answer_links import PATH, Matter
from cardwright.notifications.answers import CHOICE_WORDS, Asked, Choice, Outcome
from cardwright.notifications.facts import Teller
from cardwright.notifications.pages import render
from cardwright.notifications.speech import Speech
from cardwright.notifications.words import marked, translations_of

_HEADINGS: Final = {
    Matter.QUESTION: marked("Was this you?"),
    Matter.CHALLENGE: marked("Do you approve this purchase?"),
}
_SIGN_IN: Final = marked("Sign in")
_WHY_SIGN_IN: Final = {
    Choice.YES: marked(
        "To say yes, sign in and use your passkey or your authenticator app: a link is not enough."
    ),
    Choice.APPROVE: marked(
        "To approve it, sign in and use your passkey or your authenticator app: a link is not enough."
    ),
}
_UNCHANGED: Final = marked("Nothing has happened yet. Choose an answer.")
_DONE: Final = {
    Outcome.CONFIRMED: marked("Thank you. We know now that it was you."),
    Outcome.DENIED: marked("Thank you. The card is frozen, and somebody looks into it."),
    Outcome.REFUSED: marked("The purchase was refused."),
}
_CLOSE: Final = marked("You can close this page.")
_TITLE: Final = marked("Your answer")
_OVER: Final = {
    "question_answered": marked("This was answered already."),
    "challenge_decided": marked("This was answered already."),
    "question_expired": marked("The time to answer is over."),
    "challenge_expired": marked("The time to answer is over."),
    "rate_limited": marked("Too many attempts. Wait a little and try again."),
    "sign_in_required": marked("Sign in to say this: a link is not enough."),
    "link_invalid": marked("This link does not work, or not any more."),
}
_NO_MORE: Final = marked("Nobody asks this any more.")


def question(asked: Asked, token: str, speech: Speech, app_url: str) -> HTMLResponse:
    """Ask; the page changes nothing by being opened."""
    if asked.over is not None:
        return message(asked.over, speech, asked)
    say = translations_of(speech.language).gettext
    why = None if asked.signed_in is None else say(_WHY_SIGN_IN[asked.signed_in])
    return render(
        "answer.html.j2", speech,
        heading=say(_HEADINGS[asked.permit.matter]),
        sum=_sum(asked, speech),
        note=say(_UNCHANGED),
        path=PATH,
        token=token,
        choices=[(choice.value, say(CHOICE_WORDS[choice])) for choice in asked.choices],
        why=why,
        sign_in=say(_SIGN_IN),
        app_url=app_url,
    )  # fmt: skip


def thanks(outcome: Outcome, speech: Speech) -> HTMLResponse:
    """Say what the answer came to."""
    say = translations_of(speech.language).gettext
    return render("answered.html.j2", speech, heading=say(_TITLE), text=say(_DONE[outcome]), more=say(_CLOSE))


def message(code: str, speech: Speech, asked: Asked | None = None, *, status: int = 200) -> HTMLResponse:
    """Say why nothing can be answered, by the code of the refusal."""
    say = translations_of(speech.language).gettext
    return render(
        "answered.html.j2", speech, status=status, heading=say(_TITLE),
        sum=None if asked is None else _sum(asked, speech), text=say(_OVER.get(code, _NO_MORE)), more=None,
    )  # fmt: skip


def outcome_text(outcome: Outcome, speech: Speech) -> str:
    """Return what an answer came to, for what a browser shows in place of the message."""
    return translations_of(speech.language).gettext(_DONE[outcome])


def _sum(asked: Asked, speech: Speech) -> str:
    teller = Teller(speech, "letter")
    return f"{teller.money(asked.amount, asked.currency)} · {teller.name(asked.merchant_name)}"
