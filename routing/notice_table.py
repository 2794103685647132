"""The tables of routing.notices: every notice with the facts its text may use, who is told of which act, and what staff open or are spared. Pure."""

from __future__ import annotations

from typing import Literal

WarningKind = Literal["halfway", "due_soon", "overdue", "progress_due", "resident_due_soon", "resident_overdue", "recount"]
Audience = Literal["resident", "unit", "desk", "roster", "operator", "staff"]

ALARM = "alarm:"
"""What the causes of alarms begin with: they ring whatever the hour, and in a rehearsal too."""

PRIVATE_HAZARDS = frozenset({"self_harm", "suicide_attempt", "family_violence", "child"})
"""Dangers of which no more than needed is told (`private` in the words of hazards), also where a matter should not be confidential."""

WORDS = frozenset({"reply", "text", "exact", "route", "tokens"})
"""Facts under these names are what somebody wrote, or open a ticket's page: whoever keeps a notice keeps these sealed."""

PLAIN = ("number", "title", "unit", "desk", "place", "summary")
TIMED = (*PLAIN, "due_at")
TRACKED = (*TIMED, "text", "other")
"""Of what runs beside the status: `due_at` is its own, `other` the unit it is about."""
MORE = ("until_at", "officer", "article", "suggested", "route", "numbers", "into", "peer", "tokens")
"""Facts that an act brings along for its texts; "" where it does not."""
SWOLLEN = ("incident", "item", "place", "count", "since_at", "numbers")
KEYS: dict[str, tuple[str, ...]] = {
    "proxy_asked": PLAIN,
    "proxy_all": PLAIN,
    "proxy_status": PLAIN,
    "proxy_none": ("number",),
    "proxy_filed": PLAIN,
    "dispatched": TIMED,
    "replied": (*TIMED, "reply"),
    "concluded": (*TIMED, "reply"),
    "closed": PLAIN,
    "redo": (*TIMED, "count"),
    "reopened": (*PLAIN, "count"),
    "unit_dispatched": TIMED,
    "unit_moved": TIMED,
    "desk_moved": PLAIN,
    "unit_assist": TIMED,
    "unit_recalled": (*PLAIN, "text"),
    "unit_added": (*PLAIN, "text"),
    "unit_urged": TIMED,
    "unit_redo": (*TIMED, "count", "reply", "text"),
    "unit_withdrawn": PLAIN,
    "unit_due_soon": TIMED,
    "unit_overdue": TIMED,
    "desk_waiting": PLAIN,
    "desk_call_back": PLAIN,
    "desk_voice": PLAIN,
    "desk_returned": (*PLAIN, "text"),
    "desk_reopened": (*PLAIN, "count", "reply", "text"),
    "desk_added": (*PLAIN, "text"),
    "desk_urged": PLAIN,
    "desk_overdue": TIMED,
    "redo_part": (*TIMED, "count"),
    "reviewed": TIMED,
    "reassigned": TIMED,
    "carried": (*TIMED, "text"),
    "still_carried": (*TIMED, "reply"),
    "progressed": (*PLAIN, "text"),
    "explained": (*PLAIN, "text"),
    "reask": PLAIN,
    "unit_redo_part": (*TIMED, "count", "reply", "text"),
    "unit_reviewed": PLAIN,
    "unit_carried": (*TIMED, "text"),
    "unit_progress_due": TIMED,
    "desk_review": (*TIMED, "reply", "text"),
    "worker_replied": (*PLAIN, "reply"),
    "worker_concluded": (*PLAIN, "reply"),
    "worker_more_asked": (*PLAIN, "text", "until_at"),
    "worker_sealed": ("number", "desk"),
    "red_alarm": (*PLAIN, "staff"),
    "staff_alarm": (*PLAIN, "exact", "staff"),
    "staff_alarm_sealed": ("number", "desk", "staff"),
    "operator_unheard": ("number", "desk"),
    "operator_undecided": ("number",),
    "unit_sealed": ("number", "desk", "due_at"),
    "desk_sealed": ("number", "desk"),
    "roster_sealed": ("number", "desk", "staff"),
    "unit_sealed_over": ("number", "desk"),
    "operator_stranded": ("number",),
    "more_asked": (*TIMED, "text", "until_at"),
    "extended": (*TIMED, "text"),
    "paused": (*PLAIN, "text", "until_at"),
    "resumed": TIMED,
    "desk_extension_asked": (*TIMED, "text", "until_at"),
    "desk_pause_asked": (*TIMED, "text", "until_at"),
    "unit_extended": TIMED,
    "unit_extension_refused": (*TIMED, "text"),
    "unit_paused": (*PLAIN, "until_at"),
    "unit_pause_refused": (*TIMED, "text"),
    "unit_resumed": TIMED,
    "unit_task": TRACKED,
    "unit_task_replied": TRACKED,
    "unit_task_returned": TRACKED,
    "unit_task_over": TRACKED,
    "unit_task_overdue": TRACKED,
    "unit_supervised": TRACKED,
    "unit_instructed": TRACKED,
    "unit_supervision_overdue": TRACKED,
    "desk_supervision_answered": TRACKED,
    "desk_supervision_overdue": TRACKED,
    "declined": (*PLAIN, "text", "route"),
    "transferred": TIMED,
    "merged": (*PLAIN, "into"),
    "handed_over": (*PLAIN, "peer"),
    "desk_handed_back": (*PLAIN, "text", "peer"),
    "desk_not_reached": (*PLAIN, "peer"),
    "merged_inside": PLAIN,
    "merged_over": PLAIN,
    "unmerged": PLAIN,
    "split": (*PLAIN, "numbers", "tokens"),
    "separated": (*PLAIN, "tokens"),
    "unit_dispatched_officer": (*TIMED, "officer"),
    "unit_transferred": (*PLAIN, "text"),
    "unit_arbitrated": (*TIMED, "text"),
    "unit_merged": PLAIN,
    "unit_merged_in": (*PLAIN, "into"),
    "desk_disputed": (*TIMED, "text"),
    "desk_raised": (*PLAIN, "text"),
    "desk_returned_article": (*PLAIN, "text", "article", "suggested"),
    "desk_plan_undone": ("plan", "count", "year"),
    "desk_early_warning": ("month", "count"),
    "unit_watched_due_soon": TIMED,
    "unit_watched_overdue": TIMED,
    "unit_halfway": TIMED,
    "desk_halfway": TIMED,
    "desk_due_soon": TIMED,
    "desk_resident_due_soon": TIMED,
    "desk_resident_overdue": TIMED,
    "unit_recounted": TIMED,
    "desk_recounted": TIMED,
    "recounted": TIMED,
    "desk_overdue_above": TIMED,
    "operator_overdue": ("number",),
    "desk_burst": SWOLLEN,
    "desk_slow_burn": SWOLLEN,
    "desk_burst_unnamed": SWOLLEN,
    "desk_slow_burn_unnamed": SWOLLEN,
}
"""Every notice there is, and the facts its text may use. `due_at` is a moment (ISO 8601, UTC), the rest is text or a number."""

