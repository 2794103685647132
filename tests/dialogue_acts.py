"""What a golden dialogue may have staff do with a matter that is on its way, and what one may look at: beside the player, which reads the lines.

! 单位 要求补充：灯杆编号是多少        ! 单位 申请延期 12月9日：等配件      ! DK007 同意延期      ! DK007 不同意延期：可以先换灯泡
! 单位 申请中止 10月8日：路面封着      ! DK007 同意中止      ! DK007 不同意中止：…      ! 单位 恢复
! 单位 退单 职能 DL-SZYH：…            reason 属地、权属、职能、其他, and whose it is instead, if the unit says so
! SV001 裁定 DL-SZYH：…                ! 指挥室 转办 DL-SZYH：…      ! 指挥室 提级：…      ! 指挥室 不予受理 诉讼：…
! 指挥室 拆分 楼道堆杂物|路灯不亮：…   what it is about now stands behind the colon
! 指挥室 并单 20261123-0001            into the ticket of this number, or the last one with this word in its title; ! 指挥室 取消并单      ! 指挥室 分开 1：…
! 单位 协办任务 LT-PCS：…              ! LT-PCS 协办签收      ! LT-PCS 协办回复：…      ! LT-PCS 协办退回 职能：…      ! 单位 取消协办 LT-PCS
! 指挥室 移交 12345：…   ! 12345 对方收下   ! 12345 对方不接：…   ! 12345 对方办结：…   another system (beneath its connector)
! 城市 物业不接时建议 住房物业         a setting of the city; ! 城市 网址 https://… : residents have pages there
! SV001 督办：…   ! SV001 批示：…   ! 单位 回复督办：…   ! 指挥室 核查 没办好：…   ! 指挥室 回访 已解决

= 状态 待补充                          the last ticket's status, by its name for staff; = 在 柳塘街道…: who has it
= 时限 12月1日18:00                    when whoever has it has to be done; = 算法 …: one line of how that was counted
= 钟 承办单位 2 在走 12月1日18:00      a run of a clock: whose, which round, how it stands, its due time
= 告诉 LT-SZYH 【退单】…               what one of the staff's addresses was told since the last line that did something (also = 告诉 运维)
= 没有告诉 LT-SZYH                     it was told nothing
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, time
from typing import TYPE_CHECKING, Any, cast

import msgspec
from sqlalchemy import select

from bot.telling import Telling
from bot.texts import fill
from routing import (
    applying,
    arbitrating,
    checking,
    completing,
    cooperating,
    declining,
    handing_over,
    merging,
    overseeing,
    raising,
    returning,
    splitting,
    transferring,
)
from routing.history import OPERATOR, find
from routing.rating import Verdict
from routing.register import show
from routing.timing import list_runs
from store.keys import open_key
from store.outbox import OutboxMessage
from tests.dialogue_results import find_ticket

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy.orm import Session

    from bot.city import City
    from routing.applying import Applied
    from routing.checking import Found
    from routing.terms import ReturnReason

_REASONS: dict[str, ReturnReason] = {"属地": "area", "权属": "ownership", "职能": "remit", "其他": "other"}
_KINDS: dict[str, Applied] = {"延期": "extension", "中止": "pause"}
_FOUND: dict[str, Found] = {"办好了": "done", "没办好": "not_done"}
_VERDICTS = {
    "已解决": Verdict(solved="yes", satisfied="yes"),
    "部分解决": Verdict(solved="partly"),
    "未解决": Verdict(solved="no"),
}
_CLOCKS = {"指挥室": "desk", "承办单位": "unit", "居民": "resident", "裁定": "review", "进展": "progress"}
_RESULTS = {"在走": "running", "停着": "running", "按时": "met", "超时": "late", "不算": "void"}
_PEER = "hotline"
_DAY = re.compile(r"(?:(\d{4})年)?(\d{1,2})月(\d{1,2})日(?:(\d{1,2}):(\d{2}))?")


def read_day(words: str, *, city: City, now: datetime) -> datetime:
    """Read a day (12月9日, the end of it at 18:00) or a moment (2027年1月4日9:30) in the city's time."""
    found = _DAY.fullmatch(words)
    assert found, f"when is {words}?"
    year, month, day, hour, minute = (int(part) if part else 0 for part in found.groups())
    clock = time(hour, minute, tzinfo=city.zone) if found[4] else time(18, tzinfo=city.zone)
    return datetime.combine(datetime(year or now.year, month, day, tzinfo=city.zone).date(), clock).astimezone(UTC)


