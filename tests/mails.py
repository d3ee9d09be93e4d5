"""Mails made up for tests, signed with dkimpy, and the DNS that has their keys."""

import base64
from collections.abc import Mapping

import dkim
import dns.message
import dns.rcode
import dns.rrset
from cryptography.hazmat.primitives.asymmetric import ed25519, rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)
from sotokara.core.observation import Exchange

RSA = rsa.generate_private_key(65537, 2048)
ED = ed25519.Ed25519PrivateKey.generate()
BODY = b"Hello,\r\n\r\nyour  parcel is\there. \r\n\r\n\r\n"


def rsa_pem() -> bytes:
    return RSA.private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption())


def ed_pem() -> bytes:
    raw = ED.private_bytes(Encoding.Raw, PrivateFormat.Raw, NoEncryption())
    return base64.b64encode(raw)


def rsa_record(key: rsa.RSAPrivateKey = RSA) -> str:
    der = key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return f"v=DKIM1; k=rsa; p={base64.b64encode(der).decode()}"


def ed_record() -> str:
    raw = ED.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    return f"v=DKIM1; k=ed25519; p={base64.b64encode(raw).decode()}"


OWN = (
    "Received: from mx.own.example (mx.own.example [10.0.0.2])\r\n"
    "\tby store.own.example with LMTP id 4Q1; Fri, 20 Nov 2026 09:00:09 +0000\r\n"
)
BORDER = (
    "Received: from mail.shop.example (out7.shop.example [192.0.2.25])\r\n"
    "\tby mx.own.example (Postfix) with ESMTPS id 1A2B\r\n"
    "\tfor <jane.doe@own.example>; Fri, 20 Nov 2026 10:00:05 +0100 (CET)\r\n"
)
LOWER = (
    "Received: from app.shop.example ([198.51.100.7]) by mail.shop.example\r\n"
    " with ESMTP id zz9; Fri, 20 Nov 2026 09:00:02 +0000\r\n"
    "Received: from LAPTOP-JOHN (dsl-17.isp.example [203.0.113.77]) by app.shop.example\r\n"
    " with ESMTPSA id q7; Fri, 20 Nov 2026 09:00:01 +0000\r\n"
)
HEADER = (
    "From: =?utf-8?q?John_Invented?= <john.invented@shop.example>\r\n"
    "To: Jane Doe <jane.doe@own.example>\r\n"
    "Subject: Your parcel, Jane\r\n"
    "Date: Fri, 20 Nov 2026 09:00:00 +0000\r\n"
    "Message-ID: <1234.john@laptop-john.local>\r\n"
    "X-Originating-IP: [203.0.113.77]\r\n"
)
TOP = (
    "Return-Path: <bounce+jane.doe=own.example@shop.example>\r\n"
    "Delivered-To: jane.doe@own.example\r\n"
)
RESULTS = (
    "Authentication-Results: mx.own.example; spf=pass (jane) smtp.mailfrom=b@shop.example;\r\n"
    "\tdkim=pass (2048-bit key) header.d=shop.example header.i=@shop.example;\r\n"
    "\tdmarc=pass reason=jane header.from=shop.example\r\n"
)


def signed(
    header: str = HEADER,
    body: bytes = BODY,
    *,
    selector: str = "s1",
    forms: tuple[bytes, bytes] = (b"relaxed", b"relaxed"),
    ed: bool = False,
    length: bool = False,
) -> bytes:
    """A message with its DKIM-Signature above it, by dkimpy."""
    message = header.encode() + b"\r\n" + body
    signature: bytes = dkim.sign(
        message,
        selector.encode(),
        b"shop.example",
        ed_pem() if ed else rsa_pem(),
        canonicalize=forms,
        include_headers=[b"from", b"to", b"subject", b"date"],
        length=length,
        signature_algorithm=b"ed25519-sha256" if ed else b"rsa-sha256",
    )
    return signature + message


def mail(message: bytes | None = None, top: str = "") -> bytes:
    """A whole mail as it lies in a mailbox: what servers have put above what was sent."""
    above = top or TOP + OWN + RESULTS + BORDER
    return (above + LOWER).encode() + (signed() if message is None else message)


def records(**more: list[str]) -> dict[str, list[str]]:
    """What the DNS has of the sender, by ``TYPE name``."""
    return {
        "TXT s1._domainkey.shop.example": [rsa_record()],
        "TXT shop.example": ["v=spf1 ip4:192.0.2.0/28 a:out7.shop.example -all"],
        "TXT _dmarc.shop.example": ["v=DMARC1; p=reject"],
        "A out7.shop.example": ["192.0.2.25"],
        **more,
    }


def replies(found: Mapping[str, list[str]], asked: list[str]) -> list[Exchange]:
    """A resolver's answers to questions of the form ``TYPE name``."""
    exchanges = []
    for step in asked:
        rdtype, _, name = step.partition(" ")
        message = dns.message.make_response(dns.message.make_query(name, rdtype))
        texts = found.get(step)
        if texts is None:
            message.set_rcode(dns.rcode.NXDOMAIN)
        else:
            every = [quoted(one) for one in texts] if rdtype == "TXT" else texts
            message.answer.append(dns.rrset.from_text(f"{name}.", 60, "IN", rdtype, *every))
        wire = message.to_wire()
        exchanges.append(
            Exchange(step, "resolver", "udp", b"", wire, media_type="application/dns-message")
        )
    return exchanges


def quoted(text: str) -> str:
    """A text in the strings that a TXT record is made of."""
    return " ".join(f'"{text[at : at + 200]}"' for at in range(0, len(text), 200))
