"""Kind `mail`: what a domain says of its mail, read part by part; and asked in the lab."""

import asyncio
import base64
import ssl
from pathlib import Path
from typing import Any

import dns.flags
import dns.message
import dns.rcode
import dns.rrset
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from sotokara.core.observation import Exchange, Failure
from sotokara.core.settings import Policy, Settings
from sotokara.kinds.mail import asking, transport
from sotokara.kinds.mail.kind import Mail
from sotokara.kinds.shared.mail import policies
from sotokara.kinds.shared.mail.parts import PolicyPart
from sotokara.kinds.shared.mail.spf import SpfError, terms
from sotokara.masking.redaction import Redactor
from sotokara.network import ways
from sotokara.network.network import Network

from tests.lab.mail_certificates import make
from tests.lab.names import Internet
from tests.peers import checkdmarc
from tests.servers.thread import serving
from tests.sites import lab_figures

D = "letters.example"
_POLICY = "version: STSv1\r\nmode: enforce\r\nmx: {}\r\nmax_age: 86400\r\n"


def reply(
    step: str, name: str, rdtype: str, *records: str, rcode: str = "NOERROR", flags: str = ""
) -> Exchange:
    """A resolver's answer, as it stands on the wire."""
    message = dns.message.make_response(dns.message.make_query(name, rdtype))
    message.set_rcode(dns.rcode.from_text(rcode))
    message.flags |= dns.flags.from_text(flags)
    if records:
        message.answer.append(dns.rrset.from_text(f"{name}.", 60, "IN", rdtype, *records))
    return Exchange(
        step, "resolver", "udp", b"", message.to_wire(), media_type="application/dns-message"
    )


def text(step: str, name: str, *records: str, **more: str) -> Exchange:
    quoted = (
        " ".join(f'"{one[at : at + 255]}"' for at in range(0, len(one), 255)) for one in records
    )
    return reply(step, name, "TXT", *quoted, **more)


def silence(step: str) -> Exchange:
    return Exchange(step, "resolver", "udp", failure=Failure("dns_no_answer", step))


def domain(*more: Exchange, without: str = "") -> list[Exchange]:
    """A domain that says nothing; ``more`` are asked in the place of those of the same step."""
    every = {
        one.step: one
        for one in (
            reply("MX", D, "MX", f"10 mx.{D}."),
            text(f"TXT {D}", D),
            text(f"DMARC {D}", f"_dmarc.{D}"),
            text("MTA-STS", f"_mta-sts.{D}"),
            text("TLS-RPT", f"_smtp._tls.{D}"),
            *more,
        )
    }
    every.pop(without, None)
    return list(every.values())


def read(*more: Exchange, **options: Any) -> Any:
    return Mail(target=D, **options).parse(domain(*more)).facts


def spf(record: str, **others: str) -> Any:
    """What a record comes to; ``others``: the records of further names."""
    names = [text(f"TXT {name}.example", f"{name}.example", said) for name, said in others.items()]
    return read(text(f"TXT {D}", D, record), *names).spf


def test_a_domain_that_says_nothing() -> None:
    facts = read()
    assert (facts.route, facts.mx) == ("mx", [f"10 mx.{D}"])
    states = [facts.spf.state, facts.dmarc.state, facts.mta_sts.state, facts.tls_rpt.state]
    assert states == ["absent"] * 4


@pytest.mark.parametrize(
    ("record", "state", "everybody", "lookups", "problems"),
    [
        ("v=spf1 -all", "present", "-", 0, []),
        ("V=SPF1 ip4:192.0.2.1 ~all", "present", "~", 0, []),
        ("v=spf1", "present", "?", 0, []),
        ("v=spf1 a mx:o.example/24//64 ptr exists:%{i}.x.example -all", "present", "-", 4, ["ptr"]),
        ("v=spf1 +all", "present", "+", 0, ["passes_everybody"]),
        ("v=spf1 redirect=deep.example", "present", "-", 1, []),
        ("v=spf1 redirect=deep.example ?all", "present", "?", 0, []),
        ("v=spf1 include:deep.example ?all include:not-seen.example", "present", "?", 1, []),
        ("v=spf1 include:%{d}.x.example -all", "present", "-", 1, ["macro"]),
        ("v=spf1 include:bare.example -all", "broken", "", 1, ["include_without_record"]),
        ("v=spf1 redirect=bare.example", "broken", "", 1, ["redirect_without_record"]),
        ("v=spf1 ipv4:192.0.2.1 -all", "broken", "", 0, ["syntax"]),
        ("v=spf1 include: -all", "broken", "", 0, ["syntax"]),
        ("v=spf1 redirect=a.example redirect=b.example", "broken", "", 0, ["repeated_modifier"]),
        ("v=spf1 include:loop.example -all", "broken", "", 11, ["too_many_lookups"]),
        ("v=spf1 " + "a " * 11 + "-all", "broken", "", 11, ["too_many_lookups"]),
        ("v=spf1 include:silent.example -all", "not_answered", "", 0, []),
        ("v=spf10 -all", "absent", "", 0, []),
        ("spf2.0/pra -all", "absent", "", 0, []),
    ],
)  # fmt: skip
def test_spf(record: str, state: str, everybody: str, lookups: int, problems: list[str]) -> None:
    others = {"deep": "v=spf1 -all", "bare": "hello", "loop": "v=spf1 include:loop.example -all"}
    found = spf(record, **others)
    assert (found.state, found.all, found.problems) == (state, everybody, problems)
    assert found.lookups == lookups


