"""How much is tried: `make test` shows each thing, `make check` and `make coverage` combine them all."""

import os
from typing import Final

IS_THOROUGH: Final = os.environ.get("CARDWRIGHT_THOROUGH") == "yes"
