"""The training sentence of an intent that is most like a given one: it shows why the two were taken for each other."""

from collections.abc import Sequence

import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer

from nlu.training_data import Example


class Neighbours:
    """Compares by character n-grams, whatever engine was misled."""

    def __init__(self, examples: Sequence[Example]) -> None:
        self._texts: list[str] = [example.text for example in examples]
        self._vectorizer = TfidfVectorizer(analyzer="char", ngram_range=(1, 3), sublinear_tf=True)
        self._matrix = self._vectorizer.fit_transform(self._texts)
        places: dict[str, list[int]] = {}
        for place, example in enumerate(examples):
            places.setdefault(example.intent, []).append(place)
        self._places = {intent: np.array(rows, dtype=np.int64) for intent, rows in places.items()}

    def nearest(self, text: str, intent: str) -> str:
        """Return the most similar example of the intent; "" if it has none."""
        places = self._places.get(intent)
        if places is None:
            return ""
        likeness = (self._matrix[places] @ self._vectorizer.transform([text]).T).toarray().ravel()
        return self._texts[int(places[int(likeness.argmax())])]
