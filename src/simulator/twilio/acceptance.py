"""What Twilio checks before it accepts a message, with the numbers that are refused on purpose."""

import re
from urllib.parse import urlsplit

from simulator.settings import SimulatorSettings
from simulator.twilio.errors import TwilioError

_E164 = re.compile(r"\+[1-9]\d{6,14}", re.ASCII)
_BODY_LIMIT_CHARACTERS = 1600
_REFUSED_RECIPIENTS = {
    "+15005550001": 21211,
    "+15005550002": 21612,
    "+15005550003": 21408,
    "+15005550004": 21610,
    "+15005550009": 21614,
}
_REFUSED_SENDERS = {"+15005550001": 21212, "+15005550007": 21606, "+15005550008": 21611}
_CHOICES = {
    "ContentRetention": ("retain", "discard"),
    "AddressRetention": ("retain", "obfuscate"),
    "RiskCheck": ("enable", "disable"),
}
_NOT_SIMULATED = ("MediaUrl", "ContentSid", "ScheduleType", "SendAt")


def ensure_acceptable(form: dict[str, str], settings: SimulatorSettings) -> None:
    """Raise the TwilioError of the first thing wrong with a message; unknown parameters are passed over."""
    _ensure_complete(form)
    _ensure_recipient(form["To"])
    _ensure_sender(form, settings)
    _ensure_callback(form.get("StatusCallback"))
    _ensure_options(form)


def _ensure_complete(form: dict[str, str]) -> None:
    if "To" not in form:
        raise TwilioError(21604)
    if "From" not in form and "MessagingServiceSid" not in form:
        raise TwilioError(21603)
    if not {"Body", "MediaUrl", "ContentSid"} & form.keys():
        raise TwilioError(21602)
    if len(form.get("Body", "")) > _BODY_LIMIT_CHARACTERS:
        raise TwilioError(21617)


def _ensure_recipient(number: str) -> None:
    if number in _REFUSED_RECIPIENTS:
        raise TwilioError(_REFUSED_RECIPIENTS[number], number)
    if not _E164.fullmatch(number):
        raise TwilioError(21211, number)


def _ensure_sender(form: dict[str, str], settings: SimulatorSettings) -> None:
    service, number = form.get("MessagingServiceSid"), form.get("From")
    if service not in {None, settings.twilio_messaging_service_sid}:
        raise TwilioError(21701, str(service))
    if number is None:
        return
    if number in _REFUSED_SENDERS:
        raise TwilioError(_REFUSED_SENDERS[number], number)
    if not _E164.fullmatch(number):
        raise TwilioError(21212, number)
    if number == form["To"]:
        raise TwilioError(21266, number)
    if number not in settings.twilio_numbers:
        raise TwilioError(21606, number)


def _ensure_callback(url: str | None) -> None:
    if url is None:
        return
    try:
        parts = urlsplit(url)
        is_usable = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        is_usable = False
    if not is_usable:
        raise TwilioError(21609, url)


def _ensure_options(form: dict[str, str]) -> None:
    for name, choices in _CHOICES.items():
        if name in form and form[name] not in choices:
            raise TwilioError(20001, f"{name}={form[name]}")
    for name in _NOT_SIMULATED:
        if name in form:
            raise TwilioError(20001, f"{name} is not available in the simulator")
