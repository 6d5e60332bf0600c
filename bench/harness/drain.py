"""Draining a backlog: our publisher, its peers and the floors, in turns, each on a fresh copy of the same backlog."""
import subprocess

from . import measure, world

FLOOR_TABLE = f"""
CREATE TABLE bench_floor (id bigserial PRIMARY KEY, due_at timestamptz NOT NULL DEFAULT clock_timestamp(), status smallint NOT NULL DEFAULT 0,
                          lease_until timestamptz, payload json NOT NULL);
CREATE INDEX bench_floor_due ON bench_floor (due_at) WHERE status = 0;
INSERT INTO bench_floor (payload) SELECT {world.PAYLOAD} FROM generate_series(1, %d)"""


def fill_ours(bench, database, count, tenants=1):
    bench.deploy(database)
    bench.sql(database, f"""
        SELECT count(*) FROM generate_series(1, {count}, 1000) part CROSS JOIN LATERAL (
          SELECT count(*) FROM zero_admin.enqueue_events(
            ARRAY(SELECT md5((n % {tenants})::text)::uuid FROM generate_series(part, least(part + 999, {count})) n),
            array_fill('Benchmark'::text, ARRAY[least(1000, {count} - part + 1)]), array_fill({world.PAYLOAD}::text, ARRAY[least(1000, {count} - part + 1)]),
            array_fill(NULL::text, ARRAY[least(1000, {count} - part + 1)]), array_fill(NULL::text, ARRAY[least(1000, {count} - part + 1)]),
            array_fill(NULL::text, ARRAY[least(1000, {count} - part + 1)]))) added""")


def left(bench, database):
    return int(bench.sql(database, "SELECT count(*) FROM zero_admin.outbox_queue WHERE attempt_count = 0"))


class Drain:
    """One backlog and one receiver. Each contestant is a template, the commands that drain a copy of it, and a check."""

    def __init__(self, bench, scenario, count, protocol="http2", kind="at_once", concurrency=24, peers=True, floors=True):
        self.bench, self.scenario, self.count = bench, scenario, count
        self.protocol, self.kind, self.concurrency = protocol, kind, concurrency
        self.receiver = bench.receiver(protocol, kind)
        self.contestants = {"outbox-publish": (self._fill_ours, self._ours)}
        if peers:
            self.contestants |= {"Graphile Worker": (self._fill_peer("graphile"), self._peer("graphile")),
                                 "pg-boss": (self._fill_peer("pgboss"), self._peer("pgboss"))}
        if floors:
            self.contestants |= {"floor: two commits a batch": (self._fill_floor, self._floor("drain")),
                                 "floor: one commit a batch": (self._fill_floor, self._floor("once"))}

    def samples(self):
        """Name and function of each contestant, for one round."""
        return [(name, lambda name=name: self.sample(name)) for name in self.contestants]

    def sample(self, name):
        fill, commands = self.contestants[name]
        bench = self.bench
        template = f"{fill.__name__}_{self.count}"
        bench.template(template, fill)
        database = bench.fresh(template)
        self.receiver.forget()
        started = commands(database)
        result = run_measured(bench, started, self.count, self.receiver)
        if self.kind == "refusals":
            answered = self.receiver.answered()
        else:
            answered = self.receiver.accepted()
        if answered < self.count:
            raise RuntimeError(f"{name}: the receiver saw {answered} of {self.count} events")
        if name == "outbox-publish" and left(bench, database) > 0:
            raise RuntimeError(f"{name}: events are left")
        bench.drop(database)
        return result

    def _fill_ours(self, database):
        fill_ours(self.bench, database, self.count)

    def _ours(self, database):
        # Over HTTP/1.1 each request has a connection, and a receiver that answers at once needs few of them. Over HTTP/2 a request costs next
        # to nothing, and one that takes its time is sent many.
        requests = {("http1", "at_once"): "32", ("http1", "10ms"): "256", ("http2", "10ms"): "512", ("http2", "100ms"): "512"}.get((self.protocol, self.kind), "128")
        environment = self.bench.environment(database, self.receiver, PUBLISH_BATCH_SIZE="500", PUBLISH_CONCURRENCY=requests)
        return [([self.bench.tool("outbox-publish"), "--max-seconds", "3600"], environment)]

    def _fill_peer(self, peer):
        def fill(database):
            done = subprocess.run(self._node(peer, "fill"), env=self.bench.environment(database), capture_output=True, text=True, check=False)
            if done.returncode != 0:
                raise RuntimeError(f"{peer}: {done.stderr[-400:]}")

        fill.__name__ = peer
        return fill

    def _node(self, peer, verb):
        peers = world.ROOT / "bench/peers"
        return [str(peers / "node_modules/node/bin/node"), str(peers / f"{peer}.mjs"), verb, str(self.count)]

    def _peer(self, peer):
        return lambda database: [(self._node(peer, "drain"), self.bench.environment(database, self.receiver, CONCURRENCY=str(self.concurrency)))]

    def _fill_floor(self, database):
        self.bench.sql(database, FLOOR_TABLE % self.count)

    def _floor(self, verb):
        body = self.bench.folder / "body"
        body.write_text('{"filler" : "' + "x" * 1010 + '"}', encoding="ascii")
        options = ["-c", "2", "-m", "32"] if self.protocol == "http2" else ["--h1", "-c", "8", "-m", "1"]

        def commands(database):
            environment = self.bench.environment(database)
            posts = ["h2load", "-n", str(self.count), *options, "-d", str(body), "-H", "content-type: application/json", self.receiver.url]
            return [(["/usr/bin/env", *posts], environment), ([self.bench.floor(), verb, self.bench.url(database), "500"], environment)]

        return commands


def run_measured(bench, commands, count, receiver=None, stdout=subprocess.DEVNULL, stdin=None):
    """Runs commands at once; what an event cost all of them, PostgreSQL and the receiver."""
    wal = bench.wal()
    server = bench.cpu()
    accepted = receiver.cpu() if receiver else 0
    processes = [measure.Process(command, environment, stdin=stdin, stdout=stdout) for command, environment in commands]
    for process in processes:
        process.wait()
    wall = max(process.wall for process in processes)
    result = {
        "events": count,
        "wall_s": wall,
        "events_per_s": count / wall,
        "client_cpu_us": sum(process.cpu for process in processes) / count,
        "postgresql_cpu_us": (bench.cpu() - server) / count,
        "peak_rss_kib": max(process.rss for process in processes),
    }
    if receiver:
        result["receiver_cpu_us"] = (receiver.cpu() - accepted) / count
    result["wal_bytes"] = (bench.wal() - wal) / count
    return result


class Stdout:
    """Our publisher into a file."""

    def __init__(self, bench, scenario, count):
        self.bench, self.scenario, self.count = bench, scenario, count

    def samples(self):
        return [("outbox-publish", self._ours)]

    def _ours(self):
        bench = self.bench
        template = f"_fill_ours_{self.count}"
        bench.template(template, lambda database: fill_ours(bench, database, self.count))
        database = bench.fresh(template)
        lines = bench.folder / "lines"
        with open(lines, "wb") as out:
            environment = bench.environment(database, PUBLISH_BATCH_SIZE="500")
            result = run_measured(bench, [([bench.tool("outbox-publish"), "--transport", "stdout", "--max-seconds", "3600"], environment)], self.count, stdout=out)
        if left(bench, database) > 0:
            raise RuntimeError("outbox-publish: events are left")
        bench.drop(database)
        return result
