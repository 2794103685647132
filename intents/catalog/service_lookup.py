"""The resident looks for a service point: where it is, when it is open, which number to call."""

from __future__ import annotations

from intents.answering import answer_or_pass_on
from intents.lexicon import lexicon
from intents.spec import Cue, IntentSpec, Turn

SHORT = 40


def _looks_for(turn: Turn) -> bool:
    """A short text that asks where, when or at which number, and neither proposes nor complains."""
    if len(turn.text) > SHORT or lexicon("kind.suggestion").first(turn.text) or lexicon("nuisance").first(turn.text):
        return False
    return bool(lexicon("where").first(turn.text))


INTENT = IntentSpec(
    code="service_lookup",
    title="查服务点",
    cues=(Cue.fact("where", 3.4, _looks_for), Cue.lexicon("service_point", 0.5, within=30)),
    examples=(
        "便民服务中心在哪里",
        "派出所几点下班",
        "社区食堂周末开门吗",
        "婚姻登记处的电话是多少",
        "最近的疫苗接种点在哪",
        "政务大厅的上班时间",
        "车管所怎么走",
        "社区卫生服务中心节假日上班吗",
        "附近哪里有公厕",
    ),
    respond=answer_or_pass_on,
)
