"""Styles of kind ``tls``: the verdict in a few lines, as ``openssl s_client``, a table."""

from collections.abc import Iterator
from datetime import UTC, datetime

from sotokara.core.display import named, with_unicode
from sotokara.kinds.shared.tls.facts import Sct
from sotokara.kinds.shared.view import Conclusion, Table, View
from sotokara.kinds.tls.facts import EndpointShown, TlsFacts
from sotokara.kinds.tls.target import read_target

_MOST_NAMES = 6
_OCTETS = 8
_CODES = {
    "trusted": "0 (ok)",
    "self_signed": "18 (self-signed certificate)",
    "not_trusted": "20 (unable to get local issuer certificate)",
    "incomplete": "21 (unable to verify the first certificate)",
    "revoked": "23 (certificate revoked)",
    "expired": "10 (certificate has expired)",
    "not_yet_valid": "9 (certificate is not yet valid)",
    "name_mismatch": "62 (hostname mismatch)",
    "unreadable": "1 (unspecified certificate verification error)",
}
"""As OpenSSL numbers and words them (X509_V_ERR_…)."""


def verdict(view: View) -> list[str]:
    """What was shown, by whom it is vouched for, and what that means for a visitor."""
    facts: TlsFacts = view.facts
    words = view.words
    about = [facts.version, facts.cipher, facts.protocol]
    lines = [f"{with_unicode(view.question.target)}  {', '.join(filter(None, about))}"]
    if facts.verdict != "unreadable":
        lines += _certificate(view, facts)
    lines += [f"  {line}" for line in _beside(view, facts)]
    lines += _ends(view, facts)
    lines.append(Conclusion(f"=> {_said(view, facts)}"))
    if not facts.same:
        lines.append(Conclusion(f"=> {words['tls_not_same']}"))
    return lines


def _certificate(view: View, facts: TlsFacts) -> Iterator[str]:
    words = view.words
    names = (
        ", ".join(named(with_unicode(one)) for one in facts.names[:_MOST_NAMES]) or facts.subject
    )
    if more := facts.names[_MOST_NAMES:]:
        names += " " + words["tls_more_names"].format(count=len(more))
    yield f"  {words['tls_certificate'].format(names=names)}"
    valid = {"since": format_day(facts.valid_from), "until": format_day(facts.expires)}
    yield f"  {words['tls_issued'].format(issuer=named(facts.issuer), **valid)}"
    shown = fingerprint(facts.fingerprint) or words["tls_masked"]
    yield f"  {facts.key}; {facts.signature}; SHA-256 {shown}"
    if facts.chain:
        path = " ← ".join(
            map(named, [facts.chain[0].subject, *(link.issuer for link in facts.chain)][:6])
        )
        yield f"  {words['tls_chain'].format(path=path)}"


def _beside(view: View, facts: TlsFacts) -> Iterator[str]:
    """Stapled status, timestamps, and what the DNS says."""
    words = view.words
    if facts.ocsp != "none":
        yield f"OCSP: {words[f'tls_ocsp_{facts.ocsp}']}"
    if facts.scts:
        yield f"SCT: {'; '.join(_sct(view, one) for one in facts.scts)}"
        if facts.transparency == "too_few":
            yield f"SCT: {words['tls_transparency_too_few']}"
    elif facts.transparency == "none" and view.observation.volatile.get("logs"):
        yield f"SCT: {words['tls_transparency_none']}"
    if facts.tlsa:
        yield f"TLSA: {words[f'tls_tlsa_{facts.tlsa}']}"
    if facts.caa:
        yield f"CAA: {', '.join(facts.caa)}"
    if facts.store:
        yield words["tls_store"].format(standing=words[f"tls_short_{facts.store}"])


def _sct(view: View, one: Sct) -> str:
    source = "" if one.source == "certificate" else ", OCSP"
    said = view.words[f"tls_sct_{one.standing}"]
    if one.inclusion:
        place = {"index": f"{one.index}", "size": f"{one.tree_size}"}
        said += f"; {view.words[f'tls_proof_{one.inclusion}'].format(**place)}"
    return f"{one.log} ({said}{source})"


