"""The plain pages that links of e-mails lead to: no script, nothing loaded from anywhere, nothing kept."""

import base64
from hashlib import sha256
from typing import Any, Final

from fastapi.responses import HTMLResponse
from jinja2 import Environment, PackageLoader, StrictUndefined

from cardwright.notifications.speech import Speech

_TEMPLATES: Final = Environment(
    loader=PackageLoader("cardwright.notifications"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_STYLE: Final = (
    ":root{color-scheme:light dark}body{font:1rem/1.5 system-ui,sans-serif;max-width:30rem;margin:10vh auto;"
    "padding:0 1.5rem}h1{font-size:1.4rem}button,.button{font:inherit;padding:.6rem 1.2rem;margin:.3rem 0;"
    "border:1px solid;border-radius:.5rem;cursor:pointer;display:inline-block;text-decoration:none;"
    "color:inherit}.sum{font-size:1.3rem;font-weight:600;overflow-wrap:anywhere}"
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


def render(template: str, speech: Speech, *, status: int = 200, **values: Any) -> HTMLResponse:
    """Return a page in the language of whoever reads it; a template says which values it needs."""
    text = _TEMPLATES.get_template(f"pages/{template}").render(
        {"sum": None, **values},
        style=_STYLE,
        language=str(speech.locale).replace("_", "-"),
        direction="rtl" if speech.is_right_to_left else "ltr",
    )
    return HTMLResponse(text, status, _HEADERS)
