"""A name server that can be told to be silent."""

from collections.abc import AsyncIterator

import dns.message
from sotokara.servers.nameserver import NameServer, honest


class Mood:
    """A name server that can be told to be silent."""

    def __init__(self) -> None:
        self.silent = False
        self.server = NameServer(self._answer)

    async def _answer(self, wire: bytes) -> AsyncIterator[bytes]:
        if not self.silent:
            yield honest(wire)

    def asked(self) -> list[str]:
        """The names asked since the last call, each once; without the control's random ones."""
        asked = [dns.message.from_wire(wire).question[0] for wire in self.server.asked]
        self.server.asked.clear()
        names = {one.name.to_text(omit_final_dot=True) for one in asked}
        return sorted(name for name in names if name.endswith(".example"))
