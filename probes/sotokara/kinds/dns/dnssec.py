"""DNSSEC judged by ourselves: the chain of signatures from the root's anchor (RFC 4035, 5).

``chain_of_trust`` fetches, ``judge`` verifies: pure, from the stored bytes, at the stored moment.
A denial counts when a signed NSEC or NSEC3 record matches or covers the name; that no wildcard
applies is not proven separately. An answer whose aliases leave the zone is ``unknown``.
"""

import asyncio
import contextlib
import time
from collections.abc import Sequence
from typing import Any

import dns.message
import dns.name
import dns.rcode
import dns.rdata
import dns.rdataclass
import dns.rdatatype
import dns.rrset
from dns.exception import DeniedByPolicy, DNSException, UnsupportedAlgorithm, ValidationFailure

from sotokara.core.observation import Exchange
from sotokara.network import wire
from sotokara.network.network import Network

IANA_ANCHORS = (
    ". IN DS 20326 8 2 E06D44B80B8F1D39A95C0B0D7C65D08458E880409BBC683457104237C7F8EC8D",
    ". IN DS 38696 8 2 683D2D0ACB8C9B712A1948B27F741219298D0A450D612C483AF444A4C0FB2B16",
)
"""KSK-2017 and KSK-2024 (data.iana.org/root-anchors)."""

_DS, _DNSKEY, _NS = dns.rdatatype.DS, dns.rdatatype.DNSKEY, dns.rdatatype.NS
_SOA, _CNAME = dns.rdatatype.SOA, dns.rdatatype.CNAME


async def chain_of_trust(net: Network, owner: dns.name.Name) -> list[Exchange]:
    """DNSKEY and DS of every ancestor of ``owner``, all asked at once, and the anchors used."""
    anchors = net.settings.trust_anchors or IANA_ANCHORS
    moment = str(int(time.time())).encode()
    anchor = Exchange("dnssec anchor", "", "", moment, "\n".join(anchors).encode())
    zones = _ancestors(owner)
    asked = [(zone, "DNSKEY") for zone in zones] + [(zone, "DS") for zone in zones[1:]]
    fetched = await asyncio.gather(
        *(
            net.ask(zone, rdtype, step=f"dnssec {rdtype} {zone}", cd=True, do=True)
            for zone, rdtype in asked
        )
    )
    return [anchor, *fetched]


def _ancestors(owner: dns.name.Name) -> list[dns.name.Name]:
    """The root, the TLD, … down to the name itself."""
    labels = owner.labels
    return [dns.name.Name(labels[index:]) for index in range(len(labels) - 1, -1, -1)]


def judge(exchanges: Sequence[Exchange], owner: dns.name.Name) -> str:
    """``secure``, ``insecure`` (a signed denial of DS says so), ``bogus``, ``no_signatures``.

    The last where a zone is signed by its parent's word and no signature came at all; ``unknown``
    where the chain could not be fetched.
    """
    try:
        return _Judge(exchanges).judge(owner)
    except _NoSignatures:
        return "no_signatures"
    except ValidationFailure:
        return "bogus"
    except _Unsupported:
        return "insecure"
    except (_Missing, DNSException, KeyError, ValueError, IndexError):  # of bytes nobody has sent
        return "unknown"


MOST_VERIFICATIONS = 16
"""Signatures that are tried for one message: keys and signatures may be made to collide (KeyTrap,
CVE-2023-50387), and each is then tried with each."""
MOST_ITERATIONS = 100
"""Of an NSEC3 hash; a zone with more is treated as one without signatures (RFC 9276, 3.2)."""


class _Unsupported(Exception):  # noqa: N818
    """A signed denial whose hash takes more rounds than we do."""


class _Missing(Exception):  # noqa: N818
    """A message of the chain was not received or does not parse."""


class _NoSignatures(Exception):  # noqa: N818
    """Nothing came that could be verified: that is another thing than what does not verify."""


