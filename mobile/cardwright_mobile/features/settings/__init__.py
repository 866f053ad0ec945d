"""What somebody may choose and see of themselves."""

from cardwright_mobile.features.settings.screen import Settings
from cardwright_mobile.features.settings.security import Security

__all__ = ["Security", "Settings"]
