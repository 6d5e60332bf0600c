"""Time, processor time and memory of processes, as the kernel counts them."""
import os
import pathlib
import subprocess
import threading
import time

TICK = 1_000_000 / os.sysconf("SC_CLK_TCK")  # microseconds


def _stat(pid):
    """The fields of /proc/PID/stat behind the name; none for a process that is gone."""
    try:
        return pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return None


def children(pid):
    found = []
    for entry in os.listdir("/proc"):
        if entry.isdigit() and (stat := _stat(entry)) and stat[1] == str(pid):
            found.append(int(entry))
    return found


def tree_cpu(pid):
    """Microseconds that a server and its children used, those that ended included. Resolution: a tick."""
    while True:
        known = children(pid)
        total = 0
        for process in [pid, *known]:
            if stat := _stat(process):
                total += int(stat[11]) + int(stat[12])
                if process == pid:
                    total += int(stat[13]) + int(stat[14])
        # One that ended meanwhile would count twice, or not at all.
        if children(pid) == known:
            return total * TICK


def peak_rss(pid):
    """KiB; not ru_maxrss, which begins with what the parent had."""
    try:
        for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1])
    except OSError:
        pass
    return 0


class Process:
    """A command that is measured from its start to its end."""

    def __init__(self, command, environment, stdin=None, stdout=subprocess.DEVNULL):
        self.name = os.path.basename(command[0])
        self.rss = 0
        self.began = time.monotonic()
        self._errors = open(os.memfd_create("stderr"), "w+b")
        self._process = subprocess.Popen(command, env=environment, stdin=stdin or subprocess.DEVNULL, stdout=stdout, stderr=self._errors)
        self.pid = self._process.pid
        self._watch = threading.Thread(target=self._sample, daemon=True)
        self._over = threading.Event()
        self._watch.start()

    def _sample(self):
        while not self._over.is_set():
            self.rss = max(self.rss, peak_rss(self.pid))
            self._over.wait(0.05)  # it is a peak, and each look takes from what is measured: eight processes looked at every 5 ms lost a tenth

    def stop(self, signal):
        self._process.send_signal(signal)

    def wait(self):
        """Raises RuntimeError with what it said, should it fail."""
        _, status, usage = os.wait4(self.pid, 0)
        self.wall = time.monotonic() - self.began
        self._process.returncode = os.waitstatus_to_exitcode(status)
        self._over.set()
        self._watch.join()
        self.cpu = (usage.ru_utime + usage.ru_stime) * 1_000_000
        self._errors.seek(0)
        said = self._errors.read().decode(errors="replace")
        self._errors.close()
        if self._process.returncode != 0:
            raise RuntimeError(f"{self.name} ended with {self._process.returncode}: {said[-400:]}")
        return self


def median(values):
    ordered = sorted(values)
    middle = len(ordered) // 2
    return ordered[middle] if len(ordered) % 2 else (ordered[middle - 1] + ordered[middle]) / 2


def percentile(values, share):
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]
