"""JPNIC's and JPRS's layouts: ``a. [label] value``, without letters for allocations and IPv6.

In Japanese or, asked with ``/e``, in English. Below a network stand the networks above it
(上位情報, ``Less Specific Info.``) and those inside it (下位情報, ``More Specific Info.``).
"""

import re
from collections.abc import Iterator

from sotokara.kinds.shared.registry.dates import first_day
from sotokara.kinds.shared.registry.facts import REGISTERED, Contact, Parent, RegistryFacts
from sotokara.kinds.shared.registry.target import RegistryTarget, network_held, networks, spelled
from sotokara.kinds.whois.text import bracketed, lines_of

_ABOVE = ("上位情報", "Less Specific Info.")
_BELOW = ("下位情報", "More Specific Info.")
_GIVEN = re.compile(r"^\s*(?:(\S+)\s+)?\[\s?([^\]\s][^\]]{0,60})\]\s+(\S.*)$")
_CONTACTS = {
    "管理者連絡窓口": "administrative",
    "Administrative Contact": "administrative",
    "登録担当者": "administrative",
    "技術連絡担当者": "technical",
    "Technical Contact": "technical",
    "公開連絡窓口": "registrant",
}
_DAYS_GIVEN = {
    "割当年月日": "割当",
    "割振年月日": "割振",
    "Assigned Date": "Assigned",
    "Allocated Date": "Allocated",
}
_NAMESERVERS = ("ネームサーバ", "Nameserver", "Name Server")
_UPDATED = ("最終更新", "Last Update", "Last Updated")
_STATUS = ("状態", "Status", "State")


class AnswerSections:
    """An answer cut into the registration itself, the networks above it, the networks below."""

    def __init__(self, text: str) -> None:
        parts: dict[str, list[str]] = {"own": [], "above": [], "below": []}
        at = "own"
        for line in lines_of(text):
            if line.strip() in _ABOVE:
                at = "above"
            elif line.strip() in _BELOW:
                at = "below"
            else:
                parts[at].append(line)
        self.lines = bracketed("\n".join(parts["own"]))
        self.parents = list(_given(parts["above"]))
        self.children = list(_given(parts["below"]))

    def value(self, *labels: str) -> str:
        """The first non-empty value under any of the labels, in the order of preference."""
        for label in labels:
            for line in self.lines:
                if line.label == label and line.value:
                    return line.value
        return ""

    def values(self, labels: tuple[str, ...]) -> list[str]:
        """All values under any of the labels."""
        return [line.value for line in self.lines if line.label in labels and line.value]


def _given(lines: list[str]) -> Iterator[Parent]:
    """``organization`` and, on the next line, ``name [kind] range``."""
    organization = ""
    for line in lines:
        match = _GIVEN.match(line)
        if match and networks(match[3]):
            yield Parent(match[3].strip(), match[1] or "", organization, match[2].strip())
        elif line.strip() and set(line.strip()) != {"-"}:
            organization = line.strip()


def final(text: str) -> bool:
    """Whether it is an assignment with nothing below: what holds for it holds for all of it."""
    sections = AnswerSections(text)
    lettered = any(line.letter for line in sections.lines)
    assigned = sections.value("割当年月日", "Assigned Date")
    return lettered and bool(assigned) and not sections.children


def find_network(text: str, target: RegistryTarget) -> RegistryFacts | None:
    """A network in either layout."""
    sections = AnswerSections(text)
    nets = networks(sections.value("IPネットワークアドレス", "Network Number"))
    if not nets or target.network is None or not network_held(nets, target.network):
        return None
    spelling, prefixes = spelled(nets)
    status = [word for label, word in _DAYS_GIVEN.items() if sections.value(label)]
    return RegistryFacts(
        answer=REGISTERED,
        registry="JPNIC",
        range=spelling,
        prefixes=prefixes,
        netname=sections.value("ネットワーク名", "Network Name"),
        organization=sections.value("組織名", "Organization"),
        parent=sections.parents[-1].range if sections.parents else "",
        parents=sections.parents,
        contacts=_contacts(sections),
        nameservers=_nameservers(sections),
        allocated=_day(sections.value(*_DAYS_GIVEN)),
        updated=_day(sections.value(*_UPDATED)),
        status=sorted(status),
    )


def find_autnum(text: str, target: RegistryTarget) -> RegistryFacts | None:
    """An AS of JPNIC's."""
    sections = AnswerSections(text)
    number = sections.value("AS番号", "AS Number").upper().removeprefix("AS")
    if not number.isdigit() or int(number) != target.asn:
        return None
    return RegistryFacts(
        answer=REGISTERED,
        registry="JPNIC",
        range=target.text,
        asn=target.asn,
        as_name=sections.value("AS名", "AS Name"),
        organization=sections.value("組織名", "Organization"),
        contacts=_contacts(sections),
        allocated=_day(sections.value(*_DAYS_GIVEN)),
        updated=_day(sections.value(*_UPDATED)),
    )


def domain(text: str, target: RegistryTarget) -> RegistryFacts | None:
    """A ``.jp`` domain of either kind: with letters (co.jp, …) and without (example.jp)."""
    sections = AnswerSections(text)
    name = sections.value("ドメイン名", "Domain Name")
    if name.lower() != target.domain:
        return None
    return RegistryFacts(
        answer=REGISTERED,
        registry="JPRS",
        range=target.domain,
        organization=sections.value("組織名", "登録者名", "Organization", "Registrant"),
        contacts=_contacts(sections),
        nameservers=_nameservers(sections),
        allocated=_day(sections.value("登録年月日", "Created on", "Registered Date")),
        expires=_day(sections.value("有効期限", "Expires on")) or _connected_until(sections),
        updated=_day(sections.value(*_UPDATED)),
        status=sorted(sections.values(_STATUS)),
    )


def _connected_until(sections: AnswerSections) -> str:
    """The end of a registration with letters: ``Connected (2030/03/31)``."""
    held = [one for one in sections.values(_STATUS) if one.startswith("Connected")]
    return first_day(held[0]) if held else ""


def _contacts(sections: AnswerSections) -> list[Contact]:
    found = {
        Contact(_CONTACTS[line.label], line.value)
        for line in sections.lines
        if line.label in _CONTACTS and line.value
    }
    if abuse := sections.value("Abuse"):
        found.add(Contact("abuse", "", email=abuse))
    return sorted(found)


def _nameservers(sections: AnswerSections) -> list[str]:
    return sorted({text.split()[0].lower() for text in sections.values(_NAMESERVERS)})


def _day(text: str) -> str:
    """A day; neither registry writes one that can be read in two ways."""
    return first_day(text, month_first=None)
