"""Mail in the lab: Postfix, postgrey and Dovecot on one host with many addresses.

One Postfix receives for the domains of `zones/post.example.zone`, with a trait per address; another
is the author's own: it takes submissions, delivers to a Maildir, and Dovecot serves that over IMAP.
"""

import json
import os
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path

from tests.lab import mail_certificates
from tests.lab.internet import DOCUMENTATION, INTERNET
from tests.lab.lab import require
from tests.lab.names import NAME_SERVERS, Internet, NameServer
from tests.lab.topology import Host, Link, Topology

AUTHOR = "author@author.post.example"
PASSWORD = "correct-horse"  # noqa: S105 - of the lab's only mailbox
SUBMISSION = "192.0.2.120"

ADDRESSES = (
    "192.0.2.100",
    *(f"192.0.2.{n}" for n in range(101, 113)),
    "2001:db8:80::112",
    SUBMISSION,
    "192.0.2.121",
    "192.0.2.122",
    "203.104.255.141",
)
WITH_MAIL = Topology(
    (
        *INTERNET.hosts,
        Host("mail", ADDRESSES, "mail servers of every manner, and the author's own"),
    ),
    (*INTERNET.links, Link("ni40g", "mail")),
)
_LEAF = "post.example"
_NAME_SERVERS = tuple(
    NameServer(one.host, (*one.zones, _LEAF)) if one.host in ("ns1", "ns2") else one
    for one in NAME_SERVERS
)
_DELEGATION = "".join(f"post NS {host}.data-hotel.net.\n" for host in ("ns1", "ns2"))

_MAIN = """compatibility_level = 3.6
queue_directory = {folder}/queue
data_directory = {folder}/data
maillog_file = {folder}/mail.log
maillog_file_prefixes = {folder}
mail_owner = postfix
setgid_group = postdrop
myhostname = {name}
inet_interfaces = {interfaces}
inet_protocols = all
smtp_bind_address = {address}
mynetworks = 127.0.0.0/8
alias_maps = inline:{{sink=/dev/null}}
alias_database =
smtp_tls_security_level = may
smtpd_banner = $myhostname ESMTP Postfix
maximal_backoff_time = 10s
minimal_backoff_time = 5s
queue_run_delay = 5s
notify_classes =
{more}
"""
_RECEIVER = """mydestination = {domains}
local_recipient_maps = inline:{{postmaster=1}}
virtual_alias_domains = catch-all.post.example
virtual_alias_maps = inline:{{@catch-all.post.example=sink@rejects.post.example}}
smtpd_tls_security_level = may
"""
_OWN = """mydestination =
virtual_mailbox_domains = author.post.example
virtual_mailbox_base = {folder}/boxes
virtual_mailbox_maps = inline:{{author@author.post.example=author/}}
virtual_minimum_uid = 1
virtual_uid_maps = static:8
virtual_gid_maps = static:8
smtpd_tls_security_level = may
smtpd_tls_cert_file = {certificates}/trusted.pem
smtpd_tls_key_file = {certificates}/trusted.key
smtpd_relay_restrictions = permit_mynetworks, reject_unauth_destination
"""
_SERVICES = """pickup unix n - n 60 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
tlsmgr unix - - n 1000? 1 tlsmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
verify unix - - n - 1 verify
flush unix n - n 1000? 0 flush
proxymap unix - - n - - proxymap
smtp unix - - n - - smtp
relay unix - - n - - smtp
showq unix n - n - - showq
error unix - - n - - error
retry unix - - n - - error
discard unix - - n - - discard
local unix - n n - - local
virtual unix - n n - - virtual
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
postlog unix-dgram n - n - 1 postlogd
"""


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


