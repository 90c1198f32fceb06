"""Collect the skills' example sentences into what `rasa train nlu` reads: data, pipeline, and what was held out.

The choice is made by a hash of each sentence, so that it depends on no file's order, and what is held out stays the
same however few examples are learnt.
"""

import hashlib
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from nlu.entities.words import EntityWords
from nlu.normalizer import Normalizer
from nlu.rasa.environment import packages
from nlu.rasa.errors import PlanImpossible
from nlu.training_data import Example, TrainingSet

PIPELINE = Path(__file__).with_name("pipeline.yml")
SEED = 20201117
HELD_OUT_SHARE = 10
_MARKS = str.maketrans(dict.fromkeys('[](){}"\\', " "))  # characters that Rasa would read as annotations


@dataclass(frozen=True, slots=True)
class TrainingPlan:
    """How much is learnt; the defaults are everything. `intents` are names or groups, all if there are none."""

    epochs: int = 20
    examples_per_intent: int | None = None
    intents: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Collected:
    """What is learnt and what is held out for calibration, both as (intent, text in standard words)."""

    learnt: tuple[tuple[str, str], ...]
    held_out: tuple[tuple[str, str], ...]
    groups: Mapping[str, str]
    data: str
    pipeline: str

    @property
    def intents(self) -> tuple[str, ...]:
        """Return the names of the intents that are learnt."""
        return tuple(sorted({intent for intent, _ in self.learnt}))

    def fingerprint(self) -> str:
        """Return the SHA-256 of all that decides the model."""
        held_out = "\n".join(f"{intent}\t{text}" for intent, text in self.held_out)
        return hashlib.sha256("\0".join((self.data, self.pipeline, held_out, packages())).encode()).hexdigest()


def collect(training_set: TrainingSet, plan: TrainingPlan) -> Collected:
    """Choose what is learnt and what is held out; raises `PlanImpossible` for names that no intent or group has."""
    by_intent = _texts(training_set.examples)
    if unknown := set(plan.intents) - by_intent.keys() - {training_set.groups[intent] for intent in by_intent}:
        raise PlanImpossible(f"没有这样的意图或领域：{', '.join(sorted(unknown))}")
    wanted = {
        intent: texts for intent, texts in by_intent.items() if _is_wanted(intent, training_set.groups, plan.intents)
    }
    if len(wanted) < 2:
        raise PlanImpossible(f"至少要两个意图才能训练，现在只有：{', '.join(wanted) or '无'}")
    learnt: list[tuple[str, str]] = []
    held_out: list[tuple[str, str]] = []
    for intent, texts in sorted(wanted.items()):
        ordered = sorted(texts, key=_chance)
        kept = len(ordered) - max(1, len(ordered) // HELD_OUT_SHARE)
        learnt += [(intent, text) for text in ordered[: min(kept, plan.examples_per_intent or kept)]]
        held_out += [(intent, text) for text in ordered[kept:]]
    groups = {intent: training_set.groups[intent] for intent in wanted}
    data = rasa_document(learnt, training_set.words)
    return Collected(tuple(learnt), tuple(held_out), groups, data, pipeline_of(plan.epochs))


def pipeline_of(epochs: int, seed: int = SEED) -> str:
    """Return the configuration of a training."""
    text = PIPELINE.read_text(encoding="utf-8")
    return text.replace("epochs: EPOCHS", f"epochs: {epochs}").replace("random_seed: SEED", f"random_seed: {seed}")


def rasa_document(learnt: Collection[tuple[str, str]], words: EntityWords | None = None) -> str:
    """Return the sentences, and what the skills call things, as Rasa 3.1 training data."""
    by_intent: dict[str, list[str]] = defaultdict(list)
    for intent, text in learnt:
        by_intent[intent].append(text)
    blocks = [_block("intent", intent, texts) for intent, texts in sorted(by_intent.items())]
    return 'version: "3.1"\nnlu:\n' + "".join((*blocks, *_entity_blocks(words or EntityWords())))


def _entity_blocks(words: EntityWords) -> Iterator[str]:
    """Yield lookups, synonyms and patterns; a name's synonyms stand in its lookup, too, since Rasa looks only there."""
    for kind, names in sorted(words.names.items()):
        yield _block("lookup", kind, [word for name, others in names.items() for word in (name, *others)])
        yield from (_block("synonym", name, others) for name, others in names.items() if others)
    yield from (_block("regex", kind, patterns) for kind, patterns in sorted(words.patterns.items()))


def _block(kind: str, name: str, lines: Iterable[str]) -> str:
    return f"  - {kind}: {name}\n    examples: |\n" + "".join(f"      - {line}\n" for line in lines)


def readable(text: str) -> str:
    """Return a text without what Rasa would read as annotations."""
    return " ".join(text.translate(_MARKS).split())


def _texts(examples: Collection[Example]) -> dict[str, set[str]]:
    """Return the different texts of each intent in standard words; entities stay ours, so no annotation goes along."""
    normalizer = Normalizer()
    by_intent: dict[str, set[str]] = defaultdict(set)
    for example in examples:
        text = readable(normalizer.normalize(example.text).text)
        if text:
            by_intent[example.intent].add(text)
    return by_intent


def _is_wanted(intent: str, groups: Mapping[str, str], wanted: Collection[str]) -> bool:
    return not wanted or intent in wanted or groups[intent] in wanted


def _chance(text: str) -> tuple[str, str]:
    return hashlib.sha256(text.encode()).hexdigest(), text
