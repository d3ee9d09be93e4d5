"""Kind ``http``: every hop to a web page, its headers, and what the page is (RFC 9110).

Nothing of a page is run, and no cookie is sent back. Redirects are followed one by one, each under
the blog's policy.
"""

from collections.abc import Iterator, Sequence
from importlib import metadata
from typing import Any, ClassVar, Literal

import msgspec

from sotokara.core.observation import Exchange, Facts, Failure, Observation, Reading
from sotokara.core.own_network import Masks
from sotokara.core.warc import WebExchange, WebRecord
from sotokara.kinds.http.facts import HttpFacts, HttpHop
from sotokara.kinds.http.settings import Http as HttpSettings
from sotokara.kinds.http.settings import visitor
from sotokara.kinds.interface import Kind, OptionError
from sotokara.kinds.shared.platforms.reports import is_reported, parse_or_convert
from sotokara.kinds.shared.translator import translated
from sotokara.kinds.shared.web.clear import in_the_clear
from sotokara.kinds.shared.web.target import read_url, wrong_visit
from sotokara.network.http import ready
from sotokara.network.network import Network


class Http(Kind, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """One web address, and where it leads."""

    name: ClassVar[str] = "http"
    version: ClassVar[int] = 1
    facts: ClassVar[type[HttpFacts]] = HttpFacts
    styles: ClassVar[tuple[str, ...]] = ("curl", "verbose", "table")
    from_raw: ClassVar[frozenset[str]] = frozenset({"curl", "verbose"})
    settings: ClassVar[type[HttpSettings]] = HttpSettings
    timeout_factor: ClassVar[float] = 4.0
    id_prefix: ClassVar[str] = "web"
    gist: ClassVar[tuple[str, ...]] = ("title", "url")
    software: ClassVar[str] = f"httpcore {metadata.version('httpcore')}"
    retold: ClassVar[frozenset[str]] = frozenset({"hops"})
    help: ClassVar[dict[str, str]] = {
        "target": "A web address; without a scheme it is `https://`.",
        "keep": "What is kept of each body, once it is masked: its `hash`, the `text` that is to "
        "be read in it, or `all` (512 KiB at most).",
        "http2": "Offer HTTP/2 too (extra `http2`).",
        "icon": "Ask for the site's icon as well, for the number that Shodan finds it by.",
        "language": "The `Accept-Language` that is sent; by default none.",
        "addresses": "Keep the IP addresses that a page shows. By default those are masked that "
        "were not asked, since one of them may be yours.",
        "verdict": "`ok`, `error_status`, or what went wrong: `redirect_loop`, `too_many_hops`, "
        "`hop_refused`, `hop_failed`, `no_web_address`, `not_followed` (by a platform's probe), "
        "`cut`, `too_long`, `slow`, `bomb`, `not_unpacked`, `not_as_promised`.",
        "url": "The last address that answered.",
        "status": "Its status.",
        "hops": "Each request: `url`, `status`, `version`, `address`, `location`, `problems` of "
        "its certificate, `fingerprint`, or a `failure`.",
        "headers": "Its headers that stay the same until somebody changes the server, by name in "
        "lower case.",
        "cookies": "The names of the cookies that it sets.",
        "type": "Its media type.",
        "charset": "Its charset, as it says itself.",
        "title": "The page's title.",
        "size": "Bytes of the body, unpacked and masked.",
        "sha256": "SHA-256 of the body, unpacked and masked.",
        "text_sha256": "SHA-256 of the text that is to be read in it.",
        "trackers": "Ids of accounts that the page reports its visitors to: `service`, `id`.",
        "favicon": "The icon's number, as Shodan writes it (`http.favicon.hash`).",
        "generator": "The software that the page says it was made with.",
    }

    keep: Literal["hash", "text", "all"] = "hash"
    http2: bool = False
    icon: bool = False
    language: str = ""
    addresses: bool = False

    def option_errors(self) -> Iterator[OptionError]:
        """Targets that are no web address, and what no header can hold."""
        return wrong_visit(self.target, self.language)

    def normal(self) -> "Http":
        """The address in its normal spelling."""
        return msgspec.structs.replace(self, target=read_url(self.target))

    async def measure(self, net: Network) -> list[Exchange]:
        """Follow it."""
        await ready()
        from sotokara.kinds.http.asking import Walk, follow  # brings in httpcore

        return await follow(Walk(net, self.http2, self.language), self.target, icon=self.icon)

    def hide(self, exchanges: Sequence[Exchange], masks: Masks) -> list[Exchange]:  # noqa: ARG002
        """Mask cookies, headers that may tell of the author, and addresses that are echoed."""
        from sotokara.kinds.shared.web.masking import mask_web_exchanges

        return mask_web_exchanges(exchanges, addresses=self.addresses)

    def kept(self, exchanges: Sequence[Exchange]) -> list[Exchange]:
        """Bodies hashed, and kept as ``keep`` says."""
        from sotokara.kinds.http.kept import shortened

        return shortened(exchanges, self.keep)

    def asked_of(self, platform: str, several: bool = False) -> dict[str, dict[str, Any]]:  # noqa: FBT001, FBT002
        """One request of one probe, as of a visitor; an icon is not asked for there."""
        from sotokara.kinds.http.reported import platform_asks

        if several or self.icon:
            return {}
        return platform_asks(platform, self.target, http2=self.http2, language=self.language)

    def in_own_form(self, exchanges: Sequence[Exchange]) -> Sequence[Exchange]:
        """A platform's visit as a hop."""
        if not any(map(is_reported, exchanges)):
            return exchanges
        from sotokara.kinds.http.reported import in_own_form

        return in_own_form(exchanges, self.target, addresses=self.addresses)

    def parse(self, exchanges: Sequence[Exchange]) -> Reading:
        """Facts from the hops (see parse.py)."""
        from sotokara.kinds.http.parse import read_hops

        return parse_or_convert(self, exchanges, read_hops)

    @classmethod
    def comparable(cls, before: Facts, after: Facts) -> tuple[Facts, Facts]:
        """A page's text is compared, not its bytes: tokens and clocks make these others each time.

        Nor is a renewed certificate a change of the page.
        """
        return _lasting(before), _lasting(after)

    @classmethod
    def seen_in(cls, style: str, facts: Facts) -> Facts:
        """``curl -I`` prints no addresses: a site behind many has another one each time."""
        if style != "curl" or not isinstance(facts, HttpFacts):
            return facts
        hops = [msgspec.structs.replace(one, address="") for one in facts.hops]
        return msgspec.structs.replace(facts, hops=hops)

    @classmethod
    def failure_in(cls, facts: Facts | None) -> Failure | None:
        """A certificate that does not hold: the control says whether anybody's would, from here."""
        if isinstance(facts, HttpFacts) and any(hop.problems for hop in facts.hops):
            return Failure("ssl_failed_handshake", "certificate")
        return None

    @classmethod
    def seen_by_listing(cls, field: str, old: Any, new: Any) -> Any:  # noqa: ANN401
        """Of today's hops as many, and as much of each, as the listing shows."""
        if field != "hops" or not isinstance(new, list) or not isinstance(old, list):
            return new
        return [_as_shown(one, now) for one, now in zip(old, new, strict=False)]

    @classmethod
    def headline_of(cls, facts: Any, words: dict[str, str]) -> str:  # noqa: ANN401
        """The status, or what went wrong."""
        if facts.verdict in ("ok", "error_status"):
            return f"HTTP {facts.status}"
        return words.get(f"head_http_{facts.verdict}") or words["answered"]

    @classmethod
    def remarks(cls, facts: Any, observation: Observation, words: dict[str, str]) -> list[str]:  # noqa: ANN401
        """Which hops had no TLS: what they say is not known to be the server's own."""
        answered = (hop.url for hop in facts.hops if hop.status)
        said = in_the_clear(answered, words) if observation.origin != "transcript" else []
        said += translated((hop.address for hop in facts.hops), words)
        return [*said, *super().remarks(facts, observation, words)]

    def web(self, observation: Observation) -> list[WebExchange | WebRecord]:
        """The hops whose bodies are kept whole (``keep: all``)."""
        from sotokara.kinds.shared.web.archive import archived

        return list(archived(observation))

    def commands(self, facts: Any = None) -> list[list[str]]:  # noqa: ANN401, ARG002
        """``curl`` for the hops: with GET, as we ask, and of each answer its head alone."""
        words = ["curl", "-sL", "-o", "/dev/null", "-D", "-"]
        words.append("--http2" if self.http2 else "--http1.1")
        for name, value in visitor(self.language):
            words += ["-H", f"{name}: {value}"]
        return [[*words, self.target]]


def _lasting(facts: Facts) -> Facts:
    if not isinstance(facts, HttpFacts):
        return facts
    hops = [msgspec.structs.replace(one, fingerprint="") for one in facts.hops]
    whole = {"size": 0, "sha256": ""} if facts.text_sha256 else {}
    return msgspec.structs.replace(facts, hops=hops, **whole)


def _as_shown(old: HttpHop, new: HttpHop) -> HttpHop:
    unseen = {"problems": [], "fingerprint": ""}
    for name in ("address", "version"):
        unseen[name] = getattr(new, name) if getattr(old, name) else ""
    return msgspec.structs.replace(new, **unseen)
