"""What somebody could enter as the URL of a webhook, tried for real; `make ssrf` prints the table.

In a network namespace every address in the world is made local to the machine, and a listener accepts on
every one of them: whatever the sender lets out arrives and is seen. Besides, the kernel counts the packets
that leave. Without the right to make a namespace, what the process connects to is taken from its audit hook.
"""

import asyncio
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from ipaddress import IPv6Address, ip_address
from pathlib import Path
from typing import Any, Final

import httpx

from cardwright.adapters.guarded_http import OutboundPolicy, guarded_client
from cardwright.adapters.outbound_policy import IpAddress

TESTS: Final = Path(__file__).parent
_HTTP_PORT: Final = 80
_OTHER_PORT: Final = 8080
_NO_NAMESPACE: Final = 97


@dataclass(frozen=True, slots=True)
class Trick:
    """A URL, and what its name resolves to: the last entry from then on."""

    url: str
    resolves_to: Sequence[Sequence[str]] = ()
    is_allowed: bool = False
    times: int = 1


def _name(*addresses: str, url: str = "http://hooks.example.com/") -> Trick:
    return Trick(url, (addresses,))


LITERALS: Final = (
    # IPv4, plain
    "http://127.0.0.1/", "http://127.1.2.3/", "http://0.0.0.0/", "http://0.1.2.3/", "http://10.0.0.1/",
    "http://10.255.255.255/", "http://172.16.0.1/", "http://172.31.255.254/", "http://192.168.1.1/",
    "http://169.254.169.254/latest/meta-data/", "http://169.254.170.2/v2/credentials", "http://100.64.0.1/",
    "http://100.100.100.200/latest/meta-data/", "http://168.63.129.16/metadata", "http://192.0.0.192/opc/v2/",
    "http://192.0.2.1/", "http://198.18.0.1/", "http://198.51.100.7/", "http://203.0.113.9/",
    "http://192.88.99.1/", "http://224.0.0.1/", "http://239.255.255.250/", "http://240.0.0.1/",
    "http://255.255.255.255/",
    # IPv4, in disguise: resolvers read these as inet_aton does
    "http://2130706433/", "http://017700000001/", "http://0x7f000001/", "http://0x7f.0.0.1/",
    "http://0177.0.0.1/", "http://127.1/", "http://127.0.1/", "http://0/", "http://0x0/",
    "http://2852039166/", "http://0251.0376.0251.0376/", "http://127.0.0.1./", "http://10.1/",
    "http://127。0。0。1/", "http://①②⑦.⓪.⓪.①/", "http://\uff11\uff12\uff17.0.0.1/", "http://%31%32%37.0.0.1/",
    # IPv6
    "http://[::1]/", "http://[::]/", "http://[0:0:0:0:0:0:0:1]/", "http://[::ffff:127.0.0.1]/",
    "http://[::ffff:7f00:1]/", "http://[::ffff:a9fe:a9fe]/", "http://[::127.0.0.1]/",
    "http://[::ffff:0:127.0.0.1]/", "http://[64:ff9b::7f00:1]/", "http://[64:ff9b::a9fe:a9fe]/",
    "http://[64:ff9b::8.8.8.8]/", "http://[64:ff9b:1::a00:1]/", "http://[2002:7f00:1::]/",
    "http://[2002:a9fe:a9fe::1]/", "http://[2001:0:4136:e378:8000:63bf:3fff:fdd2]/", "http://[fe80::1]/",
    "http://[fe80::1%25lo]/", "http://[fe80::1%lo]/", "http://[fec0::1]/", "http://[fc00::1]/",
    "http://[fd00:ec2::254]/latest/meta-data/", "http://[ff02::1]/", "http://[100::1]/",
    "http://[2001:db8::1]/", "http://[2001:2::1]/", "http://[3fff::1]/", "http://[5f00::1]/",
    "http://[2606:4700::5efe:7f00:1]/", "http://[2606:4700::200:5efe:a00:1]/",
    # names
    "http://localhost/", "http://LOCALHOST./", "http://localhost.localdomain/", "http://app.localhost/",
    "http://ip6-localhost/", "http://metadata/", "http://metadata.google.internal/computeMetadata/v1/",
    "http://instance-data/", "http://kubernetes.default.svc.cluster.local/", "http://ⓛocalhost/",
    "http://printer.local/", "http://intranet/", "http://.example.com/", "http://a..example.com/",
    # URLs
    "http://hooks.example.com@127.0.0.1/", "http://127.0.0.1@hooks.example.com/", "http://user:pw@8.8.8.8/",
    "http://8.8.8.8:22/", "http://8.8.8.8:25/", "http://8.8.8.8:53/", "http://8.8.8.8:0/",
    "http://127.0.0.1:8080/", "http://[::1]:8080/", "http:///etc/passwd", "http://", "//127.0.0.1/",
    "file:///etc/passwd", "gopher://127.0.0.1:6379/_PING", "ftp://127.0.0.1/", "dict://127.0.0.1:11211/",
    "unix:///var/run/docker.sock", "ws://127.0.0.1/", "http://127.0.0.1#@hooks.example.com/",
    "http://127.0.0.1\\@hooks.example.com/", "http://127.0.0.1%00.hooks.example.com/",
    "http://hooks.example.com\r\nHost: 127.0.0.1/", "http://[::1/", "http://[127.0.0.1]/",
    "http://" + "a" * 64 + ".example.com/", "http://" + "a." * 127 + "example.com/",
)  # fmt: skip
NAMES: Final = (
    _name("127.0.0.1"), _name("10.0.0.1"), _name("169.254.169.254"), _name("100.64.1.1"), _name("0.0.0.1"),
    _name("::1"), _name("::ffff:10.0.0.1"), _name("64:ff9b::a00:1"), _name("fd00::1"), _name("fe80::1"),
    _name("2002:c0a8:101::1"), _name("ff0e::1"),
    _name("8.8.8.8", "127.0.0.1"),  # one of each
    _name("2606:4700::1111", "::1"),
    _name(),  # no address at all
    _name("127.0.0.1", url="http://hooks.example.com./"),
    _name("127.0.0.1", url="http://xn--hxajbheg2az3al.example.com/"),
    _name("8.8.8.8", url="http://hooks.example.com:23/"),
)  # fmt: skip
REBINDING: Final = (
    # The check sees a public address; the name has another one by the time of the next question.
    Trick("http://rebinding.example.com/", (("8.8.8.8",), ("127.0.0.1",)), is_allowed=True, times=3),
    Trick("http://rebinding6.example.com/", (("2606:4700::1111",), ("::1",)), is_allowed=True, times=3),
)
REDIRECTS: Final = tuple(
    Trick(f"http://1.1.1.1/redirect?{status}={target}", is_allowed=True)
    for status in (301, 302, 303, 307, 308)
    for target in ("http://127.0.0.1:8080/", "http://169.254.169.254/latest/meta-data/")
)
ALLOWED: Final = (
    Trick("http://8.8.8.8/", is_allowed=True),
    Trick("http://8.8.8.8:8080/", is_allowed=True),
    Trick("http://[2606:4700:4700::1111]/", is_allowed=True),
    Trick("http://hooks.example.com/", (("9.9.9.9",),), is_allowed=True),
    Trick("http://HOOKS.EXAMPLE.com./", (("9.9.9.9", "2620:fe::fe"),), is_allowed=True),
    Trick("http://bücher.example.com/", (("93.184.216.34",),), is_allowed=True),
)
CONTROLS: Final = (
    "http://127.0.0.1/", "http://10.0.0.1/", "http://169.254.169.254/", "http://[::1]/", "http://[fd00::1]/",
)  # fmt: skip
"""What a client without any guard reaches, which shows that it would be seen."""
CORPUS: Final = (*map(Trick, LITERALS), *NAMES, *REBINDING, *REDIRECTS, *ALLOWED)


