"""The whole internet: names, registries and mail together, as the demo shows it."""

from tests.lab import mail, registries
from tests.lab.names import Internet


class WholeInternet(Internet):
    """The internet with everything that an article may ask about."""

    def __init__(self) -> None:
        topology = mail.extended(registries.extended())
        super().__init__(topology, mail.name_servers(registries.NAME_SERVERS))

    def up(self) -> None:
        """Bring everything up and wait until each server listens."""
        several = mail.prepare(self), registries.additions()
        zones = {zone for one in several for zone in one}
        self.additions = {zone: "".join(one.get(zone, "") for one in several) for zone in zones}
        super().up()
        registries.start(self)
        mail.start(self)

    def settings(self) -> dict[str, str]:
        """As the base's; with what mail needs, and both authorities of certificates."""
        both = self.folder / "authorities.pem"
        folders = self.folder / mail.CERTIFICATES, self.folder / "rdap"
        both.write_text("".join((one / "authority.pem").read_text() for one in folders))
        return super().settings() | mail.settings() | {"SSL_CERT_FILE": str(both)}
