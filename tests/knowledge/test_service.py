from concurrent.futures import ThreadPoolExecutor
from datetime import date

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from knowledge.errors import NoRelease
from knowledge.model import AnswerStatus
from knowledge.service import Knowledge

DAY = date(2026, 11, 22)
SUBSIDY = "## 标准\n\n示例市大熊猫认养补贴每年300元。\n\n## 办理地点\n\n到示例街道便民服务中心申请大熊猫认养补贴。"


@pytest.fixture
def service(write_document, open_shelf) -> Knowledge:
    write_document("guide-panda", "大熊猫认养补贴办事指南", SUBSIDY)
    write_document("guide-card", "金桂卡办理指南", "金桂卡在示例街道办理，3个工作日内发卡。")
    return open_shelf()


def test_answers_with_the_source_and_the_release(service: Knowledge) -> None:
    answer = service.ask("大熊猫认养补贴好多钱", as_of=DAY)
    assert answer.status is AnswerStatus.ANSWERED
    assert "300元" in answer.text
    assert answer.citations[0].document_id == "guide-panda"
    assert answer.release == service.release


@pytest.mark.parametrize(
    "question", ["火星移民补贴好多钱", "金桂卡好多钱", "大熊猫认养补贴怎么缴税", "怎么办", "", "？？！"]
)
def test_is_silent_and_points_to_12345_when_nothing_supports_an_answer(service: Knowledge, question: str) -> None:
    answer = service.ask(question, as_of=DAY)
    assert answer.status is AnswerStatus.NO_SOURCE
    assert answer.citations == ()
    assert "12345" in answer.text
    assert "人工" in answer.text


@given(question=st.text(max_size=200))
@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_text_gets_an_answer(service: Knowledge, question: str) -> None:
    assert service.ask(question, as_of=DAY).text
    service.search(question, as_of=DAY)


@pytest.mark.parametrize(
    "question", ["*", "大熊猫 AND (", "body:大熊猫^9 OR *:*", "'; drop--", "补贴" * 3000, "\x00\ud7ff"]
)
def test_hostile_queries_are_only_words(service: Knowledge, question: str) -> None:
    service.ask(question, as_of=DAY)
    service.search(question, limit=1000, as_of=DAY)


@pytest.mark.parametrize(
    ("facts", "told"),
    [
        ({"status": "repealed"}, "已废止"),
        ({"expires_date": "2025-12-31"}, "已失效"),
        ({"effective_date": "2027-01-01"}, "自2027年1月1日起施行"),
    ],
)
def test_a_document_not_in_force_is_named_as_such_and_not_quoted(write_document, open_shelf, facts, told: str) -> None:
    write_document("guide-panda", "大熊猫认养补贴办事指南", SUBSIDY, **facts)
    answer = open_shelf().ask("大熊猫认养补贴好多钱", as_of=DAY)
    assert answer.status is AnswerStatus.NOT_IN_FORCE
    assert told in answer.text
    assert "300" not in answer.text
    assert answer.citations == ()


def test_the_day_decides_which_version_answers(write_document, open_shelf) -> None:
    write_document("guide-old", "大熊猫认养补贴旧规定", "大熊猫认养补贴每年100元。", expires_date="2025-12-31")
    write_document("guide-new", "大熊猫认养补贴新规定", "大熊猫认养补贴每年300元。", effective_date="2026-01-01")
    service = open_shelf()
    assert "100元" in service.ask("大熊猫认养补贴好多钱", as_of=date(2025, 12, 31)).text
    assert "300元" in service.ask("大熊猫认养补贴好多钱", as_of=date(2026, 1, 1)).text


def test_a_withdrawn_document_is_as_if_it_were_not_there(write_document, open_shelf) -> None:
    write_document("guide-panda", "大熊猫认养补贴办事指南", SUBSIDY, status="withdrawn")
    assert open_shelf().ask("大熊猫认养补贴好多钱", as_of=DAY).status is AnswerStatus.NO_SOURCE