@pytest.mark.parametrize(
    "hidden",
    ["192.0.2.0/24", "192.0.2", "2001:db8:7::1", "deep.example", "mx.letters.example", "letters"],
)
def test_what_is_masked_is_no_error_of_the_domain(hidden: str) -> None:
    """Read again from evidence in which our own masks stand."""
    record = "v=spf1 ip4:192.0.2.1 ip4:192.0.2.0/25 ip6:2001:db8:7::1 include:deep.example -all"
    announced = text("MTA-STS", f"_mta-sts.{D}", "v=STSv1; id=20280101T000000;")
    exchanges = domain(
        text(f"TXT {D}", D, record),
        text("TXT deep.example", "deep.example", "v=spf1 ip4:192.0.2.9 -all"),
        announced,
        policy(_POLICY.format(f"mx.{D}")),
    )
    redactor = Redactor([hidden])
    masked: Any = Mail(target=redactor.text(D)).parse(list(map(redactor.exchange, exchanges))).facts
    assert (masked.spf.state, masked.spf.problems, masked.spf.lookups) == ("present", [], 1)
    assert (masked.mta_sts.state, masked.mta_sts.uncovered) == ("present", [])


def test_of_hosts_that_are_masked_nobody_says_they_are_uncovered() -> None:
    announced = text("MTA-STS", f"_mta-sts.{D}", "v=STSv1; id=20280101T000000;")
    for shown in ("mx.secretword.example", "*.secretword.example"):
        exchanges = domain(
            reply("MX", D, "MX", "10 mx.secretword.example."),
            announced,
            policy(_POLICY.format(shown)),
        )
        redactor = Redactor(["mx.secretword.example"])
        found: Any = Mail(target=D).parse(list(map(redactor.exchange, exchanges))).facts
        assert (found.mta_sts.state, found.mta_sts.uncovered) == ("present", [])


def test_a_long_record_is_its_strings_joined() -> None:
    record = "v=spf1 " + " ".join(f"ip4:192.0.2.{number}" for number in range(40)) + " -all"
    assert len(record) > 255
    assert spf(record).record == record


def test_two_spf_records_are_none() -> None:
    found = read(text(f"TXT {D}", D, "v=spf1 -all", "v=spf1 ?all")).spf
    assert (found.state, found.record, found.problems) == ("broken", "", ["several_records"])


@pytest.mark.parametrize(
    ("records", "state", "policy", "problems"),
    [
        (["v=DMARC1; p=reject"], "present", "reject", []),
        (["v=DMARC1;p=none;pct=200"], "present", "none", ["percent"]),
        (["v=DMARC1; p=quarantine; sp=none"], "present", "quarantine", []),
        (["v=DMARC1; rua=mailto:x@letters.example"], "present", "none", ["no_policy"]),
        (["v=DMARC1; p=reject; p=none"], "broken", "", ["syntax"]),
        (["v=DMARC1; p=reject", "v=DMARC1; p=none"], "broken", "", ["several_records"]),
        (["p=reject; v=DMARC1"], "absent", "", []),
        (["v=DMARC12; p=reject"], "absent", "", []),
    ],
)
def test_dmarc(records: list[str], state: str, policy: str, problems: list[str]) -> None:
    found = read(text(f"DMARC {D}", f"_dmarc.{D}", *records)).dmarc
    assert (found.state, found.policy, found.problems) == (state, policy, problems)