def _return(session: Session, number: str, *, target: str, words: str, **common: Any) -> None:
    reason, _, suggested = target.partition(" ")
    returning.return_ticket(session, number, reason=_REASONS[reason or "职能"], suggested=suggested, text=words, **common)


def _apply(
    session: Session, number: str, *, kind: Applied, target: str, words: str, city: City, now: datetime, **common: Any
) -> None:
    until = read_day(target, city=city, now=now)
    applying.apply_for(session, number, kind=kind, until=until, text=words, now=now, **common)


def _decline(session: Session, number: str, *, target: str, words: str, **common: Any) -> None:
    route = next(code for code, each in declining.load_routes().items() if each.name == target)
    declining.decline(session, number, route=route, text=words, **common)


def act_on_way(session: Session, city: City, *, ticket: str, who: str, act: str, target: str, words: str, now: datetime) -> None:
    """Do one of the acts above on a ticket. 单位 and 指挥室 are whoever sits at the command line, a unit's code its first clerk."""
    context = city.routing_context(tell=Telling(city, now=now))
    clerks = sorted(code for code, person in city.org.staff.items() if person.unit == who)
    actor = OPERATOR if who in {"单位", "指挥室"} else clerks[0] if who in city.org.units else who
    common: dict[str, Any] = {"actor": actor, "now": now, "context": context}
    decided = {"text": words, **common}
    theirs: dict[str, Any] = {"peer": _PEER, "peer_name": who, "text": words, "now": now, "context": context}
    doings: dict[str, Callable[[], object]] = {
        "要求补充": lambda: completing.ask_more(session, ticket, text=words, **common),
        "恢复": lambda: completing.resume(session, ticket, **common),
        "退单": lambda: _return(session, ticket, target=target, words=words, **common),
        "裁定": lambda: arbitrating.arbitrate(session, ticket, unit=target, text=words, **common),
        "转办": lambda: transferring.transfer(session, ticket, unit=target, text=words, **common),
        "提级": lambda: raising.raise_ticket(session, ticket, text=words, **common),
        "不予受理": lambda: _decline(session, ticket, target=target, words=words, **common),
        "拆分": lambda: splitting.split(session, ticket, parts=target.split("|"), text=words, **common),
        "并单": lambda: merging.merge(session, ticket, into=find_ticket(session, target), **common),
        "取消并单": lambda: merging.unmerge(session, ticket, **common),
        "分开": lambda: splitting.separate(session, ticket, follower=int(target), text=words, **common),
        "协办任务": lambda: cooperating.give_task(session, ticket, unit=target, text=words, **common),
        "协办签收": lambda: cooperating.sign_task(session, ticket, **common),
        "协办回复": lambda: cooperating.answer_task(session, ticket, text=words, **common),
        "协办退回": lambda: cooperating.return_task(session, ticket, reason=_REASONS[target], text=words, **common),
        "取消协办": lambda: cooperating.cancel_task(session, ticket, unit=target, **common),
        "督办": lambda: overseeing.oversee(session, ticket, kind="supervise", text=words, **common),
        "批示": lambda: overseeing.oversee(session, ticket, kind="instruct", text=words, **common),
        "回复督办": lambda: overseeing.answer(session, ticket, text=words, **common),
        "移交": lambda: handing_over.hand_over(session, ticket, peer=_PEER, peer_name=target, text=words, **common),
        "对方收下": lambda: handing_over.note_answer(session, ticket, answer="acknowledged", **theirs),
        "对方不接": lambda: handing_over.note_answer(session, ticket, answer="refused", **theirs),
        "对方办结": lambda: handing_over.take_result(
            session, ticket, peer=_PEER, act="conclude", text=words, now=now, context=context
        ),
        "核查": lambda: checking.verify(session, ticket, found=_FOUND[target], text=words, **common),
        "回访": lambda: checking.follow_up(session, ticket, verdict=_VERDICTS[target], text=words, **common),
    }
    for name, kind in _KINDS.items():
        apply = {"kind": kind, "target": target, "words": words, "city": city, **common}
        doings[f"申请{name}"] = lambda apply=apply: _apply(session, ticket, **apply)
        doings[f"同意{name}"] = lambda: applying.decide(session, ticket, granted=True, **decided)
        doings[f"不同意{name}"] = lambda: applying.decide(session, ticket, granted=False, **decided)
    doings[act]()


