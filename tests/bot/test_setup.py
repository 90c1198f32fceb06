"""What is prepared before a start is prepared by one process at a time."""

import threading
from pathlib import Path

from bot.commands.setup import one_at_a_time


def test_a_second_process_says_that_it_waits_and_goes_on_after_the_first(tmp_path: Path) -> None:
    order: list[str] = []
    waits = threading.Event()

    def said(line: str) -> None:
        order.append(line)
        waits.set()

    def second() -> None:
        with one_at_a_time(tmp_path / "state", said):
            order.append("second")

    with one_at_a_time(tmp_path / "state", order.append):
        other = threading.Thread(target=second)
        other.start()
        assert waits.wait(20)
        order.append("first")
    other.join(20)
    assert order == ["另一个进程正在准备模型和知识库，等它做完 …", "first", "second"]
