"""State how many questions, asked out of the blue in people's own words, are answered from the right section, or rightly not.

    python -m bench.questions [FILE ...] [--verbose]

It takes the trained model and the ingested documents (`main.py setup`), and asks as a first message is answered: by the
recognised intent's documents first. Files are those of bench/questions/; their rows are described there.
"""

import argparse
import json
import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any

import yaml

from adapters.clock import SystemClock
from adapters.embedding.encoder import open_encoder
from bench.machine import describe
from bot.bootstrap import App, build
from bot.commands.setup import prepare
from bot.performing.finding import AnswerFinder
from bot.settings import load_settings
from knowledge.model import Answer
from nlu.interpretation import Interpretation, Utterance
from nlu.interpreter import Interpreter

ROOT = Path(__file__).resolve().parent.parent
QUESTIONS = ROOT / "bench" / "questions"
RESULT = ROOT / "bench" / "results" / "questions.json"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", nargs="*", type=Path)
    parser.add_argument(
        "--verbose", action="store_true", help="print every question that is not answered as it should be"
    )
    arguments = parser.parse_args()
    files = arguments.files or sorted(QUESTIONS.glob("*.yml"))
    settings = load_settings()
    prepare(settings, print)
    interpreter = Interpreter.load(settings.state_folder / "models", open_encoder(settings.nlu.encoder))
    with tempfile.TemporaryDirectory() as folder:
        app = build(settings, department_urls={"hospital": "http://127.0.0.1:9"}, store_folder=Path(folder))
        counts = {file.stem: _judged(app, interpreter, file, is_verbose=arguments.verbose) for file in files}
    result = {
        "measured_on": SystemClock().now().date().isoformat(),
        "command": " ".join(["python -m bench.questions", *map(str, arguments.files)]),
        "machine": describe(),
        "counts": {name: dict(sorted(count.items())) for name, count in counts.items()},
    }
    RESULT.write_text(json.dumps(result, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    print(json.dumps(result["counts"], ensure_ascii=False, indent=1))


def _judged(app: App, interpreter: Interpreter, file: Path, *, is_verbose: bool) -> Counter[str]:
    counts: Counter[str] = Counter()
    for row in yaml.safe_load(file.read_text(encoding="utf-8")):
        fate, got = _fate(app, interpreter, row)
        counts[fate] += 1
        if is_verbose and fate not in {"right", "rightly silent"}:
            print(f"{fate}: {row['say']} -> {got}")
    return counts


def _fate(app: App, interpreter: Interpreter, row: Mapping[str, Any]) -> tuple[str, list[str]]:
    """Return what became of a question, and the sections that were quoted or, in silence, offered."""
    at = SystemClock().now()
    heard = interpreter.interpret(Utterance(row["say"], at))
    finder = AnswerFinder(app.knowledge, app.catalogue)
    got = list(_quoted(_answer(app, finder, heard, at.date())))
    if row.get("silent"):
        return ("wrongly answered" if got else "rightly silent"), got
    right = {f"{row['document']}#{row['section']}", *row.get("also", ())}
    if not got:
        owner = app.catalogue.intents.get(heard.intent)
        near = finder.nearest_questions(heard, owner, at.date()) if owner else []
        is_near = {section.partition("#")[2] for section in right} & set(near)
        return ("silent, the right question offered" if is_near else "silent"), near
    if right & set(got):
        return "right", got
    documents = {section.partition("#")[0] for section in right}
    is_near = documents & {section.partition("#")[0] for section in got}
    return ("right document, another section" if is_near else "wrong"), got


def _answer(app: App, finder: AnswerFinder, heard: Interpretation, day: date) -> Answer:
    answer = finder.best_answer(heard, None, day)
    if answer.citations:
        return answer
    return finder.in_general(heard, app.catalogue.intents.get(heard.intent), day) or answer


def _quoted(answer: Answer) -> Iterator[str]:
    for citation in answer.citations:
        yield f"{citation.document_id}#{citation.heading_path[-1]}"


if __name__ == "__main__":
    main()
