"""The whole internet in the box: mail servers and registries too. What the guide is measured in."""

from tests.lab import registries
from tests.lab.mail import MailInternet
from tests.lab.names import NameServer


class WholeInternet(MailInternet):
    """The internet with everything that the kinds ask."""

    def __init__(self) -> None:
        super().__init__()
        self.topology = registries.extended(self.topology)
        more = {one.host: one.zones for one in registries.NAME_SERVERS}
        self.name_servers = tuple(
            NameServer(one.host, tuple(dict.fromkeys((*one.zones, *more.get(one.host, ())))))
            for one in self.name_servers
        )
        for zone, records in registries.additions().items():
            self.additions[zone] = self.additions.get(zone, "") + records

    def up(self) -> None:
        """Bring everything up and wait until each server listens."""
        super().up()
        registries.start(self)
        authorities = [self.certificates / "authority.pem", self.folder / "rdap" / "authority.pem"]
        text = "".join(path.read_text("ascii") for path in authorities)
        (self.folder / "authorities.pem").write_text(text, "ascii")

    def settings(self) -> dict[str, str]:
        """As with mail; both authorities are trusted."""
        return super().settings() | {"SSL_CERT_FILE": str(self.folder / "authorities.pem")}
