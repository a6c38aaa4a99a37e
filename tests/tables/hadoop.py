"""A Hadoop file system of this machine's own: its server of names and one of data, as real processes on the loopback."""

from __future__ import annotations

import os
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from ccxdissect.capture.remote import file_system

#: Where `hadoop.sh` puts what it gets.
JARS = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "ccxdissect" / "hadoop" / "lib"
_LOG = """log4j.rootLogger=INFO, log
log4j.appender.log=org.apache.log4j.ConsoleAppender
log4j.appender.log.layout=org.apache.log4j.PatternLayout
log4j.appender.log.layout.ConversionPattern=%d %p %c{1}: %m%n
"""
_SERVERS = "org.apache.hadoop.hdfs.server."


def there() -> bool:
    """Whether `hadoop.sh` got it."""
    return (JARS.parent / "whole").exists()


@contextmanager
def running(folder: Path) -> Iterator[str]:
    """An empty file system that keeps its data in a folder; its address (`hdfs://127.0.0.1:PORT`)."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"hdfs://127.0.0.1:{free.getsockname()[1]}"
    settings = folder / "settings"
    # The servers of pages want their folders, though nobody looks at them.
    for pages in ("hdfs", "datanode", "static"):
        (settings / "webapps" / pages).mkdir(parents=True)
    _write(settings / "core-site.xml", {"fs.defaultFS": address, "hadoop.tmp.dir": str(folder / "data")})
    somewhere = "127.0.0.1:0"
    _write(
        settings / "hdfs-site.xml",
        {
            "dfs.replication": "1",
            # A block's room is set aside for every file that is open: of the usual 128 MiB each, hundreds of files would
            # not fit on a disk with some ten GB left.
            "dfs.blocksize": str(1 << 20),
            # There is no other that could be less busy.
            "dfs.namenode.redundancy.considerLoad": "false",
            "dfs.namenode.http-address": somewhere,
            "dfs.datanode.address": somewhere,
            "dfs.datanode.http.address": somewhere,
            "dfs.datanode.ipc.address": somewhere,
            "dfs.datanode.hostname": "127.0.0.1",
            "dfs.namenode.datanode.registration.ip-hostname-check": "false",
        },
    )
    (settings / "log4j.properties").write_text(_LOG)
    command = [
        "java", "-Xmx256m", "-XX:TieredStopAtLevel=1", "-Djava.net.preferIPv4Stack=true",
        "-cp", f"{settings}:{JARS}/*",
    ]  # fmt: skip
    names, data = f"{_SERVERS}namenode.NameNode", f"{_SERVERS}datanode.DataNode"
    with ExitStack() as stack:
        log = stack.enter_context((folder / "log").open("wb"))
        subprocess.run([*command, names, "-format", "-force"], stdout=log, stderr=log, check=True, timeout=120)
        for server in (names, data):
            process = subprocess.Popen([*command, server], stdout=log, stderr=log)
            stack.callback(process.wait)
            stack.callback(process.kill)
        _wait_for(address)
        yield address


def _write(path: Path, settings: dict[str, str]) -> None:
    held = "".join(
        f"<property><name>{name}</name><value>{value}</value></property>" for name, value in settings.items()
    )
    path.write_text(f"<configuration>{held}</configuration>")


def _wait_for(address: str) -> None:
    """Until it takes a file."""
    port = int(address.rpartition(":")[2])
    last: Exception | None = None
    for _ in range(300):
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            file_system(address)[0].pipe_file("/ready", b"yes")
            return
        except (OSError, RuntimeError) as error:
            # Nobody is there yet, or nobody who keeps data.
            last = error
            time.sleep(0.3)
    raise AssertionError(f"Hadoop did not come up: {last}")
