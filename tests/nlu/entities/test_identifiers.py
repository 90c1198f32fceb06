"""The checks of GB 11643 and GB 32100 as pure functions."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlu.entities.identifiers import CREDIT_ALPHABET, ID_CHECKS, ID_WEIGHTS, check_credit_code, check_id_number

TODAY = date(2026, 11, 24)


@pytest.mark.parametrize(
    ("number", "birth_date", "sex"),
    [
        ("11010519491231002X", date(1949, 12, 31), "female"),
        ("440524188001010014", date(1880, 1, 1), "male"),
        ("510703199001019992", date(1990, 1, 1), "male"),
        ("510704196502289985", date(1965, 2, 28), "female"),
        ("510781197211059976", date(1972, 11, 5), "male"),
        ("510726200002299965", date(2000, 2, 29), "female"),
        ("510705201409019956", date(2014, 9, 1), "male"),
        ("510724197006159997", date(1970, 6, 15), "male"),
    ],
)
def test_a_valid_number_tells_birth_and_sex(number: str, birth_date: date, sex: str) -> None:
    found = check_id_number(number, TODAY)
    assert (found.kind, found.is_valid, found.problem) == ("resident", True, None)
    assert (found.birth_date, found.sex) == (birth_date, sex)


@pytest.mark.parametrize(
    ("number", "problem"),
    [
        ("510703199001019991", "checksum"),
        ("510703199002309991", "date"),
        ("510703190002299999", "date"),
        ("51070319900101", "length"),
        ("5107031990010199922", "length"),
        ("51070319900101999A", "format"),
        ("", "format"),
        ("不知道", "format"),
        ("\ud800" * 80, "format"),
    ],
)
def test_an_invalid_number_tells_its_problem(number: str, problem: str) -> None:
    found = check_id_number(number, TODAY)
    assert (found.is_valid, found.problem) == (False, problem)


def test_a_birth_in_the_future_depends_on_the_day() -> None:
    assert check_id_number("510703202601019990", date(2025, 12, 31)).problem == "future"
    assert check_id_number("510703202601019990", date(2026, 1, 1)).is_valid


@pytest.mark.parametrize(
    "spelling",
    ["51070319850606900x", "５１０７０３１９８５０６０６９００Ｘ", "510703 19850606 900X", "510703-19850606-900X"],
)
def test_spelling_does_not_matter(spelling: str) -> None:
    assert check_id_number(spelling, TODAY).number == "51070319850606900X"


@pytest.mark.parametrize(
    ("number", "kind"),
    [
        ("510703850606900", "resident_15"),
        ("H12345678", "hk_macao_permit"),
        ("m1234567801", "hk_macao_permit"),
        ("12345678", "taiwan_permit"),
    ],
)
def test_other_papers_are_known(number: str, kind: str) -> None:
    found = check_id_number(number, TODAY)
    assert (found.kind, found.is_valid) == (kind, True)


@pytest.mark.parametrize(
    ("prefix", "kind"), [("810000", "hmt_residence"), ("830000", "hmt_residence"), ("911156", "foreign_permanent")]
)
def test_residence_cards_have_the_same_check(prefix: str, kind: str) -> None:
    number = with_check(f"{prefix}19900101001")
    assert (check_id_number(number, TODAY).kind, check_id_number(number, TODAY).is_valid) == (kind, True)


def with_check(body: str) -> str:
    return body + ID_CHECKS[sum(int(digit) * weight for digit, weight in zip(body, ID_WEIGHTS, strict=True)) % 11]


@given(
    st.integers(0, 60_000), st.integers(100_000, 899_999), st.integers(0, 999), st.integers(0, 16), st.integers(1, 9)
)
def test_one_wrong_figure_is_always_noticed(days: int, region: int, sequence: int, place: int, shift: int) -> None:
    birth = date(1860, 1, 1) + timedelta(days=days)
    number = with_check(f"{region}{birth:%Y%m%d}{sequence:03d}")
    wrong = number[:place] + str((int(number[place]) + shift) % 10) + number[place + 1 :]
    assert check_id_number(number, TODAY).is_valid
    assert not check_id_number(wrong, TODAY).is_valid


VALID_CODES = [
    "11320000MB151840XJ",
    "91350100M000100Y43",
    "91510700MA00000151",
    "92510781MA00000158",
    "93510703MA00000156",
    "12510700MB0000019L",
    "51510700MJ0000018Y",
]


@pytest.mark.parametrize("code", VALID_CODES)
def test_a_credit_code_has_its_check(code: str) -> None:
    assert check_credit_code(code)
    assert check_credit_code(code.lower())
    wrong = CREDIT_ALPHABET[(CREDIT_ALPHABET.index(code[17]) + 1) % 31]
    assert not check_credit_code(code[:17] + wrong)


@pytest.mark.parametrize("code", ["91350100M000100Y4Z", "", "91350100M000100Y4", "91350100I000100Y43", "中文"])
def test_a_wrong_credit_code_is_noticed(code: str) -> None:
    assert not check_credit_code(code)
