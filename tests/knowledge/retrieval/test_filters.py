from dataclasses import replace
from datetime import date

import pytest

from knowledge.model import DocumentStatus, PolicyDocument
from knowledge.retrieval.filters import Force, district_name, eligible, force_on, named_district

DAY = date(2026, 11, 22)
PLAIN = PolicyDocument("plain", "指南", "正文。")


@pytest.mark.parametrize(
    ("facts", "force"),
    [
        ({}, Force.IN_FORCE),
        ({"effective_date": DAY}, Force.IN_FORCE),
        ({"effective_date": date(2026, 11, 23)}, Force.NOT_YET),
        ({"expires_date": DAY}, Force.IN_FORCE),
        ({"expires_date": date(2026, 11, 21)}, Force.EXPIRED),
        ({"repealed_date": DAY}, Force.REPEALED),
        ({"repealed_date": date(2026, 12, 1)}, Force.IN_FORCE),
        ({"status": DocumentStatus.REPEALED}, Force.REPEALED),
        ({"status": DocumentStatus.EXPIRED}, Force.EXPIRED),
        ({"status": DocumentStatus.WITHDRAWN, "effective_date": DAY}, Force.WITHDRAWN),
    ],
)
def test_force_follows_dates_and_status(facts, force: Force) -> None:
    assert force_on(replace(PLAIN, **facts), DAY) is force


def test_a_citizen_is_answered_from_the_own_district_and_from_above_it() -> None:
    codes = ("510703", "510704", "510700", "510000", "000000", "440100")
    documents = [replace(PLAIN, document_id=code, district=code) for code in codes]
    found = eligible(documents, day=DAY, district="510703")
    assert found.answering == {"510703", "510700", "510000", "000000"}
    assert found.other_districts == {"510704", "440100"}
    assert eligible(documents, day=DAY, district="510700").other_districts == {"440100"}


def test_withdrawn_documents_are_nowhere_and_past_ones_are_set_aside() -> None:
    documents = [
        replace(PLAIN, document_id="past", expires_date=date(2020, 1, 1)),
        replace(PLAIN, document_id="gone", status=DocumentStatus.WITHDRAWN),
    ]
    found = eligible(documents, day=DAY, district="510700")
    assert found.not_in_force == {"past"}
    assert not found.answering


def test_knows_the_district_that_a_question_names() -> None:
    assert named_district("涪城区读小学") == "510703"
    assert named_district("从游仙搬到三台") is None
    assert named_district("绵阳市") is None
    assert (district_name("510726"), district_name("999999")) == ("北川羌族自治县", "999999")
