"""The asking: one question to an index of the logs, in its turn."""

from urllib.parse import quote, urlsplit

from sotokara.core.mistakes import SettingMistake
from sotokara.core.observation import Exchange, Failure, Outcome, ProbeFailure, milliseconds
from sotokara.kinds.ct.entries import INDEX
from sotokara.kinds.ct.settings import settings_of
from sotokara.network import http
from sotokara.network.network import Network

_MOST_BYTES = 16 * 1024 * 1024
_PAUSE = 1.0
_OK = 200


async def ask_index(net: Network, name: str, *, subdomains: bool) -> list[Exchange]:
    """The index's answer as it came; a failure of the index is none of the name's.

    :raises SettingMistake: where ``ct.index`` is no web address with ``{name}`` in it.
    """
    form = settings_of(net).index
    url = form.replace("{name}", quote(f"%.{name}" if subdomains else name, safe=""))
    host = urlsplit(url).hostname or ""
    if "{name}" not in form or urlsplit(url).scheme not in ("http", "https") or not host:
        what = f"ct.index: {form} is no web address with {{name}} in it"
        raise SettingMistake(what, "write https://crt.sh/?q={name}&output=json")
    received, failure = None, None
    async with net.queue(f"ct {host}", _PAUSE):
        began = net.elapsed()
        try:
            reply = await http.get(net, url, "application/json", _MOST_BYTES)
            if reply.status == _OK:
                received = reply.body
            else:
                failure = Failure("index_unavailable", INDEX, f"HTTP {reply.status}")
        except ProbeFailure as failed:
            ours = failed.failure.outcome is Outcome.NOT_MEASURED
            told = failed.failure.name
            failure = failed.failure if ours else Failure("index_unavailable", INDEX, told)
    exchange = Exchange(
        step=INDEX,
        server=host,
        protocol=urlsplit(url).scheme,
        sent=f"GET {url}".encode("ascii", "replace"),
        received=received,
        failure=failure,
        at=milliseconds(began),
        ms=milliseconds(net.elapsed() - began),
        media_type="text/json",
    )
    net.trail.append(exchange)
    return [exchange]
