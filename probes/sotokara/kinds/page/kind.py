"""Kind ``page``: what a web page looks like, says and loads in a browser (extra ``capture``).

The system's Chromium starts empty for each page; every connection that it wants goes through a
proxy of ours, under the blog's policy. Nothing of the page runs in the blog.
"""

from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import Any, ClassVar, Literal

import msgspec

from sotokara.core.observation import Exchange, Facts, Failure, Observation, Reading
from sotokara.core.own_network import Masks
from sotokara.core.warc import WebExchange, WebRecord
from sotokara.kinds.interface import Kind, OptionError, Shot
from sotokara.kinds.page.facts import DOCUMENT, PageFacts
from sotokara.kinds.page.settings import Page as PageSettings
from sotokara.kinds.shared.web.clear import in_the_clear
from sotokara.kinds.shared.web.target import read_url, wrong_visit
from sotokara.network.network import Network


class Page(Kind, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """One web page, in a browser."""

    name: ClassVar[str] = "page"
    version: ClassVar[int] = 1
    facts: ClassVar[type[PageFacts]] = PageFacts
    styles: ClassVar[tuple[str, ...]] = ("text", "resources", "connections")
    from_raw: ClassVar[frozenset[str]] = frozenset({"resources", "connections"})
    settings: ClassVar[type[PageSettings]] = PageSettings
    timeout_factor: ClassVar[float] = 4.0
    id_prefix: ClassVar[str] = "page"
    gist: ClassVar[tuple[str, ...]] = ("title", "url")
    software: ClassVar[str] = "Chromium through Playwright"
    folds: ClassVar[int] = 12
    help: ClassVar[dict[str, str]] = {
        "target": "A web address; without a scheme it is `https://`.",
        "keep": "What is kept of it, once it is masked: `all` (pictures, text, the document as it "
        "came to be, and what it loads: 512 KiB of each, 4 MiB in all), `picture` (pictures and "
        "text; of the rest the hashes), or `text` (no pictures either).",
        "language": "The language that the browser asks for; by default `en-US`.",
        "addresses": "Keep the IP addresses that a page shows. By default those are masked that "
        "were not contacted, since one of them may be yours.",
        "verdict": "`ok`, `error_status`, `slow` (it had not come to its end in time), or "
        "`too_long` (it loads more than `page.most`, and was stopped there).",
        "url": "The page's address in the end, after redirects, also those by scripts.",
        "status": "Its HTTP status.",
        "title": "Its title.",
        "text": "What is to be read in it, line by line.",
        "hosts": "Each host that it loads from: `host`, `requests`, and how many of them `failed`.",
        "refused": "Connections that it wanted and the policy does not make: `host`, `port`, "
        "`address`.",
        "unreached": "Hosts with which it came to no connection for other reasons.",
        "trackers": "Ids of accounts that it reports its visitors to: `service`, `id`.",
        "generator": "The software that it says it was made with.",
        "problems": "What is wrong with its certificate, as in kind `tls`.",
        "fingerprint": "Its certificate's SHA-256.",
    }

    keep: Literal["all", "picture", "text"] = "all"
    language: str = ""
    addresses: bool = False

    def option_errors(self) -> Iterator[OptionError]:
        """Targets that are no web address, and what no header can hold."""
        return wrong_visit(self.target, self.language)

    def normal(self) -> "Page":
        """The address in its normal spelling."""
        return msgspec.structs.replace(self, target=read_url(self.target))

    async def measure(self, net: Network) -> list[Exchange]:
        """Look at it."""
        from sotokara.kinds.page.asking import visit_page

        return await visit_page(net, self.target, self.language, addresses=self.addresses)

    def hide(self, exchanges: Sequence[Exchange], masks: Masks) -> list[Exchange]:  # noqa: ARG002
        """Mask cookies, headers that may tell of the author, and addresses that are echoed."""
        from sotokara.kinds.page.kept import hidden

        return hidden(exchanges, addresses=self.addresses)

    def kept(self, exchanges: Sequence[Exchange]) -> list[Exchange]:
        """Bodies hashed, and kept as ``keep`` says; no picture that shows what is hidden."""
        from sotokara.kinds.page.kept import shortened

        return shortened(exchanges, self.keep)

    def parse(self, exchanges: Sequence[Exchange]) -> Reading:
        """Facts from a visit (see parse.py)."""
        from sotokara.kinds.page.parse import read_visit

        return read_visit(exchanges)

    @classmethod
    def comparable(cls, before: Facts, after: Facts) -> tuple[Facts, Facts]:
        """How often a host is asked differs each time, and so does a renewed certificate."""
        return _lasting(before), _lasting(after)

    @classmethod
    def failure_in(cls, facts: Facts | None) -> Failure | None:
        """A certificate that does not hold: the control says whether anybody's would, from here."""
        if isinstance(facts, PageFacts) and facts.problems:
            return Failure("ssl_failed_handshake", "certificate")
        return None

    @classmethod
    def headline_of(cls, facts: Any, words: dict[str, str]) -> str:  # noqa: ANN401
        """The status, or what went wrong."""
        if facts.verdict in ("ok", "error_status"):
            return f"HTTP {facts.status}"
        return words[f"head_page_{facts.verdict}"]

    @classmethod
    def remarks(cls, facts: Any, observation: Observation, words: dict[str, str]) -> list[str]:  # noqa: ANN401
        """Whether the page itself had no TLS."""
        return [*in_the_clear([facts.url], words), *super().remarks(facts, observation, words)]

    @classmethod
    def shots(cls, observation: Observation, words: dict[str, str]) -> list[Shot]:
        """The pictures, the wide one first."""
        facts = observation.facts
        title = facts.title if isinstance(facts, PageFacts) else ""
        url = facts.url if isinstance(facts, PageFacts) else ""
        alt = words["page_alt" if title else "page_alt_untitled"].format(title=title, url=url)
        kept = sorted(
            observation.volatile.get("pictures", []), key=lambda one: one["width"], reverse=True
        )
        return [
            Shot(f"page-{one['width']}.png", int(one["width"]), int(one["height"]), alt)
            for one in kept
        ]

    @classmethod
    def drawn(cls, observation: Observation) -> dict[str, bytes]:
        """The pictures' bytes, where they are what they say."""
        from sotokara.kinds.page.kept import size_of

        pictures = [one for one in observation.exchanges if one.step.startswith("picture ")]
        sizes = ((size_of(one.received or b""), one.received or b"") for one in pictures)
        return {f"page-{size[0]}.png": content for size, content in sizes if size is not None}

    def web(self, observation: Observation) -> list[WebExchange | WebRecord]:
        """What it loads, the document as it came to be, and the pictures (``keep: all``)."""
        from sotokara.kinds.shared.web.archive import archived

        found: list[WebExchange | WebRecord] = list(archived(observation))
        if not found:
            return []
        url = observation.facts.url if isinstance(observation.facts, PageFacts) else self.target
        for one in observation.exchanges:
            if one.received and (one.step == DOCUMENT or one.step.startswith("picture ")):
                moment = observation.start + timedelta(milliseconds=one.at)
                name = f"urn:sotokara:{one.step.replace(' ', '-')}:{url}"
                found.append(WebRecord(name, moment, one.media_type, one.received))
        return found

    def commands(self, facts: Any = None) -> list[list[str]]:  # noqa: ANN401, ARG002
        """Chromium for a picture."""
        options = ["--headless", "--window-size=1280,844", "--screenshot=page.png"]
        return [["chromium", *options, self.target]]


def _lasting(facts: Facts) -> Facts:
    if not isinstance(facts, PageFacts):
        return facts
    hosts = [msgspec.structs.replace(one, requests=0, failed=0) for one in facts.hosts]
    return msgspec.structs.replace(facts, hosts=hosts, fingerprint="")