def set_city(city: City, what: str, value: str) -> None:
    """Let the city be set otherwise for this dialogue: 物业不接时建议, whose function the desk is proposed; 网址, where residents have pages."""
    if what == "网址":
        server = msgspec.structs.replace(city.settings.server, public_url=value)
        city.settings = msgspec.structs.replace(city.settings, server=server)
        return
    assert what == "物业不接时建议", f"what is {what}?"
    routing = msgspec.structs.replace(city.settings.routing, private_refusal=value)
    city.settings = msgspec.structs.replace(city.settings, routing=routing)


def last_notice(session: Session) -> int:
    """Give the number of the last notice that was kept; 0 for none."""
    return session.execute(select(OutboxMessage.id).order_by(OutboxMessage.id.desc()).limit(1)).scalar_one_or_none() or 0


def look_at_way(session: Session, city: City, *, ticket: str, what: str, rest: str, since: int) -> tuple[list[str], str]:
    """Give what there is to see of what a `=` line names, and what that line wants of it."""
    shown = show(session, ticket, org=city.org).ticket
    match what:
        case "状态":
            return [fill("cli", f"status_{shown.status}")], rest
        case "在":
            return [shown.unit_name], rest
        case "时限":
            return [city.words.moment(shown.due_at)], rest
        case "算法":
            return [city.words.explain(line) for line in shown.due_basis], rest
        case "钟":
            return _list_clocks(session, city, ticket=ticket), rest
    target, _, wanted = rest.partition(" ")
    return _list_told(session, city, target="operator" if target == "运维" else target, since=since), wanted


def _list_clocks(session: Session, city: City, *, ticket: str) -> list[str]:
    """List the runs of a ticket's clocks, in words."""
    runs = list_runs(session, find(session, ticket))
    names = {kind: name for name, kind in _CLOCKS.items()}
    results = {result: name for name, result in _RESULTS.items() if name != "停着"}
    return [
        f"{names[run.kind]} {run.round} {'停着' if run.paused_at else results[run.result]} {city.words.moment(run.due_at)}"
        for run in runs
    ]


def _list_told(session: Session, city: City, *, target: str, since: int) -> list[str]:
    """List what somebody was told since a notice, in words, the lines of each joined."""
    rows = session.execute(
        select(OutboxMessage).where(OutboxMessage.id > since, OutboxMessage.target == target).order_by(OutboxMessage.id)
    ).scalars()
    return [_read(session, city, row).replace("\n", "／") for row in rows]


def _read(session: Session, city: City, row: OutboxMessage) -> str:
    if row.key_id is None or row.words is None:
        return city.words.notify(row.notice, row.facts)
    written = msgspec.json.decode(open_key(session, row.key_id).open(row.words))
    return city.words.notify(row.notice, row.facts | cast("dict[str, Any]", written))


WAY_ACTS = frozenset(
    {
        "要求补充", "恢复", "退单", "裁定", "转办", "提级", "不予受理", "拆分", "并单", "取消并单", "分开", "协办任务", "协办签收", "协办回复", "协办退回",
        "取消协办", "督办", "批示", "回复督办", "核查", "回访", "申请延期", "同意延期", "不同意延期", "申请中止", "同意中止", "不同意中止",
        "移交", "对方收下", "对方不接", "对方办结",
    }
)  # fmt: skip
WAY_LOOKS = frozenset({"状态", "在", "时限", "算法", "钟", "告诉", "没有告诉"})
