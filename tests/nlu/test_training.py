"""Training: the same bytes from the same data, and a fingerprint that notices every change."""

from dataclasses import replace
from datetime import datetime
from pathlib import Path

import numpy as np
import pytest

from adapters.clock import CITY_TIMEZONE, FixedClock
from nlu.artefact import ModelFolder, ModelManifest
from nlu.calibration import Problem, Scores, calibrate, choose_thresholds
from nlu.classifiers.base import Thresholds
from nlu.classifiers.concepts import ConceptTable, load_concepts
from nlu.classifiers.features import views_of
from nlu.classifiers.ngram import Calibration, NgramModel, confidences, softmax
from nlu.classifiers.vectors import Vectorizer
from nlu.freshness import is_current
from nlu.interpretation import Utterance
from nlu.interpreter import Interpreter
from nlu.learning import fit_head
from nlu.material import Material, Recipe
from nlu.normalizer import Normalizer, load_lexicon
from nlu.training import fit, train
from nlu.training_data import Example, TrainingDataError, TrainingSet

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=CITY_TIMEZONE)


def quiet(line: str) -> None:
    assert line


def test_the_same_seed_gives_the_same_bytes(
    training_set: TrainingSet, trained: tuple[Path, ModelManifest], tmp_path: Path
) -> None:
    again = train(training_set, tmp_path, seed=7, progress=quiet, clock=FixedClock(NOW))
    assert again == trained[1]
    for name in again.files:
        assert (tmp_path / again.version / name).read_bytes() == (trained[0] / again.version / name).read_bytes()


def test_the_order_of_the_examples_does_not_matter(training_set: TrainingSet) -> None:
    turned = TrainingSet(training_set.examples[::-1], training_set.groups)
    one, other = (fit(data, seed=7, progress=quiet) for data in (training_set, turned))
    assert one.document() == other.document()
    assert np.array_equal(one.weights, other.weights)


def test_the_manifest_says_what_was_trained(trained: tuple[Path, ModelManifest]) -> None:
    manifest = trained[1]
    assert (manifest.examples, manifest.intents, manifest.seed) == (72, 6, 7)
    assert manifest.trained_at == "2026-11-23T09:00:00+08:00"
    assert 0.3 < manifest.figures["held_out_intent_accuracy"] <= manifest.figures["held_out_group_accuracy"] <= 1


def test_a_second_start_knows_that_nothing_changed(
    training_set: TrainingSet, trained: tuple[Path, ModelManifest], tmp_path: Path
) -> None:
    more = TrainingSet((*training_set.examples, Example("再挂一个", "health_appointment.book")), training_set.groups)
    moved = TrainingSet(training_set.examples, {**training_set.groups, "chitchat.greet": "dialog_control"})
    assert is_current(trained[0], training_set, seed=7)
    assert not is_current(trained[0], training_set, seed=8)
    assert not is_current(trained[0], more, seed=7)
    assert not is_current(trained[0], moved, seed=7)
    assert not is_current(tmp_path / "nowhere", training_set, seed=7)


def test_a_rollback_is_not_undone_by_the_next_start(training_set: TrainingSet, tmp_path: Path) -> None:
    first = train(training_set, tmp_path, seed=1, progress=quiet, clock=FixedClock(NOW))
    train(training_set, tmp_path, seed=2, progress=quiet, clock=FixedClock(NOW))
    assert not is_current(tmp_path, training_set, seed=1)
    assert ModelFolder(tmp_path).roll_back() == first
    assert is_current(tmp_path, training_set, seed=2)


