"""Kind ``tls``: what a server shows to whoever begins TLS with it (RFC 8446, 5280).

The chain as it was sent, verified and named; protocol and cipher; the OCSP staple, signed
certificate timestamps, DANE and CAA; and whether other ports show the same certificate.
"""

from collections.abc import Iterator, Sequence
from importlib import metadata
from typing import Any, ClassVar, Literal

import msgspec

from sotokara.core.observation import Exchange, Facts, Failure, Observation, Reading
from sotokara.core.said import said
from sotokara.kinds.interface import Kind, OptionError
from sotokara.kinds.shared.translator import translated
from sotokara.kinds.tls.facts import TlsFacts
from sotokara.kinds.tls.settings import Tls as TlsSettings
from sotokara.kinds.tls.target import HTTPS, WEB, TlsTarget, read_target, starttls_of
from sotokara.network.network import Network

_DOUBTFUL = frozenset({"self_signed", "not_trusted", "expired", "not_yet_valid", "name_mismatch"})
"""What somebody in between, or a wrong clock of ours, would bring about too."""
_MOST_PORTS = 8


def _software() -> str:
    try:
        return f"pyOpenSSL {metadata.version('pyOpenSSL')}"
    except metadata.PackageNotFoundError:
        return "no pyOpenSSL"


