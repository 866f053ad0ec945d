"""What a URL and an address must be for a request to be sent there."""

from ipaddress import IPv4Address, IPv6Address, ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cardwright.adapters.outbound_policy import IpAddress, OutboundPolicy, OutboundRefused, is_public

STRICT = OutboundPolicy()
DEMO = OutboundPolicy.of(("127.0.0.0/8", "::1/128"), is_http_allowed=True)


@given(st.ip_addresses())
def test_no_address_that_is_not_global_is_public(address: IpAddress) -> None:
    assert address.is_global or not is_public(address)


@given(st.ip_addresses(v=4))
def test_an_ipv4_address_wrapped_in_ipv6_is_never_public(address: IPv4Address) -> None:
    number = int(address)
    compatible, mapped, nat64 = number, 0xFFFF << 32 | number, 0x64FF9B << 96 | number
    six_to_four, teredo = 0x2002 << 112 | number << 80, 0x2001 << 112 | number << 64
    isatap = 0x2A00 << 112 | 0x5EFE << 32 | number
    for wrapped in (compatible, mapped, nat64, six_to_four, teredo, isatap):
        assert not is_public(IPv6Address(wrapped))


@pytest.mark.parametrize(
    "url",
    [
        "https://hooks.example.com/",
        "https://hooks.example.com:8443/a?b=c",
        "https://8.8.8.8/",
        "https://bücher.de/",
    ],
)
def test_a_public_https_url_is_good(url: str) -> None:
    STRICT.ensure_url(url)


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("http://hooks.example.com/", "scheme"),
        ("https://ada@hooks.example.com/", "userinfo"),
        ("https://127.0.0.1/", "address"),
        ("https://127.1/", "host"),
        ("https://0x7f000001/", "host"),
        ("https://localhost/", "host"),
        ("https://hooks.example.com:25/", "port"),
        ("https://hooks.example.com:0/", "port"),
        ("https://hooks.example.com:65536/", "port"),
        ("https://xn--/", "url"),
        ("https://xn--a/", "url"),
        ("/relative", "url"),
        ("https://" + "a" * 2048 + ".com", "url"),
    ],
)
def test_a_url_that_will_not_be_requested_is_refused_with_why(url: str, reason: str) -> None:
    with pytest.raises(OutboundRefused) as refused:
        STRICT.ensure_url(url)
    assert refused.value.reason == reason


def test_a_network_that_settings_allow_is_reached_on_any_port_and_others_stay_refused() -> None:
    DEMO.ensure_url("http://127.0.0.1:81/")
    DEMO.ensure_url("http://localhost:81/")
    DEMO.ensure_address(ip_address("127.0.0.1"), 81)
    for port in (0, 99999):
        with pytest.raises(OutboundRefused):
            DEMO.ensure_url(f"http://127.0.0.1:{port}/")
    with pytest.raises(OutboundRefused):
        DEMO.ensure_address(ip_address("10.0.0.1"), 443)


def test_a_network_that_settings_refuse_is_not_reached_though_public() -> None:
    policy = OutboundPolicy.of(refused=("8.8.8.0/24", "2606:4700::/32"))
    for text in ("8.8.8.8", "2606:4700::1"):
        with pytest.raises(OutboundRefused):
            policy.ensure_address(ip_address(text), 443)


@given(
    st.text(max_size=60)
    | st.builds("{}://{}".format, st.sampled_from(["https", "http", "HTTPS", "ftp"]), st.text(max_size=60))
    | st.builds(
        "https://{}:{}/{}".format, st.text(max_size=20), st.text("0123456789-", max_size=8), st.text()
    )
)
def test_whatever_is_written_is_a_url_or_refused_with_a_reason(text: str) -> None:
    reasons = {_reason(policy, text) for policy in (STRICT, DEMO)}
    assert reasons <= {None, "scheme", "userinfo", "url", "host", "port", "address"}


def _reason(policy: OutboundPolicy, url: str) -> str | None:
    try:
        policy.ensure_url(url)
    except OutboundRefused as refused:
        return refused.reason
    return None
