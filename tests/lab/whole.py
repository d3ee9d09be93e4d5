"""The whole internet: names, registries, mail and the web together, as the demo shows it."""

import json
import os

from tests.lab import atlas, mail, registries, web
from tests.lab.internet import INTERNET
from tests.lab.names import Internet
from tests.lab.topology import Topology


class WholeInternet(Internet):
    """The internet with everything that an article may ask about.

    Postfix works as several users, so there are mail servers only where root makes it; elsewhere
    nobody answers in their place.
    """

    def __init__(self, base: Topology = INTERNET) -> None:
        topology = mail.extended(registries.extended(base))
        super().__init__(topology, mail.name_servers(registries.NAME_SERVERS))
        self.has_mail = os.geteuid() == 0

    def up(self) -> None:
        """Bring everything up and wait until each server listens."""
        several = [registries.additions()]
        if self.has_mail:
            several.append(mail.prepare(self))
        zones = {zone for one in several for zone in one}
        self.additions = {zone: "".join(one.get(zone, "") for one in several) for zone in zones}
        super().up()
        registries.start(self)
        web.start(self)
        if self.has_mail:
            mail.start(self)

    def settings(self) -> dict[str, str]:
        """As the base's; with what mail needs, and all authorities of certificates."""
        folders = [self.folder / "rdap", self.folder / web.FOLDER]
        if self.has_mail:
            folders.append(self.folder / mail.CERTIFICATES)
        every = self.folder / "authorities.pem"
        every.write_text("".join((one / "authority.pem").read_text() for one in folders))
        mails = mail.settings() if self.has_mail else {}
        tls = json.dumps({"logs": str(self.folder / web.FOLDER / "logs.json")})
        own = {"SSL_CERT_FILE": str(every), "SOTOKARA_TLS": tls}
        own["SOTOKARA_CT"] = json.dumps({"index": web.INDEX})
        own["SOTOKARA_CITED"] = json.dumps({"ripe_atlas": atlas.API})
        return super().settings() | mails | own
