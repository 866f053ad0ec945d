"""Files that strangers send: what they are by their content, and made anew without all that is no picture."""

from cardwright.files.reencoding import Pictures, Reencoder
from cardwright.files.sniffing import FileType, sniff

__all__ = ["FileType", "Pictures", "Reencoder", "sniff"]
