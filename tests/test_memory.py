"""What a build remembers of a message that it once sent."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from probes.canonical import canonical, digest
from probes.definition import read_definition
from probes.figures import Figure, Node
from probes.ledger import Ledger
from probes.observation import Failure, Observation, Outcome, Vantage
from probes.plan import Plan
from probes.run import Run
from probes.settings import Settings


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
    writer = ledger.write("home")
    writer.append((one, ["a.md#L1"]) for one in observations)
    writer.close()
    run = Run(Settings(), Ledger(tmp_path / "evidence"), Plan())
    assert sent in [one.volatile for one in run.memory(figure)]
