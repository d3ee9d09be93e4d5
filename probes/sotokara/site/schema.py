"""JSON Schemas (2020-12) of definitions and settings, made from the code, for editors.

The types, defaults, limits and sentences are those that the build itself reads, so a schema cannot
say anything else than the build does. What only the code can judge (whether a name is one) stays
with the build.
"""

import hashlib
import json
from pathlib import Path
from typing import Any

import msgspec

import sotokara
from sotokara.core.durations import UNITS
from sotokara.core.settings import Settings, durations
from sotokara.definitions.common import ALIASES, DURATIONS, Common
from sotokara.kinds import KINDS
from sotokara.kinds.interface import Kind
from sotokara.site.reference import docs, setting_forms

DIALECT = "https://json-schema.org/draft/2020-12/schema"
_DURATION = {
    "anyOf": [
        {"type": "number", "minimum": 0},
        {"type": "string", "pattern": rf"^\s*\d+(\.\d+)?\s*[{''.join(UNITS)}]?\s*$"},
    ]
}


def definitions() -> dict[str, Any]:
    """What may stand in one ``probe`` fence: one shape for each kind."""
    return {
        "$schema": DIALECT,
        "title": "A probe definition of Sotokara",
        "oneOf": [_definition(kind) for kind in KINDS.values()],
    }


def settings() -> dict[str, Any]:
    """mkdocs.yml as far as it is ours: ``extra.probes``; everything else in it is open."""
    forms: list[type[msgspec.Struct]] = [Settings, *setting_forms().values()]
    _, structs = msgspec.json.schema_components(forms, ref_template="#/$defs/{name}")
    for form in forms:
        _explain(structs[form.__name__], docs(form))
        properties = structs[form.__name__]["properties"]
        properties |= {name: _like(properties[name], _DURATION) for name in durations(form)}
    properties = structs["Settings"]["properties"]
    del properties["of_kinds"]
    for name, kind in KINDS.items():
        if kind.settings is not None:
            text = " ".join((kind.settings.__doc__ or "").split())
            reference = {"$ref": f"#/$defs/{kind.settings.__name__}"}
            properties[name] = {"description": text, "allOf": [reference]}
    probes = {"$ref": "#/$defs/Settings"}
    extra = {"type": "object", "properties": {"probes": probes}}
    return {
        "$schema": DIALECT,
        "title": "Settings of Sotokara in mkdocs.yml",
        "type": "object",
        "properties": {"extra": extra},
        "$defs": structs,
    }


def schema_files() -> dict[str, bytes]:
    """Each schema's file name and content, as the site publishes them."""
    made = {"definition.json": definitions(), "mkdocs.json": settings()}
    return {
        name: json.dumps(one, ensure_ascii=False, indent=1).encode() for name, one in made.items()
    }


def cached_schema_files(cache: Path) -> dict[str, bytes]:
    """The same, kept in a folder until the code changes: making them imports every kind."""
    package = Path(sotokara.__file__).parent
    rooms = ("core", "definitions", "kinds", "site")
    sources = sorted(file for room in rooms for file in (package / room).rglob("*.py"))
    code = hashlib.sha256(b"".join(one.read_bytes() for one in sources)).hexdigest()[:16]
    place = cache / f"schema-{code}"
    if not place.is_dir():
        write_schemas(place)
    return {one.name: one.read_bytes() for one in sorted(place.glob("*.json"))}


def _definition(kind: type[Kind]) -> dict[str, Any]:
    schema = _properties(kind) | _properties(Common)
    target = {"description": (kind.__doc__ or "").strip(), "type": ["string", "number"]}
    del schema["target"]
    schema["style"] = _like(schema["style"], {"enum": list(kind.styles)})
    for alias, key in ALIASES.items():
        schema[alias] = schema[key] | {"description": f"The same as {key}."}
    for name in DURATIONS:
        schema[name] = _like(schema[name], _DURATION)
    return {
        "title": kind.name,
        "type": "object",
        "properties": {kind.name: target, **schema},
        "required": [kind.name],
        "additionalProperties": False,
        "not": {"anyOf": [{"required": [alias, key]} for alias, key in ALIASES.items()]},
    }


def _properties(struct: type[msgspec.Struct]) -> dict[str, Any]:
    _, structs = msgspec.json.schema_components([struct])
    schema: dict[str, Any] = structs[struct.__name__]
    texts: dict[str, str] = getattr(struct, "help", {}) | docs(struct)
    _inline(schema["properties"], structs)
    written = {field.name: field.encode_name for field in msgspec.structs.fields(struct)}
    _explain(schema, {written.get(name, name): text for name, text in texts.items()})
    for one in schema["properties"].values():
        if one.get("default", ...) is None:  # leaving a key out is no value that one writes
            del one["default"]
            one["anyOf"] = [option for option in one["anyOf"] if option != {"type": "null"}]
    found: dict[str, Any] = schema["properties"]
    return found


def _inline(part: Any, structs: dict[str, Any]) -> None:  # noqa: ANN401  # any JSON
    """Put the shapes in that a property refers to: each definition stands by itself."""
    for one in part.values() if isinstance(part, dict) else part if isinstance(part, list) else ():
        _inline(one, structs)
    if isinstance(part, dict) and str(part.get("$ref", "")).startswith("#/$defs/"):
        shape = structs[part.pop("$ref").rpartition("/")[2]]
        part |= {key: value for key, value in shape.items() if key != "title"}


def _explain(schema: dict[str, Any], texts: dict[str, str]) -> None:
    for name, one in schema["properties"].items():
        if name in texts:
            one["description"] = texts[name].replace("`", "").replace("\\|", "|")


def _like(old: dict[str, Any], new: dict[str, Any]) -> dict[str, Any]:
    """The new form with the old one's description and default."""
    return {key: old[key] for key in ("description", "default") if key in old} | new


def write_schemas(folder: Path) -> None:
    """Write every schema into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in schema_files().items():
        (folder / name).write_bytes(content)
