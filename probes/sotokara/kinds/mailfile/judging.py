"""What the header, the mail's bytes and the DNS come to, together. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import NamedTuple

import dns.rdata

from sotokara.core.observation import Exchange
from sotokara.kinds.mailfile import header
from sotokara.kinds.mailfile.facts import (
    Arc,
    DmarcToday,
    MailfileFacts,
    ReceivedHop,
    Seal,
    Signature,
    SpfToday,
)
from sotokara.kinds.mailfile.header import HeaderField, tags_of
from sotokara.kinds.mailfile.received import MOST_HOPS, parse_date, way_of
from sotokara.kinds.mailfile.signatures import (
    ALGORITHMS,
    DKIM,
    MESSAGE,
    MOST_SETS,
    MOST_SIGNATURES,
    RESULTS,
    SEAL,
    Checked,
    DkimKey,
    key_name,
)
from sotokara.kinds.shared.mail.check_host import PASS, TEMPERROR, UNKNOWN, Open, check_host
from sotokara.kinds.shared.mail.parts import Dkim
from sotokara.kinds.shared.mail.policies import dkim, dmarc, parent_domains, public_key, tags
from sotokara.kinds.shared.mail.records import RecordsUnanswered, records, txt_records

_LATEST = 4_102_444_800


class Replies:
    """What the DNS has said, by type and name."""

    def __init__(self, exchanges: Sequence[Exchange], *, closed: bool = False) -> None:
        """``closed``: nothing more will be asked; what was not is as if nobody had said it."""
        self._all = {one.step: one for one in exchanges}
        self._closed = closed

    def look(self, name: str, rdtype: str) -> list[str]:
        """The records of a name.

        :raises Open: where it was not asked yet.
        :raises Unanswered: where nobody said it.
        """
        exchange = self._all.get(f"{rdtype} {name}")
        if exchange is None and self._closed:
            raise RecordsUnanswered
        if exchange is None:
            raise Open(name, rdtype)
        if rdtype == "TXT":
            return txt_records(exchange)
        return sorted(_text(one) for one in records(exchange, rdtype))


def _text(record: dns.rdata.Rdata) -> str:
    for name in ("address", "exchange", "target"):
        if (found := getattr(record, name, None)) is not None:
            return str(found).rstrip(".").lower()
    return ""


def keys_named(lines: Sequence[HeaderField]) -> list[str]:
    """The names at which the keys of a header's signatures stand, each once."""
    found = []
    for name, most in ((DKIM, MOST_SIGNATURES), (MESSAGE, MOST_SETS), (SEAL, MOST_SETS)):
        found += [key_name(tags_of(value)) for value in header.values(lines, name)[:most]]
    return [one for one in dict.fromkeys(found) if one][: 2 * MOST_SIGNATURES]


def keys_of(lines: Sequence[HeaderField], replies: Replies) -> dict[str, DkimKey]:
    """The keys that stand today."""
    found = {}
    for name in keys_named(lines):
        try:
            said = replies.look(name, "TXT")
        except RecordsUnanswered:
            continue
        if key := public_key(said):
            found[name] = DkimKey(*key)
    return found


def evaluate_header(
    lines: Sequence[HeaderField], replies: Replies, own: Sequence[str], checks: Sequence[Checked]
) -> MailfileFacts:
    """All that a mail's header says, and what can be verified of it.

    :raises Open: with what has to be asked yet.
    """
    received = header.values(lines, "received")
    hops = way_of(received, own)
    border = next((one for one in hops if one.trust == "border"), None)
    trusted = sum(one.trust != "claimed" for one in hops)
    sender = header.domain_of(next(iter(header.values(lines, "from")), ""))
    if len(header.values(lines, "from")) > 1:  # no receiver knows which one counts
        sender = ""
    paths = header.values(lines, "return-path")
    envelope = header.domain_of(paths[0]) if paths else ""
    time = border.time if border else ""
    signatures = list(_signatures(lines, replies, checks, time))
    spf = _spf(border, envelope, replies)
    return MailfileFacts(
        hops=hops,
        border=border.address if border else "",
        unverifiable=max(len(received) - trusted, 0),
        sender=sender,
        envelope=envelope,
        date=parse_date(next(iter(header.values(lines, "date")), "")),
        signatures=signatures,
        arc=_arc(lines, replies, checks),
        said=header.auth_results(lines, trusted),
        spf=spf,
        dmarc=_dmarc(sender, spf, signatures, replies),
        left_out=max(len(received) - MOST_HOPS, 0),
    )


def _signatures(
    lines: Sequence[HeaderField], replies: Replies, checks: Sequence[Checked], received: str
) -> Iterator[Signature]:
    checked = {one.number: one for one in checks if one.field == DKIM}
    for number, value in enumerate(header.values(lines, DKIM)[:MOST_SIGNATURES]):
        said = tags_of(value)
        verdict, key = _verdict(said, checked.get(number), replies)
        yield Signature(
            said.get("d", ""),
            said.get("s", ""),
            verdict,
            said.get("a", ""),
            _seconds(said.get("t", "")),
            _problems(said, key, received),
        )


def _verdict(  # noqa: PLR0911  # one return a verdict
    said: Mapping[str, str], checked: Checked | None, replies: Replies
) -> tuple[str, Dkim | None]:
    """What comes of one signature, the mail's own fault before its key's."""
    name = key_name(said)
    if not name or "h" not in said:
        return "malformed", None
    if said.get("a", "").lower() not in ALGORITHMS:  # SHA-1 is no longer believed (RFC 8301, 3.1)
        return "weak_algorithm", None
    if checked is None:
        return "not_checked", None
    try:
        key = dkim(replies.look(name, "TXT"), said.get("s", ""))
    except RecordsUnanswered:
        key = None
    if checked.body is False:
        return "body_changed", key
    if key is None:
        return "key_not_answered", None
    if key.state == "absent":
        return "key_gone", key
    if checked.signature is None:
        return ("key_revoked" if "revoked" in key.problems else "key_broken"), key
    if not checked.signature:
        return "does_not_hold", key
    return ("holds" if checked.body else "headers_hold"), key