def test_a_policy_above_holds_below() -> None:
    below = Mail(target=f"news.{D}")
    said = [
        reply("MX", f"news.{D}", "MX", f"10 mx.{D}."),
        text(f"DMARC news.{D}", f"_dmarc.news.{D}"),
        text(f"DMARC {D}", f"_dmarc.{D}", "v=DMARC1; p=none; sp=reject"),
    ]
    found: Any = below.parse(said).facts
    assert (found.dmarc.policy, found.dmarc.domain) == ("reject", D)
    hidden: Any = below.parse([said[0], silence(f"DMARC news.{D}"), said[2]]).facts
    assert hidden.dmarc.state == "not_answered"


def key(bits: int) -> str:
    public = rsa.generate_private_key(public_exponent=65537, key_size=bits).public_key()
    return base64.b64encode(
        public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    ).decode()


def test_dkim() -> None:
    texts = {
        "good": f"v=DKIM1; p={key(2048)}",
        "short": f"k=rsa; t=y:s; p={key(1024)}",
        "taken-back": "v=DKIM1; p=",
        "spoilt": "v=DKIM1; p=AAAA",
        "late": "p=AAAA; v=DKIM1",
        "strange": "v=DKIM1; k=x; p=AAAA",
    }
    exchanges = [text(f"DKIM {one}", f"{one}._domainkey.{D}", said) for one, said in texts.items()]
    exchanges += [text("DKIM none", f"none._domainkey.{D}", rcode="NXDOMAIN"), silence("DKIM mute")]
    found = {
        one.selector: (one.state, one.bits, one.problems)
        for one in read(*exchanges, selectors=[*texts, "none", "mute"]).dkim
    }
    assert found == {
        "good": ("present", 2048, []),
        "short": ("present", 1024, ["short_key", "testing"]),
        "taken-back": ("broken", 0, ["revoked"]),
        "spoilt": ("broken", 0, ["no_key"]),
        "late": ("broken", 0, ["syntax"]),
        "strange": ("broken", 0, ["unknown_key_type"]),
        "none": ("absent", 0, []),
        "mute": ("not_answered", 0, []),
    }


def policy(body: str, status: int = 200, kind: str = "text/plain") -> Exchange:
    said = f"HTTP {status}\r\nContent-Type: {kind}\r\n\r\n{body}".encode()
    return Exchange(asking.POLICY, f"mta-sts.{D}", "https", b"", said)


@pytest.mark.parametrize(
    ("exchange", "state", "problems"),
    [
        (policy(_POLICY.format(f"mx.{D}")), "present", []),
        (policy(_POLICY.format("*.letters.example")), "present", []),
        (policy(_POLICY.format("*.example")), "present", ["uncovered"]),
        (policy(_POLICY.format("x").replace("STSv1", "STSv2")), "broken", ["policy_syntax"]),
        (policy("<p>Welcome", 404, "text/html"), "broken", ["policy_missing"]),
        (policy("<p>Welcome", 200, "text/html"), "broken", ["policy_type"]),
        (
            Exchange(asking.POLICY, "", "https", failure=Failure("ssl_failed_handshake")),
            "broken",
            ["certificate"],
        ),
        (
            Exchange(asking.POLICY, "", "https", failure=Failure("generic_timeout_error")),
            "not_answered",
            [],
        ),
    ],
)
def test_mta_sts(exchange: Exchange, state: str, problems: list[str]) -> None:
    announced = text("MTA-STS", f"_mta-sts.{D}", "v=STSv1; id=20280101T000000;")
    found = read(announced, exchange).mta_sts
    assert (found.state, found.problems) == (state, problems)
    assert found.uncovered == ([f"mx.{D}"] if "uncovered" in problems else [])


def test_only_what_dnssec_secures_is_dane() -> None:
    tlsa = "3 1 1 " + "ab" * 32
    name = f"_25._tcp.mx.{D}"
    plain = read(reply(f"TLSA mx.{D}", name, "TLSA", tlsa))
    secured = read(
        reply("MX", D, "MX", f"10 mx.{D}.", flags="AD"),
        reply(f"TLSA mx.{D}", name, "TLSA", tlsa, flags="AD"),
    )
    assert [(one.state, one.problems) for one in plain.dane] == [("broken", ["not_verified"])]
    assert [(one.state, one.problems) for one in secured.dane] == [("present", [])]


