"""The subjects of a definition with ``each``, read from the file that its article names."""

from pathlib import Path

from sotokara.core.expressions import EmptyReference, Reference
from sotokara.core.mistakes import AuthorError
from sotokara.core.page_files import file_beside_page
from sotokara.core.said import said
from sotokara.core.settings import Settings
from sotokara.definitions.definition import Definition
from sotokara.definitions.subjects import (
    Subjects,
    Unusable,
    author_error,
    of_network,
    read_subjects,
)
from sotokara.engine.batch import Batch
from sotokara.engine.plan import Plan


def list_subjects(
    definition: Definition, pages: Path, settings: Settings, plan: Plan
) -> list[AuthorError]:
    """Tell the plan what a definition asks, where a file or a network says it; the warnings."""
    each = definition.each
    if each is None or each.reference is not None or settings.mode == "replay":
        return []
    subjects, mistakes, warnings = read_subject_list(definition, pages, settings)
    plan.mistakes += mistakes
    if subjects is not None:
        plan.listed[definition.page, definition.token] = subjects
    return warnings


def _nothing(reference: Reference) -> object:
    raise EmptyReference(f"{reference} is not known yet")


def _file(pages: Path, page: str, name: str) -> Path:
    """:raises Unusable: where there is none that a site would publish."""
    path = file_beside_page(pages, page, name)
    if path is None or not path.is_file():
        what = said("each names {}, which is no file of the site's pages", name)
        raise Unusable(0, what, said("put the list below docs/, itself and not a link"))
    return path


def read_subject_list(
    definition: Definition, pages: Path, settings: Settings
) -> tuple[Subjects | None, list[AuthorError], list[AuthorError]]:
    """The subjects, the mistakes that stop the build, and the lines that name nothing.

    ``pages``: the folder of the site's pages; no file outside it is read, nor through links.
    """
    each, filled = definition.each, definition.filled
    assert each is not None  # noqa: S101  # the caller has looked
    assert filled is not None  # noqa: S101
    batch, most = Batch(definition, settings.redact), settings.bulk.most
    if filled.references:
        what = said("a file's subjects are read before anything is asked")
        hint = said("name other definitions in each alone")
        return None, [AuthorError(definition.page, definition.line, what, hint)], []
    name = each.text
    try:
        if each.network is not None:
            subjects = of_network(each, most, lambda values: batch.ask(values, _nothing))
        else:
            path = _file(pages, definition.page, name)
            name = path.relative_to(pages).as_posix()
            fields = filled.fields
            subjects = read_subjects(path, name, fields, most, lambda one: batch.ask(one, _nothing))
    except Unusable as error:
        return None, [author_error(definition.page, definition.line, name, error)], []
    more = subjects.left_out - len(subjects.mistakes)
    hint = (
        said("it is left out (as are {} more lines)", f"{more:,}")
        if more
        else said("it is left out")
    )
    warned = [AuthorError(name, line, what, hint) for line, what in subjects.mistakes]
    return subjects, [], warned
