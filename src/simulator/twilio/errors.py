"""How Twilio says no: a numbered error and the document that carries it."""

from starlette.requests import Request
from starlette.responses import JSONResponse

_MESSAGES = {
    20001: "Invalid parameter: {value}",
    20003: "Authenticate",
    20404: "The requested resource {value} was not found",
    21211: "The 'To' number {value} is not a valid phone number.",
    21212: "The 'From' number {value} is not a valid phone number.",
    21266: "'To' and 'From' number cannot be the same: {value}",
    21408: "Sending to the region of the 'To' number {value} has not been enabled.",
    21602: "Message body is required.",
    21603: "A 'From' phone number is required.",
    21604: "A 'To' phone number is required.",
    21606: "The 'From' number {value} is not a message-capable number of this account.",
    21609: "The 'StatusCallback' URL {value} is not a valid URL.",
    21610: "The recipient {value} has unsubscribed from messages of this sender.",
    21611: "The 'From' number {value} has too many queued messages.",
    21612: "The 'To' number {value} is not reachable from this 'From' number.",
    21614: "The 'To' number {value} is not a mobile number.",
    21617: "The message body exceeds the limit of 1600 characters.",
    21701: "The Messaging Service {value} does not exist.",
}
_STATUS = {20003: 401, 20404: 404}


class TwilioError(Exception):
    """A request Twilio refuses; carries Twilio's error code, and the value at fault in its message."""

    def __init__(self, code: int, value: str = "") -> None:
        super().__init__(_MESSAGES[code].format(value=value))
        self.code = code
        self.status = _STATUS.get(code, 400)


def render_error(_request: Request, error: Exception) -> JSONResponse:
    """Answer a TwilioError with Twilio's document: code, message, more_info and status."""
    if not isinstance(error, TwilioError):
        raise error
    more_info = f"https://www.twilio.com/docs/errors/{error.code}"
    document = {"code": error.code, "message": str(error), "more_info": more_info, "status": error.status}
    return JSONResponse(document, error.status)
