"""`main.py skills …`: what the city can do, and what a skill's folder lacks."""

import sys

from skills.checks import check_skills
from skills.registry import read_manifests


def list_skills() -> None:
    """Print every skill with its kind, level and intents."""
    for name, manifest in read_manifests().items():
        sys.stdout.write(
            f"{name}\t{manifest.title}\t{manifest.kind}\t{manifest.level}\t{len(manifest.intents)} 个意图\n"
        )


def check() -> bool:
    """Print what each folder lacks; tell whether all is well."""
    findings = check_skills()
    for finding in findings:
        sys.stdout.write(f"{finding.skill}: {finding.place}: {finding.problem}\n")
    sys.stdout.write(f"检查了 {len(read_manifests())} 个技能，{len(findings)} 处问题\n")
    return not findings
