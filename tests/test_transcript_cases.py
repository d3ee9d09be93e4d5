"""Old listings with their right values: read right, or said to be unread; never silently wrong."""

import random
from collections.abc import Callable
from pathlib import Path

import pytest
from sotokara.transcripts.importer import About, draft
from sotokara.transcripts.session import listings

from tests.growth import MOST, growth
from tests.listing_cases import CASES, Case, cases, imported_wrongly, judged, missing_facts, stated

EVERY = cases()


def named(case: Case) -> str:
    return case.name


@pytest.mark.parametrize("case", EVERY, ids=named)
def test_nothing_is_silently_wrong(case: Case) -> None:
    verdict, why = judged(case)
    assert verdict != "wrong", why


@pytest.mark.parametrize(
    "case", [one for one in EVERY if one.path.parent.name == "shared"], ids=named
)
def test_the_cases_of_each_class_are_read_right(case: Case) -> None:
    then = stated(case.text, case.right["kind"], case.right["target"])
    assert list(missing_facts(case, then)) == []
    assert list(imported_wrongly(case)) == []


def test_few_forms_are_given_up() -> None:
    """The README's figure: of all forms nearly all are read right, and none wrongly."""
    verdicts = [judged(one)[0] for one in EVERY]
    assert verdicts.count("wrong") == 0
    assert verdicts.count("right") >= 0.9 * len(EVERY)


def test_every_case_is_a_file_and_every_file_a_case() -> None:
    for folder in {one.path.parent for one in EVERY}:
        assert {one.path.name for one in EVERY if one.path.parent == folder} == {
            path.name for path in folder.glob("*.txt")
        }
    assert len(EVERY) >= len(list((CASES / "shared").glob("*.txt")))


@pytest.mark.parametrize("case", EVERY, ids=named)
def test_a_paste_without_some_of_its_lines_states_no_absence_of_its_own(case: Case) -> None:
    """With a line missing, no absence and no end is stated that the whole does not state."""
    lines = case.text.splitlines()
    rng = random.Random(case.name)  # noqa: S311  # the same cuts each time
    whole = _absences(case.text, case.right["kind"])
    for _ in range(6):
        lost = rng.randrange(len(lines)) if lines else 0
        cut = "\n".join([*lines[:lost], *lines[lost + 1 :]])
        assert _absences(cut, case.right["kind"]) <= whole | {"reached", "unreachable"}


def _absences(text: str, kind: str) -> set[str]:
    found: set[str] = set()
    for one in listings(text, kind):
        found |= set(getattr(one.facts, "nodata", ()))
        found |= {getattr(getattr(one.facts, "end", None), "how", "")} - {""}
        found |= {getattr(one.facts, "rcode", "")} & {"NXDOMAIN"}
    return found


BLANKS: dict[str, Callable[[int], str]] = {
    "blanks": lambda n: f"a{' ' * n}b\n",
    "tabs": lambda n: f"a{chr(9) * n}b\n",
    "blanks behind a record": lambda n: f"a.example has address 192.0.2.1{' ' * n}b\n",
    "blanks behind a hop": lambda n: f" 1  192.0.2.1  1 ms{' ' * n}b\n",
    "pairs of blanks": lambda n: "a  " * (n // 3) + "\n",
    "one word": lambda n: "a" * n + "\n",
    "numbers": lambda n: "1." * (n // 2) + "\n",
    "stars": lambda n: "* " * (n // 2) + "\n",
    "a mask": lambda n: "*" * n + "\n",
    "arrows": lambda n: " <" * (n // 2) + "\n",
    "remark": lambda n: f" <{'あ' * n}<\n",
    "brackets": lambda n: "(" * n + ")\n",
    "tags": lambda n: "<b " * (n // 3) + "\n",
    "quoted": lambda n: '"a" ' * (n // 4) + "\n",
    "times": lambda n: f" 1  192.0.2.1  {'1 ms ' * (n // 5)}\n",
    "codes": lambda n: f"<a@b.example>: host x said: {'550 ' * (n // 4)}\n",
    "json": lambda n: "[" * n + "\n",
}
ALIKE = {
    "Trying": "Trying 192.0.2.1...",
    "domain": "Domain Name:",
    "name": "Name: a{}.example",
    "hop": " 1  192.0.2.1  1 ms",
    "open record": "a.example. 3600 IN SOA (",
    "banner": "; <<>> DiG 9.18 <<>> a.example",
    "server": "Server: x",
    "recipient": "Final-Recipient: rfc822; a@b.example",
    "tracert": "Tracing route to a.example [192.0.2.1]",
    "traceroute": "traceroute to a.example (192.0.2.1), 30 hops max",
    "command": "$ dig a{}.example",
    "brace": "{{",
    "yaml": "- type: MESSAGE",
    "mtr": "My traceroute  [v0.92]",
    "debug": "------------",
    "text": "a.example text =",
    "csv": "MTR.0.94,1,OK,a.example,1,192.0.2.1,0",
    "session": "354 go",
    "remarks": "Address: 192.0.2.1  # r{}",
    "prose": "The answer of 192.0.2.1, says somebody, was: no route to host.",
}


def drafted(text: Callable[[int], str]) -> Callable[[int], object]:
    return lambda size: draft(text(size), About())


@pytest.mark.parametrize("what", BLANKS)
@pytest.mark.parametrize("length", [1_000, 4_000])
def test_a_long_line_costs_as_much_as_it_is_long(what: str, length: int) -> None:
    assert growth(drafted(lambda size: BLANKS[what](size) * 4), length) <= MOST


@pytest.mark.parametrize("what", ALIKE)
def test_many_lines_that_could_each_begin_a_listing_cost_as_much_as_they_are_many(
    what: str,
) -> None:
    def lines(size: int) -> str:
        return "\n".join(ALIKE[what].format(n) for n in range(size))

    assert growth(drafted(lines), 400) <= MOST


def test_the_score_names_what_is_not_right(capsys: pytest.CaptureFixture[str]) -> None:
    from tests.listing_cases import print_score

    print_score([Path(CASES / "shared")])
    assert "right" in capsys.readouterr().out