Who = Literal[
    "residents",
    "opener",
    "reporter",
    "asked_reporter",
    "unit",
    "unit_before",
    "assisting",
    "desk",
    "waiting_desk",
    "decider",
    "watcher",
]
"""`unit` is left out while the desk has the ticket itself, `waiting_desk` while it does not; `reporter` is the grid worker who filed it,
`asked_reporter` the same where the words of a unit's question may go to them, `watcher` the community that watches over a private unit."""

TOLD: dict[str, tuple[tuple[Who, str], ...]] = {
    "accept": (("waiting_desk", "desk_waiting"),),
    "dispatch": (("residents", "dispatched"), ("unit", "unit_dispatched"), ("assisting", "unit_assist")),
    "move": (("unit", "unit_moved"), ("waiting_desk", "desk_moved")),
    "return": (("desk", "desk_returned"), ("unit_before", "unit_recalled")),
    "reply": (("residents", "replied"), ("reporter", "worker_replied")),
    "conclude": (("residents", "concluded"), ("reporter", "worker_concluded")),
    "close": (("residents", "closed"),),
    "redo": (("residents", "redo"), ("unit", "unit_redo")),
    "reopen": (("residents", "reopened"), ("desk", "desk_reopened")),
    "decline": (("residents", "declined"),),
    "transfer": (
        ("residents", "transferred"),
        ("unit", "unit_dispatched"),
        ("assisting", "unit_assist"),
        ("unit_before", "unit_transferred"),
    ),
    "dispute": (("decider", "desk_disputed"),),
    "arbitrate": (("residents", "dispatched"), ("unit", "unit_arbitrated"), ("assisting", "unit_assist")),
    "merge": (("residents", "merged"), ("unit_before", "unit_merged")),
    "merge_inside": (("residents", "merged_inside"), ("unit_before", "unit_merged")),
    "unmerge": (("residents", "unmerged"), ("waiting_desk", "desk_waiting")),
    "split": (("opener", "split"),),
    "parted": (("opener", "separated"),),
    "hand_over": (("residents", "handed_over"),),
    "handed_back": (("desk", "desk_handed_back"),),
    "not_reached": (("desk", "desk_not_reached"),),
    "climb": (("waiting_desk", "desk_waiting"),),
    "raise": (("desk", "desk_raised"), ("unit_before", "unit_recalled")),
    "urge": (("unit", "unit_urged"), ("waiting_desk", "desk_urged")),
    "add": (("unit", "unit_added"), ("waiting_desk", "desk_added")),
    "withdraw": (("unit", "unit_withdrawn"),),
    "keep_from": (("desk", "desk_sealed"),),
    "seal": (("desk", "desk_sealed"), ("unit_before", "unit_recalled")),
    "doubt": (("desk", "desk_sealed"),),
    "redo_part": (("residents", "redo_part"), ("unit", "unit_redo_part")),
    "escalate": (("residents", "reviewed"), ("decider", "desk_review"), ("unit_before", "unit_reviewed")),
    "reassign": (("residents", "reassigned"), ("unit", "unit_dispatched")),
    "carry": (("residents", "carried"), ("unit", "unit_carried")),
    "explain": (("residents", "explained"),),
    "progress": (("residents", "progressed"),),
    "progress_due": (("residents", "still_carried"), ("unit", "unit_progress_due")),
    "reask": (("opener", "reask"),),
    "ask_more": (("opener", "more_asked"), ("asked_reporter", "worker_more_asked")),
    "ask_extension": (("desk", "desk_extension_asked"),),
    "extend": (("residents", "extended"), ("unit", "unit_extended")),
    "refuse_extension": (("unit", "unit_extension_refused"),),
    "ask_pause": (("desk", "desk_pause_asked"),),
    "pause": (("residents", "paused"), ("unit", "unit_paused")),
    "refuse_pause": (("unit", "unit_pause_refused"),),
    "resume": (("residents", "resumed"), ("unit", "unit_resumed")),
    "halfway": (("unit", "unit_halfway"), ("waiting_desk", "desk_halfway")),
    "due_soon": (("unit", "unit_due_soon"), ("waiting_desk", "desk_due_soon"), ("watcher", "unit_watched_due_soon")),
    "resident_due_soon": (("desk", "desk_resident_due_soon"),),
    "resident_overdue": (("desk", "desk_resident_overdue"),),
    "recount": (("unit", "unit_recounted"), ("waiting_desk", "desk_recounted")),
    "overdue": (("unit", "unit_overdue"), ("desk", "desk_overdue"), ("watcher", "unit_watched_overdue")),
}
"""By act, or warning of supervision: who is told what. An act that is not here tells nobody.

`merge_inside` is a merge of which nobody hears whose the others are, `parted` what was taken apart again, `handed_back` what another
system does not take.
"""

