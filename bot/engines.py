"""Chooses the engine that understands: the embedded one, or a Rasa server with the embedded one behind it."""

import contextlib
from collections.abc import AsyncIterator, Mapping
from pathlib import Path

import structlog

from adapters.embedding.encoder import open_encoder
from adapters.http_exchange import ClientLimits, JsonExchange
from bot.settings import Settings
from nlu.classifiers.rasa import RasaCalibration, RasaClassifier
from nlu.interpreter import Interpreter
from nlu.rasa.errors import RasaModelError
from nlu.rasa.interpreter import FallbackObserver, RasaInterpreter
from nlu.rasa.model import read_model, shared_token

logger = structlog.get_logger()


def load_engine(
    settings: Settings, group_of_intent: Mapping[str, str], observer: FallbackObserver
) -> Interpreter | RasaInterpreter:
    """Return the engine of the settings on the trained models of the state folder; a `RasaInterpreter` wants opening."""
    embedded = Interpreter.load(settings.state_folder / "models", open_encoder(settings.nlu.encoder))
    if settings.nlu.engine == "embedded":
        return embedded
    wanted, folder = settings.nlu.rasa, settings.state_folder / "rasa"
    limits = ClientLimits(
        connect_seconds=wanted.timeout_seconds,
        total_seconds=wanted.timeout_seconds,
        queue_seconds=wanted.timeout_seconds,
    )
    classifier = RasaClassifier(
        JsonExchange(wanted.url, limits), wanted.token or shared_token(folder), group_of_intent, _calibration(folder)
    )
    return RasaInterpreter(embedded, classifier, observer)


@contextlib.asynccontextmanager
async def opened(engine: Interpreter | RasaInterpreter) -> AsyncIterator[None]:
    """Hold the line to the Rasa server open, if the engine has one."""
    if not isinstance(engine, RasaInterpreter):
        yield
        return
    await engine.open()
    try:
        yield
    finally:
        await engine.close()


def _calibration(folder: Path) -> RasaCalibration:
    """Return what was chosen when the model was trained; a server elsewhere is used as it is until model.json is copied."""
    try:
        return read_model(folder).calibration
    except RasaModelError as missing:
        logger.warning("rasa_not_calibrated", detail=str(missing))
        return RasaCalibration()
