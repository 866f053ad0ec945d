"""How the descriptors that networks send are read: what people call the merchant, and what tells it apart.

A descriptor is 22 to 40 characters: often a payment processor's mark, then the name, then whatever the
merchant's bank put behind it: a store number, a city, a telephone number, a web address. No I/O.
"""

import re
import unicodedata
from collections.abc import Sequence
from typing import Final

_PROCESSORS: Final = re.compile(
    r"""^(?:
        ADY|ADYEN|APPLE|BT|CCI|CKO|CTLP|DD|DRI|EB|EVENTBRITE|FASTSPRING|FS|FSP|GOOGLE|GUMROAD|IN|IZ|IZETTLE|
        KLARNA|LS|MOLLIE|NYX|PADDLE(?:\.NET|\.COM)?|PAYPAL|PP|PY|PYPL|SMP|SP|SQ|STRIPE|SUMUP|TST|USA|WIX|WL|
        WPY|ZETTLE_?|2CO(?:\.COM)?
    )\s*\*\s*""",
    re.VERBOSE | re.IGNORECASE,
)
_TOP: Final = (
    "AI|APP|AT|AU|BE|BIZ|BR|CA|CH|CO|COM|DE|DEV|ES|EU|FR|IE|IN|INFO|IO|IT|JP|ME|NET|NL|NZ|ONLINE|ORG|PL|PT|SE"
    "|SHOP|STORE|TV|UK|US"
)
_WEB: Final = re.compile(
    rf"(?<![\w.@])(?:HTTPS?://)?((?:[A-Z0-9][A-Z0-9-]*\.)+(?:{_TOP}))\b(?![.-]\w)(?:/\S*)?",
    re.IGNORECASE,
)
_BELOW_COUNTRIES: Final = frozenset({"ac", "co", "com", "gov", "net", "org"})
_COUNTRY_LETTERS: Final = 2
_PHONE: Final = re.compile(r"(?<![\w#])\+?\(?\d{1,4}\)?(?:[ ./-]?\(?\d{2,4}\)?){2,4}(?!\w)")
_PHONE_DIGITS: Final = range(9, 16)
_STORE_WORDS: Final = "BR BRANCH FIL FILIALE ID INV LOC NO NR NUM ORDER POS REF STORE STR TERM UNIT"
_FORMS: Final = (
    "AB AG APS BV CORP GMBH INC KG LIMITED LLC LTD NV OHG OY PLC PTY S.A. S.P.A. S.R.L. SA SARL SAS SL SRL UG"
)
_SMALL_WORDS: Final = "AND AT DE DEL DER DES DI DU ET FOR IN LA LE OF THE UND VAN VON Y"
_BESIDE_NUMBERS: Final = frozenset(_STORE_WORDS.split())
_LEGAL_FORMS: Final = frozenset(_FORMS.split())
_SMALL: Final = frozenset(_SMALL_WORDS.split())
_NO_ACRONYMS: Final = frozenset({"DR", "JR", "MR", "MRS", "MS", "MT", "ST"})
_ACRONYM: Final = 3
_STORE_NUMBER: Final = 3
_WORD_IN_A_NUMBER: Final = re.compile(r"[^\W\d_]{4}")
_LONGEST: Final = 60
_LETTERS: Final = 4
_GENERIC: Final = frozenset(
    """
    airport atm bakery bar cafe cash hotel kiosk market merchant online parking payment payments pharmacy
    purchase restaurant sale service services shop station store stores supermarket taxi test the withdrawal
    """.upper().split()
)


def clean_name(descriptor: str, city: str | None = None) -> str:
    """Return a descriptor as people would write the merchant's name; the descriptor where nothing is left.

    `city` is where the network says the merchant is, which many banks repeat behind the name.

    >>> clean_name("SQ *CORNER SHOP #0423"), clean_name("WWW.CLOUDFORGE.COM/BILL"), clean_name("  ")
    ('Corner Shop', 'Cloudforge', 'Unknown merchant')
    """
    text = " ".join(_printable(descriptor).split())
    named = _without_product(_without_columns(_without_processor(descriptor)))
    words = _without_legal_form(_without_city(_words(_without_phone(_without_address(named))), city or ""))
    return _cased(words)[:_LONGEST].strip() or text[:_LONGEST] or "Unknown merchant"


def descriptor_key(descriptor: str) -> str | None:
    """Return what two descriptors of one merchant have in common; None for one that could be anybody's.

    >>> descriptor_key("TST* Corner Shop 0423"), descriptor_key("CORNER SHOP"), descriptor_key("CAFE 12")
    ('CORNER SHOP', 'CORNER SHOP', None)
    """
    folded = unicodedata.normalize("NFKD", descriptor).encode("ascii", "ignore").decode().upper().strip()
    named = _WEB.sub(lambda found: _site(found[1]), _PROCESSORS.sub("", folded))
    plain = re.sub(r"[^A-Z0-9]+", " ", named.upper().replace("'", ""))
    words = [word for word in plain.split() if not any(char.isdigit() for char in word)]
    telling = [word for word in words if word not in _GENERIC]
    if sum(len(word) for word in telling) < _LETTERS:
        return None
    return " ".join(words)


