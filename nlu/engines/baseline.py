"""The plain baseline that any engine has to beat: TF-IDF of character n-grams and a linear support vector machine."""

import math
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.svm import LinearSVC

from nlu.engines.base import Reading, require_two_intents
from nlu.interpretation import OUT_OF_SCOPE
from nlu.training_data import TrainingSet


class BaselineReader:
    """Takes the class with the greatest score; refuses only what it was taught to refuse."""

    def __init__(self, vectorizer: TfidfVectorizer, learner: LinearSVC) -> None:
        self._vectorizer = vectorizer
        self._learner = learner
        self._intents: list[str] = learner.classes_.tolist()

    def read(self, text: str) -> Reading:
        """Return the best classes; the confidence is a share of the scores that nobody calibrated."""
        scores = np.atleast_1d(self._learner.decision_function(self._vectorizer.transform([text]))[0])
        if len(scores) == 1:
            scores = np.array([-scores[0], scores[0]])
        shares = np.exp(scores - scores.max())
        shares /= shares.sum()
        ranked = [int(place) for place in np.argsort(-scores, kind="stable")]
        known = [place for place in ranked if self._intents[place] != OUT_OF_SCOPE]
        guess, second, *_ = *(self._intents[place] for place in known), "", ""
        best = float(scores[known[0]])
        return Reading(guess, self._intents[ranked[0]], float(shares[ranked[0]]), 1 / (1 + math.exp(best)), second)


class BaselineEngine:
    """Characters as they were written, n-grams of one to four, one plane a class."""

    name = "baseline"
    title = "字符n-gram＋线性SVM"

    @contextmanager
    def fit(self, training_set: TrainingSet, seed: int) -> Iterator[BaselineReader]:
        """Learn."""
        require_two_intents(training_set)
        intents = [example.intent for example in training_set.examples]
        vectorizer = TfidfVectorizer(analyzer="char", ngram_range=(1, 4), sublinear_tf=True)
        matrix = vectorizer.fit_transform([example.text for example in training_set.examples])
        yield BaselineReader(vectorizer, LinearSVC(random_state=seed).fit(matrix, intents))
