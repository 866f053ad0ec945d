"""How much room there is."""

from dataclasses import dataclass
from typing import Final

import flet as ft

_NARROWEST: Final = 280
_USUAL: Final = 390


@ft.observable
@dataclass
class Window:
    """The width of the page; a page that is just being loaded says too little, and is then told again."""

    width: float = _USUAL

    def learn(self, width: float | None) -> None:
        """Take what the page says, where it makes sense."""
        if width is not None and width >= _NARROWEST:
            self.width = width
