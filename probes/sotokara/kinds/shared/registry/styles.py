"""What the styles of ``whois`` and ``rdap`` share: the table, and JPNIC's layout out of facts."""

import unicodedata
from typing import Any

from sotokara.core.display import with_unicode
from sotokara.kinds.shared.registry.facts import (
    FIELDS,
    LABELS,
    REGISTERED,
    RegistryFacts,
    ServerStatement,
    show_entries,
)
from sotokara.kinds.shared.view import Table, View

_LETTERED = {
    "range": ("a", "IPネットワークアドレス", "Network Number"),
    "netname": ("b", "ネットワーク名", "Network Name"),
    "organization": ("g", "Organization", "Organization"),
    "administrative": ("m", "管理者連絡窓口", "Administrative Contact"),
    "technical": ("n", "技術連絡担当者", "Technical Contact"),
    "nameservers": ("p", "ネームサーバ", "Nameserver"),
    "allocated": ("", "割当年月日", "Assigned Date"),
    "updated": ("", "最終更新", "Last Update"),
}
_COLUMN = 32
"""Where JPNIC begins the values."""


def table(view: View) -> Table:
    """One row per fact, per network above, and per server asked."""
    facts, words = view.facts, view.words
    show = show_entries(view.question.show)  # type: ignore[attr-defined]
    names = [name for name in show if name in FIELDS] or FIELDS
    person = [words["whois_person"]] if facts.person else []
    rows = [
        [words[f"whois_{name}"], value]
        for name in names
        for value in values(facts, name) or (person if name == "organization" else [])
    ]
    if facts.answer != REGISTERED:
        rows.insert(0, [words["whois_answer"], words[f"whois_{facts.answer}"]])
    if not rows or not show:
        rows += [[words["whois_asked"], who_said(one, words)] for one in facts.asked]
    return Table([words["name"], words["value"]], rows)


def values(facts: RegistryFacts, name: str) -> list[str]:
    """A fact as lines of text; none where it is empty."""
    value: Any = getattr(facts, name)
    if name == "parents":
        return [_joined(one.range, one.name, one.status, one.organization) for one in value]
    if name == "contacts":
        return [_joined(one.role, one.handle, one.name, one.email) for one in value]
    if name == "asn":
        return [f"AS{value}"] if value is not None else []
    if name == "nameservers":
        return [with_unicode(one) for one in value]
    if isinstance(value, list):
        return list(map(str, value))
    return [with_unicode(str(value))] if value else []


def _joined(*parts: str) -> str:
    return "  ".join(part for part in parts if part)


def who_said(one: ServerStatement, words: dict[str, str]) -> str:
    """What one server said, in a line."""
    answer = words.get(f"whois_{one.answer}") or words.get(one.answer, one.answer)
    detail = _joined(one.registry, one.netname, one.organization, one.range)
    if one.answer != REGISTERED:
        detail = ""
    return f"{one.server}: {answer}" + (f" ({detail})" if detail else "")


def others(facts: RegistryFacts, words: dict[str, str]) -> list[str]:
    """The list that follows a "no match": what the other registries say, one a line."""
    asked = [one for one in facts.asked if one.server.startswith("whois.")]
    if facts.answer == REGISTERED or len(asked) <= 1:
        return []
    return ["", words["whois_others"], *(f"・{who_said(one, words)}" for one in asked[1:])]


def rebuilt(view: View) -> list[str]:
    """JPNIC's layout out of facts alone, saying so."""
    facts: RegistryFacts = view.facts
    if facts.answer != REGISTERED:
        return [view.words[f"whois_{facts.answer}"], *others(facts, view.words)]
    japanese = getattr(view.question, "lang", "en") == "ja"
    lines = [view.words["whois_rebuilt"].format(registry=facts.registry)]
    lines.append("Network Information:" + (" [ネットワーク情報]" if japanese else ""))
    for name, (letter, ja, en) in _LETTERED.items():
        label = ja if japanese else en
        shown = _text(facts, name)
        if not is_shown(view, letter, label, name):
            continue
        lines += [lettered(letter, label, value) for value in shown]
    return lines + parent_networks(facts, japanese=japanese)


def _text(facts: RegistryFacts, name: str) -> list[str]:
    if name in ("administrative", "technical"):
        return [one.handle or one.name for one in facts.contacts if one.role == name]
    if name == "range":
        return [", ".join(facts.prefixes) or facts.range]
    return values(facts, name)


def is_shown(view: View, letter: str, label: str, name: str = "") -> bool:
    """Whether ``show`` asks for this line; an empty ``show`` asks for all."""
    show = [entry.strip("[]") for entry in show_entries(view.question.show)]  # type: ignore[attr-defined]
    if not show:
        return True
    facts = [fact for fact, labels in LABELS.items() if label in labels or fact == name]
    return any(entry in (letter, label) or entry in facts for entry in show if entry)


def lettered(letter: str, label: str, value: str) -> str:
    """``a. [label]   value``, the values in one column; Japanese letters are two columns wide."""
    head = f"{letter}. [{label}]" if letter else f"[{label}]"
    width = sum(2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in head)
    return f"{head}{' ' * max(1, _COLUMN - width)}{value}".rstrip()


def parent_networks(facts: RegistryFacts, *, japanese: bool) -> list[str]:
    """The networks above, as JPNIC lists them."""
    if not facts.parents:
        return []
    lines = ["", "上位情報" if japanese else "Less Specific Info.", "----------"]
    for one in facts.parents:
        if one.organization:
            lines.append(one.organization)
        head = f"{one.name:>20} " if one.name else " " * 21
        lines.append(f"{head}[{one.status}] {one.range}" if one.status else f"{head}{one.range}")
    return lines
