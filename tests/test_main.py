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


def test_an_unknown_command_says_what_there_is() -> None:
    done = run("fly")
    assert done.returncode == 2
    assert "chat" in done.stderr
