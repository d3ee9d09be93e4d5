"""How many tamperings and hostile inputs the tests have: ``python -m tests.tampered``."""

import subprocess
import sys

from tests.sites import ROOT
from tests.tampered import DEFECTS
from tests.tampered.more import FORMAT_1, FORMAT_2, SIGNED
from tests.test_build_note import FORGED
from tests.test_only_evidence import STRANGE, TRANSCRIPTS

SERVERS = {
    "registries (RDAP, DNSSEC)": "test_hostile_registry.py",
    "registries that want HTTP/2": "test_http2.py",
    "name servers": "test_faulty_dns.py",
    "mail servers": "test_smtp_hostile.py",
    "targets of traces": "test_traceroute_hostile.py",
    "answers in a browser": "test_hostile.py",
}
"""The tests whose inputs come from a server on loopback or in the lab."""
FILES = {"fences": "test_hostile_fences.py", "evidence": "test_hostile_evidence.py"}


def collected(name: str) -> int:
    """How many cases pytest finds in a file."""
    command = [sys.executable, "-m", "pytest", "--collect-only", "-q", f"tests/{name}"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    return sum("::" in line for line in done.stdout.splitlines())


def told(title: str, counts: dict[str, int]) -> str:
    return f"{title}: {sum(counts.values())}\n" + "".join(
        f"  {count:4} {name}\n" for name, count in counts.items()
    )


def main() -> None:
    tampered = {
        "ledgers of format 2": len(DEFECTS) + len(FORMAT_2),
        "signed ledgers": len(SIGNED),
        "ledgers of format 1": len(FORMAT_1),
        "published sites": len(FORGED),
        "files beside the evidence": len(STRANGE),
        "transcripts of other folders": len(TRANSCRIPTS),
    }
    sys.stdout.write(told("tamperings, each with its name", tampered))
    servers = {what: collected(name) for what, name in SERVERS.items()}
    sys.stdout.write(told("hostile inputs through servers", servers))
    files = {what: collected(name) for what, name in FILES.items()}
    sys.stdout.write(told("hostile inputs in files", files))


if __name__ == "__main__":
    main()