@dataclass(frozen=True, slots=True)
class Tried:
    """What became of one: the addresses that were reached, packets that left, how requests ended."""

    trick: Trick
    reached: frozenset[str]
    packets: int | None
    endings: tuple[str, ...]

    @property
    def is_as_it_should_be(self) -> bool:
        """Answer whether nothing left but to public addresses that were asked for."""
        if not self.trick.is_allowed:
            return not self.reached and not self.packets
        # One that may be sent and does not arrive would mean that nothing is seen here.
        return bool(self.reached) and all(_is_expected(address, self.trick) for address in self.reached)


def _is_expected(address: str, trick: Trick) -> bool:
    first = trick.resolves_to[0] if trick.resolves_to else (httpx.URL(trick.url).host,)
    return address in first


@dataclass(slots=True)
class _Names:
    """A resolver that answers what a trick says; what is no name is read as the system reads it."""

    answers: Mapping[str, Sequence[Sequence[str]]]
    asked: dict[str, int] = field(default_factory=dict)

    async def __call__(self, host: str, port: int) -> Sequence[IpAddress]:
        known = self.answers.get(host.rstrip(".").lower())
        if known is None:
            # No name server is asked, which would be a packet; `localhost` and disguised numbers are read.
            found = await asyncio.get_running_loop().getaddrinfo(host, port)
            return [ip_address(entry[4][0]) for entry in found]
        asked = self.asked[host] = self.asked.get(host, -1) + 1
        return [ip_address(text) for text in known[min(asked, len(known) - 1)]]


