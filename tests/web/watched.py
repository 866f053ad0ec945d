"""What goes wrong in a browser while a test looks at something else: errors, failures, refused policies."""

from playwright.sync_api import BrowserContext, ConsoleMessage, Request, Response, WebError

NOBODY_YET = (401, "GET", "/v1/me")
"""The app asks who is signed in, and may be told: nobody."""


class Watched:
    """Collects what went wrong on the pages of a context; `expect` names what should."""

    def __init__(self, context: BrowserContext) -> None:
        self.wrong: list[str] = []
        self._expected = {NOBODY_YET}
        context.on("console", self._console)
        context.on("weberror", self._error)
        context.on("requestfailed", self._failed)
        context.on("response", self._answered)

    def expect(self, status: int, method: str, path: str) -> None:
        """Take an answer for what the test wants to see."""
        self._expected.add((status, method, path))

    def _console(self, message: ConsoleMessage) -> None:
        # Answers that are no success are judged below, where they can be told apart.
        if message.type in ("error", "warning") and not message.text.startswith("Failed to load resource"):
            self.wrong.append(f"console: {message.text}")

    def _error(self, error: WebError) -> None:
        self.wrong.append(f"error: {error.error}")

    def _failed(self, request: Request) -> None:
        # What a page no longer needs it gives up; downloads leave the page.
        if request.failure != "net::ERR_ABORTED":
            self.wrong.append(f"failed: {request.method} {request.url}: {request.failure}")

    def _answered(self, response: Response) -> None:
        path = "/" + response.url.split("/", 3)[3].partition("?")[0]
        seen = (response.status, response.request.method, path)
        if response.status >= 400 and not any(_fits(seen, expected) for expected in self._expected):
            self.wrong.append(f"answered: {seen}")


def _fits(seen: tuple[int, str, str], expected: tuple[int, str, str]) -> bool:
    return seen[:2] == expected[:2] and seen[2].startswith(expected[2])