@pytest.mark.parametrize(
    ("exchanges", "route"),
    [
        ([reply("MX", D, "MX", "0 .")], "null_mx"),
        ([reply("MX", D, "MX", "0 .", f"10 mx.{D}.")], "null_mx_beside_others"),
        ([reply("MX", D, "MX", rcode="NXDOMAIN")], "no_domain"),
        (
            [reply("MX", D, "MX"), reply("A", D, "A", "192.0.2.1"), reply("AAAA", D, "AAAA")],
            "address",
        ),
        ([reply("MX", D, "MX"), reply("A", D, "A"), reply("AAAA", D, "AAAA")], "nothing"),
        ([reply("MX", D, "MX"), reply("A", D, "A"), silence("AAAA")], "not_answered"),
        ([reply("MX", D, "MX", rcode="SERVFAIL")], "not_answered"),
        ([reply("MX", D, "MX", flags="TC")], "not_answered"),
        ([silence("MX")], "not_answered"),
    ],
)
def test_where_the_mail_goes(exchanges: list[Exchange], route: str) -> None:
    assert read(*exchanges).route == route


def test_nothing_answered_is_a_failure_and_states_nothing() -> None:
    refused = [reply(one.step, D, "TXT", rcode="REFUSED") for one in domain()]
    reading = Mail(target=D).parse(refused)
    assert reading.failure is not None
    assert (reading.failure.name, reading.facts) == ("dns_refused_error", None)


def test_what_was_not_answered_is_no_change_and_decides_no_claim() -> None:
    before, after = read(text(f"TXT {D}", D, "v=spf1 -all")), read(silence(f"TXT {D}"))
    assert Mail.unknown(after) == {"spf"}
    assert Mail.same(before, after)
    assert not Mail.same(before, read())


@pytest.mark.parametrize("target", ["192.0.2.1", "postmaster@letters.example", "", "a..example"])
def test_a_target_that_is_no_domain(target: str) -> None:
    assert [one.option for one in Mail(target=target).option_errors()] == ["target"]


def test_a_normal_question() -> None:
    asked = Mail(target="Bücher.Example.", selectors=["B", "a", "b"]).normal()
    assert (asked.target, asked.selectors) == ("xn--bcher-kva.example", ["a", "b"])
    assert [one.option for one in Mail(target=D, selectors=["no good"]).option_errors()] == [
        "selectors"
    ]


@pytest.mark.parametrize(
    "hostile",
    [
        "v=spf1 " + "include:a.example " * 3000,
        "v=spf1 " + "(" * 60000,
        "v=DMARC1;" + "a=b;" * 15000,
    ],
)
def test_hostile_texts_end(hostile: str) -> None:
    facts = read(
        text(f"TXT {D}", D, hostile), text(f"DMARC {D}", f"_dmarc.{D}", hostile)
    )  # fmt: skip
    assert facts.spf.state in ("broken", "absent", "not_answered")
    assert facts.dmarc.state in ("broken", "absent")


class _Web:
    """A web server with one policy."""

    def __init__(self, context: ssl.SSLContext) -> None:
        self._context = context
        self.port = 0

    async def start(self) -> None:
        server = await asyncio.start_server(self._serve, "127.0.0.1", 0, ssl=self._context)
        self.port = server.sockets[0].getsockname()[1]

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        body = _POLICY.format(f"mx.{D}").encode()
        head = f"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: {len(body)}\r\n\r\n"
        writer.write(head.encode() + body)
        await writer.drain()
        writer.close()


def test_a_policy_is_fetched(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make(tmp_path, ["mta-sts.example"])
    trusted = ssl.create_default_context(cafile=str(tmp_path / "mta-sts.example.pem"))
    trusted.check_hostname = False
    monkeypatch.setattr(ways, "trusted", lambda: trusted)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "mta-sts.example.pem", tmp_path / "mta-sts.example.key")
    web = _Web(context)

    async def fetched() -> Exchange:
        network = Network(Settings(policy=Policy(allow=["127.0.0.0/8"]), timeout=3.0))
        try:
            return await asking._policy(network.for_probe(), D)
        finally:
            network.close()

    with serving(web):
        monkeypatch.setattr(
            asking, "policy_url", lambda _: f"https://127.0.0.1:{web.port}/policy.txt"
        )
        exchange = asyncio.run(fetched())
    announced = text("MTA-STS", f"_mta-sts.{D}", "v=STSv1; id=1;")
    assert exchange.failure is None
    assert read(announced, exchange).mta_sts.mode == "enforce"


