"""How much of a text was never seen in training: what is foreign is often foreign in its very words."""

from collections.abc import Iterator, Sequence

from nlu.normalizer import Normalizer
from nlu.training_data import Example

LENGTHS = (2, 3)


class Novelty:
    """Remembers the pairs and triples of characters of the examples."""

    def __init__(self, examples: Sequence[Example], normalizer: Normalizer | None = None) -> None:
        normalizer = normalizer or Normalizer()
        self._seen = {
            piece
            for example in examples
            for length in LENGTHS
            for piece in _pieces(normalizer.normalize(example.text).text, length)
        }

    def of(self, normalized: str) -> float:
        """Return the share of pairs and of triples that no example has, in the mean; 0 to 1."""
        shares = []
        for length in LENGTHS:
            pieces = list(_pieces(normalized, length))
            shares.append(sum(piece not in self._seen for piece in pieces) / max(1, len(pieces)))
        return sum(shares) / len(shares)


def _pieces(text: str, length: int) -> Iterator[str]:
    """Yield all pieces of a length; both ends of the text are characters, too."""
    bounded = f"^{text}$"
    for start in range(len(bounded) - length + 1):
        yield bounded[start : start + length]