def test_a_model_keeps_the_word_lists_that_it_was_trained_with(
    training_set: TrainingSet, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The first model knows 嘎嘎呜 as 你好; by the time it is rolled back to, the lists have forgotten the word.
    today = load_lexicon()
    dialect = {**today.replacements["dialect"], "嘎嘎呜": "你好"}
    then = replace(today, replacements={**today.replacements, "dialect": dialect})
    with monkeypatch.context() as patched:
        patched.setattr("nlu.material.load_lexicon", lambda: then)
        patched.setattr("nlu.material.load_concepts", lambda: {**load_concepts(), "greeting": ("久仰",)})
        train(training_set, tmp_path, seed=1, progress=quiet)
    train(training_set, tmp_path, seed=2, progress=quiet)

    def understood() -> tuple[str, str]:
        got = Interpreter.load(tmp_path).interpret(Utterance("嘎嘎呜", NOW))
        return got.normalized_text, got.intent

    assert understood()[0] == "嘎嘎呜"
    ModelFolder(tmp_path).roll_back()
    assert understood() == ("你好", "chitchat.greet")
    assert "greeting" in ModelFolder(tmp_path).load()[1].document["concepts"]


def test_a_text_is_seen_alike_in_training_and_afterwards(training_set: TrainingSet) -> None:
    # The classifier scores one text; training multiplies matrices. Both must give the same numbers.
    texts = [example.text for example in training_set.examples]
    material = Material.prepare(texts, None, Recipe())
    selection = material.select(np.arange(len(texts)))
    matrix = material.matrix(np.arange(len(texts)), selection).toarray()
    vectorizer = Vectorizer(material.occurrences.vocabulary(selection), np.concatenate(selection.idf))
    normalizer = Normalizer(material.lexicon)
    table = ConceptTable(material.concepts, normalizer)
    for number, text in enumerate(texts):
        rows, scales = vectorizer.transform(views_of(normalizer.normalize(text), table, Recipe().longest))
        seen = np.zeros(matrix.shape[1])
        seen[rows] = scales * selection.factors()[rows]
        assert np.allclose(seen, matrix[number], atol=1e-5), text


def test_too_few_examples_are_refused_by_name() -> None:
    few = TrainingSet(
        (Example("挂号", "a.book"), Example("退号", "a.book"), Example("你好", "b.greet")),
        {"a.book": "culture", "b.greet": "chitchat"},
    )
    with pytest.raises(TrainingDataError) as caught:
        fit(few, seed=0, progress=quiet)
    assert caught.value.problems == [
        "intent 'a.book' has 2 examples, needs 3",
        "intent 'b.greet' has 1 examples, needs 3",
    ]


def test_a_stored_model_that_does_not_fit_together_is_refused(training_set: TrainingSet) -> None:
    model = fit(training_set, seed=7, progress=quiet)
    arrays, document = model.arrays(), model.document()
    assert np.allclose(NgramModel.restore(arrays, document).weights, model.weights, atol=1e-2)
    with pytest.raises(ValueError, match="do not fit"):
        NgramModel.restore(arrays, {**document, "vocabulary": document["vocabulary"][1:]})
    with pytest.raises(ValueError, match="encoder"):
        NgramModel.restore({**arrays, "encoder_weights": np.zeros((8, 3), dtype=np.float32)}, document)
    with pytest.raises(ValueError, match="do not fit"):
        NgramModel.restore({**arrays, "weights": arrays["weights"][:, 1:]}, document)


@pytest.mark.parametrize("classes", [[0, 0, 0, 0], [0, 2, 0, 2], [0, 1, 2, 2]])
def test_a_head_knows_the_classes_that_it_saw(classes: list[int]) -> None:
    from scipy.sparse import csr_matrix

    matrix = csr_matrix(np.eye(4, dtype=np.float32))
    head = fit_head(matrix, np.array(classes), 3, 0, Recipe())
    assert head.score(matrix).argmax(axis=1).tolist() == classes


def test_confidences_by_hand() -> None:
    # Two groups: intents 0 and 1 in the first, 2 in the second. Equal intent scores: a third each, so the groups hold
    # 2/3 and 1/3; the group head says 1/2 each; the first two come down to 1/4 each, the third up to 1/2.
    members = np.array([[1.0, 0.0], [1.0, 0.0], [0.0, 1.0]])
    got = confidences(np.zeros((1, 3)), np.zeros((1, 2)), members, Calibration(1.0, 1.0, 1.0))
    assert got[0].tolist() == pytest.approx([0.25, 0.25, 0.5])
    untouched = confidences(np.zeros((1, 3)), np.zeros((1, 2)), members, Calibration(1.0, 1.0, 0.0))
    assert untouched[0].tolist() == pytest.approx([1 / 3] * 3)
    assert softmax(np.array([0.0, np.log(3.0)])).tolist() == pytest.approx([0.25, 0.75])


def problem(labels: list[int]) -> Problem:
    return Problem(("a.one", "a.two", "out_of_scope"), ("a", "out_of_scope"), np.array(labels), np.array([0, 0, 1]))


def test_the_limit_of_refusal_lies_between_what_is_known_and_what_is_not() -> None:
    known, foreign = [[0.7, 0.1, 0.2]] * 10, [[0.3, 0.25, 0.45]] * 10
    shares = np.array(known + [[0.26, 0.25, 0.25]] * 10 + foreign)
    got = choose_thresholds(problem([0] * 10 + [2] * 20), shares)
    assert 0.51 < got.group_mass <= 0.8


def test_no_question_is_asked_where_guesses_are_right_and_one_is_where_they_are_not() -> None:
    sure = np.array([[0.6, 0.3, 0.1]] * 8)
    assert choose_thresholds(problem([0] * 8), sure).margin == 0.0
    torn = np.array([[0.45, 0.4, 0.15]] * 8 + [[0.9, 0.05, 0.05]] * 8)
    assert 0.04 < choose_thresholds(problem([0, 1] * 4 + [0] * 8), torn).margin < 0.85


def test_calibration_lowers_confidence_that_is_not_earned() -> None:
    scores = np.array([[1.0, 0.0, -1.0]] * 10)
    groups = np.array([[1.0, -1.0]] * 10)
    right, half = problem([0] * 10), problem([0, 1] * 5)
    bold, shy = (calibrate(one, Scores(scores, groups)) for one in (right, half))
    assert bold.intent_temperature > 2 * shy.intent_temperature


def test_limits_have_a_meaning_without_out_of_scope_examples() -> None:
    inside = replace(problem([0] * 4), groups=("a", "culture"))
    # All four right, with 0.9 in their group: the limit that costs two right answers in a thousand is theirs.
    assert choose_thresholds(inside, np.array([[0.6, 0.3, 0.1]] * 4)).group_mass == 0.9
    assert choose_thresholds(inside, np.array([[0.1, 0.1, 0.8]] * 4)).group_mass == Thresholds().group_mass


def test_intents_with_one_example_can_be_allowed() -> None:
    few = TrainingSet((Example("挂号", "book"), Example("你好", "greet")), {"book": "book", "greet": "greet"})
    model = fit(few, seed=0, progress=quiet, fewest=1)
    assert model.intents == ("book", "greet")
    assert np.isfinite(model.weights).all()


def test_a_group_an_intent_needs_one_head(training_set: TrainingSet) -> None:
    names = sorted({example.intent for example in training_set.examples})
    swapped = dict(zip(names, reversed(names), strict=True))
    model = fit(TrainingSet(training_set.examples, swapped), seed=7, progress=quiet)
    half = len(names)
    for place, intent in enumerate(model.intents):
        group = half + model.groups.index(swapped[intent])
        assert np.array_equal(model.weights[:, place], model.weights[:, group])
