"""Samples as a Markdown table, as verdicts on the targets, and as a plot."""
import html

from .measure import median

OURS = "outbox-publish"
PEERS = ("Graphile Worker", "pg-boss")
TWO_COMMITS = "floor: two commits a batch"

COLUMNS = [
    ("events_per_s", "events/s", 0), ("rest_per_s", "of the rest/s", 0), ("client_cpu_us", "client CPU µs", 0), ("postgresql_cpu_us", "PostgreSQL CPU µs", 0),
    ("receiver_cpu_us", "receiver CPU µs", 0), ("wal_bytes", "WAL bytes", 0), ("peak_rss_kib", "peak RSS KiB", 0), ("wall_ms", "wall ms", 2),
    ("cpu_ms", "CPU ms", 2), ("p50_ms", "p50 ms", 2), ("p99_ms", "p99 ms", 2), ("max_ms", "max ms", 1), ("claim_pages", "pages a claim", 0), ("claim_ms", "claim ms", 2),
]


def brief(sample):
    return ", ".join(f"{sample[key]:.{digits}f} {title}" for key, title, digits in COLUMNS if key in sample)


def grouped(samples):
    """Cases in the order measured: {case: {contestant: [samples]}}."""
    cases = {}
    for sample in samples:
        cases.setdefault((sample["scenario"], sample["case"]), {}).setdefault(sample["contestant"], []).append(sample)
    return cases


def _cell(samples, key, digits):
    values = [sample[key] for sample in samples if key in sample]
    if not values:
        return ""
    if len(values) == 1:
        return f"{values[0]:.{digits}f}"
    return f"{median(values):.{digits}f} ({min(values):.{digits}f}–{max(values):.{digits}f})"


def _case_table(contestants):
    used = [column for column in COLUMNS if any(column[0] in sample for samples in contestants.values() for sample in samples)]
    lines = ["| | " + " | ".join(title for _, title, _ in used) + " |", "| --- |" + " --- |" * len(used)]
    for name, samples in contestants.items():
        lines.append(f"| {name} | " + " | ".join(_cell(samples, key, digits) for key, _, digits in used) + " |")
    return lines


class Verdicts:
    """The targets of the project, each against what this run measured; of ratios, the median of those within a round."""

    def __init__(self, samples):
        self.cases = grouped(samples)
        self.lines = []
        for (scenario, case), contestants in self.cases.items():
            judge = getattr(self, f"_{scenario}", None)
            if judge:
                judge(case, contestants)
        self._grown()

    def _say(self, what, value, limit, at_least, unit=""):
        met = value >= limit if at_least else value <= limit
        self.lines.append(f"| {what} | {'≥' if at_least else '≤'} {limit}{unit} | {value:.2f}{unit} | {'yes' if met else 'NO'} |")

    @staticmethod
    def _median(samples, key):
        return median([sample[key] for sample in samples])

    @staticmethod
    def _ratio(ours, others, key):
        return median([mine[key] / other[key] for mine, other in zip(ours, others)])

    def _best_peer(self, contestants):
        return min(self._ratio(contestants[OURS], contestants[peer], "events_per_s") for peer in PEERS)

    def _against_peers(self, case, contestants, limit):
        self._say(f"{case}: against the best peer", self._best_peer(contestants), limit, True, " ×")

    def _drain(self, case, contestants):
        self._against_peers(case, contestants, 3)
        self._costs(case, contestants)

    def _sustained(self, case, contestants):
        self._against_peers(case, contestants, 2)
        self._say(f"{case}: against the floor of two commits", self._ratio(contestants[OURS], contestants[TWO_COMMITS], "events_per_s"), 0.85, True, " ×")
        self._costs(case, contestants)

    def _http1(self, case, contestants):
        (self._drain if "with start-up" in case else self._sustained)(case, contestants)

    def _costs(self, case, contestants):
        self._say(f"{case}: client CPU an event", self._median(contestants[OURS], "client_cpu_us"), 35, False, " µs")
        self._say(f"{case}: PostgreSQL CPU an event against the floor's", self._ratio(contestants[OURS], contestants[TWO_COMMITS], "postgresql_cpu_us"), 1, False, " ×")
        self._say(f"{case}: peak memory", self._median(contestants[OURS], "peak_rss_kib") / 1024, 20, False, " MiB")

    def _slow(self, case, contestants):
        if "10ms" in case:
            self._against_peers(case, contestants, 3)

    def _inbox(self, case, contestants):
        self._say(case, self._median(contestants["inbox-work"], "events_per_s"), 2400, True, " /s")

    def _idle(self, case, contestants):
        for key in ("wall_ms", "cpu_ms"):
            self._say(f"{case}: {key[:-3]} against bare libpq", self._ratio(contestants[OURS], contestants["bare libpq"], key), 1.3, False, " ×")

    def _latency(self, case, contestants):
        self._say(f"{case}: p50", self._median(contestants[OURS], "p50_ms"), 3, False, " ms")
        self._say(f"{case}: p99", self._median(contestants[OURS], "p99_ms"), 10, False, " ms")

    def _metrics(self, case, contestants):
        self._say(case, self._median(contestants["ops-metrics"], "wall_ms"), 50, False, " ms")

    def _poison(self, case, contestants):
        clean, mixed = contestants.values()
        self._say(f"{case}: pace of the rest", self._ratio(mixed, clean, "rest_per_s"), 0.9, True, " ×")

    def _grown(self):
        ours = {case: contestants[OURS] for (scenario, case), contestants in self.cases.items() if scenario == "growth"}
        history = [case for case in ours if "sent rows" in case]
        for key, title in (("claim_pages", "pages a claim"), ("postgresql_cpu_us", "PostgreSQL CPU an event")):
            self._last_against_first(ours, history, key, title, 1.2, False)
        publishers = [case for case in ours if case.endswith("publishers")]
        self._last_against_first(ours, publishers, "events_per_s", "events/s", 1, True)
        apart = [case for case in ours if case.endswith("a database each")]
        self._last_against_first(ours, apart + publishers[-1:], "events_per_s", "events/s", 0.95, True)

    def _last_against_first(self, ours, cases, key, title, limit, at_least):
        if len(cases) < 2:
            return
        first, last = cases[0], cases[-1]
        self._say(f"{last} against {first}: {title}", self._ratio(ours[last], ours[first], key), limit, at_least, " ×")


