"""The three questions at the end, asked of the last site, of ``verify`` and of ``status``."""

import functools
import http.client
import http.server
import json
import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

from tests.years.hand import git
from tests.years.newsroom import EDITOR, TOKYO, Newsroom
from tests.years.posts import Figure, Post

_DEAD, _SILENT = timedelta(days=90), timedelta(days=30)


def ask(news: Newsroom) -> Iterator[str]:
    """What is wrong; nothing, where all is well."""
    news.later(hours=1)
    for name in (TOKYO, EDITOR):
        news.pull(name)
    news.do(EDITOR, "mkdocs", "build", "-q", environ={"SOTOKARA_MODE": "replay"})
    yield from silent_addresses(news.clone(EDITOR) / "site", news.published)
    yield from verified(news)
    yield from told(news)


class _Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        """Say nothing."""


def silent_addresses(site: Path, published: set[str]) -> Iterator[str]:
    """The addresses that a web server does not know any more."""
    handler = functools.partial(_Quiet, directory=str(site))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        line = http.client.HTTPConnection("127.0.0.1", server.server_port)
        for name in sorted(published):
            line.request("GET", "/" + name.removesuffix("index.html"))
            answer = line.getresponse()
            answer.read()
            if answer.status != 200:
                yield f"/{name}: {answer.status}"
        line.close()
        server.shutdown()


def verified(news: Newsroom) -> Iterator[str]:
    """What ``verify`` and the reader's own verifier find wrong."""
    for name in (EDITOR, TOKYO):
        said = news.do(name, "sotokara", "verify", code=None)
        if not re.search(r"(?m)^.*\b0 wrong\b", said):
            yield f"verify in {name}'s clone:\n{_wrong(said)}"
    script = news.clone(EDITOR) / "site/evidence/verify.py"
    command = [sys.executable, "-I", str(script), str(script.parent)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        yield f"verify.py:\n{_wrong(done.stdout)}{done.stderr}"
    if left := git(news.clone(EDITOR), "status", "--short").strip():
        yield f"not committed: {left}"


def _wrong(said: str) -> str:
    return "\n".join(line for line in said.splitlines() if not line.startswith("note "))


def told(news: Newsroom) -> Iterator[str]:
    """Where ``status`` says what is not so, or does not say what is so."""
    for name, view in ((EDITOR, "author"), (TOKYO, "tokyo")):
        said = json.loads(news.do(name, "sotokara", "status", "--json", code=None))
        status = {(one["what"], one["place"], one["vantage"]) for one in said["items"]}
        known = set(known_to_the_script(news, view))
        for one in sorted(known - status):
            yield f"status in {name}'s clone does not say: {one}"
        for one in sorted(status - known):
            yield f"status in {name}'s clone says: {one}"


def known_to_the_script(news: Newsroom, view: str) -> Iterator[tuple[str, str, str]]:
    """What a status has to say at that place: what, of which figure, seen from where."""
    for post in news.posts:
        if post.gone or post.draft or post.pin:
            continue
        for figure in post.figures:
            for place in figure.places or (shown_from(post, figure) or view,):
                for what in of_figure(figure, place, news.when):
                    yield what, f"{post.file}#{figure.id}", place


def shown_from(post: Post, figure: Figure) -> str:
    """The place of the article's day: the first answer on it, the last before, the first after."""
    morning = post.date.replace(hour=0, minute=0, second=0, microsecond=0)
    evening = morning + timedelta(days=1)
    answers = sorted(one for one in figure.asked if one.address)
    on = [one.view for one in answers if morning <= one.moment < evening]
    before = [one.view for one in answers if one.moment < morning]
    return (on or before[-1:] or [one.view for one in answers] or [""])[0]


def of_figure(figure: Figure, view: str, today: datetime) -> Iterator[str]:
    """What has to be said of a figure as one place sees it."""
    asked = [one for one in figure.asked if one.view == view]
    if not asked:
        yield "never_asked"
        return
    newest = asked[-1]
    if newest.address and figure.claim and newest.address != figure.claim:
        yield "broken"
    if newest.moment <= today - _SILENT:
        yield "silent"
    if newest.address:
        return
    answered = [number for number, one in enumerate(asked) if one.address]
    if not answered:
        yield "never_answered"
    elif asked[answered[-1] + 1].moment <= today - _DEAD:
        yield "dead"
    else:
        yield "failing"
