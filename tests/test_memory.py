"""What a build remembers of a message that it once sent."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from sotokara.core.canonical import canonical, digest
from sotokara.core.observation import Failure, Observation, Outcome, Vantage
from sotokara.core.settings import Settings
from sotokara.definitions.definition import read_definition
from sotokara.engine.figure import Figure, Node
from sotokara.engine.recall import Recall
from sotokara.ledger import Ledger, Writer


def test_a_message_is_remembered_through_builds_that_failed(tmp_path: Path) -> None:
    """Else a second one would be sent: the build after says nothing of the first."""
    definition, _ = read_definition("smtp: example.jp\nsend: true\n", "a.md", 1, "t")
    assert definition is not None
    figure = Figure(Node(definition), "example.jp", definition.question("example.jp"))
    assert figure.question is not None
    identity = figure.question.identity()
    sent = {"bounce": {"token": "t", "sent": "2026-11-24T00:00:00Z"}}
    start = datetime.now(UTC) - timedelta(hours=2)
    observations = [
        Observation(
            digest=digest(canonical(identity)),
            definition=identity,
            start=start + timedelta(minutes=minute),
            outcome=Outcome.NO_ANSWER,
            vantage=Vantage(vantage, "test"),
            failure=Failure("generic_timeout_error"),
            volatile=volatile,
        )
        for minute, (vantage, volatile) in enumerate([("home", sent), ("office", {}), ("home", {})])
    ]
    ledger = Ledger(tmp_path / "evidence")
    writer = Writer(ledger, "home")
    writer.append((one, ["a.md#L1"]) for one in observations)
    writer.close()
    recall = Recall(Settings(), Ledger(tmp_path / "evidence"), [])
    assert sent in [one.volatile for one in recall.remembered(figure)]
