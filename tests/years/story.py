"""Ten years of a blog, or two: what happens in each, in the order in which it happens."""

import random
import re
from collections.abc import Iterator
from datetime import timedelta
from typing import NamedTuple

from tests.years import versions
from tests.years.hand import StoryError, git
from tests.years.newsroom import AUTHORS, DAY, EDITOR, TOKYO, Newsroom
from tests.years.posts import Figure, Post
from tests.years.world import answer

_NATURES = ("calm", "calm", "move", "move", "dies", "gaps", "near")


class Plan(NamedTuple):
    """How much happens."""

    years: int
    posts: int
    """In all."""
    rounds: int
    """How often a year Tokyo measures; the editor, half as often."""
    each: int
    """How often a year something happens to a post: a rename, a correction, a redaction, …"""
    quiet: bool = False
    """After the first year little happens."""

    @property
    def a_year(self) -> int:
        """Posts a year."""
        return -(-self.posts // self.years)


WHOLE = Plan(years=10, posts=200, rounds=4, each=2)
SHORT = Plan(years=2, posts=10, rounds=3, each=1, quiet=True)


def tell(news: Newsroom, plan: Plan) -> Iterator[str]:
    """The story; what it says of each year is for whoever waits."""
    for year in range(plan.years):
        _versions(news, year, 0, plan)
        _keys(news, year, plan)
        _write(news, year, plan)
        events = {
            2: _move,
            3: _move_by_hand,
            4: _rename_figures,
            5: _correct,
            6: _publish_drafts,
            7: _redact,
            8: _conflict,
            9: _withdraw,
            10: _pin,
        }
        if plan.quiet and year:
            events = {8: _conflict, 10: _pin}
        every = 12 // plan.rounds
        for month in range(1, 12):
            news.at(year, month)
            _versions(news, year, month, plan)
            if month in events:
                _sync(news)
                events[month](news, year, plan)
            if month % every == 0:
                _round(news, (month // every) % 2 == 0)
            if month == 6 and year % 2 == 0:  # Tokyo has a site of its own
                news.later(hours=2)
                _sync(news)
                news.publish(TOKYO)
                news.push(TOKYO)
        news.at(year, 12, 2)
        _sync(news)
        news.do(EDITOR, "mkdocs", "build", "-q")  # measures, and shows it
        for figure in news.figures(lambda post: post.asks):
            figure.ask("author", news.when)
        news.note(EDITOR)
        news.do(EDITOR, "sotokara", "seal")
        news.commit(EDITOR, f"The site at the end of year {year + 1}")
        news.push(EDITOR)
        public = sum(post.is_public(news.when) for post in news.posts)
        yield (
            f"year {year + 1}: {public} posts, {len(news.published)} addresses so far; "
            f"{news.weight('evidence')}, {news.weight('site')}, git {news.packed():.1f} MB"
        )


def _sync(news: Newsroom) -> None:
    for name in (EDITOR, TOKYO):
        news.pull(name)


def _round(news: Newsroom, editor: bool) -> None:  # noqa: FBT001
    """Tokyo measures; and the editor on top of that."""
    news.pull(TOKYO)
    news.measure(TOKYO)
    news.push(TOKYO)
    if editor:
        news.later(hours=1)
        news.pull(EDITOR)
        news.measure(EDITOR)
        news.push(EDITOR)


def _versions(news: Newsroom, year: int, month: int, plan: Plan) -> None:
    """All begin with the version before today's; Tokyo is ahead of its time for a while."""
    half = 2 * year + month // 6
    news.versions.clear()
    if half < plan.years // 2:
        news.versions.update({EDITOR: versions.earlier, TOKYO: versions.earlier})
    elif plan.years // 2 <= half - plan.years // 3 < plan.years // 2 + 2:
        news.versions[TOKYO] = versions.newer


def _keys(news: Newsroom, year: int, plan: Plan) -> None:
    """In one year each place gets a key, in a later one another in its stead."""
    first, change = max(0, plan.years // 3), plan.years - 1
    if year not in (first, change):
        return
    news.at(year, 0, 3)
    _sync(news)
    more = ["--replace"] if year != first else []
    news.do(EDITOR, "sotokara", "key", "--vantage", "author", *more)
    news.later(minutes=1)
    said = news.do(EDITOR, *(["sotokara", "key", "--print", "--vantage", "tokyo", "--log"]), *more)
    news.secrets[TOKYO] = next(line for line in said.splitlines() if line.startswith("PRIVATE"))
    _ended(news, "Keys")


def _write(news: Newsroom, year: int, plan: Plan) -> None:
    """Each author writes on a branch; the editor merges them."""
    news.at(year, 0, 5)
    new = list(_posts(news, year, plan))
    for author in AUTHORS:
        own = [post for post in new if post.author == author]
        if not own:
            continue
        news.pull(author)
        git(news.clone(author), "checkout", "-q", "-B", f"year-{year}", "origin/main")
        news.write(author, own)
        news.commit(author, f"Posts of year {year + 1}")
        git(news.clone(author), "push", "-q", "origin", "HEAD")
        git(news.clone(author), "checkout", "-q", "main")
        news.pull(EDITOR)
        git(news.clone(EDITOR), "fetch", "-q")
        git(news.clone(EDITOR), "merge", "-q", "--no-edit", f"origin/year-{year}")
        news.push(EDITOR)
    news.posts += new


def _posts(news: Newsroom, year: int, plan: Plan) -> Iterator[Post]:
    for number in range(plan.a_year):
        chance = random.Random(f"{year} {number}")  # noqa: S311
        nature = _NATURES[number % len(_NATURES)]
        name = f"{nature}-{year}-{number}.example"
        now = answer(name, "author", news.when)
        first = Figure("site", name, claim=now or "" if number % 2 else "")
        if nature == "near":
            first = Figure("site", name, places=("author", "tokyo"))
        figures = [first]
        if number % 3 == 0:
            figures.append(Figure("mail", f"calm-{year}-{number}-mail.example"))
        if number % 5 == 4:
            figures.append(Figure("far", f"move-{year}-{number}-far.example", places=("tokyo",)))
        date = news.when - DAY
        post = Post(f"posts/{year}-{number}.md", AUTHORS[number % 3], date, figures)
        if number % 10 == 3:  # an embargo
            post.date = news.when + timedelta(days=150)
        elif number % 10 == 4:
            post.draft = True
        elif chance.random() < 0.3:
            post.file = f"posts/{year}/{year}-{number}-kept.md"
        yield post


def _old(news: Newsroom, many: int) -> list[Post]:
    return news.some(many, lambda post: post.is_public(news.when) and not post.pin)


def _ended(news: Newsroom, what: str) -> None:
    news.commit(EDITOR, what)
    news.push(EDITOR)


def _move(news: Newsroom, year: int, plan: Plan) -> None:
    for post in _old(news, plan.each):
        new = f"posts/moved-{year}-{post.file.rpartition('/')[2]}"
        news.do(EDITOR, "sotokara", "mv", post.file, new)
        post.file = new
    _ended(news, "Renamed")


def _move_by_hand(news: Newsroom, year: int, plan: Plan) -> None:
    """The build notices by itself; the next site of Tokyo shows whether it did."""
    for post in _old(news, plan.each):
        new = f"posts/hand-{year}-{post.file.rpartition('/')[2]}"
        git(news.clone(EDITOR), "mv", f"docs/{post.file}", f"docs/{new}")
        post.file = new
    news.later(minutes=5)
    news.measure(EDITOR, seal=False)
    news.push(EDITOR)


def _rename_figures(news: Newsroom, year: int, plan: Plan) -> None:
    for post in _old(news, plan.each):
        figure = post.figures[0]
        new = f"{figure.id}_{year}"
        news.do(EDITOR, "sotokara", "mv", f"{post.file}#{figure.id}", f"{post.file}#{new}")
        figure.id = new
        news.write(EDITOR, [post])
    _ended(news, "Figures renamed")


def _correct(news: Newsroom, year: int, plan: Plan) -> None:
    """One asks for A alone from now on; of another the target was a typo."""
    for number, post in enumerate(_old(news, 2 * plan.each)):
        figure = post.figures[0]
        if number % 2:
            figure.only_a = not figure.only_a
        else:
            nature = figure.name[:4]
            figure.name = f"{nature}-{year}-{number}-corrected.example"
        news.write(EDITOR, [post])
    _ended(news, "Corrected")


def _publish_drafts(news: Newsroom, year: int, plan: Plan) -> None:
    """Its author takes `draft: true` away. What is under embargo comes out by itself."""
    drafts = [post for post in news.posts if post.draft and not post.gone]
    for post in drafts[: max(1, len(drafts) // 2)]:
        post.draft = False
        post.date = news.when - DAY
        news.write(EDITOR, [post])
    _ended(news, "Published")


def _redact(news: Newsroom, year: int, plan: Plan) -> None:
    """A name's owner asks: it is masked in the past, and in all that comes."""
    for post in _old(news, plan.each):
        word = post.figures[0].name.partition(".")[0]
        said = news.do(
            EDITOR, "sotokara", "redact", word, "--reason", "its owner asked", "--by", EDITOR
        )
        if "nothing in the evidence" not in said and "tombstone" not in said:
            message = f"redact {word}: {said}"
            raise StoryError(message)
        news.redact.append(word)
    news.settings()
    _ended(news, "Redacted")


def _conflict(news: Newsroom, year: int, plan: Plan) -> None:
    """Both seal one number. Git shows it; every third year somebody resolves it by git alone."""
    news.later(minutes=5)
    news.measure(TOKYO)
    news.push(TOKYO)
    news.later(minutes=5)
    news.measure(EDITOR)
    editor = news.clone(EDITOR)
    git(editor, "fetch", "-q")
    theirs = ["-X", "theirs"] if year % 3 == 1 else []
    said = git(editor, "merge", "--no-edit", *theirs, "origin/main", check=False)
    if not theirs:
        if "CONFLICT" not in said:
            message = f"no conflict: {said}"
            raise StoryError(message)
        news.do(EDITOR, "sotokara", "seal", "--repair")
        git(editor, "add", "-A")
        git(editor, "commit", "-q", "--no-edit")
    else:
        if "--repair" in news.do(EDITOR, "sotokara", "seal", code=None):
            news.do(EDITOR, "sotokara", "seal", "--repair")
        news.commit(EDITOR, "Sealed after the merge")
    news.push(EDITOR)


def _withdraw(news: Newsroom, year: int, plan: Plan) -> None:
    """An article was wrong: it goes, with all that it has asked."""
    for post in _old(news, max(1, plan.each // 3)):
        said = news.do(
            EDITOR,
            *("sotokara", "redact", "--whole", post.file),
            *("--reason", "the article was wrong", "--by", post.author),
        )
        news.withdrawn |= set(re.findall(r"^runs/\S+: lines \S+", said, re.MULTILINE))
        (news.clone(EDITOR) / "docs" / post.file).unlink()
        post.gone = True
    _ended(news, "Withdrawn")


def _pin(news: Newsroom, year: int, plan: Plan) -> None:
    """What `status` says is dead is pinned to the day of its last answer."""
    said = news.do(EDITOR, "sotokara", "status", code=None)
    for place, day in re.findall(
        r"^  (\S+?)#\S+ .*pin: (\d{4}-\d\d-\d\d) keeps", said, re.MULTILINE
    ):
        for post in news.posts:
            if post.file == place and not post.gone and len(post.figures) == 1 and year % 2:
                post.pin = day
                news.write(EDITOR, [post])
    _ended(news, "Pinned")
