"""The source pages: the quoted span and nothing else is marked, and no text becomes markup."""

import re
from datetime import date
from html.parser import HTMLParser

import pytest

from bot.web.document_text import Span, lines_of, render_text
from bot.web.documents import status_words
from knowledge.model import DocumentStatus, PolicyDocument
from tests.bot.web.small_city import QUOTE


class Reader(HTMLParser):
    """Reads a page's text as a browser would: all of it, and what stands in marks."""

    def __init__(self):
        super().__init__()
        self.text, self.marked, self.ids, self.tags = [], [], [], []
        self._in_mark = False

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self._in_mark = self._in_mark or tag == "mark"
        self.ids += [value for name, value in attrs if name == "id"]

    def handle_endtag(self, tag):
        self._in_mark = self._in_mark and tag != "mark"

    def handle_data(self, data):
        self.text.append(data)
        if self._in_mark:
            self.marked.append(data)


def read(html):
    reader = Reader()
    reader.feed(html)
    return reader


async def fetch(page, path):
    async with page.http.get(page.base + path) as response:
        return response.status, await response.text()


async def test_a_citation_opens_with_exactly_its_quote_marked(page, city):
    url = city.cited().citations[0].url
    status, html = await fetch(page, url)
    reader = read(html)
    assert status == 200
    assert "".join(reader.marked) == QUOTE
    assert reader.ids.count("quote") == 1


async def test_the_page_shows_the_whole_text_and_the_facts(page, city):
    _, html = await fetch(page, "/documents/guide-sample")
    text = "".join(read(html).text)
    document = city.knowledge.document("guide-sample")
    for line in document.text.split("\n"):
        assert line in text
    for fact in ("示例单位", "2025年3月1日", "2025年4月1日", "绵阳市", "《示例条例》第三条", "现行有效", "办事指南"):
        assert fact in text
    assert "mark" not in read(html).tags


async def test_a_repealed_document_says_so_and_its_text_stays_text(page):
    _, html = await fetch(page, "/documents/old-sample")
    assert re.search(r'class="badge over">已废止<', html)
    assert "示例发〔2019〕3号" in html
    reader = read(html)
    assert reader.tags.count("script") == 2
    assert "b" not in reader.tags
    assert "alert(3)" in "".join(reader.text)
    assert "原来的规定是<script>alert(4)</script>不再执行" in "".join(reader.text)


@pytest.mark.parametrize(
    "query",
    ["start=5", "end=9", "start=9&end=5", "start=0&end=999999", "start=-1&end=4", "start=x&end=y", "start=4&end=4"],
)
async def test_a_span_that_is_not_there_is_said_and_marks_nothing(page, query):
    status, html = await fetch(page, f"/documents/guide-sample?{query}")
    assert status == 200
    assert "mark" not in read(html).tags
    assert "没有找到引用的位置" in html


async def test_an_unknown_document_is_not_found(page):
    for name in ("nothing", "..%2f..%2fetc", "<script>"):
        assert (await fetch(page, f"/documents/{name}"))[0] == 404


async def test_the_list_names_every_document(page, city):
    _, html = await fetch(page, "/documents")
    text = "".join(read(html).text)
    for document in city.knowledge.documents():
        assert document.title in text
        assert f'href="/documents/{document.document_id}"' in html
    assert "已废止" in text


TEXT = """示例办法

第一章　总则

第一条　为了规范管理，制定本办法。
第二条　本办法适用于全市。依照第一条、第三条的规定办理。

一、申请条件
年满十八周岁。

所需材料

• 身份证件。
• <b>申请表</b>&amp;
"""


@pytest.mark.parametrize("start", range(0, len(TEXT), 7))
@pytest.mark.parametrize("length", [1, 2, 30, 200])
def test_the_marks_hold_the_span_character_for_character(start, length):
    span = Span(start, min(start + length, len(TEXT)))
    html = render_text(TEXT, span)
    reader = read(html)
    assert "".join(reader.marked) == TEXT[span.start : span.end].replace("\n", "")
    assert "".join(reader.text) == TEXT.replace("\n", "")
    assert reader.ids.count("quote") == (1 if reader.marked else 0)


def test_lines_are_told_apart():
    kinds = [(line.text, line.kind) for line in lines_of(TEXT)]
    assert kinds == [
        ("示例办法", "title"),
        ("第一章　总则", "heading"),
        ("第一条　为了规范管理，制定本办法。", "article"),
        ("第二条　本办法适用于全市。依照第一条、第三条的规定办理。", "article"),
        ("一、申请条件", "heading"),
        ("年满十八周岁。", "plain"),
        ("所需材料", "heading"),
        ("• 身份证件。", "item"),
        ("• <b>申请表</b>&amp;", "item"),
    ]


@pytest.mark.parametrize(
    ("facts", "words"),
    [
        ({}, "现行有效"),
        ({"status": DocumentStatus.REPEALED}, "已废止"),
        ({"status": DocumentStatus.WITHDRAWN}, "已撤下"),
        ({"repealed_date": date(2026, 11, 22)}, "已废止"),
        ({"repealed_date": date(2026, 11, 24)}, "现行有效"),
        ({"expires_date": date(2026, 11, 22)}, "已失效"),
        ({"expires_date": date(2026, 11, 23)}, "现行有效"),
        ({"effective_date": date(2026, 12, 1)}, "尚未施行"),
    ],
)
def test_the_dates_decide_how_a_document_stands(facts, words):
    assert status_words(PolicyDocument("d", "示例", "正文", **facts), date(2026, 11, 23)) == words
