from datetime import date

import pytest

from knowledge.ingestion.document_facts import read_date, read_facts

NOTICE = "某市人民政府办公室\n某府办发[2020] 第13号\n关于便民服务的通知\n各单位：\n请执行。\n本通知自2020年7月1日起施行，有效期至2025年6月30日。\n2020年6月17日"


def test_reads_the_facts_of_a_notice() -> None:
    facts = read_facts(NOTICE, fallback_title="未命名")
    assert facts.title == "关于便民服务的通知"
    assert facts.document_number == "某府办发〔2020〕13号"
    assert facts.issuer == "某市人民政府办公室"
    assert facts.issued_date == date(2020, 6, 17)
    assert (facts.effective_date, facts.expires_date) == (date(2020, 7, 1), date(2025, 6, 30))


def test_says_nothing_that_the_text_does_not_say() -> None:
    facts = read_facts("只有一句话。", fallback_title="文件名")
    assert facts.title == "文件名"
    assert facts.document_number is None
    assert facts.issued_date is None


@pytest.mark.parametrize(
    ("words", "day"),
    [
        ("2020年6月17日", date(2020, 6, 17)),
        ("二〇二〇年十一月三日", date(2020, 11, 3)),
        ("2020-02-30", None),
        ("明年", None),
    ],
)
def test_reads_only_possible_days(words: str, day: date | None) -> None:
    assert read_date(words) == day
