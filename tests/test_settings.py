"""Settings: from mkdocs.yml and the environment, each wrong one named with where it stands."""

import pytest

from probes.durations import seconds
from probes.settings import Settings, SettingsError, load


def test_defaults() -> None:
    assert load({}, {}) == Settings()


def test_the_environment_wins_over_the_file() -> None:
    given = {"mode": "new", "timeout": 3, "policy": {"allow": ["10.0.0.0/8"]}}
    environ = {"SOTOKARA_MODE": "replay", "SOTOKARA_RESOLVERS": "[192.0.2.1, '192.0.2.2:5353']"}
    settings = load(given, environ)
    assert settings.mode == "replay"
    assert settings.timeout == 3
    assert settings.resolvers == ["192.0.2.1", "192.0.2.2:5353"]
    assert settings.policy.allow == ["10.0.0.0/8"]


@pytest.mark.parametrize("name", Settings.__struct_fields__)
def test_every_setting_can_come_from_the_environment(name: str) -> None:
    with pytest.raises(SettingsError, match=f"^SOTOKARA_{name.upper()}: "):
        load({}, {f"SOTOKARA_{name.upper()}": "{a: [b"})


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"mod": "live"}, r"extra\.probes\.mod: no such setting; did you mean 'mode'"),
        ({"zzz": 1}, r"extra\.probes\.zzz: no such setting; known: mode, "),
        ({"mode": "never"}, r"extra\.probes\.mode: Invalid enum value 'never'"),
        ({"timeout": 0}, r"extra\.probes\.timeout: Expected `float` > 0"),
        ({"timeout": "soon"}, r"extra\.probes\.timeout: 'soon' is not a duration"),
        ({"concurrency": "many"}, r"extra\.probes\.concurrency: Expected `int`"),
        ({"concurrency": 0}, r"extra\.probes\.concurrency: Expected `int` >= 1"),
        ({"policy": {"alow": []}}, r"extra\.probes\.policy: .*unknown field `alow`"),
        ({"redact": "secret"}, r"extra\.probes\.redact: Expected `array`"),
    ],
)
def test_a_wrong_setting_is_named(given: dict[str, object], message: str) -> None:
    with pytest.raises(SettingsError, match=message):
        load(given, {})


@pytest.mark.parametrize(
    ("text", "value"),
    [(90, 90), ("90", 90), ("1.5s", 1.5), ("15m", 900), ("12h", 43200), ("30d", 2592000), (0, 0)],
)
def test_durations(text: object, value: float) -> None:
    assert seconds(text) == value


@pytest.mark.parametrize("text", [-1, "-1", "1y", "h", "", True, None, [1], "1h30m"])
def test_no_durations(text: object) -> None:
    with pytest.raises(ValueError, match="is not a duration"):
        seconds(text)
