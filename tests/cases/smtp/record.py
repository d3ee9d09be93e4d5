"""Record the dialogues of `lab/`: ``python -m tests.cases.smtp.record`` asks the test network.

Each `NAME.raw.json` is what was sent and received, as the ledger keeps it; `NAME.json` beside it is
what is read from that, written once by this script and then looked through by eye.
"""

import json
import sys
from pathlib import Path

from tests.lab.lab import REPOSITORY
from tests.lab.mail import MailInternet

FOLDER = Path(__file__).parent / "lab"
DOMAINS = (
    "rejects trusted expired wrong-name grey catch-all blocks drops dead backup dual null "
    "null-beside alias address nowhere implicit nothing"
)


def main() -> None:
    """Ask every domain once and write the pairs."""
    targets = [f"{name}.post.example" for name in DOMAINS.split()] + ["dane-bad.signed.example"]
    with MailInternet() as internet:
        argv = [sys.executable, "-m", "tests.smtp_ask", *targets]
        environ = internet.settings() | {"SOTOKARA_TIMEOUT": "2"}
        told = internet.run("pc", argv, env=environ, cwd=REPOSITORY, timeout=60).stdout
    for target, answer in json.loads(told).items():
        name = target.partition(".")[0]
        raw = {"smtp": target, "exchanges": answer["exchanges"]}
        read = {key: answer[key] for key in ("facts", "failure", "volatile")}
        for suffix, content in ((".raw.json", raw), (".json", read)):
            text = json.dumps(content, ensure_ascii=False, indent=1) + "\n"
            (FOLDER / f"{name}{suffix}").write_text(text, "utf-8")


if __name__ == "__main__":
    main()
