from datetime import date

import pytest

from knowledge.model import Answer
from knowledge.service import Knowledge

DAY = date(2026, 11, 22)
BODY = """## 所需材料

- 身份证原件，过期的要先换领新证。
- 户口簿原件，户主页和本人页都要带上，不能只带复印件。
- 近期照片两张，白底，不戴帽子，可以在办证大厅现场拍照。
- 监护人的证件，不满16周岁的人由监护人陪同，监护人也要带上自己的身份证件。

## 收费

办理金桂卡需要准备好零钱或者手机支付，窗口不找零。

示例：张某办理金桂卡，另外买了卡套，一共付了35元。

金桂卡工本费每张20元，补办时同样收取。低保户凭证明免收金桂卡工本费。窗口开收据，收据请保管好，丢了不补。

大厅里有自动取款机，取款手续费由银行收取，和办卡没有关系，请注意自己的财物安全，谨防诈骗。

## 办理时限

按下面的时间办理金桂卡：

- 首次申请：3个工作日。
- 补办换领：5个工作日。

遇到系统检修、停电、停网或者春节假期，办理金桂卡的时间往后顺延，恢复以后按先来后到的顺序继续办理，窗口会提前贴出公告，也会发短信告诉每一位已经交了材料的申请人。
"""


@pytest.fixture
def service(write_document, open_shelf) -> Knowledge:
    write_document("guide-card", "金桂卡办理指南", BODY)
    for number, matter in enumerate(("博物馆参观", "转学手续", "噪声投诉", "家庭医生", "公积金提取", "户口迁移")):
        write_document(
            f"guide-{number}", f"{matter}指南", f"{matter}请先咨询。\n\n## 说明\n\n{matter}另有规定的从其规定。"
        )
    return open_shelf()


def ask(service: Knowledge, question: str) -> Answer:
    return service.ask(question, as_of=DAY)


def test_a_list_that_is_asked_for_is_given_whole(service: Knowledge) -> None:
    answer = ask(service, "办金桂卡要带哪些材料")
    assert answer.text.count("• ") == 4
    assert len(answer.citations) == 1


def test_the_sentence_with_the_amount_comes_first(service: Knowledge) -> None:
    answer = ask(service, "金桂卡工本费好多钱")
    assert answer.text.startswith("金桂卡工本费每张20元")
    assert "35元" not in answer.text


def test_a_sentence_that_leads_in_a_list_brings_the_list(service: Knowledge) -> None:
    answer = ask(service, "金桂卡几天办好")
    assert "首次申请：3个工作日" in answer.text
    assert "补办换领：5个工作日" in answer.text


def test_every_quote_is_the_documents_text(service: Knowledge) -> None:
    for question in ("办金桂卡要带哪些材料", "金桂卡工本费好多钱", "金桂卡几天办好"):
        answer = service.ask(question, as_of=DAY)
        for citation in answer.citations:
            document = service.document(citation.document_id)
            assert document is not None
            assert document.text[citation.start : citation.end] == citation.quote
            assert citation.url == f"/documents/guide-card?start={citation.start}&end={citation.end}"
        assert answer.text.endswith("来源：《金桂卡办理指南》")
