"""What is said beside a path: how it ends, who asked, what is hidden, what was ignored."""

from sotokara.core.observation import Observation
from sotokara.kinds.shared.translator import translated
from sotokara.kinds.traceroute.facts import PathFacts


def path_remarks(facts: PathFacts, observation: Observation, words: dict[str, str]) -> list[str]:
    """Remarks in the page's language; addresses in them are addresses, nothing else."""
    end, volatile = facts.end, observation.volatile
    remarks = []
    if end.how:
        why = words[f"unreachable_{end.why or 'other'}"]
        who = end.address or words["path_somebody"]
        loop = " → ".join(end.loop) or words["path_somebody"]
        remarks.append(words[f"path_{end.how}"].format(hop=end.hop, who=who, why=why, loop=loop))
    remarks += translated([facts.address], words)
    hidden = sum(bool(hop.masked) and hop.whose != "unknown" for hop in facts.hops)
    unknown = sum(hop.whose == "unknown" for hop in facts.hops)
    for name, count in (("path_masked", hidden), ("path_unknown", unknown)):
        if count:
            remarks.append(words[f"{name}_one" if count == 1 else name].format(count=count))
    if any(host.get("unconfirmed") for host in volatile.get("hosts", {}).values()):
        remarks.append(words["path_unconfirmed"])
    if ignored := volatile.get("ignored"):
        kinds = ", ".join(
            f"{words.get(f'ignored_{name}', name)} {count}" for name, count in ignored.items()
        )
        remarks.append(words["path_ignored"].format(kinds=kinds))
    if told := words.get(f"engine_{volatile.get('engine')}"):
        remarks.append(told.format(protocol=volatile["protocol"].upper()))
    return remarks