def _printable(text: str) -> str:
    return "".join(char if char.isprintable() else " " for char in unicodedata.normalize("NFC", text)).strip()


def _without_processor(descriptor: str) -> str:
    # One may stand behind another: a shop's own processor, paid through a wallet.
    text = re.sub(r"\s*\*\s*", "*", _printable(descriptor))
    for _ in range(2):
        text = _PROCESSORS.sub("", text) or text
    return re.sub(r"^SP (?=\w{4})", "", text, flags=re.IGNORECASE)


def _without_columns(text: str) -> str:
    # Banks pad the name to a width and put the place behind it.
    head, *_ = re.split(r"\s{2,}", text)
    return head if _letters(head) > 1 else text


def _without_product(text: str) -> str:
    # What stands behind a star that is no processor's is what was bought: BRAND*ORDER.
    brand, _, product = text.partition("*")
    return brand if _letters(brand) > 1 else product or brand


def _without_address(text: str) -> str:
    found = _WEB.search(text)
    if found is None:
        return text
    before = text[: found.start()]
    return before if _letters(before) > 1 else _site(found[1])


def _site(host: str) -> str:
    *labels, top = host.split(".")
    if len(labels) > 1 and len(top) == _COUNTRY_LETTERS and labels[-1].lower() in _BELOW_COUNTRIES:
        labels.pop()
    return labels[-1]


def _without_phone(text: str) -> str:
    for found in _PHONE.finditer(text):
        if sum(char.isdigit() for char in found[0]) in _PHONE_DIGITS:
            before = text[: found.start()]
            return before if _letters(before) > 1 else text[found.end() :]
    return text


def _words(text: str) -> list[str]:
    # Where a number of the store or a dash stands, the name has ended, and its place begins.
    found: list[str] = []
    for part in re.split(r"(?:(?<!\d)/|/(?!\d)|[\s,;|_])+", text):
        word = part.strip("-.:*\"'()")
        if not (_is_number(part) or part == "-"):
            found += [_with_points(part, word)] if word else []
        elif found:
            while len(found) > 1 and found[-1].upper() in _BESIDE_NUMBERS:
                found.pop()
            break
    return found


def _with_points(part: str, word: str) -> str:
    return part.upper() if part.upper() in _LEGAL_FORMS else word


def _is_number(part: str) -> bool:
    digits = sum(char.isdigit() for char in part)
    if not digits or _WORD_IN_A_NUMBER.search(part):
        return False
    return "#" in part or digits >= _STORE_NUMBER or (part.isdigit() and part.startswith("0"))


def _without_city(words: list[str], city: str) -> list[str]:
    of_city = city.upper().split()
    named = [word.upper() for word in words]
    behind = named and len(named[-1]) == _COUNTRY_LETTERS and named[-1].isalpha()
    for end in (len(words), len(words) - 1 if behind else 0):
        start = end - len(of_city)
        if of_city and start > 0 and named[start:end] == of_city:
            return words[:start]
    return words


def _without_legal_form(words: list[str]) -> list[str]:
    kept = list(words)
    while len(kept) > 1 and (kept[-1].upper() in _LEGAL_FORMS or not kept[-1].strip("&-+")):
        kept.pop()
    return kept


def _cased(words: Sequence[str]) -> str:
    text = " ".join(words)
    if not (text.isupper() or text.islower()):
        return text
    return " ".join(_word(word.upper(), is_first=place == 0) for place, word in enumerate(words))


def _word(word: str, *, is_first: bool) -> str:
    letters = [char for char in word if char.isalpha()]
    is_acronym = 1 < len(letters) <= _ACRONYM and not set(letters) & set("AEIOUY")
    if any(char.isdigit() for char in word) and len(letters) < _LETTERS:
        return word
    if (is_acronym and word.isascii() and word not in _NO_ACRONYMS) or re.fullmatch(r"\w&\w", word):
        return word
    if not is_first and word in _SMALL:
        return word.lower()
    # After a hyphen and an ampersand; and O'Malley's has two, Malley's one.
    named = re.sub(r"(^|[-&.])([^\W\d_])", lambda found: found[1] + found[2].upper(), word.lower())
    return re.sub(r"^\w'\w", lambda found: found[0].upper(), named)


def _letters(text: str) -> int:
    return sum(char.isalpha() for char in text)