class _Judge:
    def __init__(self, exchanges: Sequence[Exchange]) -> None:
        self._steps = {one.step: one for one in exchanges}
        self._answers = [one for one in exchanges if " " not in one.step]
        anchor = self._steps["dnssec anchor"]
        self._moment = float(anchor.sent)
        texts = (anchor.received or b"").decode().splitlines()
        rdatas = [text.split(None, 3)[3] for text in texts]
        self._zone = dns.name.root
        self._tried: dict[int, int] = {}
        """Signatures tried so far, by the ``id`` of the message's section."""
        self._keys = self._trusted(
            dns.name.root,
            [dns.rdata.from_text(dns.rdataclass.IN, _DS, rdata) for rdata in rdatas],
        )

    def judge(self, owner: dns.name.Name) -> str:
        for zone in _ancestors(owner)[1:]:
            state = self._descend(zone)
            if state:
                return state
        states = {self._answer(self._parse(one), owner) for one in self._answers}
        return "secure" if states == {"secure"} else "unknown"

    def _descend(self, zone: dns.name.Name) -> str:
        """Step over a zone cut if there is one; a verdict where the chain ends."""
        reply = self._message(f"dnssec DS {zone}")
        rrset = _find(reply.answer, zone, _DS)
        if rrset is not None:
            self._verify(rrset, reply.answer)
            self._keys, self._zone = self._trusted(zone, list(rrset)), zone
            return "" if self._keys else "insecure"  # no algorithm that we know (RFC 4035, 5.2)
        alias = _find(reply.answer, zone, _CNAME)
        if alias is not None:  # a name with an alias is no zone's beginning (RFC 1034, 3.6.2)
            self._verify(alias, reply.answer)
            return ""
        types = self._denial(reply, zone, _DS)
        return "insecure" if types is None or (_NS in types and _SOA not in types) else ""

    def _denial(
        self, reply: dns.message.Message, name: dns.name.Name, rdtype: int
    ) -> frozenset[int] | None:
        """The types that a verified record says ``name`` has; None for an opted-out span."""
        proofs = (dns.rdatatype.NSEC, dns.rdatatype.NSEC3)
        if not any(rrset.rdtype in proofs for rrset in reply.authority):
            raise _NoSignatures
        for rrset in reply.authority:
            if rrset.rdtype not in proofs:
                continue
            self._verify(rrset, reply.authority)
            if getattr(rrset[0], "iterations", 0) > MOST_ITERATIONS:
                raise _Unsupported
            matches, covers = _relation(rrset, name, self._zone)
            types = _types(rrset[0])
            if matches and rdtype not in types:
                return types
            if covers:
                opt_out = rrset.rdtype == dns.rdatatype.NSEC3 and rrset[0].flags & 1
                return None if opt_out else frozenset()
        raise ValidationFailure

    def _answer(self, reply: dns.message.Message, owner: dns.name.Name) -> str:
        for rrset in reply.answer:
            if rrset.rdtype == dns.rdatatype.RRSIG:
                continue
            signer = _signer(reply.answer, rrset)
            elsewhere = not rrset.name.is_subdomain(self._zone)
            if elsewhere or (signer is not None and signer != self._zone):
                return "unknown"  # an alias led to a zone whose chain was not fetched
            self._verify(rrset, reply.answer)
        if not reply.answer:
            self._denial(reply, owner, int(reply.question[0].rdtype))
        return "secure"

    def _trusted(self, zone: dns.name.Name, digests: list[Any]) -> Any:  # noqa: ANN401
        """The zone's DNSKEY set, verified by a key that a DS names; None for unknown algorithms."""
        import dns.dnssec

        reply = self._message(f"dnssec DNSKEY {zone}")
        rrset = _find(reply.answer, zone, _DNSKEY)
        if rrset is None:
            raise _NoSignatures
        entry = dns.rrset.RRset(zone, dns.rdataclass.IN, _DNSKEY)
        known = False
        made: dict[Any, dict[Any, Any]] = {}
        for digest in digests:
            try:
                if digest.digest_type not in made:  # once for each key, however many DS there are
                    made[digest.digest_type] = {
                        dns.dnssec.make_ds(zone, key, digest.digest_type, validating=True): key
                        for key in rrset
                    }
            except (UnsupportedAlgorithm, DeniedByPolicy):
                continue
            known = True
            if (key := made[digest.digest_type].get(digest)) is not None:
                entry.add(key)
        if not known:
            return None
        self._keys, self._zone = entry, zone
        self._verify(rrset, reply.answer)
        return rrset

    def _verify(self, rrset: dns.rrset.RRset, section: list[dns.rrset.RRset]) -> None:
        """Verify a signature.

        :raises ValidationFailure: when none of the zone's keys' signatures holds.
        :raises _Missing: when so many would have to be tried that no honest zone needs them.
        """
        import dns.dnssec

        signatures = _find(section, rrset.name, dns.rdatatype.RRSIG, rrset.rdtype)
        if signatures is None:
            raise _NoSignatures
        if self._keys is None:
            raise ValidationFailure
        by_tag: dict[tuple[int, int], list[Any]] = {}
        for key in self._keys:
            by_tag.setdefault((int(key.algorithm), dns.dnssec.key_id(key)), []).append(key)
        for signature in signatures:
            for key in by_tag.get((int(signature.algorithm), signature.key_tag), ()):
                tried = self._tried[id(section)] = self._tried.get(id(section), 0) + 1
                if tried > MOST_VERIFICATIONS:
                    raise _Missing
                alone = dns.rrset.from_rdata(self._zone, 0, key)
                with contextlib.suppress(ValidationFailure, UnsupportedAlgorithm, DeniedByPolicy):
                    dns.dnssec.validate_rrsig(
                        rrset, signature, {self._zone: alone}, now=self._moment
                    )
                    return
        raise ValidationFailure

    def _message(self, step: str) -> dns.message.Message:
        if step not in self._steps:
            raise _Missing
        return self._parse(self._steps[step])

    @staticmethod
    def _parse(exchange: Exchange) -> dns.message.Message:
        try:
            reply = wire.parse_message(exchange.received or b"", grouped=True)
        except wire.UnreadableDns as error:
            raise _Missing from error
        if reply.rcode() not in (dns.rcode.NOERROR, dns.rcode.NXDOMAIN):
            raise _Missing
        return reply


