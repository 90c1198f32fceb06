"""Named places at which the fault suite kills the process; unless one is chosen they do nothing."""

import os
import signal

NAMES = (
    "before_accept",
    "after_accept",
    "before_load",
    "after_load",
    "before_act",
    "after_act",
    "before_save",
    "after_save",
    "before_send",
    "after_send",
    "before_finish",
    "after_finish",
)


class _Choice:
    """The place that is chosen, and how often it is still passed alive."""

    def __init__(self, chosen: str) -> None:
        self.name, _, passage = chosen.partition(":")
        self.passages_left = int(passage or 1)
        if self.name and (self.name not in NAMES or self.passages_left < 1):
            raise ValueError(
                f"no kill point {chosen!r}; there are {', '.join(NAMES)}, each with :n for the n-th passage"
            )


_choice = _Choice(os.environ.get("MIANBAN_KILLPOINT", ""))


def choose(chosen: str) -> None:
    """Choose `name` or `name:n`: this process dies when it passes there for the n-th time from now; "" for nowhere.

    The environment variable MIANBAN_KILLPOINT chooses at the start. Raises ValueError for a name that is none.
    """
    global _choice  # noqa: PLW0603 - one choice for the whole process is what is meant
    _choice = _Choice(chosen)


def killpoint(name: str) -> None:
    """Kill this process with SIGKILL if this is the chosen place and its turn has come."""
    if name != _choice.name:
        return
    _choice.passages_left -= 1
    if _choice.passages_left == 0:
        os.kill(os.getpid(), signal.SIGKILL)
