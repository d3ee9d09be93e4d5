"""How a path is written and drawn, from recorded cases."""

import dns.message
import dns.name
import dns.rrset
from sotokara.core.labels import labels
from sotokara.core.observation import Exchange, Observation, Outcome, Vantage, now
from sotokara.core.own_network import Masks
from sotokara.kinds import KINDS
from sotokara.kinds.parts import styles_of
from sotokara.kinds.shared.view import Picture, Table, View
from sotokara.kinds.traceroute.kind import Traceroute, path_remarks
from sotokara.network.trace import Trace, TraceHead, TraceRow, encode_trace

from tests.test_traceroute import RECORDED, TARGET, recorded


def view(question: Traceroute, exchanges: list[Exchange], lang: str = "en") -> View:
    reading = question.parse(exchanges)
    observation = Observation(
        digest="",
        definition=question.identity(),
        start=now(),
        outcome=Outcome.ANSWERED,
        vantage=Vantage("home", ""),
        facts=reading.facts,
        volatile=reading.volatile,
    )
    return View(question, observation, reading.facts, labels(lang))


def lines(name: str, style: str, *, own: bool = True) -> list[str]:
    question, exchanges, _ = recorded(name)
    shown = styles_of(KINDS["traceroute"])[style](
        view(question, question.hide(exchanges, Masks(own=own)))
    )
    assert not isinstance(shown, Picture)
    return shown.lines() if isinstance(shown, Table) else shown


def test_tracert_has_the_posts_shape() -> None:
    shown = lines("post-udp", "tracert")
    assert shown[0] == f"Tracing route to 7a-d07-b4.data-hotel.net [{TARGET}]"
    assert shown[3].split()[-1] == "192.168.xxx.254"
    assert shown[4].endswith("******** [******]")
    assert shown[9].endswith("210.173.176.29")
    assert shown[10].endswith("ni40g-ve12.data-hotel.net [203.174.64.146]")
    assert shown[-1] == "Trace complete."


def test_silence_is_never_zero() -> None:
    for style in ("tracert", "traceroute", "mtr"):
        text = "\n".join(lines("silent", style))
        assert " 0 ms" not in text
        assert " 0.0" not in text
    assert lines("silent", "tracert")[-2:] == [
        "  8     *        *        *     Request timed out.",
        " …   (9–30 as well)",
    ]
    assert lines("silent", "traceroute")[-2] == " 8  *  *  *"


def test_replies_and_loss_of_a_hop_agree() -> None:
    rows = [line.split() for line in lines("seldom", "mtr", own=False)]
    seldom = next(row for row in rows if "203.174.65.31" in row)
    assert seldom[3:5] == ["1/3", "67%"]


def test_refusals_are_marked() -> None:
    assert "!X" in lines("prohibited", "traceroute", own=False)[-1]
    assert "!H" in lines("host-unreachable", "traceroute", own=False)[-1]
    assert lines("prohibited", "tracert")[-1].endswith(
        "reports: Destination is administratively prohibited."
    )


def test_remarks_in_both_languages() -> None:
    for path in RECORDED:
        question, exchanges, _ = recorded(path.stem)
        for lang in ("en", "ja"):
            one = view(question, exchanges, lang)
            if one.facts is not None:
                remarks = path_remarks(one.facts, one.observation, one.words)
                assert remarks
                assert not any("{" in remark for remark in remarks)


def test_a_name_full_of_html_is_text() -> None:
    owner = dns.name.from_text("140.255.104.203.in-addr.arpa")
    reply = dns.message.make_response(dns.message.make_query(owner, "PTR"))
    name = dns.name.Name((b"<script>alert(1)</script>", b"\x1b[31m", b"example", b""))
    reply.answer.append(dns.rrset.from_text(owner, 60, "IN", "PTR", name.to_text()))
    head = TraceHead(TARGET, "udp", 1, 30, v6=False, engine="test")
    rows = [TraceRow(1, 0, 0, TARGET, 1.0, 3, 3, final=True)]
    exchanges = [
        Exchange("path", TARGET, "udp", received=encode_trace(Trace(head, rows))),
        Exchange(f"name of {TARGET}", "resolver", "udp", received=reply.to_wire()),
    ]
    question = Traceroute(target=TARGET)
    drawn = styles_of(KINDS["traceroute"])["picture"](view(question, exchanges))
    assert isinstance(drawn, Picture)
    (row,) = drawn.shown(["a <b>remark</b>"])
    assert "\x1b" not in row["places"][0]
    assert " ? [" in row["places"][0]