def _problems(said: Mapping[str, str], key: Dkim | None, received: str) -> list[str]:
    found = []
    if "from" not in said.get("h", "").lower().split(":"):
        found.append("from_unsigned")
    if "l" in said:
        found.append("partial_body")
    ends = _seconds(said.get("x", ""))
    if ends and received and received > ends:
        found.append("expired")
    return found + [one for one in ("short_key", "testing") if key and one in key.problems]


def _seconds(text: str) -> str:
    """Seconds since 1970 as a time; empty for what is none."""
    if not text.isdecimal() or int(text[:12]) > _LATEST:
        return ""
    return datetime.fromtimestamp(int(text), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _arc(lines: Sequence[HeaderField], replies: Replies, checks: Sequence[Checked]) -> Arc:
    sets: dict[int, list[str]] = {}
    seals = []
    for line in lines:
        if line.name in (RESULTS, MESSAGE, SEAL):
            said = tags_of(line.value)
            number = int(said["i"]) if said.get("i", "").isdecimal() else 0
            sets.setdefault(number, []).append(line.name)
            if line.name == SEAL:
                seals.append(Seal(number, said.get("d", ""), said.get("cv", "")))
    if not sets:
        return Arc()
    seals.sort(key=lambda one: one.instance)
    return Arc(_chain(sets, seals, lines, replies, checks), seals[:MOST_SETS])


def _chain(
    sets: Mapping[int, Sequence[str]],
    seals: Sequence[Seal],
    lines: Sequence[HeaderField],
    replies: Replies,
    checks: Sequence[Checked],
) -> str:
    """Whether the chain holds (RFC 8617, 5.2)."""
    last = len(sets)
    whole = sorted([RESULTS, MESSAGE, SEAL])
    if last > MOST_SETS or any(sorted(sets.get(at, ())) != whole for at in range(1, last + 1)):
        return "incomplete"
    if seals[-1].said == "fail":
        return "failed_before"
    if any(one.said != ("none" if one.instance == 1 else "pass") for one in seals):
        return "does_not_hold"
    newest = [one for one in checks if one.field == MESSAGE and one.number == last]
    sealed = [one for one in checks if one.field == SEAL]
    results = [one.signature for one in (*newest, *sealed)]
    if any(one is False for one in results) or any(one.body is False for one in newest):
        return "does_not_hold"
    if len(results) == last + 1 and all(results):
        return "holds" if newest[0].body else "not_checked"
    names = keys_named([one for one in lines if one.name in (MESSAGE, SEAL)])
    return "key_gone" if any(_gone(one, replies) for one in names) else "not_checked"


def _gone(name: str, replies: Replies) -> bool:
    try:
        return not replies.look(name, "TXT")
    except RecordsUnanswered:
        return False


def _spf(border: ReceivedHop | None, envelope: str, replies: Replies) -> SpfToday:
    """Of the peer that the border saw; where the envelope has no sender, of its HELO (2.4)."""
    helo = border.helo if border and "." in border.helo else ""
    domain = envelope or helo
    if border is None or not border.address or not domain:
        return SpfToday()
    result, record = check_host(border.address, domain, helo, replies.look)
    return SpfToday(result, domain, border.address, record)


class _Policy(NamedTuple):
    state: str
    domain: str = ""
    policy: str = ""
    strict: frozenset[str] = frozenset()


def _dmarc(
    sender: str, spf: SpfToday, signatures: Sequence[Signature], replies: Replies
) -> DmarcToday:
    if not sender:
        return DmarcToday()
    found = _policy(sender, replies)
    if found.state == "absent":
        return DmarcToday("none")
    if found.state != "present":
        result = UNKNOWN if found.state == "not_answered" else "broken"
        return DmarcToday(result, found.domain)
    aligned = []
    if spf.result == PASS and _aligned(spf.domain, sender, found, "spf"):
        aligned.append("spf")
    keyed = [one for one in signatures if _aligned(one.domain, sender, found, "dkim")]
    if any(one.verdict == "holds" and "from_unsigned" not in one.problems for one in keyed):
        aligned.append("dkim")
    open_still = spf.result in (UNKNOWN, TEMPERROR) or any(
        one.verdict in ("key_gone", "key_not_answered", "not_checked", "headers_hold")
        for one in keyed
    )
    result = PASS if aligned else UNKNOWN if open_still else "fail"
    return DmarcToday(result, found.domain, found.policy, aligned)


def _policy(sender: str, replies: Replies) -> _Policy:
    for at in parent_domains(sender):
        try:
            said = replies.look(f"_dmarc.{at}", "TXT")
        except RecordsUnanswered:
            return _Policy("not_answered")
        found = dmarc(said, at, above=at != sender)
        if found.state != "absent":
            modes = tags(found.record) or {}
            strict = {
                how for how, tag in (("spf", "aspf"), ("dkim", "adkim")) if modes.get(tag) == "s"
            }
            return _Policy(found.state, at, found.policy, frozenset(strict))
    return _Policy("absent")


def _aligned(domain: str, sender: str, policy: _Policy, how: str) -> bool:
    """Whether a verified domain is the sender's own, or beside it below where the policy stands."""
    domain = domain.lower().rstrip(".")
    if domain == sender:
        return True
    if how in policy.strict:
        return False
    top = policy.domain
    inside = domain == top or domain.endswith(f".{top}")
    return inside or (sender.endswith(f".{domain}") and domain.count(".") > 0)