def test_percent_and_tags_are_bounded() -> None:
    assert policies.dmarc(["v=DMARC1; p=none; pct=" + "9" * 5000], D, above=False).percent == 100
    assert transport.tls_rpt(["v=TLSRPTv1; rua=ftp://x"]) == PolicyPart(
        state="broken", record="v=TLSRPTv1; rua=ftp://x", problems=["syntax"]
    )


QUESTIONS: dict[str, dict[str, Any]] = {
    "letters": {"mail": "letters.shop.example", "selectors": ["s1", "gone"]},
    "below": {"mail": "sub.letters.shop.example", "style": "table"},
    "wrong": {"mail": "wrong.shop.example"},
    "null": {"mail": "no-mail.shop.example"},
    "nobody": {"mail": "nobody.shop.example"},
    "secured": {"mail": "letters.signed.example"},
}


@pytest.fixture(scope="module")
def page(_internet: Internet, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    return lab_figures(_internet, tmp_path_factory.mktemp("mail"), QUESTIONS)


@pytest.mark.lab
@pytest.mark.parametrize(
    ("figure", "lines"),
    [
        (
            "letters",
            [
                "MX        10 mx1.letters.shop.example",
                "SPF       v=spf1 include:_spf.letters.shop.example a mx -all",
                "others are to be refused (-all); look-ups for a receiver: 3 of 10",
                "DKIM      gone: v=DKIM1; p=",
                "the key was taken back",
                "DKIM      s1: v=DKIM1; k=ed25519;",
                "MTA-STS   none",
                "TLS-RPT   v=TLSRPTv1;",
                "the answer is not secured by DNSSEC",
                "its owner asks receivers to reject it",
            ],
        ),
        ("below", ["quarantine", "the record of letters.shop.example"]),
        (
            "wrong",
            [
                "a null MX stands beside other servers",
                "it includes a name that has no SPF record",
                "it names no policy that there is",
                "to receivers the SPF record of wrong.shop.example is an error",
            ],
        ),
        ("null", ["takes no mail (null MX)", "comes back at once"]),
        ("nobody", ["Answered: no such domain", "comes back at once"]),
        ("secured", ["DANE      mx.letters.signed.example: 3 1 1 9f86d081"]),
    ],
)
def test_in_the_lab(page: dict[str, str], figure: str, lines: list[str]) -> None:
    assert [line for line in lines if line not in page[figure]] == []
    if figure == "secured":
        assert "not secured by DNSSEC" not in page[figure]


@pytest.mark.parametrize(
    ("record", "state", "policy"),
    [
        ("v=DMARC1; rua=mailto:d@letters.example", "present", "none"),
        ("v=DMARC1; p=reject; sp=nothing; rua=mailto:d@letters.example", "present", "none"),
        ("v=DMARC1; p=reject; sp=nothing", "broken", ""),
        ("v=DMARC1; rua=d@letters.example", "broken", ""),
    ],
)
def test_without_a_policy_who_wants_reports_asks_for_nothing(
    record: str, state: str, policy: str
) -> None:
    found = policies.dmarc([record], D, above=False)
    assert (found.state, found.policy, found.problems) == (state, policy, ["no_policy"])


@pytest.mark.parametrize(
    "record",
    [
        "v=spf1 ip4:192.0.2.1/33 -all",
        "v=spf1 ip4:2001:db8::1 -all",
        "v=spf1 ip6:192.0.2.1 -all",
        "v=spf1 ip6:2001:db8::1/129 -all",
        "v=spf1 a/33 -all",
        "v=spf1 a//129 -all",
        "v=spf1 exists:%{?}.letters.example -all",
        "v=spf1 redirect=%z.letters.example",
        "v=spf1 include:a.example/24 -all",
    ],
)
def test_spf_terms_that_no_receiver_takes(record: str) -> None:
    with pytest.raises(SpfError):
        terms(record)


def test_what_checkdmarc_takes_is_compared_by_its_own_tests(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "test_spf.py").write_text(
        "class T:\n"
        "    def testTaken(self):\n        parse('v=spf1 -all')\n"
        "    def testRefused(self):\n        self.assertRaises(E, parse, 'v=spf1 ip4:x -all')\n"
        "    def testOther(self):\n        self.assertRaises(E, parse, 'v=spf1 -all')\n"
        "    def testNone(self):\n        pass\n"
    )
    assert checkdmarc.main([str(tmp_path)]) == 1
    said = capsys.readouterr().out
    assert "testOther: refused there: v=spf1 -all: NOT JUDGED" in said
    assert "{'alike': 2, 'differ': 1, 'without one record': 1}" in said