def _ends(view: View, facts: TlsFacts) -> Iterator[str]:
    """The addresses and ports, where there are several or one of them failed."""
    if len(facts.endpoints) < 2 and not any(one.failure for one in facts.endpoints):  # noqa: PLR2004
        return
    for one in facts.endpoints:
        yield f"{_where(one)}  {_shown(view, one, facts)}"


def _where(one: EndpointShown) -> str:
    address = f"[{one.address}]" if ":" in one.address else one.address
    return f"{address}:{one.port}"


def _shown(view: View, one: EndpointShown, facts: TlsFacts) -> str:
    words = view.words
    if one.failure:
        step = f" ({words['step'].format(step=one.step)})" if one.step else ""
        return f"{words[one.failure]}{step}"
    if one.fingerprint == facts.fingerprint:
        return words["tls_this"]
    return words["tls_another"].format(fingerprint=fingerprint(one.fingerprint))


def _said(view: View, facts: TlsFacts) -> str:
    """All problems in one sentence, or that there is none."""
    words = view.words
    if not facts.problems:
        return words["tls_trusted"]
    when = {"since": format_day(facts.expires), "until": format_day(facts.valid_from)}
    host = with_unicode(read_target(view.question.target).host)
    said = [words[f"tls_{one}"].format(host=host, **when) for one in facts.problems]
    return "; ".join(said)


def format_day(moment: datetime | None) -> str:
    """The day of a time, UTC."""
    return moment.astimezone(UTC).date().isoformat() if moment else ""


def fingerprint(text: str) -> str:
    """The first octets of a fingerprint, as tools write them."""
    pairs = [text[at : at + 2].upper() for at in range(0, len(text), 2)]
    return ":".join(pairs[:_OCTETS]) + ("…" if pairs[_OCTETS:] else "")


def openssl(view: View) -> list[str]:
    """The lines of ``openssl s_client`` that tell of the certificate, in its order."""
    facts: TlsFacts = view.facts
    command = " ".join(view.question.commands()[0]).replace(" -showcerts -status", "")
    lines = [f"$ {command}"]
    lines.append("---")
    lines.append("Certificate chain")
    for number, link in enumerate(facts.chain):
        lines += [
            f" {number} s:CN = {link.subject}",
            f"   i:CN = {link.issuer}",
            f"   v:NotAfter: {_gmt(link.expires)}",
        ]
    lines += [
        "---",
        "Server certificate",
        f"subject={_in_order(facts.subject)}",
        f"issuer=CN = {facts.issuer}",
    ]
    lines += ["---", f"New, {facts.version}, Cipher is {facts.cipher}"]
    if facts.protocol:
        lines.append(f"ALPN protocol: {facts.protocol}")
    lines.append(f"Verify return code: {_CODES[facts.verdict]}")
    return lines


def _in_order(subject: str) -> str:
    """A name of RFC 4514 with its outermost part first, as OpenSSL writes it."""
    return subject if "\\" in subject else ", ".join(reversed(subject.split(",")))


def _gmt(moment: datetime) -> str:
    utc = moment.astimezone(UTC)
    months = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()  # noqa: SIM905
    return f"{months[utc.month - 1]} {utc.day:2d} {utc:%H:%M:%S} {utc.year} GMT"


def table(view: View) -> Table:
    """A row for each address and port."""
    facts: TlsFacts = view.facts
    words = view.words
    header = [words["address"], words["tls_port"], "TLS", "SHA-256", words["tls_verdict"]]
    rows = []
    for one in facts.endpoints:
        own = not one.failure and one.fingerprint == facts.fingerprint
        short = words[f"tls_short_{facts.verdict}"] if own else _shown(view, one, facts)
        rows.append([one.address, str(one.port), one.version, fingerprint(one.fingerprint), short])
    return Table(header, rows)


STYLES = {"verdict": verdict, "openssl": openssl, "table": table}
