"""The plain pages behind the links of e-mails: no scripts, nothing loaded from anywhere, nothing kept."""

import base64
from hashlib import sha256
from typing import Final

from fastapi.responses import HTMLResponse
from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape

_TEMPLATES: Final = Environment(
    loader=PackageLoader("cardwright.notifications"),
    autoescape=select_autoescape(default_for_string=True, default=True),
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_STYLE: Final = (
    ":root{color-scheme:light dark}body{font:1rem/1.5 system-ui,sans-serif;max-width:30rem;margin:10vh auto;"
    "padding:0 1.5rem}h1{font-size:1.4rem}button{font:inherit;font-weight:600;padding:.6rem 1.2rem;"
    "border:1px solid;border-radius:.5rem;cursor:pointer}"
)
_POLICY: Final = (
    f"default-src 'none'; style-src 'sha256-{base64.b64encode(sha256(_STYLE.encode()).digest()).decode()}';"
    " form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)
# The address holds a token: it is neither kept anywhere nor told to anybody.
_HEADERS: Final = {
    "Content-Security-Policy": _POLICY, "Referrer-Policy": "no-referrer", "Cache-Control": "no-store",
    "X-Robots-Tag": "noindex",
}  # fmt: skip


def page(title: str, text: str, button: str | None = None) -> HTMLResponse:
    """Return a page of one paragraph, with a form of one button that posts to its own address."""
    told = _TEMPLATES.get_template("pages/link.html.j2").render(
        title=title, text=text, button=button, style=_STYLE
    )
    return HTMLResponse(told, headers=_HEADERS)
