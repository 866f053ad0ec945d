"""Codes and tokens, derived from a key and the id of what they prove, so that none is ever stored."""

import hmac
from base64 import urlsafe_b64encode
from hashlib import sha256
from typing import Final

from cardwright.core.sensitive import Sensitive

CODE_DIGITS: Final = 6
REPLY_DIGITS: Final = 4
_MIN_KEY_LENGTH: Final = 32


class EmailCodes:
    """Derives and checks codes under one key; ValueError for a key that is too short to be one."""

    def __init__(self, key: Sensitive) -> None:
        if len(key.reveal()) < _MIN_KEY_LENGTH:
            raise ValueError(f"the key of e-mail codes has at least {_MIN_KEY_LENGTH} characters")
        self._key = key

    def derive(self, verification_id: str) -> str:
        """Return the code of a verification, always the same one, with leading zeros."""
        return self._number("code", verification_id, CODE_DIGITS)

    def derive_reply(self, subject: str) -> str:
        """Return the short code that a text message is answered with; a number goes with it."""
        return self._number("reply", subject, REPLY_DIGITS)

    def is_correct(self, verification_id: str, code: str) -> bool:
        """Compare in constant time."""
        return hmac.compare_digest(self.derive(verification_id).encode(), code.encode())

    def token(self, use: str, subject: str) -> str:
        """Return 256 bits as text that prove one use of one thing, such as the reset of an id."""
        return urlsafe_b64encode(self._digest(use, subject)).rstrip(b"=").decode()

    def is_token(self, use: str, subject: str, token: str) -> bool:
        """Compare in constant time."""
        return hmac.compare_digest(self.token(use, subject).encode(), token.encode())

    def blind(self, fingerprint: str) -> str:
        """Return a digest of a digest that nobody can recompute without the key.

        A plain digest of a body that holds a password would let readers of the database guess it fast.
        """
        return self._digest("fingerprint", fingerprint).hex()

    def _number(self, use: str, text: str, digits: int) -> str:
        return str(int.from_bytes(self._digest(use, text)[:8]) % 10**digits).zfill(digits)

    def _digest(self, use: str, text: str) -> bytes:
        # One key serves several uses; the leading word keeps their inputs apart.
        return hmac.digest(self._key.reveal().encode(), f"{use}\0{text}".encode(), sha256)
