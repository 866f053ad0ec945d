"""What an entry of the catalogue of acts says, and the items of PCI DSS that ask for entries."""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Meaning:
    """What an act is, on what (the subject), which details are kept, which item of PCI DSS asks for it."""

    what: str
    subject: str
    details: str = ""
    asked_by: str = ""


PEOPLE: Final = "10.2.1.1"
STAFF: Final = "10.2.1.2"
TRAIL: Final = "10.2.1.3"
FAILURE: Final = "10.2.1.4"
CREDENTIALS: Final = "10.2.1.5"
OBJECTS: Final = "10.2.1.7"
