import json
from pathlib import Path

import pytest

from knowledge.errors import UnreadableDocument
from knowledge.evaluation import evaluate_retrieval, measure

CORPUS = [
    {"id": "card", "title": "社会保障卡补领办法", "text": "社会保障卡丢失的，持证人应当挂失，再申请补领。"},
    {"id": "museum", "title": "博物馆开放办法", "text": "博物馆周二至周日免费开放，周一闭馆。"},
    {"id": "noise", "title": "噪声管理办法", "text": "夜间不得施工。确需连续施工的，应当取得证明并公示。"},
]
QUERIES = [
    {"id": "1", "text": "社保卡掉了怎么补", "relevant": ["card"]},
    {"id": "2", "text": "博物馆星期一开不开", "relevant": ["museum"]},
    {"id": "3", "text": "半夜可以施工吗", "relevant": ["noise"]},
]


def write(path: Path, rows: list[dict]) -> Path:
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
    return path


def test_figures_are_those_computed_by_hand() -> None:
    ranked = [["a", "b", "c"], ["b", "a"], ["c"]]
    figures = measure(ranked, [{"a"}, {"a"}, {"a"}])
    assert figures["hit@1"] == pytest.approx(1 / 3, abs=1e-4)
    assert figures["recall@5"] == pytest.approx(2 / 3, abs=1e-4)
    assert figures["mrr@10"] == pytest.approx((1 + 0.5) / 3, abs=1e-4)
    assert figures["ndcg@10"] == pytest.approx((1 + 0.6309) / 3, abs=1e-4)


def test_several_relevant_documents_share_the_gain() -> None:
    figures = measure([["x", "a", "b"]], [{"a", "b"}])
    assert figures["ndcg@10"] == pytest.approx((0.6309 + 0.5) / (1 + 0.6309), abs=1e-4)
    assert figures["recall@5"] == 1.0


def test_evaluates_in_an_index_of_its_own(tmp_path: Path) -> None:
    rows = evaluate_retrieval(write(tmp_path / "corpus.jsonl", CORPUS), write(tmp_path / "queries.jsonl", QUERIES))
    assert rows[-1]["fused"]["hit@1"] == 1.0
    assert set(rows[-1]) == {"fused", "lexical"}
    assert set(rows[-1]["lexical"]) == {"hit@1", "recall@5", "recall@10", "recall@100", "mrr@10", "ndcg@10", "seconds"}
    assert sorted(path.name for path in tmp_path.iterdir()) == ["corpus.jsonl", "queries.jsonl"]


def test_a_bad_line_is_named(tmp_path: Path) -> None:
    corpus = write(tmp_path / "corpus.jsonl", CORPUS)
    with pytest.raises(UnreadableDocument, match=r"line 1.*relevant"):
        evaluate_retrieval(corpus, write(tmp_path / "queries.jsonl", [{"id": "1", "text": "问"}]))
    (tmp_path / "broken.jsonl").write_text("{", encoding="utf-8")
    with pytest.raises(UnreadableDocument, match="line 1 is not JSON"):
        evaluate_retrieval(tmp_path / "broken.jsonl", corpus)
