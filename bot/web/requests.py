"""Reading what a caller sent: within limits, strictly, and into a model."""

import asyncio
from typing import TypeVar

from aiohttp import web
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from bot.channels.telegram_webhook import WebhookRefused, parse_json
from bot.web.refusals import Refused

MOST_BODY_BYTES = 256 * 1024
BODY_SECONDS = 30.0
M = TypeVar("M", bound=BaseModel)


class Strict(BaseModel):
    """What callers send: unknown fields and wrong types are refused."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class WrittenMessage(Strict):
    """A citizen's message; `message_id` is made by the client, and a second message under it is dropped."""

    message_id: str = Field(pattern=r"^[A-Za-z0-9_-]{8,64}$")
    text: str = Field(max_length=MOST_BODY_BYTES)


async def read_model(request: web.Request, model: type[M]) -> M:
    """Return the JSON body as `model`, or raise `Refused`: 415, 413, 408 or 400."""
    if request.content_type != "application/json":
        raise Refused(415, "not_json")
    return parse_model(await read_body(request), model)


def parse_model(raw: bytes, model: type[M]) -> M:
    """Return strict JSON as `model`, or raise `Refused` 400 that names the fields which do not fit."""
    try:
        return model.model_validate(parse_json(raw))
    except WebhookRefused as refusal:
        raise Refused(400, refusal.code) from None
    except ValidationError as error:
        fields = sorted({".".join(str(part) for part in fault["loc"])[:80] or "body" for fault in error.errors()})
        raise Refused(400, "invalid_fields", f"这些字段不合要求：{'、'.join(fields)}") from None


async def read_body(request: web.Request) -> bytes:
    """Return the whole body, or raise `Refused` when it is too large, too slow or broken off."""
    try:
        async with asyncio.timeout(BODY_SECONDS):
            return await request.read()
    except TimeoutError:
        raise Refused(408, "body_too_slow") from None
    except web.HTTPRequestEntityTooLarge:
        raise Refused(413, "body_too_large") from None
    except web.RequestPayloadError:
        raise Refused(400, "malformed_body") from None
