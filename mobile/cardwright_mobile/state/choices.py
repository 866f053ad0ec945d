"""What somebody chose for this device: language and appearance."""

import json
from dataclasses import dataclass
from typing import Final

import flet as ft

from cardwright_mobile.device.storage import Storage
from cardwright_mobile.text import LANGUAGES, Words

_NAME: Final = "cardwright.choices"
THEMES: Final = ("system", "light", "dark")


@ft.observable
@dataclass
class Choices:
    """Kept on the device, as nothing of it is the server's business."""

    storage: Storage
    language: str = "en"
    theme: str = "system"

    @property
    def words(self) -> Words:
        """The texts of the language."""
        return Words(self.language)

    async def begin(self, languages: list[str]) -> None:
        """Take what was chosen before; without it the first of the device's languages that the app has."""
        self.language = next((it for it in languages if it in LANGUAGES), self.language)
        text = await self.storage.get(_NAME)
        try:
            kept = json.loads(text) if text else {}
        except ValueError:
            return
        if isinstance(kept, dict):
            language, theme = str(kept.get("language")), str(kept.get("theme"))
            self.language = language if language in LANGUAGES else self.language
            self.theme = theme if theme in THEMES else self.theme

    async def choose(self, *, language: str | None = None, theme: str | None = None) -> None:
        """Choose anew, and keep it."""
        self.language = language or self.language
        self.theme = theme or self.theme
        await self.storage.put(_NAME, json.dumps({"language": self.language, "theme": self.theme}))
