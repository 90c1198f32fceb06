from datetime import date

import pytest

from knowledge.index.analysis import normalize
from knowledge.retrieval.births import birth_in, is_for_one_birth, rows_for

ROW = "1965年1月至4月出生的：男职工60岁1个月退休；原55岁退休的女职工55岁退休；原50岁退休的女职工50岁退休。"
OLDER = "1964年12月及以前出生的男职工60岁退休，1969年12月及以前出生、原55岁退休的女职工55岁退休。"
PUPILS = "2020年9月1日至2021年8月31日出生的孩子，2027年秋季可以上小学。"


@pytest.mark.parametrize(
    ("said", "first", "last", "sex"),
    [
        ("我65年3月生的男的", date(1965, 3, 1), date(1965, 3, 31), "man"),
        ("娃儿2020年10月生", date(2020, 10, 1), date(2020, 10, 31), None),
        ("七五年生的女职工", date(1975, 1, 1), date(1975, 12, 31), "woman"),
        ("我爸64年的，好久退休", date(1964, 1, 1), date(1964, 12, 31), "man"),
        ("我是八零年的", date(1980, 1, 1), date(1980, 12, 31), None),
        ("2020年8月31日出生", date(2020, 8, 31), date(2020, 8, 31), None),
    ],
)
def test_reads_a_birth(said: str, first: date, last: date, sex: str | None) -> None:
    birth = birth_in(normalize(said))
    assert birth is not None
    assert (birth.first, birth.last, birth.sex) == (first, last, sex)


@pytest.mark.parametrize(
    "said", ["2033年退休要交几年", "交了10年的社保", "交了40年的社保", "2月30日生", "", "2027年9月读书"]
)
def test_other_years_are_no_births(said: str) -> None:
    assert birth_in(normalize(said)) is None


@pytest.mark.parametrize(
    ("said", "sentence", "fits"),
    [
        ("65年3月生男", ROW, True),
        ("65年5月生男", ROW, False),
        ("65年生的女", ROW, True),
        ("64年的女的", OLDER, True),
        ("66年生的男", OLDER, False),
        ("66年生的女", OLDER, True),
        ("2020年10月生", PUPILS, True),
        ("2020年8月31日生", PUPILS, False),
        ("2020年9月1日生", PUPILS, True),
    ],
)
def test_a_row_fits_its_births_and_their_sex_only(said: str, sentence: str, fits: bool) -> None:
    birth = birth_in(normalize(said))
    assert birth is not None
    assert (rows_for(birth, sentence) is not None) is fits


def test_knows_a_row_from_a_rule() -> None:
    assert is_for_one_birth(f"• {ROW}")
    assert not is_for_one_birth("男职工的法定退休年龄从60岁逐步延迟到63岁。")
