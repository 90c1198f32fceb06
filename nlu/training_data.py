"""Gather what all skills teach: examples and words from `skills/*/nlu.yml` (Rasa 3.1 format), groups from `manifest.yaml`."""

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import yaml

from nlu.entities.words import EntityWords
from nlu.entity_blocks import EntityBlocks
from nlu.interpretation import GROUPS

KINDS = ("intent", "lookup", "synonym", "regex")
ANNOTATION = re.compile(
    r"\[([^\[\]]{1,200})\](?:\(([a-z_]{1,40})\)|\{[ ]?\"entity\": ?\"([a-z_]{1,40})\"[^{}]{0,300}\})"
)


class TrainingDataError(Exception):
    """The training data cannot be used; `problems` says each reason with its file and line."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


@dataclass(frozen=True, slots=True)
class Annotation:
    """An entity that the author marked; `start` and `end` are offsets into the example's text."""

    type: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Example:
    """A sentence with its intent; `source` is `file:line`."""

    text: str
    intent: str
    annotations: tuple[Annotation, ...] = ()
    source: str = ""


@dataclass(frozen=True, slots=True)
class TrainingSet:
    """All examples, the group of every intent, and what the skills call the things that citizens name."""

    examples: tuple[Example, ...]
    groups: Mapping[str, str]
    words: EntityWords = field(default_factory=EntityWords)

    def fingerprint(self) -> str:
        """Return the SHA-256 of texts, intents, groups and words; places and order of files do not count."""
        examples = sorted((example.intent, example.text) for example in self.examples)
        content = [examples, sorted(self.groups.items()), self.words.document()]
        return hashlib.sha256(json.dumps(content, ensure_ascii=True, sort_keys=True).encode()).hexdigest()


@dataclass
class _Gathering:
    """What was found so far, and what was wrong with it."""

    groups: dict[str, str] = field(default_factory=dict)
    declared_at: dict[str, str] = field(default_factory=dict)
    examples: list[Example] = field(default_factory=list)
    by_text: dict[str, Example] = field(default_factory=dict)
    blocks: EntityBlocks = field(default_factory=EntityBlocks)
    problems: list[str] = field(default_factory=list)

    def declare(self, intent: str, group: str, place: str) -> None:
        """Note an intent of a manifest."""
        if intent in self.groups:
            self.problems.append(f"{place}: intent {intent!r} is declared already at {self.declared_at[intent]}")
        elif group not in GROUPS:
            self.problems.append(f"{place}: intent {intent!r} has the unknown group {group!r}; see GROUPS")
        else:
            self.groups[intent] = group
            self.declared_at[intent] = place

    def add(self, example: Example) -> None:
        """Note an example; the same text again under its intent is dropped, under another one it is a problem."""
        known = self.by_text.get(example.text)
        if not example.text:
            self.problems.append(f"{example.source}: empty example of {example.intent!r}")
        elif known is not None and known.intent != example.intent:
            self.problems.append(
                f"{example.source}: {example.text!r} of {example.intent!r} is also an example of "
                f"{known.intent!r} at {known.source}; keep one"
            )
        elif known is None:
            self.by_text[example.text] = example
            self.examples.append(example)


def gather(skills_folder: Path) -> TrainingSet:
    """Read every skill's manifest and examples; raises `TrainingDataError` with all problems at once."""
    gathering = _Gathering()
    for manifest in sorted(skills_folder.glob("*/manifest.yaml")):
        _read_manifest(manifest, _short(manifest), gathering)
    for examples in sorted(skills_folder.glob("*/nlu.yml")):
        _read_blocks(examples, gathering)
    words = gathering.blocks.words(gathering.problems)
    _check(gathering, skills_folder)
    if gathering.problems:
        raise TrainingDataError(gathering.problems)
    return TrainingSet(tuple(gathering.examples), gathering.groups, words)


