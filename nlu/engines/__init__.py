"""Engines that learn intents from examples, side by side: ours, a plain baseline, Rasa; one line adds another."""

from collections.abc import Callable, Mapping

from nlu.engines.base import Engine
from nlu.engines.baseline import BaselineEngine
from nlu.engines.embedded import EmbeddedEngine
from nlu.engines.rasa import RasaEngine

ENGINES: Mapping[str, Callable[[], Engine]] = {
    "embedded": EmbeddedEngine,
    "baseline": BaselineEngine,
    "rasa": RasaEngine,
}
