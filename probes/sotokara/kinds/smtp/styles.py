"""Styles of kind ``smtp``: the verdict in a few lines, the dialogue as it was, a table."""

from collections.abc import Iterator

from sotokara.core.detail import detail_in_words
from sotokara.core.display import named, with_unicode
from sotokara.core.observation import Exchange
from sotokara.kinds.shared.tls.facts import HandshakeFacts
from sotokara.kinds.shared.view import Conclusion, Table, View
from sotokara.kinds.smtp.facts import AddressFacts, Bounce, MailHost, SmtpFacts

_TOLD = ("later", "refuses_us", "not_responsible", "undecided")
"""Verdicts beside which the server's own words stand: they say why."""
_NO_ROUTE = ("null_mx", "nothing", "no_domain")


def verdict(view: View) -> list[str]:
    """Each server with what it did, and what that means for a sender."""
    facts: SmtpFacts = view.facts
    words = view.words
    lines = [*_route(view, facts)]
    for host in facts.hosts:
        lines.append(_host(view, host))
        for one in host.addresses:
            lines += [f"  {line}" for line in _address(view, one, facts, host.name)]
    said = view.observation.volatile.get("text", "")
    if said and facts.verdict in _TOLD:
        lines += [f"S: {line}" for line in f"{facts.code} {said}".split("\n")]
    lines.append(Conclusion(f"=> {_sum(view, facts)}"))
    if not facts.agree:
        lines.append(Conclusion(f"=> {words['smtp_disagree']}"))
    if facts.bounce:
        lines.append(Conclusion(f"=> {_bounce(view, facts.bounce)}"))
    return lines


def _route(view: View, facts: SmtpFacts) -> Iterator[str]:
    if facts.route not in ("mx", *_NO_ROUTE):
        yield view.words[f"smtp_route_{facts.route}"].format(domain=_target(view))


def _target(view: View) -> str:
    return with_unicode(view.question.target)


def _host(view: View, host: MailHost) -> str:
    problem = view.words[f"smtp_host_{host.problem}"] if host.problem else ""
    name = f"MX {host.preference} {with_unicode(host.name)}"
    return f"{name}  ({problem})" if problem else name


def _address(view: View, one: AddressFacts, facts: SmtpFacts, host: str) -> Iterator[str]:
    words = view.words
    said = words[_key(one.verdict, chosen=facts.chosen)]
    if one.failure:
        step = f", {words['step'].format(step=one.step)}" if one.step else ""
        said = f"{said} ({words[one.failure]}{step})"
    elif one.replies:
        said = f"{_code(one)}: {said}"
    yield f"{one.address}  {said}"
    if greeting := view.observation.volatile.get("greetings", {}).get(f"{host} [{one.address}]"):
        yield f"  S: {greeting}"
    if one.retried:
        yield f"  ({words['smtp_retried']})"
    if one.tls:
        yield f"  {_tls(view, one.tls, host)}"


def _key(verdict_: str, *, chosen: bool) -> str:
    return f"smtp_{verdict_}_chosen" if chosen and verdict_ == "accepts" else f"smtp_{verdict_}"


def _code(one: AddressFacts) -> str:
    """The last reply that decided: step, code, enhanced code."""
    last = one.replies[-1]
    return " ".join(part for part in (last.step, str(last.code), last.enhanced) if part)


def _tls(view: View, tls: HandshakeFacts, host: str) -> str:
    words = view.words
    if not tls.version:
        return f"STARTTLS: {'; '.join(words[f'smtp_tls_{problem}'] for problem in tls.problems)}"
    about = [tls.version]
    if tls.names:
        ordered = sorted(tls.names, key=lambda name: name.lower() != host)
        names = ", ".join(named(with_unicode(name)) for name in ordered[:2]) + (
            " …" if ordered[2:] else ""
        )
        own = "_own" if "self_signed" in tls.problems else ""
        about.append(words[f"smtp_certificate{own}"].format(names=names, issuer=named(tls.issuer)))
        about.append(words["smtp_until"].format(date=tls.not_after))
    about += [words[f"smtp_tls_{problem}"] for problem in tls.problems]
    if tls.tlsa == "match":
        about.append(words["smtp_tls_tlsa_match"])
    return f"STARTTLS: {'; '.join(about)}"


