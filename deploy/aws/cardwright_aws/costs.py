"""What a size costs in a month, item by item, as arithmetic on the sizes; `make aws-costs` prints it.

Prices are on-demand list prices of us-east-1 in US dollars, written down from memory: look them up before a
budget is made of them. Discounts for what is reserved (a third and more) are not in it.
"""

import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from cardwright_aws.sizes import SIZES, Size, Tasks

_HOURS: Final = Decimal(730)
_VCPU_HOUR, _GIB_HOUR = Decimal("0.04048"), Decimal("0.004445")
_DATABASE_HOUR: Final = {
    "m7g.large": Decimal("0.337"), "r7g.2xlarge": Decimal("1.914"), "r7g.12xlarge": Decimal("11.484"),
}  # fmt: skip
"""With the standby in another zone."""
_DATABASE_GIB, _BACKUP_GIB = Decimal("0.23"), Decimal("0.095")
_CACHE_HOUR: Final = {
    "cache.t4g.micro": Decimal("0.0128"),
    "cache.m7g.large": Decimal("0.1264"),
    "cache.r7g.xlarge": Decimal("0.3496"),
}
_NAT_HOUR, _NAT_GIB = Decimal("0.045"), Decimal("0.045")
_BALANCER_HOUR, _LCU_HOUR = Decimal("0.0225"), Decimal("0.008")
_EDGE_GIB, _EDGE_MILLION = Decimal("0.085"), Decimal("1.00")
_WALL_FIXED, _WALL_MILLION = Decimal(9), Decimal("0.60")
_LOG_GIB: Final = Decimal("0.50")
_S3_GIB: Final = Decimal("0.023")
_FIXED: Final = Decimal("2.00") + Decimal("1.20") + Decimal("1.50") + Decimal("0.50")
"""Two keys, three secrets, 15 alarms, a zone."""


@dataclass(frozen=True, slots=True)
class Use:
    """What a month brings, which is assumed: requests, and GiB that leave, are logged, are kept."""

    million_requests: int
    gib_out: int
    gib_logs: int
    gib_documents: int
    mean_share: Decimal
    """Where between least and most the number of tasks is on average."""


USES: Final = {
    "small": Use(10, 50, 20, 50, Decimal("0.1")),
    "medium": Use(300, 1_000, 500, 2_000, Decimal("0.2")),
    "large": Use(6_000, 20_000, 8_000, 50_000, Decimal("0.2")),
}


def items(size: Size, use: Use) -> Iterator[tuple[str, str, Decimal]]:
    """Yield each item with its arithmetic and its dollars in a month."""
    for name, tasks in (("API", size.api), ("decisions", size.decisions), ("workers", size.workers)):
        number = tasks.least + (tasks.most - tasks.least) * use.mean_share
        hourly = _task_hour(tasks)
        yield f"Fargate, {name}", f"{number:.1f} x {hourly:.5f}/h x 730", number * hourly * _HOURS
    hourly = _DATABASE_HOUR[size.database]
    yield f"RDS, db.{size.database}, two zones", f"{hourly}/h x 730", hourly * _HOURS
    yield "RDS, disk", f"{size.database_gib} GiB x {_DATABASE_GIB}", size.database_gib * _DATABASE_GIB
    backups = size.database_gib
    yield "RDS, backups beyond the first copy", f"{backups} GiB x {_BACKUP_GIB}", backups * _BACKUP_GIB
    hourly = _CACHE_HOUR[size.cache]
    yield f"ElastiCache, {size.cache}", f"2 x {hourly}/h x 730", 2 * hourly * _HOURS
    out = Decimal(use.gib_out)
    gateways = size.nat_gateways
    yield (
        "NAT",
        f"{gateways} x {_NAT_HOUR}/h x 730 + {out / 5:.0f} GiB x {_NAT_GIB}",
        (gateways * _NAT_HOUR * _HOURS + out / 5 * _NAT_GIB),
    )
    units = max(Decimal(1), Decimal(use.million_requests) * 1_000_000 / (_HOURS * 3_600) / 25)
    yield (
        "Balancer",
        f"({_BALANCER_HOUR} + {units:.1f} LCU x {_LCU_HOUR})/h x 730",
        ((_BALANCER_HOUR + units * _LCU_HOUR) * _HOURS),
    )
    requests = use.million_requests
    yield (
        "CloudFront",
        f"{out} GiB x {_EDGE_GIB} + {requests} M x {_EDGE_MILLION}",
        (out * _EDGE_GIB + requests * _EDGE_MILLION),
    )
    yield "WAF", f"{_WALL_FIXED} + {requests} M x {_WALL_MILLION}", _WALL_FIXED + requests * _WALL_MILLION
    yield "Logs", f"{use.gib_logs} GiB x {_LOG_GIB}", use.gib_logs * _LOG_GIB
    yield "S3", f"{use.gib_documents} GiB x {_S3_GIB}", use.gib_documents * _S3_GIB
    yield "Keys, secrets, alarms, zone", "2.00 + 1.20 + 1.50 + 0.50", _FIXED


def _task_hour(tasks: Tasks) -> Decimal:
    return Decimal(tasks.cpu) / 1024 * _VCPU_HOUR + Decimal(tasks.memory) / 1024 * _GIB_HOUR


def table(size: Size, use: Use) -> str:
    """Return one size as Markdown."""
    found: Sequence[tuple[str, str, Decimal]] = list(items(size, use))
    rows = [f"| {name} | {sum_} | {dollars:,.2f} |" for name, sum_, dollars in found]
    total = sum((round(dollars, 2) for _, _, dollars in found), Decimal(0))
    head = (
        f"### {size.name}: {total:,.0f} US dollars a month\n\n{use.million_requests:,} million requests,"
        f" {use.gib_out:,} GiB out, {use.gib_logs:,} GiB of logs, {use.gib_documents:,} GiB of documents.\n"
    )
    return "\n".join([head, "| what | arithmetic | US$ |", "|---|---|---:|", *rows, ""])


def tables() -> str:
    """Return all sizes as Markdown."""
    return "\n".join(table(size, USES[name]) for name, size in SIZES.items())


if __name__ == "__main__":
    sys.stdout.write(tables())
