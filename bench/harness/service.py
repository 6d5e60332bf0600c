"""A service under load: how long after its commit an event is received, beside a bare NOTIFY; and what steady load costs."""
import json
import signal
import subprocess
import time

from . import measure
from .drain import FLOOR_TABLE


def running(bench, database, receiver):
    environment = bench.environment(database, receiver, PUBLISH_BATCH_SIZE="500", PUBLISH_CONCURRENCY="64")
    return measure.Process([bench.tool("outbox-publish"), "--service"], environment)


def produce(bench, database, rate, seconds):
    """When the COMMIT of each event was sent, by id, in microseconds."""
    done = subprocess.run([bench.floor(), "produce", bench.url(database), str(rate), str(seconds)], capture_output=True, text=True, check=True)
    return {event: int(sent) for event, sent in (line.split() for line in done.stdout.splitlines())}


def wait_until_received(receiver, count, seconds=60):
    for _ in range(seconds * 20):
        if receiver.accepted() >= count:
            return
        time.sleep(0.05)
    raise RuntimeError(f"the receiver saw {receiver.accepted()} of {count} events")


def received(receiver):
    """The receiver's clock shows milliseconds, rounded down: its end is taken."""
    with open(receiver.log, encoding="utf-8") as lines:
        return {line["id"]: int(line["ts"] * 1_000_000) + 1000 for line in map(json.loads, lines)}


class Service:
    """COMMIT sent until receipt written, at a rate, with the publisher as a service."""

    def __init__(self, bench, rate, seconds):
        self.bench, self.rate, self.seconds = bench, rate, seconds
        bench.template("schema", bench.deploy)

    def samples(self):
        return [("outbox-publish", self._ours), ("bare NOTIFY", lambda: self._notify("notify")), ("row, NOTIFY, COMMIT", lambda: self._notify("commit"))]

    def _ours(self):
        bench = self.bench
        receiver = bench.receiver()
        database = bench.fresh("schema")
        receiver.forget()
        service = running(bench, database, receiver)
        try:
            produce(bench, database, 10, 1)  # connections are open, statements known
            wait_until_received(receiver, 10)
            receiver.forget()
            server = bench.cpu()
            wal = bench.wal()
            before = measure.tree_cpu(service.pid)
            sent = produce(bench, database, self.rate, self.seconds)
            wait_until_received(receiver, len(sent))
            used = measure.tree_cpu(service.pid) - before
            server = bench.cpu() - server
            wal = bench.wal() - wal
        finally:
            service.stop(signal.SIGTERM)
            service.wait()
        times = received(receiver)
        bench.drop(database)
        return spread([times[event] - at for event, at in sent.items()]) | {
            "events": len(sent), "client_cpu_us": used / len(sent), "postgresql_cpu_us": server / len(sent), "wal_bytes": wal / len(sent), "peak_rss_kib": service.rss}

    def _notify(self, verb):
        bench = self.bench
        count = min(500, self.rate * self.seconds)
        database = bench.fresh("schema")
        bench.sql(database, FLOOR_TABLE % 1)
        done = subprocess.run([bench.floor(), verb, bench.url(database), str(self.rate), str(count)], capture_output=True, text=True, check=True)
        bench.drop(database)
        return spread([int(line) for line in done.stdout.split()]) | {"events": count}


def spread(microseconds):
    return {"p50_ms": measure.percentile(microseconds, 0.5) / 1000, "p99_ms": measure.percentile(microseconds, 0.99) / 1000, "max_ms": max(microseconds) / 1000}
