"""Many at once: documents for inbox-work, lines for outbox-add, dead letters for dlq-replay."""
import subprocess

from . import world
from .drain import run_measured

DOCUMENTS = world.ROOT / "tests/fixtures/documents"


def hostile_document(nth):
    """Suffix and content. XML, JSON and CSV in turns, two of each."""
    entities = f'<!DOCTYPE Invoice [<!ENTITY a "{"x" * 60000}">]><Invoice n="{nth}">{"&a;" * 3000}</Invoice>'
    return [
        ("xml", entities.encode()),
        ("json", b'{"n":%d,"a":' % nth + b"[" * 100000),
        ("csv", b"n;%d\n" % nth + b'"' + b"never closed;" * 10000),
        ("xml", b'<Invoice n="%d">' % nth + b"<a>" * 200000),
        ("json", b'{"invoice_no":"\xff\xfe%d","amount":NaN}' % nth),
        ("csv", b"\0" * 1000 + b"%d" % nth)][nth % 6]


def small_documents(folder, count, hostile_every=None):
    """XML, JSON and CSV in turns; no two are the same, for inbox-add keeps each content once. Every so many is hostile."""
    folder.mkdir()
    xml = (DOCUMENTS / "xrechnung-ubl.xml").read_text(encoding="utf-8")
    csv = (DOCUMENTS / "bank.csv").read_bytes()
    for nth in range(count):
        kind = nth % 3
        if hostile_every and nth % hostile_every == hostile_every // 2:
            suffix, content = hostile_document(nth // hostile_every)
            (folder / f"{nth}.{suffix}").write_bytes(content)
        elif kind == 0:
            (folder / f"{nth}.xml").write_text(f"{xml}<!-- {nth} -->\n", encoding="utf-8")
        elif kind == 1:
            (folder / f"{nth}.json").write_text(f'{{"invoice_no":"B-{nth}","amount":"119.00","currency":"EUR","issue_date":"2026-11-24"}}\n', encoding="utf-8")
        else:
            (folder / f"{nth}.csv").write_bytes(csv.replace(b"RE-2026-0801", b"RE-2026-%d" % nth))


class Inbox:
    """inbox-work with its sandbox on small documents."""

    def __init__(self, bench, count, hostile_every=None):
        self.bench, self.count, self.hostile_every = bench, count, hostile_every
        self.readable = count - (count // hostile_every if hostile_every else 0)

    def samples(self):
        return [("inbox-work", self.sample)]

    def _fill(self, database):
        bench = self.bench
        bench.deploy(database)
        folder = bench.folder / f"documents-{self.count}-{self.readable}"
        small_documents(folder, self.count, self.hostile_every)
        names = [str(path) for path in sorted(folder.iterdir())]
        environment = bench.environment(database, STORAGE_BASE_URI=f"file://{bench.folder}/inbox")
        for first in range(0, len(names), 1000):
            subprocess.run([bench.tool("inbox-add"), "--tenant", world.TENANT, *names[first:first + 1000]], env=environment, check=True, stdout=subprocess.DEVNULL)

    def sample(self):
        bench = self.bench
        template = f"inbox_{self.count}_{self.readable}"
        bench.template(template, self._fill)
        database = bench.fresh(template)
        environment = bench.environment(database, STORAGE_BASE_URI=f"file://{bench.folder}/inbox", WORKER_BATCH_SIZE="500")
        result = run_measured(bench, [([bench.tool("inbox-work"), "--max-seconds", "3600"], environment)], self.count)
        parsed = int(bench.sql(database, "SELECT count(*) FROM zero_admin.parsed_items"))
        if parsed != self.readable:
            raise RuntimeError(f"inbox-work: {parsed} of {self.readable} documents parsed")
        bench.drop(database)
        return result


class Add:
    """outbox-add of lines of 1 KiB from a file."""

    def __init__(self, bench, count):
        self.bench, self.count = bench, count
        bench.template("schema", bench.deploy)
        self.lines = bench.folder / f"payloads-{count}"
        with open(self.lines, "w", encoding="ascii") as out:
            for nth in range(count):
                out.write(f'{{"nth":{nth:7},"filler":"{"x" * 995}"}}\n')

    def samples(self):
        return [("outbox-add", self._sample)]

    def _sample(self):
        bench = self.bench
        database = bench.fresh("schema")
        with open(self.lines, "rb") as lines:
            command = [bench.tool("outbox-add"), "--tenant", world.TENANT, "--type", "Benchmark"]
            result = run_measured(bench, [(command, bench.environment(database))], self.count, stdin=lines)
        bench.drop(database)
        return result


class Replay:
    """dlq-replay of dead letters, each in a transaction of its own."""

    def __init__(self, bench, count):
        self.bench, self.count = bench, count

    def samples(self):
        return [("dlq-replay", self._sample)]

    def _fill(self, database):
        bench = self.bench
        bench.deploy(database)
        bench.sql(database, f"""
            WITH made AS (SELECT zero_admin.uuid_v7() AS id, n FROM generate_series(1, {self.count}) n), stored AS (
              INSERT INTO zero_admin.outbox_events (id, tenant_id, event_type, schema_version, idempotency_key, payload)
              SELECT id, '{world.TENANT}', 'Benchmark', '1.0', id::text, {world.PAYLOAD} FROM made RETURNING id, tenant_id, event_type, idempotency_key, payload, created_at
            ), done AS (
              INSERT INTO zero_admin.outbox_done (id, status, attempt_count, replay_count) SELECT id, 'dlq', 4, 0 FROM stored)
            INSERT INTO zero_admin.dead_letters (event_id, tenant_id, event_type, schema_version, idempotency_key, payload_json, event_created_at, attempt_count,
                                                 generation, reason, last_error)
            SELECT id, tenant_id, event_type, '1.0', idempotency_key, payload, created_at, 4, 0, 'http_500', 'http_500' FROM stored""")

    def _sample(self):
        bench = self.bench
        template = f"dead_{self.count}"
        bench.template(template, self._fill)
        database = bench.fresh(template)
        command = [bench.tool("dlq-replay"), "replay", "--all-tenants", "--limit", str(self.count), "--commit", "--expect", str(self.count), "--cause", "benchmark"]
        secrets = {"OPS_TOKEN": world.TOKEN, "ADMIN_TOKENS": world.TOKEN, "AUDIT_HMAC_KEY": "benchmark-key-of-the-audit-32-bytes"}
        result = run_measured(bench, [(command, bench.environment(database, **secrets))], self.count)
        queued = int(bench.sql(database, "SELECT count(*) FROM zero_admin.outbox_queue"))
        if queued != self.count:
            raise RuntimeError(f"dlq-replay: {queued} of {self.count} events are back")
        bench.drop(database)
        return result
