"""State how long 50 KB of hostile text take, from the words to their meaning: the longest of each kind must stay under 50 ms.

    python -m bench.hostile [--size 50000] [--rounds 5]

It takes the trained model (`main.py setup`). The processor time of the quickest and of the slowest round is stated: others
may be at work on the machine.
"""

import argparse
import json
from pathlib import Path
from time import process_time
from typing import Any

from adapters.clock import SystemClock
from bench.machine import describe
from nlu.interpretation import Utterance
from nlu.interpreter import Interpreter

ROOT = Path(__file__).resolve().parent.parent
RESULT = ROOT / "bench" / "results" / "hostile.json"
ALLOWED_MILLISECONDS = 50
PIECES = {
    "one figure": "1",
    "phones": "13800138000 ",
    "identity numbers": "510703199001019992 ",
    "full width": "１",
    "one numeral": "一",
    "one character": "王",
    "latin and Han": "a一",
    "blanks": " ",
    "line ends": "\n",
    "zero width": "\u200b",
    "combining marks": "a\u0301",
    "emoji families": "👨‍👩‍👧",
    "compatibility forms": "㍿",
    "right to left": "\u202e",
    "lone surrogates": "\ud800",
    "commas": "，",
    "fillers": "嗯，",
    "particles": "嘛，",
    "times": "明天下午三点到五点",
    "dates": "2026-12-03 ",
    "festivals": "国庆后第一个工作日",
    "old dates": "农历八月十五",
    "counts": "三天后两个半小时内",
    "sums": "三千五百块",
    "names": "姓王名小明",
    "places": "绵阳市中",
    "a whole sentence": "我想挂号明天404内科",
    "traditional script": "後天上午有沒有兒科嘅號",
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--size", type=int, default=50_000)
    parser.add_argument("--rounds", type=int, default=5)
    given = parser.parse_args()
    interpreter = Interpreter.load(ROOT / "var" / "models")
    rows = {name: measured(interpreter, piece, given.size, given.rounds) for name, piece in PIECES.items()}
    for name, row in rows.items():
        print(f"{name:22s} {row['least_milliseconds']:8.1f} ms {row['most_milliseconds']:8.1f} ms")
    worst = max(row["least_milliseconds"] for row in rows.values())
    print(f"worst of the quickest rounds: {worst} ms (allowed: {ALLOWED_MILLISECONDS} ms)")
    facts = {"measured_on": SystemClock().now().date().isoformat(), "machine": describe(), "characters": given.size}
    content = json.dumps({**facts, "worst_milliseconds": worst, "kinds": rows}, ensure_ascii=False, indent=1)
    RESULT.write_text(content + "\n", encoding="utf-8")


def measured(interpreter: Interpreter, piece: str, size: int, rounds: int) -> dict[str, Any]:
    """Return the processor time of the quickest and of the slowest round."""
    utterance = Utterance((piece * (size // len(piece) + 1))[:size], SystemClock().now())
    milliseconds = []
    for _ in range(rounds):
        began = process_time()
        interpreter.interpret(utterance)
        milliseconds.append(1000 * (process_time() - began))
    return {"least_milliseconds": round(min(milliseconds), 1), "most_milliseconds": round(max(milliseconds), 1)}


if __name__ == "__main__":
    main()
