"""Command line: `python -m second_opinion --blockmill FILE`. README.md explains the arguments."""

from __future__ import annotations

import argparse
import json
import multiprocessing
import shutil
import sys
import tempfile
import threading
import time
import traceback
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from .chains import Chain, execute
from .compare import MOST_SHOWN, Difference, Outcome, compare, write
from .plans import Plan, draw_plan
from .selfcheck import self_check
from .shrink import shrink, size

# 1,024 frames of the EVM are some thousands of Python's.
RECURSION, STACK_BYTES = 60_000, 1 << 29
# Chains after which a run says how far it is.
PROGRESS = 50


@dataclass
class Report:
    """What came of one plan."""

    seed: int
    values: int = 0
    blocks: int = 0
    transactions: int = 0
    steps: int = 0
    forks: list[str] = field(default_factory=list)
    differences: list[Difference] = field(default_factory=list)
    # Why the specification itself did not get through: a mistake of the generator.
    crash: str | None = None


def check(blockmill: Path, plan: Plan) -> tuple[Chain, Outcome]:
    """Executes a plan and compares the chain, in a folder that is gone afterwards."""
    chain = execute(plan)
    with tempfile.TemporaryDirectory(prefix="second-opinion-") as folder:
        return chain, compare(blockmill, chain, Path(folder))


def run_seed(arguments: argparse.Namespace, seed: int) -> Report:
    """Draws, executes and compares the chain of a seed; one that fails is made smaller and kept."""
    report = Report(seed)
    try:
        plan = draw_plan(seed, arguments.forks)
        report.forks = [name for name, _ in plan["forks"]]
        chain, outcome = check(arguments.blockmill, plan)
    except Exception:  # noqa: BLE001  Whatever it is, the other seeds are to be run.
        report.crash = traceback.format_exc(limit=-6)
        return report
    report.values, report.differences = outcome.values, outcome.differences
    report.blocks = len(chain.blocks)
    done = [transaction for seen in chain.blocks for transaction in seen.transactions]
    report.transactions, report.steps = len(done), sum(len(transaction.steps) for transaction in done)
    if outcome.differences:
        keep_failure(arguments, plan, outcome.differences)
    return report


def keep_failure(arguments: argparse.Namespace, plan: Plan, differences: list[Difference]) -> None:
    """Makes a failing chain smaller and writes it, with what differs, into a folder that is named."""
    kinds = {difference.what for difference in differences}

    def fails(smaller: Plan) -> bool:
        try:
            _, outcome = check(arguments.blockmill, smaller)
        except Exception:  # noqa: BLE001  A plan that the specification cannot execute shows nothing.
            return False
        return any(difference.what in kinds for difference in outcome.differences)

    before = size(plan)
    plan = shrink(plan, fails, arguments.attempts)
    folder = arguments.keep / f"seed-{plan['seed']}"
    shutil.rmtree(folder, ignore_errors=True)
    chain = execute(plan)
    outcome = compare(arguments.blockmill, chain, folder)
    said = "\n".join(map(str, outcome.differences[:MOST_SHOWN]))
    (folder / "differences.txt").write_text(said + "\n")
    text = "blocks {}, transactions {}, accounts {}, pieces {}".format
    print(f"FAILED seed {plan['seed']}: {folder} ({text(*size(plan))}; was {text(*before)})\n{said}", flush=True)


def run(arguments: argparse.Namespace) -> int:
    """Runs all seeds and says what came of them."""
    started = time.monotonic()
    seeds = range(arguments.seed, arguments.seed + arguments.chains)
    # Each process takes whole chains; the specification cannot use more than one core.
    with multiprocessing.Pool(arguments.jobs) as pool:
        jobs = [(arguments, seed) for seed in seeds]
        reports = []
        for report in pool.imap_unordered(run_seed_deep, jobs, chunksize=1):
            reports.append(report)
            if len(reports) % PROGRESS == 0:
                print(f"second opinion: {len(reports)} of {len(seeds)} chains", file=sys.stderr, flush=True)
    if arguments.self_check:
        self_check(arguments.blockmill, arguments.seed)
    failed = [report for report in reports if report.differences]
    crashed = [report for report in reports if report.crash]
    for report in crashed:
        print(f"CRASHED seed {report.seed} ({', '.join(report.forks)}):\n{report.crash}")
    forks = Counter(name for report in reports for name in set(report.forks))
    counted = ("blocks", "transactions", "steps", "values")
    total = {name: sum(getattr(report, name) for report in reports) for name in counted}
    print(
        f"second opinion: {len(reports)} chains (seeds {seeds.start} to {seeds.stop - 1}) over {len(forks)} forks: "
        f"{total['blocks']:,} blocks, {total['transactions']:,} transactions, {total['steps']:,} instructions, "
        f"{total['values']:,} values compared, {len(failed)} chains differ, in {time.monotonic() - started:.0f} s"
        + ("; planted differences are found" if arguments.self_check else "")
    )
    return 1 if failed or crashed else 0


def run_seed_deep(job: tuple[argparse.Namespace, int]) -> Report:
    return deep(lambda: run_seed(*job))


def deep(work: Callable[[], Report]) -> Report:
    """Runs something on a stack that holds the deepest calls of the EVM."""
    results: list[Report] = []
    sys.setrecursionlimit(RECURSION)
    threading.stack_size(STACK_BYTES)
    thread = threading.Thread(target=lambda: results.append(work()))
    thread.start()
    thread.join()
    return results[0]


def replay(arguments: argparse.Namespace) -> int:
    """Executes the plan of a kept folder again, and compares there."""
    plan = json.loads((arguments.replay / "plan.json").read_text())
    shutil.rmtree(arguments.replay / "data", ignore_errors=True)
    (arguments.replay / "chain.duckdb").unlink(missing_ok=True)
    outcomes: list[Outcome] = []

    def work() -> Report:
        chain = execute(plan)
        write(chain, arguments.replay)
        outcomes.append(compare(arguments.blockmill, chain, arguments.replay))
        return Report(plan["seed"])

    deep(work)
    print("\n".join(map(str, outcomes[0].differences[:MOST_SHOWN])) or f"{outcomes[0].values:,} values agree")
    return 1 if outcomes[0].differences else 0


def main() -> int:
    parser = argparse.ArgumentParser(prog="second_opinion", description=__doc__)
    parser.add_argument("--blockmill", type=Path, required=True, help="the program that is checked")
    parser.add_argument("--chains", type=int, default=60, help="how many chains, each of its own seed")
    parser.add_argument("--seed", type=int, default=1, help="the first seed")
    parser.add_argument("--jobs", type=int, default=multiprocessing.cpu_count(), help="chains at the same time")
    parser.add_argument("--forks", type=lambda text: text.split(","), help="only these forks, by the specification's names")
    parser.add_argument("--keep", type=Path, default=Path("target/second-opinion"), help="where chains that fail are written")
    parser.add_argument("--attempts", type=int, default=250, help="how often a failing chain is tried smaller")
    parser.add_argument("--self-check", action="store_true", help="also plant differences and see that they are found")
    parser.add_argument("--replay", type=Path, help="compare the chain of a kept folder again")
    arguments = parser.parse_args()
    arguments.blockmill, arguments.keep = arguments.blockmill.absolute(), arguments.keep.absolute()
    return replay(arguments) if arguments.replay else run(arguments)


if __name__ == "__main__":
    sys.exit(main())
