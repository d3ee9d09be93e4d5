"""``python -m tests.page_trial``: pages that mean no good, each in a browser, and what is said.

Exits with 1 where one of them ends otherwise than it should.
"""

import asyncio
import sys
from typing import Any

from sotokara.engine.settings import load
from sotokara.servers.nameserver import NameServer

from tests.kind_ask import all_asked
from tests.servers.pages import PageServer, moved, reply
from tests.servers.thread import serving

_HTML = "Content-Type: text/html; charset=utf-8"


def page(text: str) -> bytes:
    """A page with this in it."""
    return reply(f"<!doctype html><title>t</title>{text}".encode(), _HTML)


PAGES: dict[str, tuple[str, Any]] = {
    "/hangs": ("deadline_exceeded", page("<script>while(1);</script>")),
    "/hangs-later": (
        "deadline_exceeded",
        page("<script>addEventListener('load', () => setTimeout(() => {while(1);}, 50))</script>"),
    ),
    "/alerts": (
        "ok",
        page("<script>alert(1); open('/alerts'); onbeforeunload = () => 1</script>hello"),
    ),
    "/refreshes": (
        "server_misbehaving",
        page("<meta http-equiv=refresh content='0;url=/refreshes'>"),
    ),
    "/begins": (
        "slow",
        [b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 999\r\n\r\nbegun", 60.0],
    ),
    "/silent": ("generic_timeout_error", [60.0]),
    "/nothing": ("eof_error", b""),
    "/file": (
        "server_misbehaving",
        reply(b"x", "Content-Type: application/zip", "Content-Disposition: attachment"),
    ),
    "/loop": ("server_misbehaving", moved("/loop")),
    "/no-picture": ("ok", reply(b"no", "Content-Type: image/png")),
    "/turned": ("ok", page("x\u202ey")),
    "/long": ("too_long", page("<p>" + "x <b>y</b> " * 9 + " " * 2_000_000)),
}


async def _asked(server: PageServer, names: NameServer) -> dict[str, str]:
    settings = load(
        {
            "resolvers": [names.address],
            "control": {"dns": [names.address], "https": []},
            "policy": {"allow": ["127.0.0.1/32"]},
            "timeout": 15,
            "page": {"most": 1024 * 1024},
        },
        environ={},
    )
    answers = await all_asked(settings, [{"page": server.url(path)} for path in PAGES])
    return {
        path: one[2].failure.name if one[2].failure else getattr(one[2].facts, "verdict", "")
        for path, one in zip(PAGES, answers, strict=True)
    }


def main() -> int:
    """Print a line for each page."""
    server, names = PageServer({path: answer for path, (_, answer) in PAGES.items()}), NameServer()
    with serving(server, names):
        found = asyncio.run(_asked(server, names))
    wrong = 0
    for path, (wanted, _) in PAGES.items():
        wrong += found[path] != wanted
        print(f"{'ok ' if found[path] == wanted else 'BAD'} {path}: {found[path]} ({wanted})")
    return int(bool(wrong))


if __name__ == "__main__":
    sys.exit(main())
