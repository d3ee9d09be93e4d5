"""Styles of kind ``dns``: as nslookup, dig and a table write it."""

import contextlib

import dns.exception
import dns.flags
import dns.opcode
import dns.rcode
import dns.rdataclass
import dns.rdatatype

from sotokara.core.display import with_unicode
from sotokara.core.hidden import without_zeros
from sotokara.core.observation import Exchange
from sotokara.kinds.dns.answers import name_text
from sotokara.kinds.dns.facts import DnsFacts, DnsRecord, ServerFacts
from sotokara.kinds.dns.owner import owner_of
from sotokara.kinds.shared.view import Table, View
from sotokara.network import wire

_PHRASES = {
    "CNAME": "canonical name = ",
    "MX": "mail exchanger = ",
    "NS": "nameserver = ",
    "PTR": "name = ",
    "SRV": "service = ",
    "TXT": "text = ",
}


def nslookup(view: View) -> list[str]:
    """As BIND's nslookup writes answers, and as the hand-made post had them."""
    facts: DnsFacts = view.facts
    if not facts.servers:
        return _said(view, facts)
    lines = []
    for server in facts.servers:
        lines += ["", f"Server: {server.server}"]
        if server.failure:
            lines.append(f"** {view.words.get(server.failure, server.failure)}")
        else:
            lines += _said(view, server)
    return lines[1:]


def _said(view: View, said: DnsFacts | ServerFacts) -> list[str]:
    target = with_unicode(view.question.target)
    if said.rcode != "NOERROR":
        return [f"** server can't find {target}: {said.rcode}"]
    lines = []
    previous = None
    for record in _in_order(said):
        if record.type in ("A", "AAAA"):
            if record.name != previous:
                lines.append(f"Name: {with_unicode(record.name)}")
            lines.append(f"Address: {record.value}")
            previous = record.name
            continue
        phrase = _PHRASES.get(record.type, f"{record.type} = ")
        lines.append(f"{with_unicode(record.name)}  {phrase}{with_unicode(record.value)}")
    if (
        isinstance(said, DnsFacts)
        and said.nodata
        and (not lines or _of_others(view.question.target, said))
    ):
        lines.insert(0, f"*** Can't find {target}: No answer ({', '.join(said.nodata)})")
    elif not lines:
        lines.append(f"*** Can't find {target}: No answer")
    return lines


def _of_others(target: str, said: DnsFacts | ServerFacts) -> bool:
    """Whether none of the records is the target's own, or that of an alias of it."""
    own = {name.lower() for name in getattr(said, "chain", [])}
    with contextlib.suppress(ValueError, dns.exception.DNSException):  # a target that is masked
        own.add(name_text(owner_of(target)).lower())
    return bool(own) and not any(record.name.lower() in own for record in said.records)


def _in_order(said: DnsFacts | ServerFacts) -> list[DnsRecord]:
    """The chain of aliases first, in its order; then IPv4 before IPv6, as addresses are sorted."""
    chain = {name.lower(): at for at, name in enumerate(getattr(said, "chain", []))}
    addresses = {address: at for at, address in enumerate(said.addresses)}
    return sorted(
        said.records,
        key=lambda record: (
            record.type != "CNAME",
            chain.get(record.name.lower(), 0),
            addresses.get(record.value, 0),
        ),
    )


def dig(view: View) -> list[str]:
    """As dig writes messages; from the raw where it is at hand, else from the facts."""
    lines: list[str] = []
    for exchange in view.exchanges:
        if exchange.received is None or " " in exchange.step or exchange.step == "zone":
            continue
        lines += ["", *_message(exchange, view)]
    return lines[1:] or [_ascii(_line(record, "")) for record in view.facts.records]


def _message(exchange: Exchange, view: View) -> list[str]:
    try:
        message = wire.parse_message(exchange.received or b"")
    except wire.UnreadableDns as error:
        return [f";; {exchange.step}: the reply does not parse ({error})"]
    flags = dns.flags.to_text(message.flags).lower()
    counts = [len(section) for section in message.sections]
    lines = [
        f";; ->>HEADER<<- opcode: {dns.opcode.to_text(message.opcode())}, "
        f"status: {dns.rcode.to_text(message.rcode())}, id: {message.id}",
        f";; flags: {flags}; QUERY: {counts[0]}, ANSWER: {counts[1]}, "
        f"AUTHORITY: {counts[2]}, ADDITIONAL: {counts[3] + (message.edns >= 0)}",
    ]
    for title, section in zip(
        ("QUESTION", "ANSWER", "AUTHORITY", "ADDITIONAL"), message.sections, strict=True
    ):
        if section:
            lines += ["", f";; {title} SECTION:"]
        for rrset in section:
            if title == "QUESTION":
                kind = dns.rdatatype.to_text(rrset.rdtype)
                rdclass = dns.rdataclass.to_text(rrset.rdclass)
                lines.append(f";{rrset.name}\t\t{rdclass}\t{kind}")
                continue
            records = rrset.to_text().splitlines()
            lines += map(without_zeros, records) if exchange.hidden else records
    size = len(exchange.received or b"")
    if message.trailing:
        lines.append(f";; WARNING: Message has {message.trailing} extra bytes at end")
    moment = view.observation.start.strftime("%a %b %d %H:%M:%S UTC %Y")
    took = f";; Query time: {exchange.ms or 0:.0f} msec"
    asked = f";; SERVER: {exchange.server} ({exchange.protocol.upper()})"
    return [*lines, "", took, asked, f";; WHEN: {moment}", f";; MSG SIZE  rcvd: {size}"]


def _line(record: DnsRecord, ttl: str) -> str:
    owner = record.name if record.name == "." else f"{record.name}."
    return f"{owner}\t{ttl}\tIN\t{record.type}\t{record.value}"


def _ascii(text: str) -> str:
    """Non-ASCII text as ``\\DDD``, as dig writes it."""
    return "".join(c if c.isascii() else "".join(f"\\{b:03d}" for b in c.encode()) for c in text)


def table(view: View) -> Table:
    """Records in rows; with the server in front where several were asked."""
    facts: DnsFacts = view.facts
    words = view.words
    header = [words["name"], words["type"], words["value"]]
    if not facts.servers:
        rows = [_row(record) for record in _in_order(facts)]
        return Table(header, rows or [[with_unicode(view.question.target), "", facts.rcode]])
    rows = []
    for server in facts.servers:
        status = words.get(server.failure, server.rcode)
        records = [_row(record) for record in _in_order(server)] or [["", "", ""]]
        rows += [[server.server, status, *row] for row in records]
    return Table([words["server"], words["status"], *header], rows)


def _row(record: DnsRecord) -> list[str]:
    return [with_unicode(record.name), record.type, with_unicode(record.value)]


STYLES = {"nslookup": nslookup, "dig": dig, "table": table}
