"""What every engine must do; an engine's own test class inherits this and gives an `engine` fixture."""

from collections.abc import Iterator

import pytest

from nlu.engines.base import Engine, Reader
from nlu.interpretation import OUT_OF_SCOPE
from nlu.training_data import Example, TrainingDataError, TrainingSet

SENTENCES = {
    "book": ("我要挂号", "帮我挂个号", "挂明天的号", "挂儿科的号"),
    "weather/today": ("今天天气怎么样", "明天下雨吗", "天气热不热", "今天冷不冷"),
    "thanks": ("谢谢",),
    OUT_OF_SCOPE: ("写一首诗", "讲个股票", "你会炒股吗", "翻译这句话"),
}
HOSTILE = ("", " ", "？？", "👍", "\x00\ud800", "a" * 5000, "[挂号](hospital)", '"引号"', "ﷺ", "挂\n号")


def teaching(**sentences: tuple[str, ...]) -> TrainingSet:
    examples = tuple(Example(text, intent) for intent, texts in sentences.items() for text in texts)
    return TrainingSet(examples, {intent: intent for intent in sentences})


class EngineContract:
    @pytest.fixture(scope="class")
    @classmethod
    def reader(cls, engine: Engine) -> Iterator[Reader]:
        with engine.fit(teaching(**SENTENCES), 7) as reader:
            yield reader

    def test_it_reads_what_it_learnt(self, reader: Reader) -> None:
        assert reader.read("帮我挂个号").taken == "book"
        assert reader.read("天气热不热").taken == "weather/today"

    @pytest.mark.parametrize("text", ["挂号", "写一首诗", "谢谢", "随便说点什么", *HOSTILE])
    def test_a_reading_keeps_its_promises(self, reader: Reader, text: str) -> None:
        got = reader.read(text)
        assert got.taken in SENTENCES
        assert got.guess != OUT_OF_SCOPE
        assert got.taken in {got.guess, OUT_OF_SCOPE}
        assert 0 <= got.confidence <= 1
        assert 0 <= got.outside <= 1

    def test_what_was_taught_as_out_of_scope_is_farther_out(self, reader: Reader) -> None:
        assert reader.read("写一首诗").outside > reader.read("我要挂号").outside

    def test_one_intent_cannot_be_learnt(self, engine: Engine) -> None:
        with pytest.raises(TrainingDataError, match="needs 2"), engine.fit(teaching(book=("挂号", "挂个号")), 7):
            pass
