"""One in a hundred that is refused or hostile: what is left of the pace of the rest, beside a run without."""
from . import bulk, drain

EVERY = 100


def _of_the_rest(result, rest):
    return result | {"rest_per_s": rest / result["wall_s"]}


class Events:
    """Refused by the receiver, due again later."""

    def __init__(self, bench, count):
        self.runs = {name: drain.Drain(bench, "poison", count, kind=kind, peers=False, floors=False)
                     for name, kind in (("clean", "no_refusals"), ("1 % refused", "refusals"))}

    def samples(self):
        return [(name, lambda run=run: self._sample(run)) for name, run in self.runs.items()]

    @staticmethod
    def _sample(run):
        result = run.sample("outbox-publish")
        return _of_the_rest(result, run.receiver.accepted())


class Documents:
    """Of the same kinds as the others: entity bombs, elements and arrays without end, what is cut off or no text."""

    def __init__(self, bench, count):
        self.runs = {"clean": bulk.Inbox(bench, count), "1 % hostile": bulk.Inbox(bench, count, hostile_every=EVERY)}

    def samples(self):
        return [(name, lambda run=run: _of_the_rest(run.sample(), run.readable)) for name, run in self.runs.items()]
