"""The command line as scripts use it: stable output, kept state, clear errors."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from bot.messages import TurnStatus
from bot.settings import ROOT

AT = "2026-11-23T09:00:00"


def run(*arguments: str, lines: list[str] | None = None, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "main.py", *arguments],
        cwd=ROOT,
        input="".join(line + "\n" for line in lines or []),
        capture_output=True,
        text=True,
        timeout=110,
        env=os.environ | environment,
        check=False,
    )


def rows(*arguments: str, lines: list[str] | None = None) -> list[dict[str, Any]]:
    done = run(*arguments, lines=lines)
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


@pytest.mark.usefixtures("trained")
class TestCommands:
    def test_a_conversation_goes_on_in_a_second_call(self, state: Path) -> None:
        chat = ("chat", "--json", "--at", AT, "--state", str(state), "--user", "u", "--session", "s")
        first = rows(*chat, lines=["我想挂中心医院的儿科"])
        second = rows(*chat, lines=["明天上午"])
        assert first[0]["skill"] == second[0]["skill"] == "health_appointment"
        assert second[0]["slots"]["hospital"] == "绵阳市中心医院"
        assert "11月24日" in second[0]["slots"]["visit_time"]

    def test_a_turn_has_the_documented_shape(self, state: Path) -> None:
        turns = rows("chat", "--json", "--at", AT, "--state", str(state), lines=["爽约了会怎么样", ""])
        assert [turn["text"] for turn in turns] == ["爽约了会怎么样", ""]
        for turn in turns:
            assert {"text", "status", "intent", "skill", "slots", "replies", "trace_id", "milliseconds"} == set(turn)
            assert turn["status"] in set(TurnStatus)
            assert all(set(reply) == {"text", "choices", "citations"} and reply["text"] for reply in turn["replies"])
        citation = turns[0]["replies"][0]["citations"][0]
        assert set(citation) == {"title", "document_number", "heading_path", "quote", "url"}
        assert citation["quote"]

    def test_two_sessions_of_one_state_are_apart(self, state: Path) -> None:
        chat = ("chat", "--json", "--at", AT, "--state", str(state), "--user")
        rows(*chat, "a", lines=["我想挂中心医院的儿科"])
        assert rows(*chat, "b", lines=["接着办"])[0]["slots"] == {}

    def test_parse_gives_the_documented_fields(self) -> None:
        parsed = rows("parse", "--json", "--at", AT, lines=["明天上午挂中心医院儿科", ""])
        assert len(parsed) == 2
        wanted = {"text", "intent", "group", "confidence", "alternatives", "entities"}
        assert wanted <= set(parsed[0])
        time = next(entity for entity in parsed[0]["entities"] if entity["type"] == "time")
        assert (time["start"], time["end"], time["text"]) == (0, 4, "明天上午")
        assert time["value"]["start"] == "2026-11-24T08:00:00"

    def test_parse_goes_on_without_the_rasa_server_and_says_so(self) -> None:
        nowhere = {"MIANBAN_NLU__ENGINE": "rasa", "MIANBAN_NLU__RASA__URL": "http://127.0.0.1:9"}
        done = run("parse", "--json", "--at", AT, lines=["明天上午挂中心医院儿科"], **nowhere)
        assert done.returncode == 0
        assert json.loads(done.stdout)["intent"] == "health_appointment.book"
        assert "用内置引擎理解：unreachable" in done.stderr

    def test_kb_answers_and_is_silent(self) -> None:
        known = rows("kb", "ask", "12345投诉几天办结", "--json", "--as-of", "2026-11-23")[0]
        assert known["status"].startswith("answered")
        assert known["citations"]
        unknown = rows("kb", "ask", "火星移民补贴发多少", "--json")[0]
        assert unknown["status"].startswith("unanswerable")
        assert "12345" in unknown["text"]

    def test_kb_lists_searches_and_reads_structure(self, tmp_path: Path) -> None:
        assert len(rows("kb", "list")) >= 20
        assert rows("kb", "search", "退休年龄")[0]
        law = tmp_path / "law.txt"
        law.write_text(
            "某某条例\n第一章 总则\n第一条 为了示例，制定本条例。\n第二条 按照第一条办理。\n", encoding="utf-8"
        )
        labels = [node["label"] for node in rows("kb", "structure", "--json", str(law))[0]["nodes"]]
        assert labels == ["第一章", "第一条", "第二条"]


def test_the_skills_of_the_city_are_in_order() -> None:
    done = run("skills", "check")
    assert done.returncode == 0, done.stdout
    assert run("skills", "list").stdout.startswith("complaint\t")


def test_a_wrong_setting_is_one_line_and_status_two() -> None:
    done = run("skills", "list", MIANBAN_WEB__PORT="70000")
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1
    assert "web.port" in done.stderr
    assert "70000" in done.stderr


@pytest.mark.parametrize(
    ("setting", "value", "word"),
    [("NLU__RASA__URL", "http://10.0.0.1:5005", "不在本机"), ("STATE_FOLDER", "/nonexistent", "make rasa")],
)
def test_rasa_that_cannot_be_served_is_one_line(setting: str, value: str, word: str) -> None:
    done = run("rasa", "serve", **{f"MIANBAN_{setting}": value})
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    assert word in done.stderr


def test_a_plan_that_trains_nothing_is_refused() -> None:
    assert run("rasa", "train", "--epochs", "0").returncode == 2
    done = run("rasa", "train", "--intents", "teahouse.order", "chitchat")
    assert (done.returncode, done.stderr) == (1, "没有这样的意图或领域：teahouse.order\n")


def test_an_unknown_command_says_what_there_is() -> None:
    done = run("fly")
    assert done.returncode == 2
    assert "chat" in done.stderr


class TestEvaluation:
    TRAIN = (("我要挂号", "book"), ("帮我挂个号", "book"), ("挂明天的号", "book"), ("今天下雨吗", "weather"))
    TRAIN += (("今天热不热", "weather"), ("天气怎么样", "weather"), ("谢谢", "thanks"), ("谢谢", "thanks"))
    TRAIN += (("写一首诗", "oos"), ("推荐个股票", "oos"), ("唱一首歌", "oos"))
    TEST = (("我想挂号", "book"), ("明天下雨吗", "weather"), ("写首诗", "oos"), ("社保怎么交", "never.learnt"))

    @pytest.fixture
    def files(self, tmp_path: Path) -> list[str]:
        for name, lines in (("train", self.TRAIN), ("test", self.TEST)):
            content = "\n\n".join(json.dumps({"text": text, "intent": intent}) for text, intent in lines)
            (tmp_path / name).write_text(content, encoding="utf-8")
        return ["--train", str(tmp_path / "train"), "--test", str(tmp_path / "test"), "--reports", str(tmp_path)]

    def test_from_scratch_prints_one_object(self, files: list[str], tmp_path: Path) -> None:
        (got,) = rows("evaluate", "nlu", "--json", *files)
        assert list(got) == ["engine", "accuracy", "macro_f1", "oos_auroc", "parses_per_second", "train_seconds"]
        assert got["engine"] == "embedded"
        assert got["accuracy"] == 0.75  # the intent that was never learnt is wrong
        assert 0.66 < got["macro_f1"] <= 0.75  # it was refused, or taken for one of the others
        assert got["oos_auroc"] > 0.5
        assert got["parses_per_second"] > 10
        assert len(list(tmp_path.glob("nlu-*/index.html"))) == 1
        assert len(list(tmp_path.glob("nlu-*/*.png"))) == 4

    def test_engines_are_compared_in_one_table(self, files: list[str]) -> None:
        done = run("evaluate", "nlu", "--engine", "embedded", "--engine", "baseline", *files)
        assert done.returncode == 0, done.stderr
        lines = done.stdout.splitlines()
        assert lines[0].split() == ["指标", "绵办内置引擎", "字符n-gram＋线性SVM"]
        assert next(line for line in lines if line.startswith("意图准确率")).split()[1] == "75.0%"

    def test_one_file_is_cross_validated(self, files: list[str]) -> None:
        (got,) = rows("evaluate", "nlu", "--json", "--folds", "3", *files[:2], *files[4:])
        assert 0.2 < got["accuracy"] <= 1

    def test_what_cannot_be_measured_is_one_line_and_status_two(self, files: list[str], tmp_path: Path) -> None:
        (tmp_path / "bad").write_text('{"text": "挂号"}\n', encoding="utf-8")
        for arguments, told in (
            (["--train", str(tmp_path / "bad"), *files[2:]], "bad:1"),
            (files[2:], "--train"),
            (["--engine", "oracle", *files], "embedded, baseline, rasa"),
            (["--data", str(tmp_path / "nowhere")], "nowhere"),
        ):
            done = run("evaluate", "nlu", *arguments)
            assert done.returncode == 2
            assert done.stdout == ""
            assert told in done.stderr.splitlines()[-1]

    @pytest.mark.usefixtures("trained")
    def test_the_product_is_measured_on_groups_alone(self, tmp_path: Path) -> None:
        table = tmp_path / "table.tsv"
        table.write_text(
            "text\tgroup\tnotes\n我要挂号\thealth_appointment\tdialect\n挂号和办社保\tmixed:culture+social_insurance\t\n",
            encoding="utf-8",
        )
        (got,) = rows("evaluate", "nlu", "--json", "--data", str(table), "--reports", str(tmp_path))
        (engine,) = got["engines"]
        assert engine["sentences"] == 2
        assert engine["accuracy"] is None
        assert engine["dialect"]["group_accuracy"] == 1.0
        assert Path(got["report"]).is_file()
