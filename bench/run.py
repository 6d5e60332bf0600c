#!/usr/bin/env python3
"""Measures the tools beside their peers and the least that their work takes. Called by scripts/bench; see bench/README.md."""
import argparse
import datetime
import json
import os
import pathlib
import platform
import sys

from harness import bulk, drain, growth, idle, poison, report, service, world

def numbers(text):
    return [int(part) for part in text.split(",")]


def arguments():
    parser = argparse.ArgumentParser(prog="scripts/bench", description="Runs scenarios, rounds interleaved; all of them when none is named.")
    parser.add_argument("scenario", nargs="*", metavar="SCENARIO", help=", ".join(SCENARIOS))
    parser.add_argument("--build", default="build", help="folder with the built tools")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--output", help="folder for results.jsonl, table.md and plot.svg (default: artifacts/bench/TIME)")
    parser.add_argument("--events", type=int, default=10000, help="backlog of a webhook drain, start-up included")
    parser.add_argument("--sustained", type=int, default=50000, help="backlog of a sustained drain")
    parser.add_argument("--slow-events", type=int, default=3000, help="backlog for receivers that take 10 and 100 ms")
    parser.add_argument("--documents", type=int, default=3000, help="documents for inbox-work")
    parser.add_argument("--ticks", type=int, default=50, help="cold ticks a round")
    parser.add_argument("--rates", type=numbers, default=[1, 100, 1000], help="events a second of the latency scenario")
    parser.add_argument("--seconds", type=int, default=10, help="of each rate, a round")
    parser.add_argument("--steady-rate", type=int, default=1000)
    parser.add_argument("--steady-seconds", type=int, default=30)
    parser.add_argument("--rows", type=numbers, default=[10_000, 1_000_000], help="sent rows of the growth scenario (full: 10000,1000000,10000000)")
    parser.add_argument("--publishers", type=numbers, default=[1, 2, 4, 8])
    parser.add_argument("--shared", type=int, default=200_000, help="backlog that they share: so long that their start-up counts for little")
    parser.add_argument("--tenants", type=numbers, default=[1, 10, 100, 1000])
    parser.add_argument("--lines", type=int, default=100_000, help="lines for outbox-add")
    parser.add_argument("--letters", type=int, default=10_000, help="dead letters for dlq-replay (full: 100000)")
    given = parser.parse_args()
    for name in given.scenario:
        if name not in SCENARIOS:
            parser.error(f"unknown scenario {name}: {', '.join(SCENARIOS)}")
    return given


# What each name measures: title, and what makes its contestants' functions.
SCENARIOS = {
    "drain": lambda b, a: [(f"webhook, {a.events} events with start-up, HTTP/2", drain.Drain(b, "drain", a.events))],
    "sustained": lambda b, a: [(f"webhook, {a.sustained} events, HTTP/2", drain.Drain(b, "sustained", a.sustained))],
    "http1": lambda b, a: [(f"webhook, {a.events} events with start-up, HTTP/1.1", drain.Drain(b, "http1", a.events, protocol="http1")),
                           (f"webhook, {a.sustained} events, HTTP/1.1", drain.Drain(b, "http1", a.sustained, protocol="http1"))],
    "slow": lambda b, a: [
        (f"webhook, {a.slow_events} events, receiver takes {kind}, {protocol}",
         drain.Drain(b, "slow", a.slow_events, protocol=protocol, kind=kind, concurrency=100, floors=False))
        for kind in ("10ms", "100ms") for protocol in ("http2", "http1")],
    "refusals": lambda b, a: [(f"webhook, {a.events} events, 1 % refused", drain.Drain(b, "refusals", a.events, kind="refusals", floors=False))],
    "poison": lambda b, a: [(f"poison, webhook, {a.sustained} events", poison.Events(b, a.sustained)),
                            (f"poison, {a.documents} small documents", poison.Documents(b, a.documents))],
    "stdout": lambda b, a: [(f"stdout, {a.sustained} events", drain.Stdout(b, "stdout", a.sustained))],
    "inbox": lambda b, a: [(f"inbox-work, {a.documents} small documents", bulk.Inbox(b, a.documents))],
    "idle": lambda b, a: [("cold idle tick", idle.Idle(b, a.ticks))],
    "latency": lambda b, a: [(f"latency at {rate} events/s", service.Service(b, rate, a.seconds)) for rate in a.rates],
    "steady": lambda b, a: [(f"steady {a.steady_rate} events/s for {a.steady_seconds} s", service.Service(b, a.steady_rate, a.steady_seconds))],
    "growth": lambda b, a: [(f"{rows} sent rows", growth.Growth(b, rows=rows)) for rows in a.rows]
    + [(f"{count} publishers", growth.Growth(b, publishers=count, pending=a.shared)) for count in a.publishers]
    + [(f"{a.publishers[-1]} publishers, a database each", growth.Growth(b, publishers=a.publishers[-1], pending=a.shared, apart=True))]
    + [(f"{count} publishers, receiver takes 10 ms", growth.Growth(b, publishers=count, pending=a.shared, kind="10ms")) for count in a.publishers]
    + [(f"{count} tenants", growth.Growth(b, tenants=count)) for count in a.tenants],
    "add": lambda b, a: [(f"outbox-add, {a.lines} lines", bulk.Add(b, a.lines))],
    "metrics": lambda b, a: [(f"ops-metrics, {a.rows[-1]} sent rows", growth.Metrics(b, a.rows[-1]))],
    "replay": lambda b, a: [(f"dlq-replay, {a.letters} letters", bulk.Replay(b, a.letters))],
}


def measure_all(bench, given, out):
    samples = []
    for name in given.scenario or SCENARIOS:
        cases = SCENARIOS[name](bench, given)
        for nth in range(given.rounds):
            for title, case in cases:
                for contestant, function in case.samples():
                    sample = {"scenario": name, "case": title, "contestant": contestant, "round": nth + 1, **function(), "load": os.getloadavg()[0]}
                    samples.append(sample)
                    out.write(json.dumps(sample) + "\n")
                    out.flush()
                    print(f"== {name}, round {nth + 1}: {title}: {contestant}: {report.brief(sample)}", file=sys.stderr)
    return samples


def main():
    given = arguments()
    stamp = datetime.datetime.now(datetime.timezone.utc).strftime("%Y%m%dT%H%M%SZ")
    output = pathlib.Path(given.output or world.ROOT / "artifacts/bench" / stamp)
    output.mkdir(parents=True, exist_ok=True)
    with world.World(world.ROOT / given.build) as bench, open(output / "results.jsonl", "w", encoding="utf-8") as out:
        machine = {"cores": os.cpu_count(), "kernel": platform.release(), "postgresql": bench.sql("postgres", "SHOW server_version"),
                   "huge_pages": bench.huge_pages(), "load_before": os.getloadavg()[0], "at": stamp}
        out.write(json.dumps({"machine": machine}) + "\n")
        samples = measure_all(bench, given, out)
    table = report.table(machine, samples)
    (output / "table.md").write_text(table, encoding="utf-8")
    (output / "plot.svg").write_text(report.plot(samples), encoding="utf-8")
    print(table)
    print(f"results, table and plot are in {output}", file=sys.stderr)


if __name__ == "__main__":
    main()
