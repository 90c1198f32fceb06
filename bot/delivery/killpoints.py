"""Named places at which the fault suite kills the process; without the environment variable they do nothing."""

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
_CHOSEN, _, _COUNT = os.environ.get("MIANBAN_KILLPOINT", "").partition(":")
_passed = 0


def killpoint(name: str) -> None:
    """Kill this process with SIGKILL if `MIANBAN_KILLPOINT` is `name` or `name:n` and this is the n-th time here."""
    global _passed  # noqa: PLW0603 - a count for the whole process is what is meant
    if name != _CHOSEN:
        return
    _passed += 1
    if _passed == int(_COUNT or 1):
        os.kill(os.getpid(), signal.SIGKILL)
