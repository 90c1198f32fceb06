"""The views of an utterance that the classifier learns from; each view is a list of feature names.

characters: n-grams of one to four characters, with both ends marked and digits made alike
sounds: n-grams of one to three syllables, so that a homophone is as good as the word
concepts: the concepts that occur, and each pair of them
frames: n-grams over the text in which each known word stands as its concept
"""

import re
from collections.abc import Sequence
from itertools import combinations

from nlu.classifiers.concepts import ConceptTable, load_concepts
from nlu.classifiers.pinyin import sounds
from nlu.normalizer import NormalizedText

VIEWS = ("characters", "sounds", "concepts", "frames")
LONGEST_TEXT = 300
MOST_CONCEPTS = 24
PUNCTUATION = re.compile(r"[,.!?。、;:…~\"“”()'‘’《》【】\-—|/\\]")
DIGIT = re.compile(r"\d")

Views = tuple[list[str], ...]
"""The features of each view, in the order of VIEWS."""


def views_of(text: NormalizedText, concepts: ConceptTable | None = None) -> Views:
    """Return the features of each view; of a long text only the first and last 150 characters count."""
    plain = PUNCTUATION.sub("", shorten(text.text))
    found, frame = (concepts or load_concepts()).find(plain)
    distinct = sorted(set(found))[:MOST_CONCEPTS]
    return (
        ngrams(DIGIT.sub("0", plain), 4, "n:", ""),
        ngrams(sounds(plain), 3, "p:", " "),
        [f"c:{concept}" for concept in distinct] + [f"c:{one}&{other}" for one, other in combinations(distinct, 2)],
        ngrams(frame, 3, "m:", " "),
    )


def ngrams(symbols: Sequence[str], longest: int, prefix: str, joint: str) -> list[str]:
    """Return all n-grams of 1 to `longest` symbols; `^` and `$` mark the ends."""
    bounded = ("^", *symbols, "$")
    return [
        prefix + joint.join(bounded[start : start + length])
        for length in range(1, longest + 1)
        for start in range(len(bounded) - length + 1)
    ]


def shorten(text: str) -> str:
    """Keep the beginning and the end of a long text, where people say what they want."""
    half = LONGEST_TEXT // 2
    return text if len(text) <= LONGEST_TEXT else text[:half] + text[-half:]
