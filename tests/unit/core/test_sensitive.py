"""A secret leaves its wrapper only where it is asked for by name."""

import copy
import json
import logging
import pickle
import traceback
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pprint import pformat
from typing import Any

import pytest
from rich.pretty import pretty_repr

from cardwright.core.sensitive import Sensitive
from cardwright.db.session import canonical_json

SECRET = "hunter2-hunter2"
WRAPPED = Sensitive(SECRET)


@dataclass
class Holder:
    token: Sensitive


def test_it_gives_the_secret_back_to_those_who_ask() -> None:
    assert WRAPPED.reveal() == SECRET


@pytest.mark.parametrize(
    "write",
    [
        repr,
        str,
        lambda secret: f"{secret}",
        lambda secret: f"{secret!s} {secret!r}",
        "{}".format,
        lambda secret: "%s %r" % (secret, secret),  # noqa: UP031
        lambda secret: str([secret]),
        lambda secret: str({"token": secret}),
        lambda secret: repr(Holder(secret)),
        lambda secret: pformat(Holder(secret)),
        lambda secret: pretty_repr(Holder(secret)),
        lambda secret: logging.makeLogRecord({"msg": "%s", "args": (secret,)}).getMessage(),
    ],
)
def test_no_way_of_writing_it_shows_the_secret(write: Callable[[Any], str]) -> None:
    written = write(WRAPPED)
    assert SECRET not in written
    assert "Sensitive(***)" in written


@pytest.mark.parametrize(
    "take_out",
    [
        pickle.dumps,
        copy.copy,
        copy.deepcopy,
        json.dumps,
        canonical_json,
        lambda secret: asdict(Holder(secret)),
        lambda secret: format(secret, ">40"),
        vars,
        list,
        bytes,
    ],
)
def test_no_way_of_copying_it_takes_the_secret_out(take_out: Callable[[Any], object]) -> None:
    with pytest.raises(TypeError) as refused:
        take_out(WRAPPED)
    assert SECRET not in str(refused.value)


def test_a_traceback_with_all_its_variables_does_not_show_it() -> None:
    def fail(token: Sensitive) -> None:
        raise LookupError(token)

    with pytest.raises(LookupError) as raised:
        fail(WRAPPED)
    told = traceback.TracebackException.from_exception(raised.value, capture_locals=True)
    text = "".join(told.format())
    assert "token = Sensitive(***)" in text
    assert SECRET not in text


def test_it_is_compared_by_what_it_holds_only_through_matches() -> None:
    assert WRAPPED.matches(SECRET)
    assert not WRAPPED.matches(SECRET.upper())
    assert not WRAPPED.matches("")
    assert Sensitive("ключ").matches("ключ")
    assert Sensitive(SECRET) != WRAPPED
    assert WRAPPED != SECRET
