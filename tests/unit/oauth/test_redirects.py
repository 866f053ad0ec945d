"""Which addresses may be registered, and that nothing but a registered one is ever matched."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cardwright.core.errors import Invalid
from cardwright.oauth.redirects import ensure_redirect_uri, matches, origin_of, with_parameters

WEB = "https://app.example/done"
NATIVE = "com.example.app:/signed-in"
LOOPBACK = "http://127.0.0.1/done"


@pytest.mark.parametrize("uri", [WEB, "https://app.example:8443/a?b=c", "https://xn--bcher-kva.example/"])
def test_an_https_address_may_be_registered_by_anybody(uri: str) -> None:
    assert ensure_redirect_uri(uri, is_native=False) == ensure_redirect_uri(uri, is_native=True) == uri


@pytest.mark.parametrize("uri", [NATIVE, LOOPBACK, "http://[::1]/done", "http://127.0.0.1:8080/done"])
def test_only_a_native_application_may_listen_on_its_own_device(uri: str) -> None:
    assert ensure_redirect_uri(uri, is_native=True) == uri
    with pytest.raises(Invalid):
        ensure_redirect_uri(uri, is_native=False)


@pytest.mark.parametrize(
    "uri",
    [
        "", "/done", "app.example/done", "//app.example/done", "http://app.example/done",
        "http://localhost/done", "https://", "https:///done", "https://app.example/done#part",
        "https://user:secret@app.example/done", "https://app.example@evil.example/", "https://*.example/done",
        "https://app.example/*", "https://app.example\\@evil.example/", "https://app.example/a/../b",
        "https://app.example/%2e%2e/b", "https://app.example/a b", "https://app.example/\n", "https://app.example:x/",
        "javascript:alert(1)", "data:text/html,hello", "file:///etc/passwd", "myapp:/done", "myapp://done",
        "com.example.app://host/done", "com.example.app:", "http://127.0.0.1.evil.example/", "http://127.1/done",
        "https://\u0430pp.example/done", "https://app.example/" + "a" * 500,
    ],
)  # fmt: skip
def test_nobody_may_register_what_two_parsers_could_read_in_two_ways(uri: str) -> None:
    with pytest.raises(Invalid) as caught:
        ensure_redirect_uri(uri, is_native=True)
    assert caught.value.code == "redirect_uri_invalid"


@pytest.mark.parametrize(
    "uri",
    [
        WEB + "/", WEB + "?", WEB + "?x=1", WEB + "#x", WEB.upper(), "https://app.example//done",
        "https://app.example/done/../evil", "https://app.example.evil.example/done", "https://evil.example/done",
        "https://app.example:443/done", "http://app.example/done", "https://app.example/don", " " + WEB,
        "https://evil.example\\@app.example/done", "https://app.example/done%00", "com.example.app:/other",
        "com.example.app:/signed-in/", "http://127.0.0.1/other", "http://127.0.0.1:80:90/done",
        "http://127.0.0.1:99999/done", "http://[::1]/done", "http://localhost/done",
        "http://user@127.0.0.1:5000/done", "https://127.0.0.1:5000/done", "http://127.0.0.1:5000/done?x=1",
    ],
)  # fmt: skip
def test_an_address_that_differs_in_anything_does_not_match(uri: str) -> None:
    assert not matches(uri, [WEB, NATIVE, LOOPBACK])


def test_of_a_loopback_address_any_port_matches() -> None:
    for port in ("", ":1", ":51004", ":65535"):
        assert matches(f"http://127.0.0.1{port}/done", [WEB, LOOPBACK])
    assert matches("http://[::1]:51004/done", ["http://[::1]:8080/done"])


@given(st.text(max_size=60))
def test_no_suffix_makes_another_address_match(suffix: str) -> None:
    assert matches(WEB + suffix, [WEB]) == (suffix == "")


def test_parameters_are_added_and_never_replace_what_is_there() -> None:
    assert with_parameters(WEB, {"code": "a b&c", "state": None}) == WEB + "?code=a+b%26c"
    assert with_parameters(WEB + "?x=1", {"code": "c"}) == WEB + "?x=1&code=c"
    assert with_parameters(NATIVE, {"code": "c"}) == NATIVE + "?code=c"
    assert with_parameters(WEB, {"state": None}) == WEB


def test_the_place_of_an_address_is_named_as_a_policy_names_it() -> None:
    assert [origin_of(uri) for uri in (WEB, NATIVE, "http://127.0.0.1:5/x")] == [
        "https://app.example", "com.example.app:", "http://127.0.0.1:5",
    ]  # fmt: skip