def table(machine, samples):
    loads = [sample["load"] for sample in samples]
    pages = "with" if machine["huge_pages"] else "without"
    lines = [
        f"{machine['cores']} cores, kernel {machine['kernel']}, PostgreSQL {machine['postgresql']} {pages} huge pages, {machine['at']};"
        f" load {machine['load_before']:.1f} before, {min(loads):.1f} to {max(loads):.1f} during the run. Medians (min–max).", ""]
    for (_, case), contestants in grouped(samples).items():
        lines += [f"## {case}", "", *_case_table(contestants), ""]
    verdicts = Verdicts(samples).lines
    if verdicts:
        lines += ["## Targets", "", "| what | wanted | measured | met |", "| --- | --- | --- | --- |", *verdicts, ""]
    return "\n".join(lines)


BAR, GAP, LEFT, WIDTH = 16, 22, 260, 520


def plot(samples):
    """A bar of events/s for each contestant, with a line from the least to the most."""
    cases = [(case, contestants) for (_, case), contestants in grouped(samples).items()
             if any("events_per_s" in sample for group in contestants.values() for sample in group)]
    parts = []
    y = 10
    for case, contestants in cases:
        y += 24
        parts.append(f'<text x="8" y="{y}" font-weight="bold">{html.escape(case)} (events/s)</text>')
        y += 8
        rates = {name: [sample["events_per_s"] for sample in group] for name, group in contestants.items()}
        scale = WIDTH / max(max(values) for values in rates.values())
        for name, values in rates.items():
            middle = y + BAR / 2
            colour = "#2b6cb0" if name not in PEERS and not name.startswith("floor") else "#a0aec0"
            parts.append(f'<text x="8" y="{y + BAR - 4}">{html.escape(name)}</text>')
            parts.append(f'<rect x="{LEFT}" y="{y}" width="{median(values) * scale:.1f}" height="{BAR}" fill="{colour}"/>')
            parts.append(f'<path d="M{LEFT + min(values) * scale:.1f} {middle}H{LEFT + max(values) * scale:.1f}" stroke="#1a202c"/>')
            parts.append(f'<text x="{LEFT + WIDTH + 10}" y="{y + BAR - 4}">{median(values):.0f}</text>')
            y += GAP
    head = f'<svg xmlns="http://www.w3.org/2000/svg" width="{LEFT + WIDTH + 80}" height="{y + 20}" font-family="sans-serif" font-size="12">'
    return head + '<rect width="100%" height="100%" fill="white"/>' + "".join(parts) + "</svg>\n"
