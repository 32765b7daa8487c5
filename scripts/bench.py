"""How long reading, a turn, scoring and training take on this machine: `make bench`.

    python scripts/bench.py [--turns 60] [--train]
    python scripts/bench.py --archive 20000     (only scoring sessions again; no model needed)
    python scripts/bench.py --million           (the same with 1,000,000 turns: half an hour, 20 GB of disk)

Absolute times are of this machine and this moment; compare figures of one run only.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from bench_archive import bench_rescore, run_measured

from bot.logs import quiet

THREE_SENTENCES = (
    "Thank you for telling me. So the weekend took you somewhere you didn't want to go. "
    "What do you need today?"
)
PEER = "Used twice over the weekend. Wasn't gonna tell anybody."
REPLIES = (
    "What was that like for you?",
    "So part of you is worn out.",
    "It makes sense that it's hard.",
    "Who is in your corner these days?",
    "You kept going. That counts.",
)


TRANSCRIPTS = (400, 2_000)
"""Replies of the two transcripts that are scored."""

ARCHIVE = 20_000
"""Turns of the archive that is scored again."""


def milliseconds(work: Callable[[], object], times: int) -> list[float]:
    """Return how long each of some repetitions took."""
    found = []
    for _ in range(times):
        begun = time.perf_counter()
        work()
        found.append(1000 * (time.perf_counter() - begun))
    return found


def shown(title: str, times: list[float]) -> None:
    """Print the median and the slowest twentieth."""
    ordered = sorted(times)
    late = ordered[int(0.95 * (len(ordered) - 1))]
    print(f"{title:48s} p50 {statistics.median(ordered):7.1f} ms   p95 {late:7.1f} ms")


def bench_score() -> None:
    """Print how fast `switchback score` reads and judges transcripts; its start is left out of account."""
    used = []
    with tempfile.TemporaryDirectory() as folder:
        for replies in TRANSCRIPTS:
            source = Path(folder) / f"{replies}.jsonl"
            with source.open("w", encoding="utf-8") as file:
                for number in range(replies):
                    row = {"session_id": f"s{number // 20:05d}", "turn": 2 * (number % 20)}
                    said = {**row, "speaker": "peer", "text": f"{PEER} ({number})"}
                    text = f"{REPLIES[number % len(REPLIES)]} ({number})"
                    reply = {**row, "turn": row["turn"] + 1, "speaker": "trainee", "text": text}
                    file.write(json.dumps(said) + "\n" + json.dumps(reply) + "\n")
            used.append(run_measured(["score", str(source), "--out", str(Path(folder) / "out.jsonl")]))
    speed = (TRANSCRIPTS[1] - TRANSCRIPTS[0]) / (used[1].seconds - used[0].seconds)
    print(
        f"scoring transcripts, messages read anew: {speed:.0f} replies/s;"
        f" at most {used[0].megabytes:.0f} MB with {TRANSCRIPTS[0]:,}, {used[1].megabytes:.0f} MB with"
        f" {TRANSCRIPTS[1]:,} replies"
    )


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--turns", type=int, default=60, help="turns of one conversation")
    parser.add_argument("--train", action="store_true", help="also train from nothing known")
    parser.add_argument(
        "--archive", type=int, metavar="TURNS", help="only score so many archived turns again"
    )
    parser.add_argument("--million", action="store_true", help="the same with 1,000,000 turns")
    options = parser.parse_args()
    quiet()
    if options.archive or options.million:
        bench_rescore(1_000_000 if options.million else options.archive)
        return
    from bot.commands.chat import Conversation
    from bot.commands.train import train_model
    from bot.nlu.encoder_build import build_encoder
    from bot.nlu.reader import load_reader
    from bot.settings import load_settings

    settings = load_settings()
    reader = load_reader(None, settings, threads=1)
    reader.read(THREE_SENTENCES, PEER)
    shown("reading a reply of three sentences", milliseconds(lambda: reader.read(THREE_SENTENCES, PEER), 50))
    with tempfile.TemporaryDirectory() as folder:
        talk = Conversation("kris", 7, Path(folder))
        talk.begin()
        times: list[float] = []
        for number in range(options.turns):
            words = f"{REPLIES[number % len(REPLIES)]} ({number})"
            times += milliseconds(lambda words=words: talk.say(words), 1)
        talk.close()
    tenth = max(1, options.turns // 6)
    shown(f"a turn, the first {tenth} of a conversation", times[1 : tenth + 1])
    shown(f"a turn, the last {tenth} of {options.turns}", times[-tenth:])
    print(
        f"memory of this process at most {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB"
    )
    bench_score()
    bench_rescore(ARCHIVE)
    if options.train:
        with tempfile.TemporaryDirectory() as folder:
            os.environ["SWITCHBACK_MODELS"] = folder
            fresh = load_settings()
            build_encoder(fresh.encoder)  # fetching it is no part of a training
            for known in ("with every sentence new to the encoder", "with the sentences known"):
                # Rasa takes what was trained before from its cache, and would train nothing here.
                os.environ["RASA_CACHE_DIRECTORY"] = tempfile.mkdtemp(dir=folder)
                begun = time.perf_counter()
                train_model(fresh)
                print(f"training {known} {time.perf_counter() - begun:.0f} s")


if __name__ == "__main__":
    main()