class MailInternet(Internet):
    """The internet with mail servers on the host `mail`."""

    def __init__(self) -> None:
        super().__init__(WITH_MAIL, _NAME_SERVERS)
        self.folder.chmod(0o711)  # Postfix works as a user of its own
        self.certificates = self.folder / "certificates"
        self.additions = {"example": _DELEGATION}

    def up(self) -> None:
        """Bring everything up and wait until each server listens."""
        require("postfix", "postgrey", "dovecot", "openssl")
        tlsa = mail_certificates.make(
            self.certificates, {one.host for one in TRAITS if not one.certificate}
        )
        self.additions["signed.example"] = (
            "mx-dane A 192.0.2.121\nmx-dane-bad A 192.0.2.122\n"
            "dane MX 10 mx-dane\ndane-bad MX 10 mx-dane-bad\n"
            f"_25._tcp.mx-dane TLSA 3 1 1 {tlsa}\n_25._tcp.mx-dane-bad TLSA 3 1 1 {'ab' * 32}\n"
        )
        super().up()
        self._start_postfix("receiver", self._receiver())
        self._start_postfix("own", self._own())
        self._start_postgrey()
        self._start_dovecot()
        for manner, address in (("drops", "192.0.2.109"), ("tarpit", "192.0.2.110")):
            argv = [sys.executable, "-m", "tests.servers.mailserver", address, manner]
            self.spawn("mail", ["env", f"--chdir={Path.cwd()}", *argv], log=f"{manner}.log")
        for address in [one.address.strip("[]") for one in TRAITS] + ["192.0.2.109", "192.0.2.110"]:
            self.wait_for_port("mail", 25, kind="tcp", address=address, timeout=20)
        for port in (25, 587, 143):
            self.wait_for_port("mail", port, kind="tcp", address=SUBMISSION, timeout=20)
        self.wait_for_port("mail", 10023, kind="tcp", timeout=20)

    def settings(self) -> dict[str, str]:
        """As the base's; with the author's address and what `send: true` needs."""
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
        return super().settings() | {
            "SOTOKARA_SMTP": json.dumps(smtp),
            "SOTOKARA_POLICY": json.dumps({"allow": DOCUMENTATION}),
            "SSL_CERT_FILE": str(self.certificates / "authority.pem"),
        }

    def maillog(self, which: str) -> str:
        """What a Postfix (`receiver` or `own`) has logged."""
        return (self.folder / which / "mail.log").read_text()

    def _receiver(self) -> tuple[str, str]:
        domains = sorted({one.domain for one in TRAITS} - {"catch-all.post.example"})
        main = _RECEIVER.format(domains=", ".join((*domains, *_MORE_DOMAINS)))
        services = ""
        for one in TRAITS:
            services += f"{one.address}:25 inet n - n - - smtpd\n"
            certificate = self.certificates / (one.certificate or one.host)
            for option in (
                *one.options,
                f"myhostname={one.host}",
                f"smtpd_tls_cert_file={certificate}.pem",
                f"smtpd_tls_key_file={certificate}.key",
            ):
                name, _, value = option.partition("=")
                services += f"  -o {{ {name} = {value} }}\n"
        text = _MAIN.format(
            folder=self.folder / "receiver",
            name="mx.post.example",
            address="192.0.2.100",
            interfaces=", ".join(["192.0.2.100", *(one.address for one in TRAITS)]),
            more=main,
        )
        return text, services

    def _own(self) -> tuple[str, str]:
        folder = self.folder / "own"
        more = _OWN.format(folder=folder, certificates=self.certificates)
        text = _MAIN.format(
            folder=folder,
            name="mx.author.post.example",
            address=SUBMISSION,
            interfaces=SUBMISSION,
            more=more,
        )
        relay = "  -o { mynetworks = 198.51.100.77 }\n"
        ports = "".join(f"{SUBMISSION}:{port} inet n - n - - smtpd\n" for port in (25, 587))
        return text, ports + relay

    def _start_postfix(self, name: str, texts: tuple[str, str]) -> None:
        folder = self.folder / name
        for inner in ("etc", "queue", "data", "boxes"):
            (folder / inner).mkdir(parents=True)
        shutil.chown(folder / "data", "postfix")
        os.chown(folder / "boxes", 8, 8)
        main, services = texts
        (folder / "etc" / "main.cf").write_text(main)
        (folder / "etc" / "master.cf").write_text(services + _SERVICES)
        argv = ["postfix", "-c", str(folder / "etc"), "start-fg"]
        self.spawn("mail", argv, log=f"postfix-{name}.log")

    def _start_postgrey(self) -> None:
        folder = self.folder / "grey"
        folder.mkdir()
        shutil.chown(folder, "postgrey")
        argv = ["postgrey", "--inet=127.0.0.1:10023", "--delay=3", f"--dbdir={folder}"]
        text = "--greylist-text=Greylisted for %s seconds, please try again"
        self.spawn("mail", [*argv, text, "--auto-whitelist-clients=0"], log="postgrey.log")

    def _start_dovecot(self) -> None:
        folder = self.folder / "dovecot"
        folder.mkdir(mode=0o755)
        (folder / "dovecot.conf").write_text(
            _DOVECOT.format(
                folder=folder,
                boxes=self.folder / "own" / "boxes",
                address=SUBMISSION,
                password=PASSWORD,
            )
        )
        argv = ["dovecot", "-F", "-c", str(folder / "dovecot.conf")]
        self.spawn("mail", argv, log="dovecot.log")


_DOVECOT = """base_dir = {folder}/run
state_dir = {folder}/state
protocols = imap
listen = {address}
ssl = no
disable_plaintext_auth = no
log_path = /dev/stderr
mail_location = maildir:{boxes}/author
first_valid_uid = 1
first_valid_gid = 1
passdb {{
  driver = static
  args = password={password}
}}
userdb {{
  driver = static
  args = uid=8 gid=8 home={boxes}/author
}}
service imap-login {{
  inet_listener imaps {{
    port = 0
  }}
}}
"""