def parse_example(line: str) -> tuple[str, tuple[Annotation, ...]]:
    """Return the plain text of `挂[中心医院](hospital)的号`, and what was marked in it."""
    pieces: list[str] = []
    annotations: list[Annotation] = []
    length = position = 0
    for found in ANNOTATION.finditer(line):
        pieces += (line[position : found.start()], found.group(1))
        start = length + found.start() - position
        length = start + len(found.group(1))
        annotations.append(Annotation(found.group(2) or found.group(3), start, length))
        position = found.end()
    return "".join((*pieces, line[position:])), tuple(annotations)


def _check(gathering: _Gathering, skills_folder: Path) -> None:
    """Note examples of undeclared intents, declared intents without examples, and a folder with nothing in it."""
    if not gathering.groups and not gathering.problems:
        gathering.problems.append(f"{skills_folder}: no skill with a manifest.yaml in it")
    seen = {example.intent: example.source for example in reversed(gathering.examples)}
    for intent in sorted(seen.keys() - gathering.groups.keys()):
        gathering.problems.append(f"{seen[intent]}: intent {intent!r} is in no manifest.yaml")
    for intent in sorted(gathering.groups.keys() - seen.keys()):
        gathering.problems.append(f"{gathering.declared_at[intent]}: intent {intent!r} has no example in any nlu.yml")


def _read_manifest(path: Path, place: str, gathering: _Gathering) -> None:
    """Declare the intents of one manifest."""
    try:
        content = yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
        default_group = content.get("group", "")
        for intent in content.get("intents") or []:
            gathering.declare(intent["name"], intent.get("group", default_group), place)
    except (OSError, UnicodeDecodeError, yaml.YAMLError, AttributeError, KeyError, TypeError) as error:
        gathering.problems.append(f"{place}: not a manifest: {error!r}")


def _read_blocks(path: Path, gathering: _Gathering) -> None:
    """Note the blocks of one file, each entry with its line."""
    place = _short(path)
    try:
        document = yaml.compose(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
        blocks = [_block(node) for node in _fields(document)["nlu"].value]
    except (OSError, UnicodeDecodeError, yaml.YAMLError, AttributeError, KeyError, TypeError) as error:
        gathering.problems.append(f"{place}: not Rasa training data (version, nlu: [intent, examples]): {error!r}")
        return
    entries = {
        "lookup": gathering.blocks.lookups,
        "synonym": gathering.blocks.synonyms,
        "regex": gathering.blocks.regexes,
    }
    for kind, name, node in blocks:
        for text, line in _lines(node, place, gathering.problems):
            if kind == "intent":
                plain, annotations = parse_example(text)
                gathering.add(Example(plain, name, annotations, line))
            elif text:
                entries[kind].append((name, text, line))


def _block(node: yaml.Node) -> tuple[str, str, yaml.Node]:
    """Return what a block is, its name and its examples; raises KeyError or TypeError for what is no block."""
    fields = _fields(node)
    kind = next((kind for kind in KINDS if kind in fields), None)
    if kind is None:
        raise KeyError(f"one of {', '.join(KINDS)} at line {node.start_mark.line + 1}")
    return kind, fields[kind].value, fields["examples"]


def _lines(node: yaml.Node, place: str, problems: list[str]) -> Iterator[tuple[str, str]]:
    """Yield the texts of the lines `- text` of one block, each with its place."""
    first = node.start_mark.line + 2
    for number, raw in enumerate(str(node.value).splitlines(), start=first):
        line = raw.strip()
        if line and not line.startswith("- ") and line != "-":
            problems.append(f"{place}:{number}: an example must begin with '- ', this one is {line[:40]!r}")
        elif line:
            yield line[1:].strip(), f"{place}:{number}"


def _fields(node: yaml.Node | None) -> dict[str, yaml.Node]:
    """Return a mapping node's fields by name; raises TypeError for anything else."""
    if not isinstance(node, yaml.MappingNode):
        raise TypeError("expected a mapping")
    return {key.value: value for key, value in node.value}


def _short(path: Path) -> str:
    """Return the last three parts of a path, which name the skill's file."""
    return "/".join(path.parts[-3:])
