"""The styles ``jpnic`` and ``transcript`` are read back to the same facts, too."""

from datetime import date
from ipaddress import IPv4Network
from typing import Any

import msgspec
from hypothesis import given
from hypothesis import strategies as st
from sotokara.core.observation import Exchange
from sotokara.kinds.shared.registry.facts import Contact, Parent, RegistryFacts
from sotokara.kinds.smtp.facts import AddressFacts, MailHost, SmtpFacts
from sotokara.kinds.smtp.kind import Smtp
from sotokara.kinds.smtp.parse import ParsedSession
from sotokara.kinds.whois.kind import Whois
from sotokara.transcripts.session import listings

from tests.test_readers_roundtrip import MANY, NAME, V4, printed, stated

ORGANIZATION = st.sampled_from(
    [
        "株式会社ジークレスト",
        "Gcrest CO.,Ltd.",
        "Example Networks (Tokyo)",
        "財団法人 試験",
        "A",
        "U's Corp.",
    ]
)
DAY = st.dates(date(1985, 1, 1), date(2099, 12, 31)).map(date.isoformat)
"""No registry kept days before 1985; a year past 2099 is read as no day."""
HANDLE = st.from_regex(r"[A-Z]{2}[0-9]{4}JP", fullmatch=True)


@given(
    number=st.integers(0x01000000, 0xDF000000),
    length=st.integers(8, 30),
    netname=st.from_regex(r"[A-Z][A-Z0-9-]{0,10}", fullmatch=True),
    organization=ORGANIZATION,
    days=st.tuples(DAY, DAY),
    handles=st.tuples(HANDLE, HANDLE),
    servers=st.lists(NAME, max_size=2, unique=True),
    above=st.lists(st.tuples(st.integers(1, 4), ORGANIZATION), max_size=2),
    lang=st.sampled_from(["ja", "en"]),
)
@MANY
def test_jpnic(  # noqa: PLR0917  # the parts of a registration
    number: int,
    length: int,
    netname: str,
    organization: str,
    days: tuple[str, str],
    handles: tuple[str, str],
    servers: list[str],
    above: list[tuple[int, str]],
    lang: Any,
) -> None:
    net = IPv4Network((number, length), strict=False)
    parents = [
        Parent(str(net.supernet(step)), "", who, "割り振り" if lang == "ja" else "Allocation")
        for step, who in above
    ]
    facts = RegistryFacts(
        answer="registered",
        registry="JPNIC",
        range=f"{net.network_address} - {net.broadcast_address}",
        prefixes=[str(net)],
        netname=netname,
        organization=organization,
        allocated=days[0],
        updated=days[1],
        contacts=[Contact("administrative", handles[0]), Contact("technical", handles[1])],
        nameservers=sorted(servers),
        parents=parents,
        parent=parents[-1].range if parents else "",
    )
    question = Whois(target=str(net.network_address), lang=lang)
    (read,) = listings(printed(question, facts, "jpnic", {}), "whois")
    fields = (
        *("range", "prefixes", "netname", "organization", "allocated", "updated", "contacts"),
        *("nameservers", "parents", "parent"),
    )
    assert stated(read.facts, fields) == stated(facts, fields)


@given(
    rcpt=st.tuples(
        st.sampled_from([250, 450, 550, 554]), st.sampled_from(["", "4.2.1", "5.1.1", "5.7.1"])
    ),
    words=st.sampled_from(["Ok", "User unknown", "blocked by spamhaus", "Greylisted, try again"]),
    capabilities=st.lists(
        st.sampled_from(["PIPELINING", "SIZE 10240000", "8BITMIME", "DSN"]), unique=True
    ),
    host=NAME,
    address=V4,
)
@MANY
def test_smtp_transcript(
    rcpt: tuple[int, str], words: str, capabilities: list[str], host: str, address: str
) -> None:
    code, enhanced = rcpt
    lines = [f"{host} at your service", *capabilities]
    ehlo = "".join(f"250{'-' if line is not lines[-1] else ' '}{line}\r\n" for line in lines)
    said = [
        ("banner", "", f"220 {host} ESMTP\r\n"),
        ("EHLO", "EHLO me.example", ehlo),
        ("MAIL", "MAIL FROM:<>", "250 2.1.0 Ok\r\n"),
        (
            "RCPT",
            "RCPT TO:<nobody@shop.example>",
            f"{code} {enhanced} {words}".replace("  ", " ") + "\r\n",
        ),
        ("QUIT", "QUIT", "221 2.0.0 Bye\r\n"),
    ]
    server = f"{host} [{address}]"
    exchanges = [Exchange("connect", server, "smtp", ms=3.0)] + [
        Exchange(step, server, "smtp", sent.encode(), heard.encode(), ms=12.0)
        for step, sent, heard in said
    ]
    session = ParsedSession(exchanges[1:], host)
    question = Smtp(target="shop.example")
    (whole,) = listings(
        printed(question, _facts(session, host, address), "transcript", {}, tuple(exchanges))
    )
    assert msgspec.to_builtins(whole.facts) == msgspec.to_builtins(_facts(session, host, address))
    assert whole.target == "shop.example"


def _facts(session: ParsedSession, host: str, address: str) -> SmtpFacts:
    said = session.said
    one = AddressFacts(address, session.verdict, session.replies, session.capabilities)
    return SmtpFacts(
        hosts=[MailHost(host, 0, [one])],
        verdict=session.verdict,
        code=said.code if said else 0,
        enhanced=said.enhanced if said else "",
        chosen=True,
    )
