"""Whether history, publishers and tenants make a claim dearer; and what is read from a large history."""
import pathlib
import json

from . import measure, world
from .drain import fill_ours, left, run_measured

PENDING = 10000


def add_history(bench, database, rows):
    """Sent events, small ones: it is their number that counts. By parts, so that each is committed."""
    part = 500_000
    for first in range(0, rows, part):
        many = min(part, rows - first)
        bench.sql(database, f"""
            WITH made AS (SELECT zero_admin.uuid_v7() AS id, n FROM generate_series(1, {many}) n), stored AS (
              INSERT INTO zero_admin.outbox_events (id, tenant_id, created_at, event_type, schema_version, idempotency_key, payload)
              SELECT id, md5((n % 100)::text)::uuid, now() - interval '1 hour', 'Benchmark', '1.0', id::text, '{{}}' FROM made)
            INSERT INTO zero_admin.outbox_done (id, done_at, status, attempt_count, replay_count, endpoint)
            SELECT id, now() - interval '1 hour' + make_interval(secs => n / 1000.0), 'sent', 1, 0, 1 FROM made""")


def claim_statement():
    """claim.sql as one EXPLAIN; what it claims is rolled back."""
    text = (pathlib.Path(world.ROOT) / "lib/outbox/claim.sql").read_text(encoding="utf-8")
    for name, value in {"$1": "500", "$2": "90", "$3": "'bench'", "$4": "NULL", "$5": "'{}'", "$6": "NULL", "$7": "'{}'", "$8": "'{}'", "$9": "NULL"}.items():
        text = text.replace(name, value)
    return "BEGIN; EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) " + text + "; ROLLBACK"


class Growth:
    """A backlog behind so many sent rows, of so many tenants, drained by so many publishers; in one database, or each with its part in its own."""

    def __init__(self, bench, rows=0, publishers=1, tenants=1, pending=PENDING, kind="at_once", apart=False):
        self.bench, self.rows, self.publishers, self.tenants, self.kind = bench, rows, publishers, tenants, kind
        self.databases = publishers if apart else 1
        self.pending = pending // self.databases  # of each database

    def samples(self):
        return [("outbox-publish", self._sample)]

    def _prepare(self):
        def fill(database):
            fill_ours(self.bench, database, self.pending, self.tenants)
            add_history(self.bench, database, self.rows)

        name = f"history_{self.rows}_{self.tenants}_{self.pending}"
        self.bench.template(name, fill)
        # A copy of the largest would take longer than all the rest; it is drained once and filled again.
        return self.bench.fresh(name) if self.rows <= 100_000 else name

    def _sample(self):
        bench = self.bench
        databases = [self._prepare() for _ in range(self.databases)]
        receiver = bench.receiver(kind=self.kind)
        receiver.forget()
        for database in databases:
            if left(bench, database) < self.pending:
                refill(bench, database, self.pending - left(bench, database))
            bench.sql(database, claim_statement())  # warms the caches
        plan = json.loads(bench.sql(databases[0], claim_statement()))[0]
        pages = plan["Plan"]["Shared Hit Blocks"] + plan["Plan"]["Shared Read Blocks"]
        commands = []
        for publisher in range(self.publishers):
            environment = bench.environment(databases[publisher % self.databases], receiver, PUBLISH_BATCH_SIZE="500", PUBLISH_CONCURRENCY="128",
                                            INSTANCE=f"p{publisher}")
            commands.append(([bench.tool("outbox-publish"), "--max-seconds", "3600"], environment))
        result = run_measured(bench, commands, self.pending * self.databases, receiver) | {"claim_pages": pages, "claim_ms": plan["Execution Time"]}
        for database in databases:
            if left(bench, database) > 0:
                raise RuntimeError("outbox-publish: events are left")
            if database.startswith("run"):
                bench.drop(database)
        return result


def refill(bench, database, count):
    bench.sql(database, f"""
        SELECT count(*) FROM generate_series(1, {count}) n
         CROSS JOIN LATERAL (SELECT zero_admin.enqueue_event(md5((n % 100)::text)::uuid, 'Benchmark', {world.PAYLOAD}::text)) e""")


class Metrics:
    """ops-metrics behind so many sent rows: a cold call, as a timer makes it."""

    def __init__(self, bench, rows):
        self.bench, self.rows = bench, rows

    def samples(self):
        return [("ops-metrics", self._sample)]

    def _sample(self):
        bench = self.bench
        database = Growth(bench, self.rows)._prepare()
        process = measure.Process([bench.tool("ops-metrics")], bench.environment(database)).wait()
        if database.startswith("run"):
            bench.drop(database)
        return {"wall_ms": process.wall * 1000, "cpu_ms": process.cpu / 1000, "peak_rss_kib": process.rss}