def _sum(view: View, facts: SmtpFacts) -> str:
    domain = _target(view)
    if facts.route in _NO_ROUTE:
        return view.words[f"smtp_route_{facts.route}"].format(domain=domain)
    key = _key(facts.verdict, chosen=facts.chosen).replace("smtp_", "smtp_sum_", 1)
    return view.words[key].format(domain=domain)


def _bounce(view: View, bounce: Bounce) -> str:
    words = view.words
    volatile = view.observation.volatile.get("bounce", {})
    text = words[f"smtp_bounce_{bounce.state}"].format(
        sent=volatile.get("sent", "")[:16].replace("T", " ") + " UTC",
        after=volatile.get("after", ""),
        by=bounce.by or words["unknown"],
        status=bounce.status or words["unknown"],
    )
    said = detail_in_words(volatile.get("text", ""), words)
    return f"{text} {said}" if said else text


def transcript(view: View) -> list[str]:
    """C: what we sent, S: what we heard, with the time of each reply; then the verdict's lines."""
    lines: list[str] = []
    server = ""
    for one in view.observation.exchanges:
        if one.protocol != "smtp" or one.step == "control":
            continue
        if one.server != server or one.step == "connect":
            server = one.server
            lines += ["", f"* {with_unicode(server)}"]
        lines += _said(view, one)
    if not lines:
        return verdict(view)
    return [*lines[1:], "", *(line for line in verdict(view) if line.startswith("=>"))]


def _said(view: View, one: Exchange) -> list[str]:
    if one.step == "certificate":
        return [f"* {_tls(view, tls, host)}" for host, tls in _found(view, one.server)]
    sent = [f"C: {line}" for line in _lines(one.sent)]
    heard = [f"S: {line}" for line in _lines(one.received or b"")]
    took = f"  ({one.ms:.0f} ms)" if one.ms is not None else ""
    if one.failure:
        failure = view.words[one.failure.name]
        return [*sent, *heard, f"* {failure}{took}"]
    if one.step == "connect":
        return [f"* connect{took}"]
    if heard:
        heard[-1] += took
    return [*sent, *heard]


def _found(view: View, server: str) -> Iterator[tuple[str, HandshakeFacts]]:
    """The host and the TLS facts of the address that an exchange was held with."""
    facts: SmtpFacts = view.facts
    for host in facts.hosts:
        for one in host.addresses:
            if one.tls and f"{host.name} [{one.address}]" == server:
                yield host.name, one.tls


def _lines(content: bytes) -> list[str]:
    """Lines as they were sent; bytes that are no UTF-8 as ``\\xNN``."""
    return (
        content.decode("utf-8", "backslashreplace").replace("\r\n", "\n").rstrip("\n").split("\n")
        if content
        else []
    )


def table(view: View) -> Table:
    """A row for each address of each server."""
    facts: SmtpFacts = view.facts
    words = view.words
    header = ["MX", words["name"], words["address"], "STARTTLS", "RCPT", words["smtp_verdict"]]
    rows = []
    for host in facts.hosts:
        rows += [_row(view, host, one, facts) for one in host.addresses]
        if not host.addresses:
            rows.append(_row(view, host, None, facts))
    return Table(header, rows or [["", _target(view), "", "", "", _sum(view, facts)]])


def _row(view: View, host: MailHost, one: AddressFacts | None, facts: SmtpFacts) -> list[str]:
    words = view.words
    if one is None:
        problem = words[f"smtp_host_{host.problem}"] if host.problem else ""
        return [str(host.preference), with_unicode(host.name), "", "", "", problem]
    tls = "–"
    if one.tls:
        state = [words[f"smtp_tls_{problem}"] for problem in one.tls.problems]
        tls = "; ".join([one.tls.version, *state]).removeprefix("; ")
    code = _code(one) if one.replies and not one.failure else words.get(one.failure, "")
    said = words[_key(one.verdict, chosen=facts.chosen)]
    return [str(host.preference), with_unicode(host.name), one.address, tls, code, said]


STYLES = {"verdict": verdict, "transcript": transcript, "table": table}
