from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.answering.composer import cite, frame_sentences, source_lines
from knowledge.answering.guardrails import check_answer, facts_in, unsupported_facts
from knowledge.model import Answer, AnswerStatus, PolicyDocument

QUOTE = "国家奖学金每人每年10000元，2024年9月1日起执行，20个工作日内发放，可以拨打12393咨询，依据绵府办发〔2020〕13号。"
DOCUMENT = PolicyDocument(
    "aid", "奖学金标准2024", f"奖学金标准2024\n\n{QUOTE}\n其他三十日内的事项不变。", document_number="某办发〔2024〕5号"
)
START = DOCUMENT.text.index(QUOTE)
CITATION = cite(DOCUMENT, ("标准",), START, START + len(QUOTE))
ANSWER = Answer(AnswerStatus.ANSWERED, f"{QUOTE}\n{source_lines([DOCUMENT])[0]}", (CITATION,))


def violations(answer: Answer) -> set[str]:
    documents = {DOCUMENT.document_id: DOCUMENT}
    return {violation.rule for violation in check_answer(answer, documents.get, frame_sentences([DOCUMENT]))}


def test_a_true_answer_passes() -> None:
    assert violations(ANSWER) == set()


@pytest.mark.parametrize(
    ("true", "false"),
    [
        ("10000元", "1000元"),
        ("10000元", "10000万元"),
        ("2024年9月1日", "2024年9月2日"),
        ("20个工作日", "2个工作日"),
        ("12393", "12392"),
        ("〔2020〕13号", "〔2020〕12号"),
        ("可以拨打", "不可以拨打"),
        ("国家奖学金", "国家助学金"),
        ("某办发〔2024〕5号", "某办发〔2024〕6号"),
    ],
)
def test_a_tampered_answer_is_caught(true: str, false: str) -> None:
    assert true in ANSWER.text
    assert violations(replace(ANSWER, text=ANSWER.text.replace(true, false)))


@given(position=st.integers(0, len(QUOTE) - 1), digit=st.sampled_from("0123456789"))
def test_no_digit_can_be_changed_or_slipped_in(position: int, digit: str) -> None:
    changed = QUOTE[:position] + digit + QUOTE[position + QUOTE[position].isdigit() :]
    if changed != QUOTE:
        assert "sentence" in violations(replace(ANSWER, text=ANSWER.text.replace(QUOTE, changed)))


def test_an_added_sentence_is_caught() -> None:
    assert violations(replace(ANSWER, text=ANSWER.text + "\n另外每月再发800元。")) == {"fact", "sentence"}


def test_a_citation_must_be_the_documents_own_words() -> None:
    assert "quote" in violations(replace(ANSWER, citations=(replace(CITATION, start=START + 1),)))
    assert "quote" in violations(replace(ANSWER, citations=(replace(CITATION, document_id="other"),)))


def test_an_answer_without_sources_may_name_only_the_pointer() -> None:
    assert violations(Answer(AnswerStatus.NO_SOURCE, "没有找到依据，可以拨打12345。")) == set()
    assert violations(Answer(AnswerStatus.NO_SOURCE, "没有找到依据，可以拨打12333。")) == {"fact"}


def test_facts_are_compared_whole() -> None:
    assert unsupported_facts("20元", ["2025年", "200元", "20天"]) == ("20元",)
    assert unsupported_facts("20元，三十日内", ["一共20元。", "三十日"]) == ()
    assert facts_in("电话0816-2227111，9:30到17：00，百分之五，http://a.cn/x?y=1。") == [
        "0816-2227111",
        "9:30",
        "17：00",
        "百分之五",
        "http://a.cn/x?y=1",
    ]
