"""What a page does that only a script of the corpus makes it do."""

import re
from typing import Any, Final
from urllib.parse import urlsplit

from playwright.sync_api import BrowserContext, Dialog, Page, Request

_REPORTS: Final = """
document.addEventListener('securitypolicyviolation', (event) =>
  violated(`${event.violatedDirective}: ${event.blockedURI} ${event.sample}`))
"""
_SCHEMES: Final = "^[\\\\s\\\\u0000-\\\\u001f]*(javascript|vbscript|data)[\\\\s]*:"
INJECTED: Final = f"""() => {{
  const scheme = new RegExp('{_SCHEMES}', 'i')
  const addresses = new Set(['href', 'xlink:href', 'action', 'formaction', 'data', 'src', 'srcdoc', 'srcset'])
  const elements = 'base, embed, frame, iframe, link:not(head > link), math, meta:not(head > meta), '
    + 'noscript p, object, script:not([src^="/"], head > script, body > script), style, template, '
    + 'title:not(head > title, svg title), [src="x"]'
  const isAddress = (name, value) => addresses.has(name) && scheme.test(value.replace(/[\\t\\n\\r]/g, ''))
  const isOfOurs = (name, value) => name === 'src' && value.startsWith('data:image/')
  const reasons = (element) => [
    ...(element.matches(elements) ? ['element'] : []),
    ...[...element.attributes].flatMap(({{name, value}}) =>
      /^on/i.test(name) || (isAddress(name, value) && !isOfOurs(name, value))
        || (name === 'style' && value.includes('beacon.example')) ? [name] : []),
  ]
  return [...document.querySelectorAll('*')].flatMap((element) =>
    reasons(element).map((reason) => `${{reason}}: ${{element.outerHTML.slice(0, 300)}}`))
}}"""
"""Elements and attributes that the app never makes itself."""


class Trap:
    """Collects what scripts did on the pages of a context: ran, asked, loaded, or were refused."""

    def __init__(self, context: BrowserContext, origin: str) -> None:
        self.sprung: list[str] = []
        self._origin = origin
        context.expose_binding("trap", self._ran)
        context.expose_binding("violated", self._refused)
        context.add_init_script(_REPORTS)
        context.on("dialog", self._asked)
        context.on("request", self._loaded)
        context.on("page", lambda page: page.on("popup", self._opened))

    def inspect(self, page: Page, path: str) -> None:
        """Look for what a script made of a page."""
        self.sprung += [f"{path}: injected {found}" for found in page.evaluate(INJECTED)]

    def _ran(self, source: dict[str, Any], *_: Any) -> None:
        self.sprung.append(f"{source['page'].url}: a script ran")

    def _refused(self, source: dict[str, Any], what: str) -> None:
        self.sprung.append(f"{source['page'].url}: refused {what}")

    def _asked(self, dialog: Dialog) -> None:
        self.sprung.append(f"a dialog: {dialog.message}")
        dialog.dismiss()

    def _opened(self, page: Page) -> None:
        self.sprung.append(f"a window: {page.url}")

    def _loaded(self, request: Request) -> None:
        parts = urlsplit(request.url)
        is_ours = f"{parts.scheme}://{parts.netloc}" == self._origin
        is_picture = request.url.startswith(("data:image/", "blob:"))
        if not is_picture and (not is_ours or re.search(r"/x$", parts.path)):
            self.sprung.append(f"loaded: {request.url}")
