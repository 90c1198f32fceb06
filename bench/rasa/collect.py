"""Collect the skills' example sentences into one folder that `rasa train nlu` reads.

    python -m bench.rasa.collect [--folder var/rasa] [--epochs 15]

Writes data/nlu.yml, config.yml and fingerprint.txt (what the model was trained on); run by build.sh.
"""

import argparse
import re
from collections import defaultdict
from pathlib import Path

from nlu.training_data import Example, gather

ROOT = Path(__file__).resolve().parents[2]
CONFIG = Path(__file__).with_name("config.yml")
DEFAULT_EPOCHS = 15
_MARKS = re.compile(r"[\[\](){}\"\\]")  # characters that Rasa would read as annotations


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--folder", type=Path, default=ROOT / "var" / "rasa")
    parser.add_argument("--epochs", type=int, default=DEFAULT_EPOCHS)
    arguments = parser.parse_args()
    training_set = gather(ROOT / "skills")
    data = arguments.folder / "data"
    data.mkdir(parents=True, exist_ok=True)
    (data / "nlu.yml").write_text(rasa_document(training_set.examples), encoding="utf-8")
    config = CONFIG.read_text(encoding="utf-8").replace("epochs: EPOCHS", f"epochs: {arguments.epochs}")
    (arguments.folder / "config.yml").write_text(config, encoding="utf-8")
    told = f"{training_set.fingerprint()} {len(training_set.examples)} {len(training_set.groups)} {arguments.epochs}\n"
    (arguments.folder / "fingerprint.txt").write_text(told, encoding="utf-8")
    print(f"{len(training_set.examples)} examples of {len(training_set.groups)} intents, {arguments.epochs} epochs")


def rasa_document(examples: tuple[Example, ...]) -> str:
    """Return the examples as Rasa 3.1 training data, annotations left out: the peer is measured on intents."""
    by_intent: dict[str, list[str]] = defaultdict(list)
    for example in examples:
        text = " ".join(_MARKS.sub(" ", example.text).split())
        if text:
            by_intent[example.intent].append(text)
    blocks = [
        f"  - intent: {intent}\n    examples: |\n" + "".join(f"      - {text}\n" for text in texts)
        for intent, texts in sorted(by_intent.items())
    ]
    return 'version: "3.1"\nnlu:\n' + "".join(blocks)


if __name__ == "__main__":
    main()
