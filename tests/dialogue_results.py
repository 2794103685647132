"""What a golden dialogue may have people do with results and alarms: beside the player, which reads the lines.

! SV001 改派 DL-SZYH：原因        ! SV001 挂账：原因        ! SV001 说明结案：原因        a supervisor decides
! 单位 写进展：已经立项            ! GW001 报事 安泰路12号：路灯不亮      ! GW001 评价 未解决：还是黑的
! 绑定 DK007 石师傅                whose chat (公众号) speaks for one of the staff
! 换到 路灯                        from here on it is about the last ticket whose title has this word, or the one of this number
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from bot.telling import Telling
from knowledge_base.text import skim
from residents import bindings, ledger
from routing import desk, rating, review
from routing.facts import Origin
from routing.rating import Verdict
from routing.tables import Ticket
from routing.terms import Report

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

    from bot.city import City

_SOLVED = {"已解决": "yes", "部分解决": "partly", "未解决": "no"}


def find_ticket(session: Session, word: str) -> str:
    """Give the number of the last ticket whose title has a word, or whose number it is."""
    found = Ticket.title.contains(word) | (Ticket.number == word)
    return session.execute(select(Ticket.number).where(found).order_by(Ticket.id.desc()).limit(1)).scalar_one()


def act_on_result(session: Session, city: City, *, ticket: str, who: str, act: str, target: str, words: str, now: datetime) -> str:
    """Do one of the acts above; give the number of the ticket it was about."""
    context = city.routing_context(tell=Telling(city, now=now))
    common: dict[str, Any] = {"now": now, "context": context}
    staff = {"actor": "operator" if who == "单位" else who, **common}
    match act:
        case "改派":
            review.reassign(session, ticket, unit=target, text=words, **staff)
        case "挂账":
            review.carry(session, ticket, text=words, **staff)
        case "说明结案":
            review.explain(session, ticket, text=words, **staff)
        case "写进展":
            review.report_progress(session, ticket, text=words, **staff)
        case "评价":
            rating.evaluate(session, ticket, verdict=Verdict(solved=_SOLVED[target]), text="", **staff)  # type: ignore[arg-type]
        case "报事":
            return _report(session, city, who=who, place=target, words=words, **common)
    return ticket


def bind(session: Session, *, staff: str, name: str, now: datetime) -> None:
    """Let somebody's chat speak for one of the staff, who has just written to us: so the platform lets us answer."""
    road = bindings.bind(session, staff=staff, channel="wechat_mp", sender=f"o-{name}", now=now)
    window = ledger.WECHAT_WINDOWS["message"]
    ledger.open_window(session, resident_id=road.resident_id, channel="wechat_mp", opened_by="message", window=window, now=now)


def _report(session: Session, city: City, *, who: str, place: str, words: str, now: datetime, context: Any) -> str:
    """File a matter as a grid worker for somebody who is not known."""
    mention = city.gazetteer.find(city.segmenter.read(place).text)[0]
    report = Report(text=words, place=place, public_place=place, areas=mention.areas, reporter_staff=who)
    opened = desk.open_ticket(
        session,
        report=report,
        resident_id=0,
        origin=Origin(inbox_id=None, channel="terminal"),
        context=context,
        now=now,
        utterance=skim(words),
    )
    return opened.ticket.number


RESULT_ACTS = frozenset({"改派", "挂账", "说明结案", "写进展", "评价", "报事"})
