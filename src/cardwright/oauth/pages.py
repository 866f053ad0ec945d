"""The few pages of the server's own: no scripts, no frames, nothing loaded from anywhere."""

import base64
from hashlib import sha256
from typing import Any, Final

from fastapi.responses import HTMLResponse
from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape

from cardwright.oauth.authorization import Missing, OpenInteraction
from cardwright.oauth.domain import OFFLINE
from cardwright.oauth.errors import OAuthError
from cardwright.oauth.redirects import origin_of
from cardwright.oauth.scopes import OPENID

_TEMPLATES: Final = Environment(
    loader=PackageLoader("cardwright.oauth"),
    autoescape=select_autoescape(default_for_string=True, default=True),
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_STYLE: Final = (
    ":root{color-scheme:light dark}body{font:1rem/1.5 system-ui,sans-serif;max-width:30rem;margin:10vh auto;"
    "padding:0 1.5rem}h1{font-size:1.4rem}ul{padding-left:1.2rem}button{font:inherit;padding:.6rem 1.2rem;"
    "margin-right:.6rem;border:1px solid;border-radius:.5rem;cursor:pointer}.yes{font-weight:600}"
    "small{opacity:.75;overflow-wrap:anywhere}"
)
_STYLE_HASH: Final = base64.b64encode(sha256(_STYLE.encode()).digest()).decode()
_WORDS: Final = {
    OPENID: "know that it is you",
    "profile": "see your name, language and time zone",
    "email": "see your e-mail address",
    "phone": "see your phone number",
    "address": "see your address",
    OFFLINE: "keep this access while you are away",
    "cards.read": "see your cards",
    "cards.write": "make, freeze and cancel cards",
    "payments.read": "see your payments",
    "wallet.read": "see your balance and statements",
    "top_ups.read": "see your top-ups",
    "top_ups.write": "top up your balance",
}
_MISSING: Final = {
    Missing.SIGN_IN: ("Sign in first", "Sign in in this browser, then load this page again."),
    Missing.FACTOR: (
        "Confirm that it is you",
        "Confirm with a passkey or an authenticator code in this browser, then load this page again.",
    ),
}


def consent(waiting: OpenInteraction) -> HTMLResponse:
    """Ask whether a client may do what it asks for."""
    scopes = sorted(waiting.request.scopes)
    destination = origin_of(waiting.request.redirect_uri)
    return _page(
        "consent.html.j2",
        # Browsers hold also the redirect that follows a form to this rule.
        form_targets=f"'self' {destination}",
        name=waiting.client.name,
        destination=destination,
        wishes=[_WORDS.get(scope, f"use the permission {scope}") for scope in scopes],
        action=f"/oauth/consent/{waiting.id}",
    )


def halt(missing: Missing, client_name: str) -> HTMLResponse:
    """Say what the person has to do before a client's request can go on."""
    title, text = _MISSING[missing]
    return _page("message.html.j2", status=401, title=title, text=f"{client_name} waits for you. {text}")


def refusal(error: OAuthError) -> HTMLResponse:
    """Say what is wrong with a request whose sender is not known, and so cannot be told."""
    text = f"{error.description} ({error.error})"
    return _page("message.html.j2", status=error.status, title="This link does not work", text=text)


def leave(fields: dict[str, str], destination: str | None) -> HTMLResponse:
    """Ask whether somebody really wants to sign out."""
    targets = "'self'" if destination is None else f"'self' {origin_of(destination)}"
    return _page("leave.html.j2", form_targets=targets, fields=fields)


def left() -> HTMLResponse:
    """Say that nobody is signed in any more."""
    return _page("message.html.j2", title="Signed out", text="You are signed out in this browser.")


def _page(template: str, *, status: int = 200, form_targets: str = "'none'", **values: Any) -> HTMLResponse:
    policy = (
        f"default-src 'none'; style-src 'sha256-{_STYLE_HASH}'; form-action {form_targets}; "
        "frame-ancestors 'none'; base-uri 'none'"
    )
    text = _TEMPLATES.get_template(template).render(style=_STYLE, **values)
    # Our own forms say where they come from; no other site learns that somebody was here.
    headers = {"Content-Security-Policy": policy, "Referrer-Policy": "same-origin"}
    return HTMLResponse(text, status, headers)
