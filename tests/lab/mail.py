"""Mail in the lab: Postfix, postgrey and Dovecot on one host with many addresses.

One Postfix receives for the domains of `zones/post.example.zone`, with a trait per address; another
is the author's own: it takes submissions, delivers to a Maildir, and Dovecot serves that over IMAP.
``MailInternet`` is the internet with them. Another internet takes them in with ``extended``,
``name_servers``, ``prepare`` and ``start``.
"""

import json
import os
import shutil
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.lab import mail_certificates
from tests.lab.internet import INTERNET
from tests.lab.lab import Lab, require
from tests.lab.mail_texts import DOVECOT, MAIN, OWN, RECEIVER, SERVICES
from tests.lab.names import NAME_SERVERS, Internet, NameServer
from tests.lab.topology import Host, Link, Topology

AUTHOR = "author@author.post.example"
PASSWORD = "correct-horse"  # noqa: S105 - of the lab's only mailbox
SUBMISSION = "192.0.2.120"

ADDRESSES = (
    "192.0.2.100",
    *(f"192.0.2.{n}" for n in range(101, 114)),
    "2001:db8:80::112",
    SUBMISSION,
    "192.0.2.121",
    "192.0.2.122",
    "203.104.255.141",
)
HOST = "mail"
CERTIFICATES = "certificates"
"""The folder of the servers' certificates, in the lab's; authority.pem is the issuer's."""
_LEAF = "post.example"


@dataclass(frozen=True)
class Trait:
    """What one address of the receiving Postfix does."""

    domain: str
    address: str
    options: tuple[str, ...] = ()
    certificate: str = ""
    """By default a self-signed one for its own name."""

    @property
    def host(self) -> str:
        """The name in its MX record."""
        labels = self.domain.partition(".")
        if labels[2] == "signed.example":
            return f"mx-{self.domain}"
        return f"mail.{self.domain}" if self.domain == "trickster.jp" else f"mx.{self.domain}"


_GREY = "smtpd_recipient_restrictions=check_policy_service inet:127.0.0.1:10023"
_LISTED = "smtpd_client_restrictions=reject_rbl_client bl.post.example"
TRAITS = (
    Trait("rejects.post.example", "192.0.2.101"),
    Trait("trusted.post.example", "192.0.2.102", certificate="trusted"),
    Trait("expired.post.example", "192.0.2.103", certificate="expired"),
    Trait("wrong-name.post.example", "192.0.2.104", certificate="wrong-name"),
    Trait("grey.post.example", "192.0.2.105", ("local_recipient_maps=", _GREY)),
    Trait("bounces.post.example", "192.0.2.106", ("local_recipient_maps=",)),
    Trait("catch-all.post.example", "192.0.2.107"),
    Trait("blocks.post.example", "192.0.2.108", ("smtpd_delay_reject=no", _LISTED)),
    Trait("dual.post.example", "192.0.2.112"),
    Trait("dual.post.example", "[2001:db8:80::112]"),
    Trait("dane.signed.example", "192.0.2.121", certificate="dane"),
    Trait("dane-bad.signed.example", "192.0.2.122", certificate="dane"),
    Trait("trickster.jp", "203.104.255.141"),
)
_MORE_DOMAINS = (
    "backup.post.example",
    "null-beside.post.example",
    "alias.post.example",
    "implicit.post.example",
)


def extended(topology: Topology = INTERNET) -> Topology:
    """A topology with the host of the mail servers."""
    host = Host(HOST, ADDRESSES, "mail servers of every manner, and the author's own")
    return Topology((*topology.hosts, host), (*topology.links, Link("ni40g", HOST)))


def name_servers(base: Sequence[NameServer] = NAME_SERVERS) -> tuple[NameServer, ...]:
    """Name servers that serve the mail domains' zone too."""
    return tuple(
        NameServer(one.host, (*one.zones, _LEAF)) if one.host in ("ns1", "ns2") else one
        for one in base
    )


def prepare(lab: Lab) -> dict[str, str]:
    """Make the certificates before the lab is up; returns the records to be added, by zone."""
    require("postfix", "postgrey", "dovecot", "openssl")
    lab.folder.chmod(0o711)  # Postfix works as a user of its own
    own = {one.host for one in TRAITS if not one.certificate}
    tlsa = mail_certificates.make(lab.folder / CERTIFICATES, own)
    return {
        "example": "".join(f"post NS {host}.data-hotel.net.\n" for host in ("ns1", "ns2")),
        "signed.example": (
            "mx-dane A 192.0.2.121\nmx-dane-bad A 192.0.2.122\n"
            "dane MX 10 mx-dane\ndane-bad MX 10 mx-dane-bad\n"
            f"_25._tcp.mx-dane TLSA 3 1 1 {tlsa}\n_25._tcp.mx-dane-bad TLSA 3 1 1 {'ab' * 32}\n"
        ),
    }


