"""How much of everything: three sizes, each for so many customers; docs/guides/aws.md says what they cost."""

from dataclasses import dataclass, replace
from typing import Final


@dataclass(frozen=True, slots=True)
class Tasks:
    """How many of a service there are, at least and at most, and what each has: CPU units and MiB."""

    least: int
    most: int
    cpu: int
    memory: int


@dataclass(frozen=True, slots=True)
class Size:
    """One installation. Whatever it is, two zones have a copy of the database and of each service."""

    name: str
    api: Tasks
    decisions: Tasks
    """What answers the network's authorizations, apart from everything else."""
    workers: Tasks
    pool: int
    """Connections of each pool; a server has two. All have to fit the database at the fullest."""
    database: str
    """An instance class of RDS, without its prefix."""
    database_gib: int
    database_memory_gib: int
    cache: str
    nat_gateways: int

    def asleep(self) -> "Size":
        """Return the same with no task that runs by itself: for a first deployment, without settings."""
        awake = {"api": self.api, "decisions": self.decisions, "workers": self.workers}
        return replace(self, **{name: replace(tasks, least=0) for name, tasks in awake.items()})

    @property
    def database_connections(self) -> int:
        """What RDS lets in by itself, by the memory of the class."""
        return min(self.database_memory_gib * 2**30 // 9_531_392, 5_000)

    @property
    def most_connections(self) -> int:
        """What all tasks take when there are as many as there may be."""
        servers, workers = self.api.most + self.decisions.most, self.workers.most
        return servers * (2 * self.pool + _OF_PROOFS) + workers * (self.pool + _OF_PROOFS + _OF_QUEUE)


_OF_PROOFS: Final = 4
_OF_QUEUE: Final = 5
# A server is one process, and uses one processor at most: there are more of them rather than larger ones.
SIZES: Final = {
    size.name: size
    for size in (
        Size(
            "small", pool=20,
            api=Tasks(2, 4, 512, 2048), decisions=Tasks(2, 6, 512, 2048), workers=Tasks(2, 4, 1024, 4096),
            database="m7g.large", database_gib=100, database_memory_gib=8,
            cache="cache.t4g.micro", nat_gateways=1,
        ),
        Size(
            "medium", pool=20,
            api=Tasks(3, 12, 1024, 2048), decisions=Tasks(3, 16, 1024, 2048), workers=Tasks(2, 8, 2048, 8192),
            database="r7g.2xlarge", database_gib=1000, database_memory_gib=64,
            cache="cache.m7g.large", nat_gateways=2,
        ),
        Size(
            "large", pool=8,
            api=Tasks(16, 80, 1024, 2048), decisions=Tasks(16, 100, 1024, 2048),
            workers=Tasks(6, 30, 2048, 8192),
            database="r7g.12xlarge", database_gib=8000, database_memory_gib=384,
            cache="cache.r7g.xlarge", nat_gateways=3,
        ),
    )
}  # fmt: skip
