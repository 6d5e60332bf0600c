"""A PostgreSQL cluster, receivers and databases for one run of the benchmark, gone when it is over."""
import os
import pathlib
import re
import shutil
import subprocess
import tempfile

from . import measure

ROOT = pathlib.Path(__file__).resolve().parents[2]
PAYLOAD_BYTES = 1024
TENANT = "6f9619ff-8b86-4d01-b42d-00cf4fc964ff"
PAYLOAD = "json_build_object('filler', repeat('x', 1010))"  # 1 KiB as text
TOKEN = "benchmark-token-of-the-operator"


def _call(library, *call, **environment):
    """A function of a shell library."""
    done = subprocess.run(["bash", "-c", 'source "$1" && shift && "$@"', "bash", str(ROOT / library), *map(str, call)],
                          env={**os.environ, **environment}, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise RuntimeError(f"{call[0]}: {done.stderr.strip()[-400:]}")
    return done.stdout.strip()


class Receiver:
    def __init__(self, folder, certificates, protocol, kind):
        self.folder = folder
        _call("bench/receiver.bash", "receiver_start", folder, certificates / "server.pem", certificates / "server.key", protocol, kind,
              SUPPORT_MAX_SECONDS="86400")
        self.url = f"https://localhost:{(folder / 'port').read_text().strip()}/hook"
        self.log = folder / "access.log"

    def cpu(self):
        return measure.tree_cpu(int((self.folder / "pid").read_text()))

    def forget(self):
        """Empties the log; nginx appends, so it goes on at the start."""
        os.truncate(self.log, 0)

    def accepted(self):
        with open(self.log, encoding="utf-8") as lines:
            return sum('"status":204' in line for line in lines)

    def answered(self):
        with open(self.log, encoding="utf-8") as lines:
            return sum(1 for _ in lines)

    def stop(self):
        _call("bench/receiver.bash", "nginx_stop", self.folder)


class World:
    def __init__(self, build):
        self.build = pathlib.Path(build)
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="bench-"))
        # In memory, as /run is: replacing a file on a disk can take longer than all that is measured.
        self.run_dir = pathlib.Path(tempfile.mkdtemp(prefix="bench-", dir="/dev/shm"))
        self.cluster = self.folder / "cluster"
        self.certificates = self.folder / "certs"
        self._receivers = {}
        self._templates = set()
        self._nth = 0
        try:
            subprocess.run([ROOT / "tests/support/certs.sh", self.certificates], check=True)
            # As durable as in production.
            self._cluster("cluster_init", CLUSTER_FSYNC="1")
            self._cluster("cluster_start", "-c", "shared_buffers=512MB", "-c", "max_wal_size=8GB")
            self.postmaster = int(self._cluster("cluster_pid"))
        except BaseException:
            self.close()
            raise

    def _cluster(self, function, *arguments, **environment):
        return _call("tests/support/cluster.bash", function, self.cluster, *arguments, SUPPORT_MAX_SECONDS="86400", **environment)

    def close(self):
        for receiver in self._receivers.values():
            receiver.stop()
        if self.cluster.exists():
            self._cluster("cluster_destroy")
        shutil.rmtree(self.folder, ignore_errors=True)
        shutil.rmtree(self.run_dir, ignore_errors=True)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    # ---- PostgreSQL

    def url(self, database):
        return self._cluster("cluster_url", database)

    def sql(self, database, statement):
        """The first row's fields as text, separated by a bar."""
        return self._cluster("cluster_psql", "-d", database, "-Atc", statement)

    def cpu(self):
        return measure.tree_cpu(self.postmaster)

    def huge_pages(self):
        """Whether its shared memory lies in huge pages: it does where vm.nr_hugepages has enough of them."""
        return re.search(r"_Hugetlb: +[1-9]", pathlib.Path(f"/proc/{self.postmaster}/smaps").read_text(encoding="utf-8")) is not None

    def wal(self):
        return int(self.sql("postgres", "SELECT pg_current_wal_insert_lsn() - '0/0'"))

    def template(self, name, fill):
        """A database that `fill`, called with its name, fills once."""
        if name in self._templates:
            return
        self.sql("postgres", f'CREATE DATABASE "{name}"')
        fill(name)
        self.sql(name, "VACUUM (ANALYZE)")
        self._templates.add(name)

    def fresh(self, template):
        """A copy of a template, through the WAL: as if it had been filled just now."""
        self._nth += 1
        name = f"run{self._nth}"
        self.sql("postgres", f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
        return name

    def drop(self, database):
        self.sql("postgres", f'DROP DATABASE "{database}" WITH (FORCE)')

    def deploy(self, database):
        """Our schema."""
        target = self._cluster("cluster_sqitch_url", database)
        subprocess.run(["sqitch", "deploy", target], cwd=ROOT / "lib/schema", check=True, stdout=subprocess.DEVNULL)

    # ---- the others

    def receiver(self, protocol="http2", kind="at_once"):
        name = f"{protocol}-{kind}"
        if name not in self._receivers:
            self._receivers[name] = Receiver(self.folder / name, self.certificates, protocol, kind)
        return self._receivers[name]

    def tool(self, name):
        return str(self.build / "tools" / name / name)

    def floor(self, name="bench-floor"):
        return str(self.build / "bench" / name)

    def environment(self, database, receiver=None, **more):
        settings = {"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8", "DATABASE_URL": self.url(database), "RUN_DIR": str(self.run_dir),
                    "WEBHOOK_CA_FILE": str(self.certificates / "ca.pem"), "WEBHOOK_ALLOW_PRIVATE": "true"}
        if receiver:
            settings |= {"WEBHOOK_URL": receiver.url, "PUBLISH_TRANSPORT": "webhook"}
        return settings | more

