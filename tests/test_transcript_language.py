"""A transcript beside an answer in another language, and beside one that was masked in part."""

import msgspec
import pytest
from sotokara.core.labels import labels
from sotokara.core.observation import Exchange, Observation
from sotokara.definitions.definition import read_definition
from sotokara.engine.figure import Figure, Node
from sotokara.kinds.shared.registry.facts import Parent, RegistryFacts
from sotokara.kinds.traceroute.facts import PathEnd, PathFacts, TraceHop
from sotokara.kinds.traceroute.kind import Traceroute
from sotokara.kinds.whois.kind import Whois
from sotokara.render.remarks import Remarks
from sotokara.render.transcript_view import transcript_view
from sotokara.transcripts.compare import compare

from tests.tampered.site import at

JAPANESE = "f. [組織名] 株式会社例\n"
BOTH = f"{JAPANESE}g. [Organization] Example CO.,Ltd. <the company\n"


def then(text: str, said: list[str], facts: object) -> Observation:
    exchange = Exchange("transcript", "", "text", received=text.encode())
    volatile = {"said": said}
    return msgspec.structs.replace(at(0), facts=facts, volatile=volatile, exchanges=(exchange,))


def registered(organization: str, **more: object) -> RegistryFacts:
    return RegistryFacts(answer="registered", organization=organization, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "now", "changed", "same", "language"),
    [
        (JAPANESE, "Example Co., Ltd.", {}, [], ["organization"]),
        (BOTH, "Example Co., Ltd", {}, ["organization"], []),
        (
            BOTH,
            "Another Corp.",
            {"organization": ("Example CO.,Ltd.", "Another Corp.")},
            [],
            [],
        ),
        (JAPANESE, "株式会社例", {}, ["organization"], []),
        (JAPANESE, "", {"organization": ("株式会社例", "")}, [], []),  # gone, in no language
        (JAPANESE, "別の株式会社", {"organization": ("株式会社例", "別の株式会社")}, [], []),
    ],
)
def test_a_name_in_another_language_is_no_other_holder(
    text: str, now: str, changed: dict[str, object], same: list[str], language: list[str]
) -> None:
    old = then(text, ["organization"], registered("株式会社例"))
    found = compare(old, registered(now), Whois)
    assert (found.changed, found.same, found.language) == (changed, same, language)


def test_other_fields_are_compared_all_the_same() -> None:
    parents = [Parent("192.0.2.0/24", "NET", "株式会社例")]
    old = then(JAPANESE, ["netname", "parents"], registered("", netname="OLD", parents=parents))
    other = [Parent("192.0.2.0/24", "NET", "Example Co., Ltd.")]
    found = compare(old, registered("", netname="NEW", parents=other), Whois)
    assert found.changed == {"netname": ("OLD", "NEW")}
    assert found.language == ["parents"]
    wider = [Parent("192.0.0.0/16", "NET", "Example Co., Ltd.")]
    found = compare(old, registered("", netname="OLD", parents=wider), Whois)
    assert list(found.changed) == ["parents"]


def hops(*addresses: str) -> PathFacts:
    """A path; an empty address is a silent hop, `*` a masked one."""
    every = [
        TraceHop(number, [one] if one not in ("", "*") else [], "***" if one == "*" else "")
        for number, one in enumerate(addresses, 1)
    ]
    end = PathEnd("reached", len(every), addresses[-1])
    return PathFacts(address=addresses[-1], hops=every, end=end)


@pytest.mark.parametrize(
    ("now", "said"),
    [
        (("*", "192.0.2.2", "", "192.0.2.9"), "the same now (hops: 2 of 4)."),
        (("192.0.2.1", "192.0.2.2", "192.0.2.3", "192.0.2.9"), "the same now (hops)."),
        (("*", "*", "*", "*"), "Compared in part: hops: 0 of 4."),
    ],
)
def test_unchanged_is_said_of_the_hops_that_were_compared(now: tuple[str, ...], said: str) -> None:
    old = hops("192.0.2.1", "192.0.2.2", "192.0.2.3", "192.0.2.9")
    definition, _ = read_definition("traceroute: www.example.com\nid: a", "a.md", 1, "t")
    assert definition
    node = Node(definition)
    figure = Figure(node, "www.example.com", Traceroute(target="www.example.com"))
    figure.now = msgspec.structs.replace(at(1), facts=hops(*now))
    node.figures, node.then = [figure], then("", ["hops"], old)
    view = transcript_view(node, labels("en"), Remarks({}))
    assert view["changes"]["rows"] == []
    assert view["changes"]["said"].endswith(said)
