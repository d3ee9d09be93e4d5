"""A registry that wants HTTP/2: asked so with the extra `http2`, else the figure says it."""

import asyncio
import ssl
from pathlib import Path
from typing import Any

import pytest
from sotokara.core.observation import Exchange
from sotokara.core.settings import Policy, Settings
from sotokara.kinds.rdap.kind import Rdap
from sotokara.network import http, ways
from sotokara.network.network import Network

from tests.lab.mail_certificates import make
from tests.servers.http2 import Http2Server
from tests.servers.thread import serving

OBJECT = {
    "objectClassName": "autnum",
    "startAutnum": "64500",
    "endAutnum": "64510",
    "name": "EX-AS",
}


@pytest.fixture
def tls(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ssl.SSLContext:
    make(tmp_path, ["rdap.example"])
    trusted = ssl.create_default_context(cafile=str(tmp_path / "rdap.example.pem"))
    trusted.check_hostname = False
    monkeypatch.setattr(ways, "trusted", lambda: trusted)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "rdap.example.pem", tmp_path / "rdap.example.key")
    return context


def ask(server: Http2Server, *numbers: int) -> Any:
    """The readings of questions about AS numbers, of one build."""

    async def main() -> list[Any]:
        settings = Settings(policy=Policy(allow=["127.0.0.0/8"]), registry_pause=0.0, timeout=3.0)
        network = Network(settings)
        found = []
        try:
            for number in numbers:
                base = f"https://127.0.0.1:{server.port}"
                question = Rdap(target=f"AS{number}", server=base)
                exchanges: list[Exchange] = await question.measure(network.for_probe())
                found.append(question.parse(exchanges))
        finally:
            network.close()
        return found

    with serving(server):
        return asyncio.run(main())


def test_a_server_that_wants_http2_is_asked_so(tls: ssl.SSLContext) -> None:
    server = Http2Server(tls, OBJECT)
    first, second = ask(server, 64500, 64501)
    assert first.failure is None
    assert first.facts.as_name == "EX-AS"
    assert second.facts.range == "AS64500 - AS64510"
    assert server.asked == [
        ("http/1.1", "/autnum/64500"),
        ("h2", "/autnum/64500"),
        ("h2", "/autnum/64501"),
    ]


def test_one_that_takes_no_other_connection_too(tls: ssl.SSLContext) -> None:
    server = Http2Server(tls, OBJECT, only=True)
    (found,) = ask(server, 64500)
    assert found.failure is None
    assert found.facts.as_name == "EX-AS"
    assert server.asked == [("alert", ""), ("h2", "/autnum/64500")]


def test_without_the_extra_the_figure_says_what_it_wants(
    tls: ssl.SSLContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(http, "speaks_http2", lambda: False)
    server = Http2Server(tls, OBJECT)
    (found,) = ask(server, 64500)
    assert found.failure.name == "refused_by_server"
    assert found.failure.detail == (
        "HTTP 426: the server wants HTTP/2.0; HTTP/2 comes with the extra `http2`"
    )
