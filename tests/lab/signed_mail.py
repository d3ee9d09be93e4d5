"""Two mail servers in the lab, Postfix with OpenDKIM each: one signs, one verifies and keeps.

``letter`` sends a mail from the first to the second and gives what lies in the mailbox then.
"""

import shutil
import smtplib
import sys
import time
from pathlib import Path

from tests.lab.lab import Lab, LabError, require
from tests.lab.mail_texts import MAIN, SERVICES
from tests.lab.topology import Host, Link, Topology

SIGNER, KEEPER = "192.0.2.25", "192.0.2.26"
_TOPOLOGY = Topology(
    (
        Host("out", (SIGNER,), "the sender's mail server"),
        Host("mx", (KEEPER,), "the recipient's mail server"),
    ),
    (Link("out", "mx"),),
)
_MILTERS = "smtpd_milters = inet:127.0.0.1:8891\nmilter_default_action = tempfail\n"
_NO_DNS = "smtp_dns_support_level = disabled\nsmtp_host_lookup = native\n"
_SIGNING = "Mode s\nDomain shop.example\nSelector {selector}\nKeyFile {key}\n"
_VERIFYING = "Mode v\nAuthservID mx.own.example\nTestPublicKeys {keys}\n"
_DKIM = (
    "Socket inet:8891@127.0.0.1\nBackground no\nRequireSafeKeys no\nSyslog no\nUserID root\n"
    "Canonicalization relaxed/simple\nOversignHeaders From\nInternalHosts 127.0.0.1\n"
)
_RELAY = (
    "relayhost = [{there}]:25\nmydestination =\n"
    "smtpd_relay_restrictions = permit_mynetworks, reject\n"
)
_KEEP = (
    "mydestination =\nvirtual_mailbox_domains = own.example\n"
    "virtual_mailbox_base = {folder}/boxes\n"
    "virtual_mailbox_maps = inline:{{jane.doe@own.example=jane/}}\nvirtual_minimum_uid = 1\n"
    "virtual_uid_maps = static:8\nvirtual_gid_maps = static:8\n"
)


class SignedMail(Lab):
    """The two servers. ``record``: what the DNS would have of the key."""

    def __init__(self, pem: bytes, record: str, selector: str) -> None:
        super().__init__(_TOPOLOGY, {"/etc/resolv.conf": "nameserver 127.0.0.1\n"})
        self._pem, self._record, self._selector = pem, record, selector

    def up(self) -> None:
        """Bring both up and wait until they listen."""
        require("postfix", "opendkim")
        super().up()
        self.folder.chmod(0o711)  # Postfix works as a user of its own
        key, keys = self.folder / "key.pem", self.folder / "keys"
        key.write_bytes(self._pem)
        keys.write_text(f"{self._selector}._domainkey.shop.example {self._record}\n")
        self._milter("out", _SIGNING.format(selector=self._selector, key=key))
        self._milter("mx", _VERIFYING.format(keys=keys))
        self._postfix("out", "mail.shop.example", "127.0.0.1:25", _RELAY.format(there=KEEPER))
        self._postfix("mx", "mx.own.example", f"{KEEPER}:25", _KEEP)
        self.wait_for_port("out", 25, kind="tcp", address="127.0.0.1", timeout=20)
        self.wait_for_port("mx", 25, kind="tcp", address=KEEPER, timeout=20)

    def _milter(self, host: str, text: str) -> None:
        file = self.folder / f"opendkim-{host}.conf"
        file.write_text(_DKIM + text)
        self.spawn(host, ["opendkim", "-f", "-x", str(file)], log=f"opendkim-{host}.log")
        self.wait_for_port(host, 8891, kind="tcp", timeout=20)

    def _postfix(self, host: str, name: str, listens: str, more: str) -> None:
        folder = self.folder / host
        for inner in ("etc", "queue", "data", "boxes"):
            (folder / inner).mkdir(parents=True)
        shutil.chown(folder / "data", "postfix")
        shutil.chown(folder / "boxes", 8, 8)
        text = MAIN.format(
            folder=folder,
            name=name,
            address=SIGNER if host == "out" else KEEPER,
            interfaces=listens.split(":", maxsplit=1)[0],
            more=_MILTERS + _NO_DNS + more.format(folder=folder),
        )
        (folder / "etc" / "main.cf").write_text(text)
        (folder / "etc" / "master.cf").write_text(f"{listens} inet n - n - - smtpd\n{SERVICES}")
        argv = ["postfix", "-c", str(folder / "etc"), "start-fg"]
        self.spawn(host, argv, log=f"postfix-{host}.log")

    def letter(self, message: bytes) -> bytes:
        """Send it from the first server; what the second one has put into the mailbox."""
        file = self.folder / "letter"
        file.write_bytes(message)
        argv = [sys.executable, "-m", "tests.lab.signed_mail", str(file)]
        self.run("out", argv, cwd=Path.cwd())
        boxes = self.folder / "mx" / "boxes" / "jane" / "new"
        for _ in range(200):
            if boxes.is_dir() and (found := list(boxes.iterdir())):
                return found[0].read_bytes()
            time.sleep(0.1)
        raise LabError("the mail did not arrive")


if __name__ == "__main__":
    with smtplib.SMTP("127.0.0.1", 25) as server:
        content = Path(sys.argv[1]).read_bytes()
        server.sendmail("bounce@shop.example", ["jane.doe@own.example"], content)
