"""How many text-message segments a body takes, by the alphabet of GSM 03.38 or else by UCS-2."""

_ONE_UNIT = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡"
    "ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_TWO_UNITS = frozenset("\f^{}\\[~]|€")


def segment_count(body: str) -> int:
    """Return the number of segments: one holds 160 units, each of several 153; in UCS-2, 70 and 67."""
    if set(body) <= _ONE_UNIT | _TWO_UNITS:
        units, alone, joined = sum(2 if character in _TWO_UNITS else 1 for character in body), 160, 153
    else:
        units, alone, joined = len(body.encode("utf-16-be")) // 2, 70, 67
    return 1 if units <= alone else -(-units // joined)
