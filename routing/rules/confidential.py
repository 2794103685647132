"""举报 and whoever asks for secrecy: only the desk reads it, nothing is dispatched by machine."""

from __future__ import annotations

from routing.rules import Case, Finding, RuleSpec


def judge(case: Case) -> Finding | None:
    """Hold a 举报 and a confidential matter."""
    if case.report.kind == "report":
        return Finding(key="confidential_report", hold=True)
    if case.report.confidential:
        return Finding(key="confidential_asked", hold=True)
    return None


RULE = RuleSpec(name="confidential", judge=judge)