class Tls(Kind, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """One host and port, asked for its certificate at each of its addresses."""

    name: ClassVar[str] = "tls"
    version: ClassVar[int] = 1
    facts: ClassVar[type[TlsFacts]] = TlsFacts
    styles: ClassVar[tuple[str, ...]] = ("verdict", "openssl", "table")
    settings: ClassVar[type[TlsSettings]] = TlsSettings
    timeout_factor: ClassVar[float] = 3.0
    id_prefix: ClassVar[str] = "tls"
    software: ClassVar[str] = _software()
    retold: ClassVar[frozenset[str]] = frozenset({"endpoints", "chain", "serial", "valid_from"})
    help: ClassVar[dict[str, str]] = {
        "target": "A host or an address, with `:port` where it is not 443.",
        "also": "Further ports of the same host, to see whether they show the same certificate.",
        "starttls": "`smtp`, `imap`, `pop3`, `xmpp` or `xmpp-server`; by default by the port "
        "(25, 587, 143, 110, 5222, 5269), and `none` where TLS begins at once.",
        "sni": "The name asked for in the handshake; by default the target's own.",
        "alpn": "The protocols offered; by default `h2` and `http/1.1` on port 443.",
        "prove": "Ask each log that a timestamp names for a proof that it has the certificate; "
        "needs `tls.logs`.",
        "verdict": "`trusted`, or the gravest of the problems.",
        "problems": "Of `unreadable`, `self_signed`, `not_trusted`, `incomplete`, `revoked`, "
        "`expired`, `not_yet_valid`, `name_mismatch`, `tlsa_mismatch`.",
        "names": "The names and addresses that the certificate is for.",
        "subject": "Its subject, as RFC 4514 writes it.",
        "issuer": "The common name of its issuer.",
        "valid_from": "From when it is valid, a time.",
        "expires": "Until when, a time: `expires > at + days(14)`.",
        "fingerprint": "Its SHA-256; empty where something in it is masked.",
        "key": "The key's kind and size.",
        "key_hash": "The key's SHA-256, as TLSA records have it (`3 1 1`).",
        "signature": "The algorithm that it is signed by.",
        "serial": "Its serial number, hexadecimal.",
        "chain": "The certificates as they were sent, each with `subject`, `issuer`, `expires`, "
        "`fingerprint`.",
        "version": "The protocol that was agreed on (`TLSv1.3`).",
        "cipher": "The cipher suite.",
        "protocol": "The protocol on top of it that was agreed on (ALPN).",
        "ocsp": "What the stapled response says: `none`, `good`, `revoked`, `unknown`, `stale` "
        "or `invalid`.",
        "scts": "Signed certificate timestamps in certificate and staple: `log`, `source`, "
        "`standing`, `moment`; with `prove` also `inclusion`, `index`, `tree_size`.",
        "transparency": "`enough`, `too_few`, `none`, or `unchecked` where no list of logs is "
        "named (`tls.logs`).",
        "tlsa": "`match` or `mismatch`, where TLSA records exist and DNSSEC vouches for them.",
        "caa": "The CAA records of the name or of the nearest above it.",
        "store": "The verdict of the author's own store (`tls.store`): `trusted` or `not_trusted`.",
        "endpoints": "Each address and port: `address`, `port`, `fingerprint`, `version`, or a "
        "`failure` with its `step`.",
        "same": "All that showed a certificate showed the same one.",
    }

    also: list[int] = []
    starttls: Literal["", "none", "smtp", "imap", "pop3", "xmpp", "xmpp-server"] = ""
    sni: str = ""
    alpn: list[str] | None = None
    prove: bool = False

    def option_errors(self) -> Iterator[OptionError]:
        """Targets that are no host, ports that there are not, names that no handshake can hold."""
        try:
            read_target(self.target)
        except ValueError as error:
            what = said("{!r} is neither a host nor an address ({})", self.target, error)
            yield OptionError("target", what, said("write example.com, or example.com:993"))
        if self.sni and not _is_name(self.sni):
            yield OptionError(
                "sni", said("{!r} is no host name", self.sni), said("write www.example.com")
            )
        for port in self.also:
            if not 0 < port < 65536:  # noqa: PLR2004
                yield OptionError("also", said("there is no port {}", port), said("1 to 65535"))
        if len(self.also) > _MOST_PORTS:
            what = said("{} further ports", len(self.also))
            yield OptionError("also", what, said("at most {}: this is no port scan", _MOST_PORTS))
        for one in self.alpn or []:
            if not one.isascii() or not 0 < len(one) < 256:  # noqa: PLR2004  # RFC 7301, 3.1
                yield OptionError(
                    "alpn", said("{!r} is no protocol", one), said("write h2 or http/1.1")
                )

    def normal(self) -> "Tls":
        """The target in its normal spelling; ports once each, in order."""
        target = read_target(self.target)
        also = sorted({*self.also} - {target.port})
        sni = read_target(self.sni).host if self.sni else ""
        return msgspec.structs.replace(self, target=target.text, also=also, sni=sni)

    @property
    def asked(self) -> TlsTarget:
        """Whom it asks."""
        return read_target(self.target)

    def offered(self, port: int) -> Sequence[str]:
        """The protocols that are offered on a port."""
        return self.alpn if self.alpn is not None else WEB if port == HTTPS else ()

    async def measure(self, net: Network) -> list[Exchange]:
        """Find the addresses, and begin TLS with each on each port."""
        from sotokara.kinds.tls.asking import ask_server  # brings in cryptography, slow to start

        return await ask_server(
            net,
            self.asked,
            self.also,
            starttls=self.starttls,
            sni=self.sni,
            alpn=self.alpn,
            prove=self.prove,
        )

    def parse(self, exchanges: Sequence[Exchange]) -> Reading:
        """Facts from the handshakes (see parse.py)."""
        from sotokara.kinds.tls.parse import read_handshakes

        return read_handshakes(exchanges, self.asked, self.sni)

    @classmethod
    def comparable(cls, before: Facts, after: Facts) -> tuple[Facts, Facts]:
        """A log grows; that is no change of the certificate."""
        return _without_sizes(before), _without_sizes(after)

    @classmethod
    def failure_in(cls, facts: Facts | None) -> Failure | None:
        """A certificate that does not hold: the control says whether anybody's would, from here."""
        if isinstance(facts, TlsFacts) and _DOUBTFUL & set(facts.problems):
            return Failure("ssl_failed_handshake", "certificate")
        return None

    @classmethod
    def headline_of(cls, facts: Any, words: dict[str, str]) -> str:  # noqa: ANN401
        """The verdict."""
        return words.get(f"head_tls_{facts.verdict}") or words["answered"]

    @classmethod
    def remarks(cls, facts: Any, observation: Observation, words: dict[str, str]) -> list[str]:  # noqa: ANN401
        """What was not looked at."""
        said = super().remarks(facts, observation, words)
        if getattr(facts, "scts", None) and facts.transparency == "unchecked":
            said.append(words["tls_scts_unchecked"])
        said += translated((one.address for one in facts.endpoints), words)
        return said

    def commands(self, facts: Any = None) -> list[list[str]]:  # noqa: ANN401, ARG002
        """``openssl s_client`` for each port."""
        target, found = self.asked, []
        for port in (target.port, *self.also):
            host = f"[{target.host}]" if ":" in target.host else target.host
            words = ["openssl", "s_client", "-connect", f"{host}:{port}", "-showcerts", "-status"]
            if way := starttls_of(port, self.starttls if port == target.port else ""):
                words += ["-starttls", way]
            if self.sni:
                words += ["-servername", self.sni]
            if alpn := self.offered(port):
                words += ["-alpn", ",".join(alpn)]
            found.append(words)
        return found


def _without_sizes(facts: Facts) -> Facts:
    if not isinstance(facts, TlsFacts) or not any(one.tree_size for one in facts.scts):
        return facts
    scts = [msgspec.structs.replace(one, tree_size=0) for one in facts.scts]
    return msgspec.structs.replace(facts, scts=scts)


def _is_name(text: str) -> bool:
    try:
        return bool(read_target(text).host)
    except ValueError:
        return False
