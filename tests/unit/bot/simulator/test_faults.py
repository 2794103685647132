from __future__ import annotations

from bot.simulator.faults import NO_FAULT, Fault, Faults


def test_counted_faults_come_in_order_then_the_lasting_one_until_cleared() -> None:
    faults = Faults()
    slow = Fault(slow_seconds=1)
    faults.inject("/a", slow, times=None)
    faults.inject_codes("/a", {40001: 2, -1: 1})
    assert [faults.take("/a").code for _ in range(3)] == [40001, 40001, -1]
    assert [faults.take("/a") for _ in range(2)] == [slow, slow]
    assert faults.take("/b") == NO_FAULT
    faults.inject_codes("/a", {45015: 1})
    faults.clear()
    assert faults.take("/a") == NO_FAULT


def test_what_is_refused_is_not_carried_out() -> None:
    faults = [Fault(code=45009), Fault(status=502), Fault(slow_seconds=1), Fault(drop=True), NO_FAULT]
    assert [fault.is_refusal for fault in faults] == [True, True, False, False, False]
