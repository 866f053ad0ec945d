"""Training of risk models from the platform's own labelled history; nothing that decides imports it."""

from cardwright.training.domain import Sample, Split, TooLittleHistory, metrics_of, split_in_time
from cardwright.training.fitting import Fitted, TrainingUnavailable, fit
from cardwright.training.history import samples_between

__all__ = [
    "Fitted",
    "Sample",
    "Split",
    "TooLittleHistory",
    "TrainingUnavailable",
    "fit",
    "metrics_of",
    "samples_between",
    "split_in_time",
]
