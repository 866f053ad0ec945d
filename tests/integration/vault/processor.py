"""A card processor that hands numbers over, and tells a security code when it is asked."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from cardwright.cards import (
    CardState,
    EphemeralKey,
    Holder,
    IssuedCard,
    MirroredLimit,
    ProcessorCard,
    Window,
)
from cardwright.core.errors import Unavailable
from cardwright.core.sensitive import Sensitive

BIN = "400000"


@dataclass
class NumberingProcessor:
    """Issues cards with the numbers it is given, the same one for the same key; `failures` come first."""

    numbers: list[str]
    code: str = "907"
    failures: int = 0
    issued: dict[str, IssuedCard] = field(default_factory=dict)

    windows = frozenset[Window]()

    async def register_holder(self, holder: Holder, *, key: str) -> str:  # noqa: ARG002 - the port's shape
        return f"holder of {holder.user_id}"

    async def issue_card(self, *, card_id: str, key: str, **_: object) -> IssuedCard:
        if key not in self.issued:
            number = self.numbers[len(self.issued)]
            self.issued[key] = IssuedCard(
                f"ic_{card_id}", number[-4:], 12, 2030, bin=number[:6], number=Sensitive(number)
            )
        return self.issued[key]

    async def set_state(self, reference: str, state: CardState, *, key: str) -> None:
        """Every state is fine."""

    async def set_limits(
        self, reference: str, limits: Sequence[MirroredLimit], *, currency: str, key: str
    ) -> None:
        """No limit is set."""

    async def state_at_processor(self, reference: str) -> ProcessorCard:  # noqa: ARG002
        return ProcessorCard(None, ())

    async def security_code(self, reference: str) -> Sensitive | None:  # noqa: ARG002
        if self.failures:
            self.failures -= 1
            raise Unavailable("processor_unavailable", "The processor does not answer.")
        return Sensitive(self.code)

    async def ephemeral_key(self, reference: str, *, nonce: str) -> EphemeralKey | None:  # noqa: ARG002
        return None
