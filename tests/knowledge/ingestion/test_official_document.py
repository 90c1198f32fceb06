from hypothesis import given
from hypothesis import strategies as st

from knowledge.ingestion.official_document import parse_structure
from knowledge.ingestion.structure import Level, StructureNode

LAW = """示例条例
第一章 总则
第一条 为了便民，制定本条例。
第二条 本市居民适用本条例。
外地居民参照执行。
第二章 办理
第三条 申请人应当提交：
（一）身份证明；
（二）下列证明之一：
1.居住证；
2.房产证明。
第四条 本条例自2020年1月1日起施行。
"""
NOTICE = """某市人民政府办公室关于便民服务的通知
某府办发〔2020〕13号
各县市区人民政府：
一、总体要求
坚持便民。
（一）统一入口。把各类服务放在一处。
1.线上服务
（1）移动端
二、保障措施
加强督查。
附件1
（一）清单
"""


def named(nodes: tuple[StructureNode, ...], label: str) -> StructureNode:
    return next(node for node in nodes if node.label == label)


def test_an_article_stands_below_its_chapter() -> None:
    nodes = parse_structure(LAW)
    assert named(nodes, "第三条").path == ("第二章 办理",)
    assert named(nodes, "第二章").title == "办理"
    assert LAW[named(nodes, "第一条").start :].startswith("第一条 为了便民")


def test_extents_hold_all_that_stands_under_a_heading() -> None:
    nodes = parse_structure(LAW)
    chapter, article = named(nodes, "第二章"), named(nodes, "第四条")
    assert chapter.end == article.end == len(LAW.rstrip())
    assert LAW[named(nodes, "第二条").start : named(nodes, "第二条").end].endswith("外地居民参照执行。")


def test_paragraphs_are_counted_without_the_items() -> None:
    nodes = parse_structure(LAW)
    paragraphs = [node for node in nodes if node.level is Level.PARAGRAPH]
    assert [(node.label, node.path) for node in paragraphs] == [
        ("第一款", ("第一章 总则", "第二条")),
        ("第二款", ("第一章 总则", "第二条")),
    ]


def test_items_and_sub_items_stand_below_their_article() -> None:
    nodes = parse_structure(LAW)
    items = [node for node in nodes if node.level is Level.ITEM]
    assert [node.label for node in items] == ["（一）", "（二）"]
    assert [node.path for node in nodes if node.level is Level.SUBITEM] == [("第二章 办理", "第三条", "（二）")] * 2


def test_items_that_share_a_line_are_told_apart() -> None:
    text = "第一条 有下列情形之一的：\n（一）甲； （二）乙；\n（三）丙。"
    items = [node for node in parse_structure(text) if node.level is Level.ITEM]
    assert [text[node.start : node.end] for node in items] == ["（一）甲；", "（二）乙；", "（三）丙。"]


def test_a_notice_has_four_ranks_and_attachments() -> None:
    nodes = parse_structure(NOTICE)
    assert [(node.level.value, node.label) for node in nodes] == [
        ("heading_1", "一、"),
        ("heading_2", "（一）"),
        ("heading_3", "1."),
        ("heading_4", "（1）"),
        ("heading_1", "二、"),
        ("attachment", "附件1"),
        ("heading_2", "（一）"),
    ]
    assert nodes[3].path == ("一、总体要求", "（一）统一入口", "1.线上服务")
    assert nodes[6].path == ("附件1",)


def test_a_second_regulation_in_one_file_does_not_stand_in_the_first_ones_chapter() -> None:
    text = "第一章 总则\n第一条 甲。\n第二条 乙。\n第一条 丙。"
    assert [node.path for node in parse_structure(text) if node.label == "第一条"] == [("第一章 总则",), ()]


@given(st.text(alphabet="第一二三十条章节款、（）()1.附件 \n甲乙。“”目录之", max_size=300))
def test_any_text_gives_nodes_inside_it_in_order(text: str) -> None:
    nodes = parse_structure(text)
    assert all(0 <= node.start <= node.end <= len(text) for node in nodes)
    assert [node.start for node in nodes] == sorted(node.start for node in nodes)
    assert all(text[node.start :].replace(" ", "").startswith(node.label.replace(" ", "")) for node in nodes)
