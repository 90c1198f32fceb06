"""config.yaml and the environment, read once into frozen models; a wrong value is named in one line."""

from pathlib import Path
from typing import Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict, YamlConfigSettingsSource

ROOT = Path(__file__).parents[1]
CONFIG_FILE = ROOT / "config.yaml"


class SettingsInvalid(Exception):
    """A setting is wrong: the message names the key, the value, and what is allowed, a line each."""


class Section(BaseModel):
    """Base of the sections: frozen, and strict about unknown keys."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=False)


class WebSettings(Section):
    """The web server."""

    host: str = "127.0.0.1"
    port: int = Field(8080, ge=0, le=65535)
    public_url: str = Field("", pattern=r"^(https?://[^\s]+)?$")
    trusted_proxies: int = Field(0, ge=0, le=5)


class SandboxSettings(Section):
    """The demo city."""

    enabled: bool = True
    port: int = Field(8090, ge=0, le=65535)


class DepartmentSettings(Section):
    """How one department is reached."""

    url: str = Field("", pattern=r"^(https?://[^\s]+)?$")
    token: str = Field("", repr=False)
    timeout_seconds: float = Field(4.5, ge=0.1, le=60)


class RasaSettings(Section):
    """How the Rasa server is reached."""

    url: str = Field("http://127.0.0.1:5005", pattern=r"^https?://[^\s]+$")
    token: str = Field("", repr=False)
    timeout_seconds: float = Field(1.0, ge=0.05, le=30)


class NluSettings(Section):
    """Which engine classifies what citizens write, and the folder of an encoder for the embedded one (empty: none)."""

    engine: Literal["embedded", "rasa"] = "embedded"
    rasa: RasaSettings = RasaSettings()
    encoder: str = ""


class TelegramSettings(Section):
    """The Telegram bot."""

    token: str = Field("", repr=False)
    mode: Literal["polling", "webhook"] = "polling"
    webhook_secret: str = Field("", pattern=r"^[A-Za-z0-9_-]{0,256}$", repr=False)
    api_url: str = Field("", pattern=r"^(https?://[^\s]+)?$")

    @model_validator(mode="after")
    def _token_needs_its_shape(self) -> "TelegramSettings":
        if self.token and ":" not in self.token:
            raise ValueError("token must look like 123456:letters, as BotFather gave it")
        return self

    @model_validator(mode="after")
    def _webhook_needs_its_secret(self) -> "TelegramSettings":
        if self.token and self.mode == "webhook" and not self.webhook_secret:
            raise ValueError("webhook mode needs webhook_secret: without it anybody could write in Telegram's name")
        return self


class DeliverySettings(Section):
    """Inbox, leases and outbox."""

    lease_seconds: float = Field(10, ge=0.5, le=120)
    poll_seconds: float = Field(1, ge=0.1, le=60)
    sessions_at_once: int = Field(64, ge=1, le=1000)
    most_attempts: int = Field(5, ge=1, le=20)


class ConversationSettings(Section):
    """What a conversation allows."""

    longest_message: int = Field(2000, ge=50, le=20000)
    gap_minutes: float = Field(30, ge=1, le=10080)
    messages_per_minute: int = Field(30, ge=1, le=1000)
    maintenance: bool = False


class LogSettings(Section):
    """The log."""

    level: Literal["debug", "info", "warning", "error"] = "info"
    format: Literal["console", "json"] = "console"


class Settings(BaseSettings):
    """Everything that can be set. The environment wins over the file: MIANBAN_WEB__PORT=8081."""

    model_config = SettingsConfigDict(
        env_prefix="MIANBAN_", env_nested_delimiter="__", extra="forbid", frozen=True, yaml_file_encoding="utf-8"
    )

    state_folder: Path = Path("var")
    web: WebSettings = WebSettings()
    sandbox: SandboxSettings = SandboxSettings()
    departments: dict[str, DepartmentSettings] = Field(default_factory=dict)
    nlu: NluSettings = NluSettings()
    telegram: TelegramSettings = TelegramSettings()
    delivery: DeliverySettings = DeliverySettings()
    conversation: ConversationSettings = ConversationSettings()
    log: LogSettings = LogSettings()

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Let what is given in code win over the environment, and that over the file."""
        del dotenv_settings, file_secret_settings
        return init_settings, env_settings, YamlConfigSettingsSource(settings_cls)


def load_settings(path: Path = CONFIG_FILE, **overrides: Any) -> Settings:
    """Read the settings, or raise `SettingsInvalid` with a line for each wrong key."""

    class FromFile(Settings):
        model_config = SettingsConfigDict(yaml_file=path)

    try:
        if not path.is_file():
            raise SettingsInvalid(f"{path}: there is no such file; give one with --config, or restore config.yaml")
        settings = FromFile(**overrides)
    except ValidationError as error:
        raise SettingsInvalid("\n".join(_line(path, detail) for detail in error.errors())) from None
    except yaml.YAMLError as error:
        raise SettingsInvalid(f"{path}: not readable as YAML: {error}") from None
    folder = settings.state_folder
    return settings if folder.is_absolute() else settings.model_copy(update={"state_folder": path.parent / folder})


def _line(path: Path, detail: Any) -> str:
    key = ".".join(str(part) for part in detail["loc"]) or "settings"
    value = detail.get("input")
    is_secret = any(word in key for word in ("token", "secret"))
    shown = "(hidden)" if is_secret or isinstance(value, dict) else repr(value)
    return f"{path.name}: {key} = {shown}: {detail['msg']}"
