"""``python -m tests.peers persons FOLDER…``: whether persons whom a peer names are published.

Every recorded answer with a contact goes the way of a measured one: masked as the whois client
masks it, read, kept in a ledger, shown in articles of a blog that a real ``mkdocs build`` makes,
with evidence pages, search index and feeds. Then each name, number, street and mail that the peers'
expectations hold is looked for in the facts and the raw of its own answer, and, where it was masked
there, in every file of the ledger and of the site.

Printed are the counts by what a value is and why it may stay (a registrar's, a role's, under a
label for organizations, …; see personal.py), and each value that has no such reason. A value that
another answer holds is printed with that answer, to be judged: most are a registry's own name.
Exit 1 for a value without a reason, or one that stands in no answer and is published all the same.
``-v`` prints those with a reason too. It takes some minutes and fetches nothing.
"""

import argparse
import html
import json
import shutil
import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import yaml
from sotokara.core.canonical import canonical, digest
from sotokara.core.observation import Exchange, Observation, Outcome, Vantage, now
from sotokara.kinds.shared.registry.target import read_target
from sotokara.kinds.whois.kind import Whois
from sotokara.kinds.whois.text import charset, decode_answer
from sotokara.kinds.whois.walk import FOLLOW, Asking, as_kept

from tests.peers.personal import Value, staying, values
from tests.peers.recorded import Recorded
from tests.peers.registry import recorded
from tests.sites import ROOT, build, fence, make_site
from tests.tampered import keep

_EACH = 40
"""Figures of an article."""
_MINUTES = 40


def main(words: list[str]) -> int:
    """The command line's words behind ``persons``."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.peers persons",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("folders", nargs="+", type=Path, metavar="FOLDER")
    parser.add_argument("-v", "--verbose", action="store_true")
    asked = parser.parse_args(words)
    answers = {one.raw: one for folder in asked.folders for one in recorded(folder)}
    with tempfile.TemporaryDirectory() as folder:
        return _persons([*answers.values()], Path(folder), verbose=asked.verbose)


def _persons(answers: list[Recorded], folder: Path, *, verbose: bool) -> int:
    seen, stays, fences = Counter[str](), list[tuple[Recorded, Value]](), list[str]()
    gone: dict[str, set[str]] = {}
    texts: list[str] = []
    for one in answers:
        own = list(values(one))
        observation = _observed(one) if own else None
        if observation is None:
            continue
        keep(folder / "site" / "evidence", observation)
        fences.append(fence(**observation.definition))
        seen.update(value.what for value in own)
        raw = observation.exchanges[0]
        kept = decode_answer(raw.received or b"", charset(one.server, one.raw))
        shown = f"{kept}\n{observation.facts}\n{observation.volatile}"
        texts.append(f"{one.peer} {one.name}\n{shown}")
        left = staying(one, kept, shown)
        stays += [(one, value) for value in left]
        for value in own:
            if value.text not in shown:
                gone.setdefault(value.what, set()).add(value.text)
    allowed = "\n".join([value.text for _, value in stays] + _public(answers))
    found = []
    for line, person in _published(folder / "site", fences, gone, allowed):
        beside = next((text.partition("\n")[0] for text in texts if person in text), "")
        if beside:
            print(f"in another answer: {person}: {beside}")
        else:
            found.append(line)
    return _told(seen, stays, found, verbose=verbose)


def _observed(one: Recorded) -> Observation | None:
    """The observation that a measurement would have kept; None for what cannot be asked."""
    try:
        target = read_target(one.target)
    except ValueError:
        return None
    question = Whois(target=one.target, server=one.server).normal()
    sent = Exchange(
        FOLLOW,
        one.server,
        "whois",
        f"{one.target}\r\n".encode(),
        one.raw,
        media_type=f"text/plain; charset={charset(one.server, one.raw)}",
    )
    exchange = as_kept(sent, Asking(target, "en", contacts=False))
    reading = question.parse([exchange])
    identity = question.identity()
    return Observation(
        digest=digest(canonical(identity)),
        definition=identity,
        start=now(),
        outcome=reading.failure.outcome if reading.failure else Outcome.ANSWERED,
        vantage=Vantage("author", "tests.peers"),
        version=question.version,
        failure=reading.failure,
        facts=reading.facts,
        volatile=reading.volatile,
        exchanges=(exchange,),
    )


def _public(answers: list[Recorded]) -> list[str]:
    """What some peer calls an organization, and what is asked for: in no way a secret."""
    return [name for one in answers for name in (*one.organizations, one.target)]


def _published(
    site: Path, fences: list[str], gone: dict[str, set[str]], allowed: str
) -> Iterator[tuple[str, str]]:
    """Values that were masked in their own answer and are in some file, with the file."""
    pages = {
        f"posts/{at}.md": f"---\ndate: 2026-03-03\n---\n# Answers {at}\n\n"
        + "\n".join(fences[at : at + _EACH])
        for at in range(0, len(fences), _EACH)
    }
    make_site(site, {"index.md": "# Blog\n", **pages}, mode="replay")
    file = site / "mkdocs.yml"
    config = yaml.safe_load(file.read_text("utf-8"))
    config["plugins"] = ["search", {"blog": {"blog_dir": "."}}, {"rss": {"match_path": "posts/.*"}}]
    hooks = ("blog", "pages", "figures", "evidence")
    config["hooks"] = [str(ROOT / "hooks" / f"{name}.py") for name in hooks]
    file.write_text(yaml.safe_dump(config), "utf-8")
    done = build(site, timeout=_MINUTES * 60)
    if done.returncode:
        raise SystemExit(done.stderr)
    files = [path for part in ("site", "evidence") for path in (site / part).rglob("*")]
    print(f"{len(fences)} answers, {len(pages)} articles, {len(files)} files of site and evidence")
    texts = [(path, _text(path)) for path in files if path.suffix in _READ and path.is_file()]
    whole = "\n".join(text for _, text in texts)
    for what, each in gone.items():
        for value in sorted(each):
            if value not in allowed and value in whole:
                path = next(path for path, text in texts if value in text)
                yield f"{what} {value}: {path.relative_to(site)}", value
    shutil.rmtree(site)


_READ = {".html", ".json", ".jsonl", ".xml", ".txt", ".md", ".svg"}


def _text(path: Path) -> str:
    text = path.read_text("utf-8", "replace")
    if path.suffix == ".json":
        text = json.dumps(json.loads(text), ensure_ascii=False).replace('\\"', '"')
    return html.unescape(text)


def _told(
    seen: Counter[str], stays: list[tuple[Recorded, Value]], found: list[str], *, verbose: bool
) -> int:
    wrong = [(one, value) for one, value in stays if not value.reason]
    for one, value in stays if verbose else wrong:
        print(f"{value.reason or 'SURVIVES'}: {one.peer} {one.name}: {value.what} {value.text}")
    for line in found:
        print(f"PUBLISHED: {line}")
    print(f"looked for: {', '.join(f'{count} {what}s' for what, count in seen.most_common())}")
    for reason, count in Counter(value.reason for _, value in stays).most_common():
        print(f"{count} stay: {reason or 'no reason: a person survives'}")
    print(f"{len(wrong)} survive in their own answer")
    print(f"{len(found)} are published though they stand in no answer")
    return int(bool(wrong or found))
