"""The views of an utterance that the classifier learns from; a feature is a short string, one character a symbol.

characters: n-grams of what was written, both ends marked, digits made alike
sounds: n-grams of syllables, so that a homophone is as good as the word
concepts: the concepts that occur, and each pair of them
frames: n-grams over the text in which each known word stands as its concept
"""

import re
from itertools import combinations
from operator import add

from nlu.classifiers.concepts import ConceptTable
from nlu.classifiers.pinyin import sounds
from nlu.normalizer import NormalizedText

VIEWS = ("characters", "sounds", "concepts", "frames")
LONGEST_TEXT = 300
MOST_CONCEPTS = 24
PUNCTUATION = re.compile(r"[,.!?。、;:…~\"“”()'‘’《》【】\-—|/\\^$]")
DIGIT = re.compile(r"\d")

Views = tuple[list[str], ...]
"""The features of each view, in the order of VIEWS."""
Lengths = tuple[int, ...]
"""How long the features of each view get; 0 leaves a view out."""


def views_of(text: NormalizedText, concepts: ConceptTable, longest: Lengths) -> Views:
    """Return the features of each view; of a long text only the first and last 150 characters count."""
    plain = PUNCTUATION.sub("", _shorten(text.text))
    found, frame = concepts.find(plain)
    characters, syllables, together, frames = longest
    return (
        ngrams(DIGIT.sub("0", plain), characters),
        ngrams(sounds(plain), syllables),
        subsets("".join(sorted(set(found))[:MOST_CONCEPTS]), together),
        ngrams(frame, frames),
    )


def ngrams(symbols: str, longest: int) -> list[str]:
    """Return all n-grams of 1 to `longest` symbols; `^` and `$` mark the ends."""
    bounded = f"^{symbols}$"
    found: list[str] = []
    grams = [""] * len(bounded)
    for length in range(longest):
        grams = [*map(add, grams, bounded[length:])]
        found += grams
    return found


def subsets(symbols: str, largest: int) -> list[str]:
    """Return all choices of 1 to `largest` of the symbols, in their order."""
    return ["".join(chosen) for size in range(1, largest + 1) for chosen in combinations(symbols, size)]


def _shorten(text: str) -> str:
    """Keep the beginning and the end of a long text, where people say what they want."""
    half = LONGEST_TEXT // 2
    return text if len(text) <= LONGEST_TEXT else text[:half] + text[-half:]
