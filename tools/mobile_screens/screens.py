"""Every screen of the mobile app: where it is, and what has to be done there before it is photographed."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from mobile.browser.handset import Handset
from mobile_screens.world import World
from web.holder import Holder

Act = Callable[[Handset], object]


@dataclass(frozen=True, slots=True)
class Look:
    """How somebody has the app."""

    name: str
    scheme: Literal["light", "dark"]
    language: str = "en"


LOOKS: Final[Mapping[str, Look]] = {
    "light": Look("light", "light"), "dark": Look("dark", "dark"), "arabic": Look("arabic", "light", "ar"),
}  # fmt: skip


def _nothing(_: Handset) -> None:
    """Photograph it as it is."""


@dataclass(frozen=True, slots=True)
class Screen:
    """One picture; without a place it is taken where the one before was."""

    name: str
    place: str = ""
    act: Act = _nothing


@dataclass(frozen=True, slots=True)
class Sitting:
    """What one person, or nobody, is shown."""

    who: Holder | None
    screens: Sequence[Screen]
    codes: list[str] | None = None

    def code(self) -> str | None:
        """Return a recovery code for the next sign-in, where one is asked for."""
        return self.codes.pop() if self.codes else None


def tap(identifier: str) -> Act:
    """Return what taps a piece."""
    return lambda handset: handset.tap(identifier)


def scroll(points: int) -> Act:
    """Return what scrolls down."""

    def act(handset: Handset) -> None:
        handset.page.mouse.move(195, 600)
        handset.page.mouse.wheel(0, points)

    return act


def sittings(world: World) -> list[Sitting]:
    """Return everything there is to see."""
    ids, outside = world.ids, world.outside
    card = f"/cards/{ids['everyday']}"

    def ask(handset: Handset) -> None:
        outside.ask_for_approval(ids["everyday"], "pine-books", "27.90")
        handset.sees("waiting", "27.90")

    def seek(handset: Handset) -> None:
        handset.type("field-merchant", "Green")
        handset.page.wait_for_timeout(1_500)

    def refuse(handset: Handset) -> None:
        handset.tap("refuse")
        handset.does_not_see("waiting")

    hers = [
        Screen("home", "/"), Screen("home-below", "", scroll(600)), Screen("activity", "/activity"),
        Screen("payment-declined", f"/payments/{ids['declined']}"),
        Screen("payment-refunded", f"/payments/{ids['refunded']}"),
        Screen("payment-wrong", "", scroll(900)),
        Screen("dispute-standing", f"/payments/{ids['disputed']}/dispute"),
        Screen("dispute-draft", f"/payments/{ids['unknown']}/dispute"),
        Screen("card", card), Screen("card-below", "", scroll(700)),
        Screen("card-number", card, tap("reveal")), Screen("card-limits", f"{card}/limits"),
        Screen("card-where", f"{card}/where", seek), Screen("card-locked", f"/cards/{ids['music']}/where"),
        Screen("card-frozen", f"/cards/{ids['frozen']}"),
        Screen("new-card", "/new-card"), Screen("add-money", "/add-money", tap("quick-5000")),
        Screen("add-money-done", "", tap("send")), Screen("inbox", "/inbox"),
        Screen("settings", "/settings"), Screen("settings-below", "", scroll(700)),
        Screen("security", "/settings/security"), Screen("identity", "/settings/identity"),
        Screen("waiting", "/activity", ask), Screen("approvals", "/approvals"),
        Screen("approvals-none", "", refuse),
    ]  # fmt: skip
    news = [
        Screen("home-new", "/"), Screen("activity-empty", "/activity"),
        Screen("profile", "/settings/identity"),
        Screen("card-unknown", "/cards/card_01jd9zq3f8e7vtm5g6w2x4y8zn"),
    ]  # fmt: skip
    return [
        Sitting(None, [Screen("welcome")]), Sitting(world.newcomer, news),
        Sitting(world.ada, hers, world.ada.codes),
    ]  # fmt: skip
