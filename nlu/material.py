"""What the classifier is learnt from: the examples in numbers, with the word lists that turned them into features."""

from collections.abc import Sequence
from dataclasses import dataclass

from scipy.sparse import csr_matrix, hstack

from adapters.embedding.encoder import Encoder
from nlu.classifiers.concepts import Concepts, ConceptTable, load_concepts
from nlu.classifiers.features import Lengths, views_of
from nlu.classifiers.vectors import Floats, Occurrences, Rows, Selection, Spread
from nlu.normalizer import Lexicon, Normalizer, load_lexicon


@dataclass(frozen=True, slots=True)
class Recipe:
    """How the heads are learnt; `python -m bench.ablation` measures what each value is worth.

    Tuples have a value a view.
    """

    longest: Lengths = (2, 2, 2, 2)
    fewest: tuple[int, ...] = (2, 2, 2, 2)  # examples that must have a feature
    scales: tuple[float, ...] = (1.0, 0.8, 0.5, 0.6)  # how much a view counts
    encoder_scale: float = 1.0
    penalty: float = 0.5
    is_balanced: bool = False  # whether every intent counts the same, however many examples it has


@dataclass(frozen=True)
class Material:
    """The examples: their features, and their encoder's vectors if there is an encoder."""

    recipe: Recipe
    lexicon: Lexicon
    concepts: Concepts
    occurrences: Occurrences
    encoder_identity: str = ""
    spread: Spread | None = None
    vectors: Floats | None = None

    @classmethod
    def prepare(cls, texts: Sequence[str], encoder: Encoder | None, recipe: Recipe) -> "Material":
        """Turn texts into numbers with the word lists of the product."""
        lexicon, concepts = load_lexicon(), load_concepts()
        normalizer = Normalizer(lexicon)
        table = ConceptTable(concepts, normalizer)
        normalized = [normalizer.normalize(text) for text in texts]
        occurrences = Occurrences([views_of(text, table, recipe.longest) for text in normalized])
        if encoder is None:
            return cls(recipe, lexicon, concepts, occurrences)
        vectors = encoder.encode([text.text for text in normalized])
        spread = Spread.of(vectors, recipe.encoder_scale)
        return cls(recipe, lexicon, concepts, occurrences, encoder.identity, spread, spread.standardize(vectors))

    def select(self, learnt: Rows) -> Selection:
        """Choose the features for a model that sees these examples."""
        return self.occurrences.select(learnt, self.recipe.fewest, self.recipe.scales)

    def matrix(self, rows: Rows, by: Selection) -> csr_matrix:
        """Return the vectors of these examples."""
        views = self.occurrences.matrix(rows, by)
        return views if self.vectors is None else csr_matrix(hstack([views, self.vectors[rows]], format="csr"))
