"""How the product is watched: what is counted around requests, the state of its work, a page of all of it."""

from cardwright.observability.asking import Answered, MeasuredWire
from cardwright.observability.books import measure_books
from cardwright.observability.page import MetricsPage, serving_page
from cardwright.observability.requests import MeasuredRequests
from cardwright.observability.spans import sending_spans
from cardwright.observability.stages import observe_stages
from cardwright.observability.state import StateOfWork

__all__ = [
    "Answered",
    "MeasuredRequests",
    "MeasuredWire",
    "MetricsPage",
    "StateOfWork",
    "measure_books",
    "observe_stages",
    "sending_spans",
    "serving_page",
]
