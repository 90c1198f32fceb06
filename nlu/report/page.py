"""The report as one page that needs nothing else: figures, pictures, and the sentences that went wrong."""

from collections.abc import Mapping, Sequence
from html import escape
from pathlib import Path
from string import Template
from typing import Any

from nlu.interpretation import OUT_OF_SCOPE
from nlu.report.charts import MOST_GROUPS, Names
from nlu.report.wording import comparison, shown

PAGE = Path(__file__).with_name("page.html")


def page(result: Mapping[str, Any], drawings: Mapping[str, str], names: Names) -> str:
    """Return the page of an evaluation; the first engine is the one that is shown in full."""
    first = result["engines"][0]
    sections = [
        _cards(first),
        _comparison(result["engines"]),
        _calibration(first, drawings),
        _out_of_scope(first, drawings),
        _groups(first, drawings, names),
        _confusions(first, names),
        _intents(first, drawings, names),
    ]
    subtitle = f"{result['data']} · {first['sentences']:,} 句 · {result['method']} · {result['measured_at']}"
    return Template(PAGE.read_text(encoding="utf-8")).substitute(
        subtitle=escape(subtitle), body="\n".join(section for section in sections if section)
    )


def _cards(engine: Mapping[str, Any]) -> str:
    rows = [(name, values[0]) for name, _, values in comparison([engine])]
    wanted = ("意图准确率", "宏平均 F1", "领域准确率", "把握误差（ECE）", "范围外识别（AUROC）", "每秒解析")
    cards = [f'<div class="card"><b>{value}</b>{escape(name)}</div>' for name, value in rows if name in wanted]
    return f'<div class="cards">{"".join(cards)}</div>'


def _comparison(engines: Sequence[Mapping[str, Any]]) -> str:
    heads = "".join(f'<th class="figure">{escape(engine["title"])}</th>' for engine in engines)
    rows = "".join(
        f'<tr class="named"><td>{escape(name)}</td>'
        + "".join(f'<td class="figure">{value}</td>' for value in values)
        + f'</tr><tr><td colspan="{1 + len(values)}"><small>{escape(meaning)}</small></td></tr>'
        for name, meaning, values in comparison(list(engines))
    )
    title = "各引擎对比" if len(engines) > 1 else "总体成绩"
    return _section(title, f'<div class="scroll"><table><tr><th>指标</th>{heads}</tr>{rows}</table></div>')


def _calibration(engine: Mapping[str, Any], drawings: Mapping[str, str]) -> str:
    if engine["calibration"] is None:
        return ""
    told = (
        "蓝柱是每一档把握下实际答对的比例，橙点是这一档的平均把握（点越大句子越多）。点落在虚线上，说明说几成就对几成；"
        "落在虚线下方是过于自信，上方是过于谨慎。被婉拒的句子不计。"
    )
    return _section("把握可信吗", f"<p>{told}</p>" + _figure(drawings["reliability"]))


def _out_of_scope(engine: Mapping[str, Any], drawings: Mapping[str, str]) -> str:
    figures = engine["out_of_scope"]
    if not figures["sentences"]:
        return _section("超出服务范围的话", "<p>这批数据里没有标注为范围外的句子，这一项无从评起。</p>")
    told = (
        f"共有 {figures['sentences']:,} 句范围外的话，现用门限拦住 {shown(figures['recall'], 'percent')}，"
        f"同时误拒 {shown(figures['wrongly_refused'], 'percent')} 的该办的话。两种句子分得越开越好：蓝色（该办的话）宜靠右，橙色（范围外）宜靠左。"
    )
    return _section("超出服务范围的话", f"<p>{told}</p>" + _figure(drawings["histogram"]))


def _groups(engine: Mapping[str, Any], drawings: Mapping[str, str], names: Names) -> str:
    rows = "".join(
        f'<tr><td>{escape(names(group))}</td><td class="figure">{one["sentences"]:,}</td>'
        f'<td class="figure">{shown(one["recall"], "percent")}</td></tr>'
        for group, one in sorted(engine["per_group"].items(), key=lambda item: item[1]["recall"])
    )
    heads = '<th>领域</th><th class="figure">句数</th><th class="figure">判对</th>'
    told = "每行是一个实际领域，颜色深浅和数字是判到各领域的百分比：蓝色判对，橙色判错。句子多的领域排在前面"
    count = len(engine["group_matrix"]["groups"])
    told += f"，这里画了 {count} 个领域中的前 {MOST_GROUPS} 个。" if count > MOST_GROUPS else "。"
    table = f'<div class="scroll"><table><tr>{heads}</tr>{rows}</table></div>'
    return _section("哪些领域容易弄混", f"<p>{told}</p>" + _figure(drawings["matrix"]) + _more("各领域判对多少", table))


def _confusions(engine: Mapping[str, Any], names: Names) -> str:
    pairs = engine["confusions"] or engine["group_confusions"]
    if not pairs:
        return ""
    told = "左边是判错的话，右边是训练样例里被误认意图的、字面最接近的一句。先看次数多的：多半是样例放错了意图，或者两个意图本来就分不开。"
    blocks = [_pair(pair, names) for pair in pairs]
    rest = _more(f"其余 {len(blocks) - 10} 对", "".join(blocks[10:])) if len(blocks) > 10 else ""
    return _section("最容易弄混的", f'<p class="faint">{told}</p>' + "".join(blocks[:10]) + rest)


def _pair(pair: Mapping[str, Any], names: Names) -> str:
    truth = "、".join(names(part) for part in pair["is"].split("|"))
    sides = "".join(
        f'<div class="sides"><p>{escape(one["text"])}<small>把握 {shown(one["confidence"], "percent")}</small></p>'
        f"<p>{escape(one['nearest']) or _no_example(pair['taken_for'])}</p></div>"
        for one in pair["sentences"]
    )
    head = f"{escape(truth)} → {escape(names(pair['taken_for']))}，{pair['times']} 次"
    return f'<div class="pair"><h3>{head}</h3>{sides}</div>'


def _no_example(intent: str) -> str:
    return "没有够近的意图，婉拒了" if intent == OUT_OF_SCOPE else "（没有样例）"


def _intents(engine: Mapping[str, Any], drawings: Mapping[str, str], names: Names) -> str:
    if not engine["per_intent"]:
        return ""
    rows = "".join(
        f'<tr><td>{escape(names(intent))}<small>{escape(intent)}</small></td><td class="figure">{one["precision"]:.2f}</td>'
        f'<td class="figure">{one["recall"]:.2f}</td><td class="figure">{one["f1"]:.2f}</td>'
        f'<td class="figure">{one["sentences"]:,}</td></tr>'
        for intent, one in sorted(engine["per_intent"].items(), key=lambda item: (item[1]["f1"], item[0]))
    )
    heads = "".join(f'<th class="figure">{head}</th>' for head in ("精确率", "召回率", "F1", "句数"))
    table = f'<div class="scroll"><table><tr><th>意图</th>{heads}</tr>{rows}</table></div>'
    return _section("每个意图", _figure(drawings["bars"]) + _more("精确率、召回率和句数", table))


def _section(title: str, content: str) -> str:
    return f"<section><h2>{escape(title)}</h2>{content}</section>"


def _figure(svg: str) -> str:
    return f"<figure>{svg}</figure>"


def _more(summary: str, content: str) -> str:
    return f"<details><summary>{escape(summary)}</summary>{content}</details>"