def _find(
    section: list[dns.rrset.RRset], name: dns.name.Name, rdtype: int, covers: int = 0
) -> dns.rrset.RRset | None:
    for rrset in section:
        if rrset.name == name and rrset.rdtype == rdtype and rrset.covers == covers:
            return rrset
    return None


def _signer(section: list[dns.rrset.RRset], rrset: dns.rrset.RRset) -> dns.name.Name | None:
    signatures = _find(section, rrset.name, dns.rdatatype.RRSIG, rrset.rdtype)
    signer: dns.name.Name | None = signatures[0].signer if signatures else None
    return signer


def _types(rdata: Any) -> frozenset[int]:  # noqa: ANN401
    """The types in an NSEC or NSEC3 bitmap (RFC 4034, 4.1.2)."""
    return frozenset(
        window * 256 + octet * 8 + bit
        for window, bitmap in rdata.windows
        for octet, byte in enumerate(bitmap)
        for bit in range(8)
        if byte & (0x80 >> bit)
    )


def _relation(
    rrset: dns.rrset.RRset, name: dns.name.Name, zone: dns.name.Name
) -> tuple[bool, bool]:
    """Whether an NSEC or NSEC3 record matches the name, and whether it covers it."""
    import dns.dnssec

    rdata: Any = rrset[0]
    if rrset.rdtype == dns.rdatatype.NSEC:
        start, end = rrset.name, rdata.next
        last = end == zone
        return rrset.name == name, start < name and (last or name < end)
    hashed = dns.dnssec.nsec3_hash(name, rdata.salt, rdata.iterations, rdata.algorithm).upper()
    start_hash = rrset.name.labels[0].decode().upper()
    end_hash = rdata.next_name().labels[0].decode().upper() if hasattr(rdata, "next_name") else ""
    wraps = end_hash <= start_hash
    covers = (start_hash < hashed or wraps) and (
        hashed < end_hash or (wraps and hashed > start_hash)
    )
    return start_hash == hashed, covers
