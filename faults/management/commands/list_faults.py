"""List every fault that is looked for: what it means, what it is seen by, what sets it off."""

from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Any

from chargenet.command import DoorCommand
from faults.rules import RULES, WIDE
from faults.rules.needs import NEEDS
from faults.rules.protocol import Rule
from faults.rules.thresholds import written
from faults.rules.vocabulary.components import COMPONENTS
from faults.rules.vocabulary.meaning import Meaning
from faults.rules.vocabulary.mrec import MREC
from faults.rules.vocabulary.ocpp16 import OCPP_16, OCPP_16_NAMES
from faults.rules.words import words_for
from faults.rules.words.thresholds import label_of, unit_of

SEVERITIES = {
    1: "safety: locked at once, cleared by a person only",
    2: "a station or site is down",
    3: "a connector is down or of no use",
    4: "at risk, or worse than it should be",
    5: "information",
}
HEAD = """# The faults

Every fault that ChargeNet looks for, drawn from the rules themselves.
**Written by `make docs`; do not edit.**

A rule is one file in `faults/rules/`. It answers yes, no, or cannot know: what a charger does not
tell is no sign of health. *Seen by* names the signals it wants; the page *Coverage* says which
connectors give them. Every setting can be changed for one operator, site or model on the page
*Rules*, after trying it on what happened. A fault without *Reported as* is found from what
chargers do, whatever they say.

| Severity | |
|---|---|
"""


class Command(DoorCommand):
    help = "Print every fault that is looked for, as Markdown: docs/faults.md."

    def handle(self, **_options: object) -> None:
        self.stdout.write(document(), ending="")


def document() -> str:
    """Return the catalogue as Markdown."""
    wide = {rule.code: rule for rule in WIDE}
    # F40 is looked for by a site's rule and by a station's own: the site's is the one to set.
    ordered = [{**{rule.code: rule for rule in RULES}, **wide}[code] for code in sorted(NEEDS)]
    parts = [HEAD + "".join(f"| S{level} | {text} |\n" for level, text in SEVERITIES.items())]
    parts.append("\n| | Fault | S | Of | On trial |\n|---|---|---|---|---|\n" + _index(ordered))
    parts += [_section(rule) for rule in ordered]
    return "".join(parts)


def _index(rules: Iterable[Rule]) -> str:
    rows = (
        f"| [{rule.code}](#{rule.code.lower()}) | {words_for(rule.code).name} | {rule.severity}"
        f" | {', '.join(sorted(rule.scopes))} | {'yes' if rule.is_trial else ''} |\n"
        for rule in rules
    )
    return "".join(rows)


def _section(rule: Rule) -> str:
    words = words_for(rule.code)
    steps = "".join(f"{number}. {step}\n" for number, step in enumerate(words.steps, 1))
    settings = "".join(
        f"| {label_of(rule.code, name)} | {_shown(value)} | {_unit(rule, name)} | `{name}` |\n"
        for name, value in written(rule.thresholds).items()
    )
    table = (
        f"\n| Setting | Value | Unit | Name |\n|---|---|---|---|\n{settings}" if settings else ""
    )
    return (
        f'\n<a id="{rule.code.lower()}"></a>\n## {rule.code} {words.name}\n\n'
        f"{words.cause}\n\n{steps}\n{_seen_by(rule)}{_codes(rule)}{table}"
    )


def _seen_by(rule: Rule) -> str:
    need = NEEDS[rule.code]
    if not need.signals:
        return "Seen by: any station.\n"
    later = ", ".join(f"`{signal}`" for signal in need.signals)
    if need.in_16 is None:
        return f"Seen by: {later}.\n"
    earlier = ", ".join(f"`{signal}`" for signal in need.in_16)
    return f"Seen by, OCPP 2.x: {later}; OCPP 1.6: {earlier}.\n"


def _codes(rule: Rule) -> str:
    said = (
        ("OCPP 1.6 error codes", _naming(OCPP_16, rule.code, OCPP_16_NAMES)),
        ("MREC", _naming(MREC, rule.code, {code: code.upper() for code in MREC})),
        ("OCPP 2.x components", _naming(COMPONENTS, rule.code, {})),
    )
    lines = [f"- {name}: {', '.join(codes)}\n" for name, codes in said if codes]
    return "\nReported as:\n\n" + "".join(lines) if lines else ""


def _naming(table: Mapping[str, Meaning], code: str, names: Mapping[str, str]) -> list[str]:
    return [f"`{names.get(key, key)}`" for key, meaning in table.items() if meaning.code == code]


def _shown(value: Any) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)


def _unit(rule: Rule, name: str) -> str:
    value = getattr(rule.thresholds, name)
    return "s" if isinstance(value, timedelta) else unit_of(name, value)
