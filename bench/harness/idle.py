"""A cold tick that finds nothing, against the least that a program with libpq does, over the same Unix socket and in turns."""
import subprocess

from . import measure
from .drain import FLOOR_TABLE


class Idle:
    def __init__(self, bench, count):
        self.bench, self.count = bench, count
        bench.template("schema", bench.deploy)
        self.database = bench.fresh("schema")
        bench.sql(self.database, FLOOR_TABLE % 1 + "; TRUNCATE bench_floor; ANALYZE")

    def samples(self):
        """Both at once: the turns are taken by one small process."""
        return [("outbox-publish", lambda: self._sample()[0]), ("bare libpq", lambda: self._kept)]

    def _sample(self):
        bench = self.bench
        commands = [[bench.tool("outbox-publish")], [bench.floor("bench-tick"), bench.url(self.database)]]
        environment = bench.environment(self.database, bench.receiver())
        done = subprocess.run([bench.floor(), "turns", str(self.count), *commands[0], "--", *commands[1]], env=environment, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise RuntimeError(done.stderr[-400:])
        turns = [tuple(map(int, line.split())) for line in done.stdout.splitlines()]
        results = []
        for nth in range(len(commands)):
            walls = [wall for which, wall, _ in turns if which == nth]
            cpus = [cpu for which, _, cpu in turns if which == nth]
            results.append({"ticks": len(walls), "wall_ms": measure.median(walls) / 1000, "cpu_ms": measure.median(cpus) / 1000})
        self._kept = results[1]
        return results