FULLER = {"unit_dispatched": ("officer", "unit_dispatched_officer"), "desk_returned": ("article", "desk_returned_article")}
"""Notices that say more where an act brings this fact."""

OPENS = frozenset(
    {
        "unit_dispatched", "unit_added", "unit_redo", "unit_redo_part", "unit_carried", "desk_waiting", "desk_call_back", "desk_added",
        "desk_returned", "desk_reopened", "red_alarm", "staff_alarm", "unit_dispatched_officer", "unit_arbitrated", "desk_raised",
        "desk_returned_article",
    }
)  # fmt: skip
"""Whoever gets one of these may open the original for the exact door (routing.secrecy.open_original), and is told so where one was masked."""

WHOLE = frozenset(
    {
        "replied", "concluded", "closed", "merged_over", "declined", "explained", "carried", "reask", "more_asked", "proxy_asked",
        "worker_replied", "worker_concluded", "worker_more_asked", "worker_sealed", "red_alarm", "roster_sealed", "staff_alarm",
        "staff_alarm_sealed",
    }
)  # fmt: skip
"""What is always a message of its own: results, what asks its reader to answer (1, 2 or 3 has to mean one matter), and alarms."""

SEALED: dict[Audience, str] = {
    "unit": "unit_sealed",
    "desk": "desk_sealed",
    "roster": "roster_sealed",
    "staff": "worker_sealed",
}
"""What staff hear of a confidential matter, or one about a unit: that there is one. Their road may be a group in which others read along."""

OVER = frozenset({"unit_recalled", "unit_withdrawn", "unit_reviewed", "unit_transferred", "unit_merged"})
"""What tells a unit that it has nothing to do with the matter any more."""

STRANDED = "operator_stranded"
"""The desk that has it may not see it, and none is above: somebody has to name a person."""

AT_DESK = {"asked_person": "desk_call_back", "voice_only": "desk_voice"}
"""Why a matter waits at the desk may ask for something of its own."""