class Watch:
    """Sees connections: with a namespace where they arrive, without one where they are asked for."""

    def __init__(self, *, is_isolated: bool) -> None:
        self.is_isolated = is_isolated
        self.reached: list[str] = []
        if not is_isolated:
            sys.addaudithook(self._noticed)

    async def start(self) -> None:
        """Listen on all addresses there are, IPv4 and IPv6."""
        if self.is_isolated:
            for port in (_HTTP_PORT, _OTHER_PORT, 22, 23, 25, 53, 6379):
                await asyncio.start_server(self._accepted, None, port)

    def packets(self) -> int | None:
        """Return how many packets of any kind this namespace has sent, None without one."""
        return _sent_packets() if self.is_isolated else None

    def _noticed(self, event: str, args: tuple[Any, ...]) -> None:
        if event in {"socket.connect", "socket.sendto"} and isinstance(args[1], tuple):
            self.reached.append(args[1][0])
            raise ConnectionRefusedError

    async def _accepted(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reached.append(_plain(writer.get_extra_info("sockname")[0]))
        request = await reader.readuntil(b"\r\n\r\n")
        path = request.split(b" ", 2)[1].decode()
        if "redirect?" in path:
            status, _, target = path.partition("?")[2].partition("=")
            writer.write(f"HTTP/1.1 {status} Go\r\nLocation: {target}\r\n".encode())
        else:
            writer.write(b"HTTP/1.1 200 OK\r\n")
        writer.write(b"Connection: close\r\nContent-Length: 0\r\n\r\n")
        await writer.drain()
        writer.close()


def _plain(text: str) -> str:
    address = ip_address(text)
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return str(mapped or address)


def _sent_packets() -> int:
    ipv4 = [
        line.split() for line in Path("/proc/self/net/snmp").read_text().splitlines() if line[:3] == "Ip:"
    ]
    ipv6 = Path("/proc/self/net/snmp6").read_text().split()
    return int(ipv4[1][ipv4[0].index("OutRequests")]) + int(ipv6[ipv6.index("Ip6OutRequests") + 1])


async def attempt(trick: Trick, watch: Watch) -> Tried:
    """Send what a trick asks for, each time with a new client: no connection is left over."""
    before, packets = len(watch.reached), watch.packets()
    host = _host_of(trick.url)
    names = _Names({host: trick.resolves_to} if trick.resolves_to else {})
    endings = []
    for _ in range(trick.times):
        async with guarded_client(
            OutboundPolicy(is_http_allowed=True, connect_seconds=2, whole_seconds=2), names
        ) as client:
            endings.append(await _ending(client, trick.url))
    after = watch.packets()
    sent = None if packets is None or after is None else after - packets
    return Tried(trick, frozenset(watch.reached[before:]), sent, tuple(endings))


async def _ending(client: httpx.AsyncClient, url: str) -> str:
    try:
        answer = await client.post(url, content=b"{}")
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        return getattr(error, "reason", type(error).__name__)
    return str(answer.status_code)


def _host_of(url: str) -> str:
    try:
        return httpx.URL(url).raw_host.decode().rstrip(".").lower()
    except httpx.InvalidURL:
        return ""


async def attempt_all(watch: Watch) -> tuple[Sequence[Tried], int]:
    """Try the whole corpus, one after the other; and how many of CONTROLS a plain client reaches."""
    await watch.start()
    tried = [await attempt(trick, watch) for trick in CORPUS]
    before = len(watch.reached)
    async with httpx.AsyncClient(trust_env=False, timeout=2) as plain:
        for url in CONTROLS:
            await _ending(plain, url)
    return tried, len(set(watch.reached[before:]))


def run_isolated() -> subprocess.CompletedProcess[str] | None:
    """Run this program in a network namespace; None where none can be made."""
    unshare = shutil.which("unshare")
    if unshare is None or shutil.which("ip") is None:
        return None
    everything_is_here = (
        "{ ip link set lo up && ip route add local 0.0.0.0/0 dev lo && ip -6 route add local ::/0 dev lo; }"
        f' || exit {_NO_NAMESPACE}; exec "$@"'
    )
    for flags in ("-n", "-rn"):
        ran = subprocess.run(
            [unshare, flags, "sh", "-c", everything_is_here, "sh", sys.executable, __file__, "isolated"],
            capture_output=True, text=True, check=False, env={**os.environ, "PYTHONPATH": str(TESTS)},
        )  # fmt: skip
        # Of unshare's own failures the output says nothing of leaks.
        if ran.returncode != _NO_NAMESPACE and "leaks:" in ran.stdout:
            return ran
    return None


def table(tried: Sequence[Tried], controls: int, how: str) -> str:
    """Return one line for each, and the count."""
    lines = [_line(entry) for entry in tried]
    refused = [entry for entry in tried if not entry.trick.is_allowed]
    leaks = sum(1 for entry in tried if not entry.is_as_it_should_be)
    connections = sum(len(entry.reached) for entry in refused)
    packets = sum(entry.packets or 0 for entry in refused)
    return "\n".join(
        [
            *lines,
            f"observed by: {how}",
            f"{len(refused)} that must be refused: {connections} connections, {packets} packets",
            f"{len(tried) - len(refused)} that may be sent: only to the address that was checked",
            f"a client without the guard reached {controls} of {len(CONTROLS)} inside",
            f"leaks: {leaks}",
        ]
    )


def _line(entry: Tried) -> str:
    verdict = "ok  " if entry.is_as_it_should_be else "LEAK"
    url = entry.trick.url.encode("unicode_escape").decode()[:58]
    names = " then ".join(",".join(answer) or "nothing" for answer in entry.trick.resolves_to)
    packets = "" if entry.packets is None else f"{entry.packets} packets"
    endings, reached = "/".join(entry.endings), " ".join(sorted(entry.reached))
    return f"{verdict} {url:58} {names:28} {endings:24} {packets:10} {reached}"


def main() -> int:
    """Print the table; 1 when anything got out."""
    is_isolated = sys.argv[1:] == ["isolated"]
    if not is_isolated:
        ran = run_isolated()
        if ran is not None:
            sys.stdout.write(ran.stdout + ran.stderr)
            return ran.returncode
    how = (
        "a network namespace in which all addresses are local: arrivals, and packets counted by the kernel"
        if is_isolated
        else "the process's audit hook (no network namespace can be made here)"
    )
    tried, controls = asyncio.run(attempt_all(Watch(is_isolated=is_isolated)))
    sys.stdout.write(table(tried, controls, how) + "\n")
    return int(controls < len(CONTROLS) or not all(entry.is_as_it_should_be for entry in tried))


if __name__ == "__main__":
    sys.exit(main())
