"""Measure whole turns a second in an open loop, with a Rasa server's /model/parse in the same run as the peer.

    python -m bench.load                          everything, about ten minutes; writes bench/results/load-DATE.{json,md}
    python -m bench.load --only web,rasa_parse    some variants
    python -m bench.load --runs 5 --run-seconds 20

A rate is held when nothing fails and the 99th percentile, from the planned arrival to the last reply, is within 250 ms.
The server runs on core 0; citizens and the sandbox city on core 1. Train the peer first: make rasa-train
"""

import argparse
import asyncio
import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from adapters.clock import SystemClock
from bench.load_report import as_markdown
from bench.machine import describe
from bench.processes import ROOT
from bench.rasa_peer import training
from bench.variants import VARIANTS, Plan, measure

RESULTS = ROOT / "bench" / "results"


def main() -> int:
    arguments = _parser().parse_args()
    plan = Plan(arguments.step_seconds, arguments.run_seconds, arguments.runs, arguments.start)
    if arguments.variant:
        result = asyncio.run(measure(arguments.variant, plan))
        arguments.out.write_text(json.dumps(result, ensure_ascii=False), encoding="utf-8")
        return 0
    names = arguments.only.split(",") if arguments.only else list(VARIANTS)
    report = _report({name: _measured_apart(name, sys.argv[1:]) for name in names})
    RESULTS.mkdir(parents=True, exist_ok=True)
    path = RESULTS / f"load-{report['date'][:10]}{arguments.suffix}"
    Path(f"{path}.json").write_text(json.dumps(report, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    Path(f"{path}.md").write_text(as_markdown(report), encoding="utf-8")
    print(as_markdown(report))
    return 0 if all("failed" not in variant for variant in report["variants"].values()) else 1


def _measured_apart(name: str, given: list[str]) -> dict[str, Any]:
    """Measure a variant in a process of its own, pinned before anything heavy is loaded."""
    before = describe()
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "result.json"
        command = [sys.executable, "-m", "bench.load", *given, "--variant", name, "--out", str(out)]
        print(f"{name} …", flush=True)
        process = subprocess.run(command, cwd=ROOT, check=False)
        if process.returncode or not out.is_file():
            return {"title": VARIANTS[name].title, "failed": f"exit status {process.returncode}"}
        result: dict[str, Any] = json.loads(out.read_text(encoding="utf-8"))
    return result | {"load_average_before": before["load_average"], "loop_ms_before": before["loop_ms"]}


def _report(variants: dict[str, dict[str, Any]]) -> dict[str, Any]:
    return {
        "date": SystemClock().now().isoformat(timespec="seconds"),
        "command": "python -m bench.load " + " ".join(sys.argv[1:]),
        "machine": describe(),
        "peer": training() if "rasa_parse" in variants and "failed" not in variants["rasa_parse"] else None,
        "variants": variants,
    }


def _parser() -> argparse.ArgumentParser:
    plan = Plan()
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", default="", help=f"comma-separated: {', '.join(VARIANTS)}")
    parser.add_argument("--runs", type=int, default=plan.runs)
    parser.add_argument("--run-seconds", type=float, default=plan.run_seconds)
    parser.add_argument("--step-seconds", type=float, default=plan.step_seconds)
    parser.add_argument("--start", type=float, default=plan.start, help="the first rate of the search, a second")
    parser.add_argument("--suffix", default="", help="put behind the name of the result files")
    parser.add_argument("--variant", choices=list(VARIANTS), help=argparse.SUPPRESS)
    parser.add_argument("--out", type=Path, help=argparse.SUPPRESS)
    return parser


if __name__ == "__main__":
    sys.exit(main())