def test_another_districts_rule_is_not_passed_off_as_the_citizens_own(write_document, open_shelf) -> None:
    write_document("guide-panda", "大熊猫认养补贴办事指南", SUBSIDY, district="510703", rank="county")
    service = open_shelf()
    own = service.ask("大熊猫认养补贴好多钱", as_of=DAY, district="510703")
    other = service.ask("大熊猫认养补贴好多钱", as_of=DAY, district="510704")
    unknown = service.ask("大熊猫认养补贴好多钱", as_of=DAY)
    assert own.status is AnswerStatus.ANSWERED
    assert other.status is AnswerStatus.OTHER_DISTRICT
    assert "涪城区" in other.text
    assert "游仙区" in other.text
    assert "300" not in other.text
    assert unknown.status is AnswerStatus.ANSWERED_PARTLY
    assert unknown.text.startswith("下面是涪城区的资料，其他县市区可能不同。")


def test_the_district_that_a_question_names_wins(write_document, open_shelf) -> None:
    write_document("guide-a", "涪城区大熊猫认养补贴", "大熊猫认养补贴每年300元。", district="510703", rank="county")
    write_document("guide-b", "游仙区大熊猫认养补贴", "大熊猫认养补贴每年200元。", district="510704", rank="county")
    service = open_shelf()
    assert "200元" in service.ask("游仙大熊猫认养补贴好多钱", as_of=DAY, district="510703").text
    assert "300元" in service.ask("大熊猫认养补贴好多钱", as_of=DAY, district="510703").text


def test_search_shows_hits_best_first_even_without_support(service: Knowledge) -> None:
    hits = service.search("火星移民补贴", limit=5, as_of=DAY)
    assert [hit.document.document_id for hit in hits][:1] == ["guide-panda"]
    assert hits == sorted(hits, key=lambda hit: -hit.score)
    assert all(0 <= hit.coverage <= 1 and 0 <= hit.evidence.support <= 1 for hit in hits)


def test_a_passage_is_found_by_its_heading(service: Knowledge) -> None:
    citation = service.passage("guide-panda", "标准")
    assert citation is not None
    assert citation.quote == "示例市大熊猫认养补贴每年300元。"
    assert service.passage("guide-panda", "没有这一节") is None


def test_gives_its_documents(service: Knowledge) -> None:
    assert [document.document_id for document in service.documents()] == ["guide-card", "guide-panda"]
    assert service.document("nothing") is None


def test_many_threads_get_the_same_answers(service: Knowledge) -> None:
    questions = ["大熊猫认养补贴好多钱", "金桂卡几天办好", "火星移民补贴好多钱"] * 20
    alone = [service.ask(question, as_of=DAY) for question in questions]
    with ThreadPoolExecutor(8) as pool:
        together = list(pool.map(lambda question: service.ask(question, as_of=DAY), questions))
    assert together == alone


def test_an_empty_folder_has_no_release(tmp_path) -> None:
    with pytest.raises(NoRelease, match="kb ingest"):
        Knowledge.open(tmp_path / "data", seed=None)


def test_an_open_service_keeps_its_release_while_another_is_published(
    write_document, open_shelf, shelf, tmp_path
) -> None:
    write_document("guide-panda", "大熊猫认养补贴办事指南", SUBSIDY)
    before = open_shelf()
    write_document("guide-panda", "大熊猫认养补贴办事指南", SUBSIDY.replace("300", "500"))
    Knowledge.ingest(tmp_path / "data", [shelf])
    assert "300元" in before.ask("大熊猫认养补贴好多钱", as_of=DAY).text
    assert "500元" in Knowledge.open(tmp_path / "data", seed=None).ask("大熊猫认养补贴好多钱", as_of=DAY).text


def test_frequent_questions_are_those_of_a_document_that_holds_now(write_document, open_shelf) -> None:
    questions = "## 常见问题\n\n### 认养要多少钱\n\n每年300元。\n\n### 在哪里认养\n\n到示例街道便民服务中心。"
    write_document("guide-panda", "大熊猫认养补贴办事指南", f"{SUBSIDY}\n\n{questions}")
    write_document("guide-old", "金桂卡办理指南", questions, status="withdrawn")
    shelf = open_shelf()
    assert shelf.frequent_questions("guide-panda", as_of=DAY) == ["认养要多少钱", "在哪里认养"]
    assert shelf.frequent_questions("guide-old", as_of=DAY) == []
    assert shelf.frequent_questions("nothing", as_of=DAY) == []
