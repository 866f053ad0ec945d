"""What this slice needs of a card network that decides disputes, in our words."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from cardwright.disputes.domain import CreditPolicy, Snapshot
from cardwright.disputes.evidence import FileKind, Reason, Statement
from cardwright.files import FileType


class FilingRefused(Exception):
    """The network understood and does not take it as it is; `code` is one of ours and stable."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True)
class Filing:
    """All that the network is told of a dispute; `files` are its references of what was uploaded before.

    `duplicate_reference` is the network's reference of the clearing that the disputed one repeats.
    """

    dispute_id: str
    clearing_reference: str
    amount: int
    reason: Reason
    statement: Statement
    files: Mapping[FileKind, str]
    duplicate_reference: str | None


class DisputeNetwork(Protocol):
    """Files disputes and reads the network's side of them. Raises Unavailable when it does not answer.

    Every call may be repeated under its key and has one effect.
    """

    @property
    def source(self) -> str:
        """The name that keeps this network's references apart from another's."""
        ...

    async def upload(self, content: bytes, file_type: FileType, *, key: str) -> str:
        """Hand over a file and return the network's reference; raises FilingRefused."""
        ...

    async def file(self, filing: Filing, *, key: str) -> Snapshot:
        """Prepare the dispute of a clearing, or change the one that is prepared; raises FilingRefused."""
        ...

    async def submit(self, reference: str, *, key: str) -> Snapshot:
        """Submit what was prepared, for good; raises FilingRefused."""
        ...

    async def look_up(self, reference: str) -> Snapshot:
        """Return a dispute as it stands now."""
        ...


@dataclass(frozen=True, slots=True)
class DisputeRules:
    """How a program treats disputes that are opened from now on."""

    provisional_credit: CreditPolicy = CreditPolicy.ON_NETWORK_CREDIT
