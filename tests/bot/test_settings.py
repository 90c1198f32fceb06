"""Settings: the file, the environment, and one clear line for each wrong value."""

from pathlib import Path

import pytest

from bot.settings import CONFIG_FILE, SettingsInvalid, load_settings


def write(folder: Path, text: str) -> Path:
    path = folder / "config.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def test_the_file_that_is_shipped_is_valid() -> None:
    settings = load_settings(CONFIG_FILE)
    assert settings.web.port == 8080
    assert settings.state_folder.is_absolute()


def test_the_environment_wins_over_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MIANBAN_WEB__PORT", "8099")
    assert load_settings(write(tmp_path, "web: {port: 8081}")).web.port == 8099


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("web: {port: 99999}", ["web.port", "99999", "65535"]),
        ("web: {port: achtzig}", ["web.port", "'achtzig'", "integer"]),
        ("web: {prot: 1}", ["web.prot", "not permitted"]),
        ("delivery: {lease_seconds: 0}", ["delivery.lease_seconds", "0", "0.5"]),
        ("log: {level: loud}", ["log.level", "'loud'", "debug"]),
        ("telegram: {token: '1:x', mode: webhook}", ["telegram", "webhook_secret"]),
        ("telegram: {token: wrong}", ["telegram", "123456:letters"]),
        ("departments: {hospital: {url: ftp://x}}", ["departments.hospital.url", "'ftp://x'"]),
        ("nlu: {engine: diet}", ["nlu.engine", "'diet'", "embedded", "rasa"]),
        ("nlu: {rasa: {url: localhost}}", ["nlu.rasa.url", "'localhost'", "https?"]),
        ("nlu: {rasa: {timeout_seconds: 0}}", ["nlu.rasa.timeout_seconds", "0", "0.05"]),
        ("nlu: {rasa: {port: 1}}", ["nlu.rasa.port", "not permitted"]),
    ],
)
def test_a_wrong_value_is_named_with_its_key_and_what_is_allowed(tmp_path: Path, text: str, words: list[str]) -> None:
    with pytest.raises(SettingsInvalid) as caught:
        load_settings(write(tmp_path, text))
    message = str(caught.value)
    assert "\n" not in message
    for word in words:
        assert word in message


def test_a_secret_is_never_shown(tmp_path: Path) -> None:
    with pytest.raises(SettingsInvalid) as caught:
        load_settings(write(tmp_path, "telegram: {webhook_secret: '密码 hunter2'}"))
    assert "hunter2" not in str(caught.value)


def test_the_engine_is_set_by_the_environment_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MIANBAN_NLU__ENGINE", "rasa")
    monkeypatch.setenv("MIANBAN_NLU__RASA__TOKEN", "made-up")
    settings = load_settings(write(tmp_path, "nlu: {rasa: {timeout_seconds: 2}}"))
    assert (settings.nlu.engine, settings.nlu.rasa.token, settings.nlu.rasa.timeout_seconds) == ("rasa", "made-up", 2)
    assert "made-up" not in repr(settings)


def test_every_wrong_value_is_named_at_once(tmp_path: Path) -> None:
    with pytest.raises(SettingsInvalid) as caught:
        load_settings(write(tmp_path, "web: {port: -1}\nlog: {format: xml}"))
    assert len(str(caught.value).splitlines()) == 2


def test_a_missing_or_broken_file_is_said(tmp_path: Path) -> None:
    with pytest.raises(SettingsInvalid, match="no such file"):
        load_settings(tmp_path / "nothing.yaml")
    with pytest.raises(SettingsInvalid, match="YAML"):
        load_settings(write(tmp_path, "web: [port"))
