"""What Rasa learns is chosen by the sentences alone: the same in any order, and never what is held out."""

from dataclasses import replace

import pytest
import yaml

from nlu.entities.words import EntityWords
from nlu.rasa.collection import TrainingPlan, collect
from nlu.rasa.errors import PlanImpossible
from nlu.training_data import Example, TrainingSet

WORDS = ("挂号", "退号", "退休", "社保", "天气")
INTENTS = {
    "health_appointment.book": "health_appointment",
    "health_appointment.cancel": "health_appointment",
    "social_insurance.card": "social_insurance",
}
EVERYTHING = TrainingSet(
    tuple(Example(f"{intent.partition('.')[2]}第{number}句", intent) for intent in INTENTS for number in range(40)),
    INTENTS,
)


def texts(data: str) -> dict[str, list[str]]:
    """Read Rasa's training data as Rasa does."""
    return {
        next(iter(block.values())): [line.removeprefix("- ") for line in block["examples"].splitlines()]
        for block in yaml.safe_load(data)["nlu"]
    }


def test_a_tenth_of_each_intent_is_held_out_and_not_learnt() -> None:
    collected = collect(EVERYTHING, TrainingPlan())
    assert len(collected.learnt) == 3 * 36
    assert len(collected.held_out) == 3 * 4
    assert not set(collected.learnt) & set(collected.held_out)
    assert texts(collected.data) == {
        intent: [text for label, text in collected.learnt if label == intent] for intent in INTENTS
    }


def test_less_is_a_part_of_everything_and_holds_out_the_same() -> None:
    everything, reduced = collect(EVERYTHING, TrainingPlan()), collect(EVERYTHING, TrainingPlan(examples_per_intent=5))
    assert len(reduced.learnt) == 15
    assert set(reduced.learnt) < set(everything.learnt)
    assert reduced.held_out == everything.held_out


def test_intents_are_chosen_by_name_or_by_group() -> None:
    plan = TrainingPlan(intents=("health_appointment", "social_insurance.card"))
    assert collect(EVERYTHING, plan).intents == tuple(sorted(INTENTS))
    assert collect(EVERYTHING, TrainingPlan(intents=("health_appointment",))).groups == {
        "health_appointment.book": "health_appointment",
        "health_appointment.cancel": "health_appointment",
    }
    with pytest.raises(PlanImpossible, match="chitchat, privacy"):
        collect(EVERYTHING, TrainingPlan(intents=("privacy", "chitchat", "health_appointment")))
    with pytest.raises(PlanImpossible, match="social_insurance"):
        collect(EVERYTHING, TrainingPlan(intents=("social_insurance",)))


def test_the_order_of_files_decides_nothing() -> None:
    turned = TrainingSet(EVERYTHING.examples[::-1], dict(reversed(INTENTS.items())))
    assert collect(turned, TrainingPlan()) == collect(EVERYTHING, TrainingPlan())


@pytest.mark.parametrize("plan", [TrainingPlan(epochs=21), TrainingPlan(examples_per_intent=3)])
def test_whatever_decides_the_model_decides_the_fingerprint(plan: TrainingPlan) -> None:
    assert collect(EVERYTHING, plan).fingerprint() != collect(EVERYTHING, TrainingPlan()).fingerprint()
    more = replace(EVERYTHING, examples=(*EVERYTHING.examples, Example("再来一句", "health_appointment.book")))
    assert collect(more, TrainingPlan()).fingerprint() != collect(EVERYTHING, TrainingPlan()).fingerprint()


def test_the_pipeline_gets_its_epochs() -> None:
    pipeline = yaml.safe_load(collect(EVERYTHING, TrainingPlan(epochs=7)).pipeline)
    [diet] = [step for step in pipeline["pipeline"] if step["name"] == "DIETClassifier"]
    assert (diet["epochs"], diet["ranking_length"], diet["entity_recognition"]) == (7, 0, False)
    assert {step["name"] for step in pipeline["pipeline"]} >= {"JiebaTokenizer", "CountVectorsFeaturizer"}


def test_sentences_are_learnt_in_standard_words_and_without_marks() -> None:
    said = ("掛耗咋個整", "挂[中心医院](x)的{号}", '"', "- - 挂号: #1", "挂耗咋个整", "  ")
    examples = tuple(Example(text, "health_appointment.book") for text in said)
    padding = tuple(Example(f"退{number}号", "health_appointment.cancel") for number in range(9))
    collected = collect(TrainingSet(examples + padding, INTENTS), TrainingPlan())
    learnt = {text for intent, text in collected.learnt + collected.held_out if intent == "health_appointment.book"}
    assert learnt == {"挂号怎么弄", "挂 中心医院 x 的 号", "- -挂号: #1"}
    written = texts(collected.data)["health_appointment.book"]
    assert set(written) == {text for intent, text in collected.learnt if intent == "health_appointment.book"}


def test_what_skills_call_things_goes_along_and_counts() -> None:
    words = EntityWords({"school": {"西南科技大学": ("西科大",), "绵阳中学": ()}}, {"bus_line": (r"[0-9]{1,3}路",)})
    collected = collect(replace(EVERYTHING, words=words), TrainingPlan())
    read = texts(collected.data)
    assert (read["school"], read["bus_line"]) == (["西南科技大学", "西科大", "绵阳中学"], [r"[0-9]{1,3}路"])
    assert read["西南科技大学"] == ["西科大"]
    assert "绵阳中学" not in read
    assert collected.fingerprint() != collect(EVERYTHING, TrainingPlan()).fingerprint()
