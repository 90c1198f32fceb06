"""The source pages: every document that answers rest on, whole, with the quoted words marked."""

import re
from collections.abc import Iterable
from datetime import date
from itertools import groupby

from aiohttp import web

from bot.web.document_text import QUOTE_ID, Span, render_text
from bot.web.doors import DOORS
from bot.web.markup import Child, Markup, element
from bot.web.pages import page
from knowledge.model import DocumentStatus, PolicyDocument
from knowledge.retrieval.filters import district_name

KINDS = {"guide": "办事指南", "digest": "政策摘要", "law_digest": "法规摘要"}
_OTHER_KIND = "政策文件"
RANKS = {"national": "国家", "provincial": "省级", "municipal": "市级", "county": "县（市、区）级"}
STATUSES = {
    DocumentStatus.IN_FORCE: "现行有效",
    DocumentStatus.REPEALED: "已废止",
    DocumentStatus.EXPIRED: "已失效",
    DocumentStatus.WITHDRAWN: "已撤下",
}
_NOT_YET = "尚未施行"
_DIGEST_NOTE = "本页是整理的摘要，方便查阅；办理时以发布单位公布的原文为准。"
_GUIDE_NOTE = "本页是整理的办事指南，方便查阅；办理时以主管部门的要求为准。"
_STALE = "没有找到引用的位置，文件可能更新过。下面是文件现在的内容。"
_OFFSET = re.compile(r"[0-9]{1,9}")


async def list_documents(request: web.Request) -> web.Response:
    """Answer GET /documents: all documents by kind, those in force first."""
    doors = request.app[DOORS]
    today = doors.product.clock.now().date()
    documents = sorted(doors.product.knowledge.documents(), key=lambda one: _order(one, today))
    groups = [
        element("section", element("h2", kind), element("ul", _entries(members, today), class_="entries"))
        for kind, members in groupby(documents, key=lambda one: KINDS.get(one.kind, _OTHER_KIND))
    ]
    intro = (
        f"共 {len(documents)} 份。绵办回答政策问题，只用这里的文件，每句话都注明出处。"
        if documents
        else "还没有文件。资料整理好后会放在这里；急用请拨打12345（24小时）。"
    )
    body = element("div", element("h1", "政策文件"), element("p", intro, class_="lead"), groups, class_="sheet")
    return page("政策文件", body, navigation=_chat_link())


async def show_document(request: web.Request) -> web.Response:
    """Answer GET /documents/{id}?start=&end=: the document, its facts, and the span that an answer quoted."""
    doors = request.app[DOORS]
    document = doors.product.knowledge.document(request.match_info["document_id"])
    if document is None:
        raise web.HTTPNotFound
    span, is_stale = _span(request, document.text)
    hint: Child = None
    if is_stale:
        hint = element("p", _STALE, class_="hint", role="status")
    elif span is not None:
        hint = element("p", element("a", "直接看答复引用的这一段", href=f"#{QUOTE_ID}"), class_="hint")
    today = doors.product.clock.now().date()
    body = element(
        "article",
        element("h1", document.title),
        _badges(document, today),
        _facts(document),
        hint,
        element("div", render_text(document.text, span), class_="canonical", id="text", lang="zh-CN"),
        element("p", _note(document), class_="note"),
        class_="sheet",
    )
    links = [element("a", "全部文件", href="/documents"), _chat_link()]
    return page(document.title, body, script="document.js", navigation=links)


def status_words(document: PolicyDocument, today: date) -> str:
    """Return how the document stands on that day, as people say it; dates win over a status that nobody updated."""
    if document.status is not DocumentStatus.IN_FORCE:
        return STATUSES[document.status]
    if document.repealed_date and document.repealed_date <= today:
        return STATUSES[DocumentStatus.REPEALED]
    if document.expires_date and document.expires_date < today:
        return STATUSES[DocumentStatus.EXPIRED]
    return _NOT_YET if document.effective_date and document.effective_date > today else STATUSES[document.status]


def _span(request: web.Request, text: str) -> tuple[Span | None, bool]:
    """Return the span that the address names, and whether it names one that is not in the text."""
    start, end = request.query.get("start"), request.query.get("end")
    if start is None and end is None:
        return None, False
    if not (_OFFSET.fullmatch(start or "") and _OFFSET.fullmatch(end or "")):
        return None, True
    span = Span(int(start or 0), int(end or 0))
    is_inside = span.start < span.end <= len(text) and bool(text[span.start : span.end].strip())
    return (span, False) if is_inside else (None, True)


def _badges(document: PolicyDocument, today: date) -> Markup:
    status = status_words(document, today)
    is_good = status == STATUSES[DocumentStatus.IN_FORCE]
    return element(
        "p",
        element("span", KINDS.get(document.kind, _OTHER_KIND), class_="badge"),
        element("span", status, class_="badge good" if is_good else "badge over"),
        class_="badges",
    )


def _facts(document: PolicyDocument) -> Markup:
    area = district_name(document.district)
    rows: list[tuple[str, Child]] = [
        ("文号", document.document_number),
        ("发布单位", document.issuer),
        ("发布日期", _day(document.issued_date)),
        ("施行日期", _day(document.effective_date)),
        ("失效日期", _day(document.expires_date)),
        ("废止日期", _day(document.repealed_date)),
        ("适用地区", area),
        ("层级", RANKS.get(document.rank)),
        ("法律依据", _basis(document.legal_basis)),
        ("来源网址", _source(document.source_url)),
    ]
    return element("dl", [[element("dt", name), element("dd", value)] for name, value in rows if value], class_="facts")


def _basis(names: Iterable[str]) -> Child:
    items = [element("li", name) for name in names]
    return element("ul", items) if items else None


def _source(url: str | None) -> Child:
    if url is None:
        return None
    is_link = url.startswith(("https://", "http://"))
    return element("a", url, href=url, rel="noopener noreferrer nofollow", target="_blank") if is_link else url


def _day(day: date | None) -> str | None:
    return f"{day.year}年{day.month}月{day.day}日" if day else None


def _note(document: PolicyDocument) -> str | None:
    return _GUIDE_NOTE if document.kind == "guide" else _DIGEST_NOTE if document.kind in KINDS else None


def _order(document: PolicyDocument, today: date) -> tuple[int, str, bool, str]:
    kinds = list(KINDS)
    place = kinds.index(document.kind) if document.kind in kinds else len(kinds)
    is_over = status_words(document, today) != STATUSES[DocumentStatus.IN_FORCE]
    return place, KINDS.get(document.kind, _OTHER_KIND), is_over, document.title


def _entries(documents: Iterable[PolicyDocument], today: date) -> list[Child]:
    return [_entry(document, today) for document in documents]


def _entry(document: PolicyDocument, today: date) -> Markup:
    status = status_words(document, today)
    facts = "　".join(
        part for part in (document.document_number, document.issuer, district_name(document.district)) if part
    )
    return element(
        "li",
        element("a", document.title, href=f"/documents/{document.document_id}"),
        element("span", status, class_="badge over") if status != STATUSES[DocumentStatus.IN_FORCE] else None,
        element("span", facts, class_="entry-facts"),
    )


def _chat_link() -> Markup:
    return element("a", "回到对话", href="/")
