"""How a reply is laid out: parts, buttons, sources; checked against the sandbox's own reading of HTML."""

from datetime import datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.clock import CITY_TIMEZONE
from adapters.sandbox.telegram_html import render_html
from bot.channels.telegram_format import MESSAGE_UNITS, MOST_ROWS, lay_out, telegram_units
from bot.messages import Envelope, OutboundMessage, QuotedSource, TurnStatus


def reply(text, choices=(), citations=()):
    return Envelope(
        reply_id="r1",
        channel="telegram",
        session_id="telegram:42",
        sequence=1,
        position=0,
        status=TurnStatus.ASKED,
        trace_id="t1",
        sent_at=datetime(2026, 11, 23, tzinfo=CITY_TIMEZONE),
        message=OutboundMessage(text=text, choices=tuple(choices), citations=tuple(citations)),
    )


def source(title="绵阳市示例办法", url="/documents/d1", **more):
    fields = {"document_number": None, "heading_path": (), "quote": "示例"} | more
    return QuotedSource(title=title, url=url, **fields)


def labels(part):
    return [[button.label for button in row] for row in part.rows]


@pytest.mark.parametrize(
    ("choices", "rows"),
    [
        ((), []),
        (("是", "否"), [["是", "否"]]),
        (("口腔科", "眼科", "儿科", "骨科"), [["口腔科", "眼科", "儿科"], ["骨科"]]),
        (("明天上午九点到十点", "明天下午"), [["明天上午九点到十点", "明天下午"]]),
        (("绵阳市中心医院（常家巷院区）", "否"), [["绵阳市中心医院（常家巷院区）"], ["否"]]),
        (("", " ", "是"), [["是"]]),
    ],
)
def test_short_choices_share_a_row(choices, rows):
    (part,) = lay_out(reply("请选", choices))
    assert labels(part) == rows
    assert part.plain == "请选"


def test_more_choices_than_rows_are_listed_in_the_text():
    choices = [f"绵阳市第{number}号示例社区服务中心" for number in range(11)]
    (part,) = lay_out(reply("请选", choices))
    assert labels(part) == [[choice] for choice in choices[:MOST_ROWS]]
    assert part.plain == "请选\n\n可以直接回复：\n" + "\n".join(f"· {choice}" for choice in choices[8:])


def test_a_choice_too_long_to_read_on_a_button_is_in_the_text_too():
    long = "绵阳市" * 20
    (part,) = lay_out(reply("请选", ["短的", long]))
    assert labels(part) == [["短的"], [long]]
    assert part.plain.endswith(f"· {long}")


def test_choices_alone_get_a_line_above_them():
    (part,) = lay_out(reply("", ["是", "否"]))
    assert part.html == "请选择："


def test_nothing_is_no_part():
    assert lay_out(reply("\n \n")) == ()


def test_several_sources_are_numbered_and_each_named_once():
    sources = [source(), source("《第二号示例》", heading_path=("第一条",)), source()]
    (part,) = lay_out(reply("可以。", citations=sources))
    assert part.plain == "可以。\n\n依据：\n1. 《绵阳市示例办法》\n2. 《第二号示例》第一条"


@pytest.mark.parametrize(
    ("url", "base", "link"),
    [
        ("/documents/d1#s", "https://city.example", "https://city.example/documents/d1#s"),
        ("documents/d1", "https://city.example/bot/", "https://city.example/bot/documents/d1"),
        ("https://www.my.gov.example/a?b=1&c=2", None, "https://www.my.gov.example/a?b=1&c=2"),
        ("/documents/d1", None, None),
        ("", "https://city.example", None),
        ("javascript:alert(1)", "https://city.example", None),
        ("//evil.example/x", "https://city.example", None),
        ("tg://resolve?domain=x", "https://city.example", None),
        ("http://[", "https://city.example", None),
    ],
)
def test_only_web_addresses_become_links(url, base, link):
    (part,) = lay_out(reply("可以。", citations=[source(url=url)]), base)
    assert render_html(part.html).links == ((link,) if link else ())
    assert "《绵阳市示例办法》" in part.plain


def test_a_long_line_is_cut_after_a_sentence():
    parts = lay_out(reply("绵" * 3000 + "。" + "阳" * 3000))
    assert [part.plain for part in parts] == ["绵" * 3000 + "。", "阳" * 3000]


def test_a_line_without_any_mark_is_cut_at_the_limit():
    assert [len(part.plain) for part in lay_out(reply("绵" * 9000))] == [4096, 4096, 808]


def test_characters_beyond_the_basic_plane_count_twice():
    assert telegram_units("绵🎲") == 3
    assert [len(part.plain) for part in lay_out(reply("🎲" * 3000))] == [2048, 952]


LINES = st.lists(st.text(st.sampled_from("绵阳。，<b>&\"'🎲 ;/a"), max_size=60).map(lambda text: text * 40), max_size=8)


@settings(max_examples=60)
@given(lines=LINES, choices=st.lists(st.text(max_size=40), max_size=30), titles=st.lists(st.text(max_size=300)))
def test_whatever_is_said_telegram_takes_it_and_nothing_is_left_out(lines, choices, titles):
    text = "\n".join(lines)
    parts = lay_out(reply(text, choices, [source(title) for title in titles]), "https://city.example")
    for part in parts:
        assert render_html(part.html).text == part.plain
        assert 1 <= telegram_units(part.plain) <= MESSAGE_UNITS
        assert all(1 <= len(button.data) <= 64 and button.label.strip() for row in part.rows for button in row)
    assert all(not part.rows for part in parts[:-1])
    shown = "".join(part.plain for part in parts)
    assert "".join(text.split()) in "".join(shown.split())
    for choice in choices:
        on_buttons = {button.label for part in parts for row in part.rows for button in row}
        assert not choice.strip() or choice in on_buttons or " ".join(choice.split()) in shown
