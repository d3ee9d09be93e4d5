"""The schemas for editors say what the build says."""

import re
import textwrap
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml
from sotokara.definitions.definition import read_definition
from sotokara.kinds import KINDS
from sotokara.site import schema

ROOT = Path(__file__).parents[1]
DEFINITION = jsonschema.Draft202012Validator(schema.definitions())
FENCE = re.compile(r"^( *)```probe\n(.*?)^\1```$", re.MULTILINE | re.DOTALL)
MKDOCS = jsonschema.Draft202012Validator(schema.settings())


class Loader(yaml.SafeLoader):
    """YAML as an editor's language server reads it: dates are text."""

    yaml_implicit_resolvers = {
        first: [pair for pair in pairs if "timestamp" not in pair[0]]
        for first, pairs in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }


def plain(text: str) -> Any:
    return yaml.load(text, Loader)  # noqa: S506  # a SafeLoader


def test_both_are_schemas() -> None:
    jsonschema.Draft202012Validator.check_schema(schema.definitions())
    jsonschema.Draft202012Validator.check_schema(schema.settings())


def test_every_kind_and_key_is_explained() -> None:
    shapes = schema.definitions()["oneOf"]
    assert [shape["title"] for shape in shapes] == list(KINDS)
    dumb = {
        f"{shape['title']}.{name}"
        for shape in shapes
        for name, one in shape["properties"].items()
        if not one.get("description")
    }
    assert dumb == set()


def written() -> dict[str, str]:
    """Every definition in the articles and the guide, examples too."""
    found = {}
    for path in sorted((ROOT / "docs").rglob("*.md")):
        for match in FENCE.finditer(text := path.read_text("utf-8")):
            line = text.count("\n", 0, match.start()) + 1
            found[f"{path.name}:{line}"] = textwrap.dedent(match[2])
    return found


def test_accepts_every_definition_of_the_articles_and_the_guide() -> None:
    wrong = {
        place: error.message
        for place, text in written().items()
        if "banner:" not in text  # a kind that the guide adds
        and (error := jsonschema.exceptions.best_match(DEFINITION.iter_errors(plain(text))))
    }
    assert wrong == {}


@pytest.mark.parametrize(
    "text",
    [
        "dns: example.com\ntpye: MX",
        "dns: example.com\nstyle: nosuch",
        "dns: example.com\nmax_age: soon",
        "dns: example.com\nfrom: home\nvantage: lab",
        "dns: example.com\ndnssec: nobody",
        "dns: [a, b]",
        "dsn: example.com",
        "dns: example.com\nwhois: example.com",
        "dns: example.com\ncollapse: perhaps",
        "type: MX",
    ],
)
def test_refuses_what_the_build_refuses(text: str) -> None:
    assert read_definition(text, "a.md", 1, "t")[0] is None
    assert not DEFINITION.is_valid(yaml.safe_load(text))


@pytest.mark.parametrize(
    "text",
    [
        "{dns: example.com, type: [A, MX], max_age: 12h, notes: {a: b, c: {line: 3}}}",
        "{dns: example.com, pin: 2026-11-24, expect: [\"'a' in addresses\"]}",
        "{dns: '{{ a.addresses }}', redact: {networks: [192.0.2.0/24]}}",
    ],
)
def test_accepts_what_the_build_accepts(text: str) -> None:
    assert read_definition(text, "a.md", 1, "t")[1] == []
    DEFINITION.validate(plain(text))


def test_settings() -> None:
    text = (ROOT / "mkdocs.yml").read_text("utf-8")
    commented = re.sub(r"(?m)^  # ", "", text[text.index("  # probes:\n") :])
    MKDOCS.validate({"site_name": "A", "extra": yaml.safe_load(commented)})
    assert not MKDOCS.is_valid({"extra": {"probes": {"mode": "often"}}})
    assert not MKDOCS.is_valid({"extra": {"probes": {"moed": "live"}}})
    assert not MKDOCS.is_valid({"extra": {"probes": {"timeout": "soon"}}})
