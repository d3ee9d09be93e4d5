"""Settings: from mkdocs.yml and the environment, each wrong one named with where it stands."""

import re
from pathlib import Path

import pytest
from sotokara.core.durations import seconds
from sotokara.core.settings import Settings, SettingsError
from sotokara.engine.settings import load

from tests.sites import build, fence, make_site


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
    assert load({"policy": {"kinds": ["none"]}}, {}).policy.kinds == ["none"]


@pytest.mark.parametrize("name", [*Settings.__struct_fields__[:-1], "smtp"])
def test_every_setting_can_come_from_the_environment(name: str) -> None:
    with pytest.raises(SettingsError, match=f"^SOTOKARA_{name.upper()}: "):
        load({}, {f"SOTOKARA_{name.upper()}": "{a: [b"})


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"mod": "live"}, r"extra\.probes\.mod: no such setting; did you mean 'mode'"),
        ({"zzz": 1}, r"extra\.probes\.zzz: no such setting; known: mode, "),
        (
            {"mode": "never"},
            r"extra\.probes\.mode: the text 'never' stands where one of",
        ),
        ({"timeout": 0}, r"extra\.probes\.timeout: 0\.0 is too small; above 0"),
        ({"timeout": "soon"}, r"extra\.probes\.timeout: 'soon' is not a duration"),
        (
            {"concurrency": "many"},
            r"extra\.probes\.concurrency: the text 'many' stands where a whole",
        ),
        ({"concurrency": 0}, r"extra\.probes\.concurrency: 0 is too small; at least 1"),
        (
            {"policy": {"alow": []}},
            r"extra\.probes\.policy\.alow: 'alow' is no key of policy",
        ),
        ({"resolvers": ["nope"]}, r"extra\.probes\.resolvers: 'nope' is no address such as 192"),
        ({"resolvers": ["[::1]:x"]}, r"extra\.probes\.resolvers: '\[::1\]:x' is no address"),
        ({"control": ["192.0.2.1:0"]}, r"extra\.probes\.control: .* there is no port 0"),
        ({"control": ["1.2.3.4:99999"]}, r"extra\.probes\.control: .* there is no port 99999"),
        ({"policy": {"allow": ["home"]}}, r"extra\.probes\.policy: 'home' is no network such as"),
        ({"policy": {"deny": ["1.2.3"]}}, r"extra\.probes\.policy: '1.2.3' is no network such as"),
        (
            {"policy": {"kinds": ["dnss"]}},
            r"extra\.probes\.policy: 'dnss' is no kind; there are",
        ),
        ({"own_network": ["AS"]}, r"extra\.probes\.own_network: 'AS' is neither a network nor"),
        (
            {"trust_anchors": ["x"]},
            r"extra\.probes\.trust_anchors: 'x' is no DS record of",
        ),
        (
            {"redact": "secret"},
            r"extra\.probes\.redact: the text 'secret' stands where a list",
        ),
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


@pytest.mark.parametrize("wrong", [{"vantage": 3}, {"resolvers": ["nope"]}, {"redact": [1]}])
def test_a_build_says_it_in_one_line(tmp_path: Path, wrong: dict[str, object]) -> None:
    site = make_site(tmp_path / "site", {"index.md": fence(dns="a.example")}, **wrong)
    done = build(site, "--quiet")
    assert done.returncode
    assert re.search(rf"mkdocs\.yml:\d+: extra\.probes\.{next(iter(wrong))}\b", done.stderr)
    assert "Traceback" not in done.stderr
    assert not (site / "evidence").exists()


def test_what_is_hidden_only_grows() -> None:
    """An author's own address in the environment does not show the newsroom's word again."""
    given = {"redact": ["newsroom", "192.0.2.1"], "own_network": ["192.0.2.0/24"]}
    environ = {
        "SOTOKARA_REDACT": "[198.51.100.7, newsroom]",
        "SOTOKARA_OWN_NETWORK": "[AS64500]",
    }
    settings = load(given, environ)
    assert settings.redact == ["newsroom", "192.0.2.1", "198.51.100.7"]
    assert settings.own_network == ["192.0.2.0/24", "AS64500"]
    assert load({}, environ).redact == ["198.51.100.7", "newsroom"]
    with pytest.raises(SettingsError, match="SOTOKARA_REDACT"):
        load(given, {"SOTOKARA_REDACT": "word"})