def start(lab: Lab) -> None:
    """Start all servers and wait until each listens."""
    _start_postfix(lab, "receiver", _receiver(lab.folder))
    _start_postfix(lab, "own", _own(lab.folder))
    _start_postgrey(lab)
    _start_dovecot(lab)
    for manner, address in (("drops", "192.0.2.109"), ("tarpit", "192.0.2.110")):
        argv = [sys.executable, "-m", "sotokara.servers.mailserver", address, manner]
        lab.spawn(HOST, ["env", f"--chdir={Path.cwd()}", *argv], log=f"{manner}.log")
    for address in [one.address.strip("[]") for one in TRAITS] + ["192.0.2.109", "192.0.2.110"]:
        lab.wait_for_port(HOST, 25, kind="tcp", address=address, timeout=20)
    for port in (25, 587, 143):
        lab.wait_for_port(HOST, port, kind="tcp", address=SUBMISSION, timeout=20)
    lab.wait_for_port(HOST, 10023, kind="tcp", timeout=20)


def settings() -> dict[str, str]:
    """The author's address and what `send: true` needs, for the environment of a build."""
    smtp = {
        "mail_from": AUTHOR,
        "helo": "pc.author.post.example",
        "pause": 0.2,
        "control": ["mx.rejects.post.example"],
        "send_to": ["bounces.post.example", "catch-all.post.example", "trickster.jp"],
        "submission": {"host": SUBMISSION, "security": "starttls"},
        "mailbox": {"imap": SUBMISSION, "port": 143, "security": "none", "username": AUTHOR}
        | {"password": PASSWORD},
    }
    return {"SOTOKARA_SMTP": json.dumps(smtp)}


class MailInternet(Internet):
    """The internet with mail servers."""

    def __init__(self) -> None:
        super().__init__(extended(), name_servers())

    def up(self) -> None:
        """Bring everything up and wait until each server listens."""
        self.additions = prepare(self)
        super().up()
        start(self)

    def settings(self) -> dict[str, str]:
        """As the base's; with what mail needs, and the authority of the certificates."""
        authority = str(self.folder / CERTIFICATES / "authority.pem")
        return super().settings() | settings() | {"SSL_CERT_FILE": authority}

    def maillog(self, which: str) -> str:
        """What a Postfix (`receiver` or `own`) has logged."""
        return (self.folder / which / "mail.log").read_text()


def _receiver(folder: Path) -> tuple[str, str]:
    domains = sorted({one.domain for one in TRAITS} - {"catch-all.post.example"})
    main = RECEIVER.format(domains=", ".join((*domains, *_MORE_DOMAINS)))
    services = ""
    for one in TRAITS:
        services += f"{one.address}:25 inet n - n - - smtpd\n"
        certificate = (folder / CERTIFICATES) / (one.certificate or one.host)
        for option in (
            *one.options,
            f"myhostname={one.host}",
            f"smtpd_tls_cert_file={certificate}.pem",
            f"smtpd_tls_key_file={certificate}.key",
        ):
            name, _, value = option.partition("=")
            services += f"  -o {{ {name} = {value} }}\n"
    text = MAIN.format(
        folder=folder / "receiver",
        name="mx.post.example",
        address="192.0.2.100",
        interfaces=", ".join(["192.0.2.100", *(one.address for one in TRAITS)]),
        more=main,
    )
    return text, services


def _own(base: Path) -> tuple[str, str]:
    folder = base / "own"
    more = OWN.format(folder=folder, certificates=base / CERTIFICATES)
    text = MAIN.format(
        folder=folder,
        name="mx.author.post.example",
        address=SUBMISSION,
        interfaces=SUBMISSION,
        more=more,
    )
    relay = "  -o { mynetworks = 198.51.100.77 }\n"
    ports = "".join(f"{SUBMISSION}:{port} inet n - n - - smtpd\n" for port in (25, 587))
    return text, ports + relay


def _start_postfix(lab: Lab, name: str, texts: tuple[str, str]) -> None:
    folder = lab.folder / name
    for inner in ("etc", "queue", "data", "boxes"):
        (folder / inner).mkdir(parents=True)
    shutil.chown(folder / "data", "postfix")
    os.chown(folder / "boxes", 8, 8)
    main, services = texts
    (folder / "etc" / "main.cf").write_text(main)
    (folder / "etc" / "master.cf").write_text(services + SERVICES)
    argv = ["postfix", "-c", str(folder / "etc"), "start-fg"]
    lab.spawn(HOST, argv, log=f"postfix-{name}.log")


def _start_postgrey(lab: Lab) -> None:
    folder = lab.folder / "grey"
    folder.mkdir()
    shutil.chown(folder, "postgrey")
    argv = ["postgrey", "--inet=127.0.0.1:10023", "--delay=3", f"--dbdir={folder}"]
    text = "--greylist-text=Greylisted for %s seconds, please try again"
    lab.spawn(HOST, [*argv, text, "--auto-whitelist-clients=0"], log="postgrey.log")


def _start_dovecot(lab: Lab) -> None:
    folder = lab.folder / "dovecot"
    folder.mkdir(mode=0o755)
    (folder / "dovecot.conf").write_text(
        DOVECOT.format(
            folder=folder,
            boxes=lab.folder / "own" / "boxes",
            address=SUBMISSION,
            password=PASSWORD,
            certificates=lab.folder / CERTIFICATES,
        )
    )
    argv = ["dovecot", "-F", "-c", str(folder / "dovecot.conf")]
    lab.spawn(HOST, argv, log="dovecot.log")
