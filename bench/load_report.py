"""The load bench's result as a page."""

from typing import Any


def as_markdown(report: dict[str, Any]) -> str:
    """Return the report as Markdown: a table of the variants, how turns ended, and what was measured on."""
    machine, variants = report["machine"], report["variants"]
    lines = [
        f"# Load, {report['date'][:16].replace('T', ' ')}",
        "",
        f"`{report['command'].strip()}`",
        "",
        (
            f"Machine: {machine['cores']} cores ({machine['processor']}), {machine['memory_gb']} GB, Python {machine['python']}; "
            f"a synchronous 4 KiB write takes {machine['fsync_ms']} ms. The server has one core, the citizens the other."
        ),
        "",
        "A rate is held when nothing fails and p99, from the planned (Poisson) arrival to the last reply of the turn, is at",
        "most 250 ms. Figures are medians of the runs at the highest held rate.",
        "",
        "| | held, 1/s | done, 1/s | p50 ms | p95 ms | p99 ms | errors | CPU of a core | RSS MB | load average before |",
        "|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|",
        *(_row(variant) for variant in variants.values()),
        "",
    ]
    if report["peer"]:
        peer = report["peer"]
        lines += [
            (
                f"Peer: Rasa Open Source 3.6.21, jieba, counts of words and character n-grams, DIET, {peer['epochs']} epochs on "
                f"{peer['examples']} of our own examples ({peer['intents']} intents). It parses one message a request and does nothing "
                "else: no dialogue, no store, no department, no answer from documents."
            ),
            "",
        ]
    lines += [
        "## The search",
        "",
        "Each step is one short run. Lag is how late the bench itself was in sending, at p99: where it is high in a variant that",
        "has its own core for the citizens (web, Rasa), others were at work on the machine, and what is held is a lower bound.",
        "A rate whose runs did not hold in the median is lowered by a tenth, so the rate in the table can lie below a held step.",
        "",
        "| | rate, 1/s | p50 ms | p99 ms | lag p99 ms | errors |",
        "|---|---:|---:|---:|---:|---:|",
        *(_step(variant["title"], step) for variant in variants.values() for step in variant.get("steps", ())),
        "",
    ]
    for variant in variants.values():
        if "runs" in variant:
            lines += [f"How turns ended, {variant['title']}: {_outcomes(variant)}.", ""]
    return "\n".join(lines)


def _row(variant: dict[str, Any]) -> str:
    if "failed" in variant:
        return f"| {variant['title']} | failed: {variant['failed']} | | | | | | | | |"
    held = f"{variant['rate']:g}" if variant["is_held"] else f"not held ({variant['rate']:g} tried)"
    cells = [
        variant["title"],
        held,
        variant["done_per_second"],
        variant["p50_ms"],
        variant["p95_ms"],
        variant["p99_ms"],
        variant["errors"],
        f"{variant['cpu_share'] * 100:.0f} %",
        f"{variant['rss_mb']:.0f}",
        variant["load_average_before"][0],
    ]
    return "| " + " | ".join(str(cell) for cell in cells) + " |"


def _step(title: str, step: dict[str, Any]) -> str:
    cells = (title, step["wanted_per_second"], step["p50_ms"], step["p99_ms"], step["lag_p99_ms"], step["errors"])
    return "| " + " | ".join(str(cell) for cell in cells) + " |"


def _outcomes(variant: dict[str, Any]) -> str:
    total: dict[str, int] = {}
    for run in variant["runs"]:
        for outcome, count in run["outcomes"].items():
            total[outcome] = total.get(outcome, 0) + count
    return ", ".join(
        f"{outcome or 'unknown'} {count}" for outcome, count in sorted(total.items(), key=lambda item: -item[1])
    )
