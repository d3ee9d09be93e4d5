"""Styles of kind ``whois``: the registry's own text, JPNIC's layout, a table."""

from sotokara.core.observation import FAILURES, Exchange
from sotokara.kinds.shared.registry import styles
from sotokara.kinds.shared.registry.facts import (
    LABELS,
    RDAP_ONLY,
    REGISTERED,
    RegistryFacts,
    show_entries,
)
from sotokara.kinds.shared.view import View
from sotokara.kinds.whois.japan import AnswerSections
from sotokara.kinds.whois.referral import ROOT
from sotokara.kinds.whois.text import Bracketed, without_banner
from sotokara.kinds.whois.walk import FOLLOW, OTHER, text_of

table = styles.table


def _spoken(view: View) -> Exchange | None:
    """The exchange whose answer the facts are from; None where the raw is not at hand."""
    facts: RegistryFacts = view.facts
    answered = [one for one in view.observation.exchanges if one.step in (FOLLOW, OTHER)]
    answers = {one.server: one.answer for one in facts.asked}
    if facts.answer == REGISTERED:
        chain = [one for one in answered if one.step == FOLLOW and one.received]
        rest = [one for one in answered if one.step == OTHER and one.received]
        for one in [*reversed(chain), *rest]:
            if answers.get(one.server) == REGISTERED:
                return one
    chain = [one for one in answered if one.step == FOLLOW and one.received]
    return chain[-1] if chain else None


def raw(view: View) -> list[str]:
    """The registry's text without its banner, under the server's name."""
    if by_rdap := _by_rdap(view.facts):
        return [f"[{by_rdap}, RDAP]", *(": ".join(row) for row in table(view).rows)]
    one = _spoken(view)
    if one is None:
        return [": ".join(row) for row in table(view).rows]
    lines = without_banner(text_of(one))
    if not any(lines):  # some say "no match" in what else are comments
        lines = [line for line in text_of(one).splitlines() if line.strip("%# ")]
    show = show_entries(view.question.show)  # type: ignore[attr-defined]
    if show:
        lines = _picked(lines, show)
    return [f"[{one.server}]", *lines, *styles.others(view.facts, view.words)]


def _by_rdap(facts: RegistryFacts) -> str:
    """The server that was asked by RDAP; empty where the registry spoke whois."""
    return facts.asked[-1].server if facts.via and facts.asked else ""


def over(facts: RegistryFacts, target: str, words: dict[str, str]) -> list[str]:
    """Why the registry was asked by RDAP, in a line; none where it spoke whois."""
    if not facts.via:
        return []
    said = [one for one in facts.asked if one.answer in (RDAP_ONLY, *FAILURES)]
    if not said:
        return []
    one = said[0]
    top = target.rpartition(".")[2]
    if one.answer != RDAP_ONLY:
        why = words["whois_gone"].format(server=one.server, why=words[one.answer])
    elif one.server == ROOT:
        why = words["whois_none"].format(top=top)
    else:
        why = words["whois_ended"].format(server=one.server)
    return [f"{why} {words['whois_by_rdap'].format(server=_by_rdap(facts))}"]


def _picked(lines: list[str], show: list[str]) -> list[str]:
    """The lines that ``show`` names, in its order: by letter, label, key, or fact."""
    picked = []
    for entry in show:
        text = entry.strip("[]").lower()
        labels = {label.lower() for label in LABELS.get(text, ())} | {text} | _KEYS.get(text, set())
        for line in lines:
            head = line.strip().lower()
            letter = head.startswith(f"{text}. [") and len(text) == 1
            if letter or any(_leads(head, label) for label in labels):
                picked.append(line)
    return picked


def _leads(head: str, label: str) -> bool:
    bare = head[3:] if head[1:3] == ". " else head
    return bare.startswith((f"[{label}]", f"{label}:", f"{label} ", f"{label}."))


_KEYS = {
    "range": {"inetnum", "inet6num", "netrange", "aut-num", "ipv4 address", "netblock"},
    "prefixes": {"cidr"},
    "organization": {"org-name", "organisation", "owner", "orgname", "descr"},
    "contacts": {"admin-c", "tech-c", "abuse-c", "owner-c"},
    "nameservers": {"nserver", "name server"},
    "allocated": {"created", "regdate", "creation date", "registration date"},
    "updated": {"changed", "last-modified", "updated", "updated date"},
    "expires": {"registry expiry date", "expiration date", "paid-till"},
    "status": {"status", "nettype", "domain status"},
    "handle": {"nethandle", "ashandle", "registry domain id"},
}


def jpnic(view: View) -> list[str]:
    """The lettered layout: from JPNIC's or JPRS's own text, else rebuilt from facts."""
    one = None if view.facts.via else _spoken(view)
    sections = AnswerSections(text_of(one)) if one else None
    if one is None or sections is None or not sections.lines:
        return styles.rebuilt(view)
    japanese = not text_of(one).isascii()
    heading = next((line for line in text_of(one).splitlines() if " Information:" in line), "")
    lines = [heading.rstrip()] if heading else []
    lines += [styles.lettered(*line) for line in _ordered(view, sections.lines)]
    return lines + styles.parent_networks(view.facts, japanese=japanese)


def _ordered(view: View, lines: list[Bracketed]) -> list[Bracketed]:
    """All lines, or those that ``show`` names, in its order."""
    show = [entry.strip("[]") for entry in show_entries(view.question.show)]  # type: ignore[attr-defined]
    if not show:
        return lines
    picked = []
    for entry in show:
        labels = LABELS.get(entry, (entry,))
        picked += [line for line in lines if line.letter == entry or line.label in labels]
    return list(dict.fromkeys(picked))


STYLES = {"raw": raw, "jpnic": jpnic, "table": table}
