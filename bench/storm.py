"""Others while a storm goes on: `jieying serve` as configured by default, residents of the account beside one group's 4,000 messages.

Calm and storm take turns in one run, so the ratio of the same residents' latencies is the figure. The storm is one group of 200 members,
every tenth message spoken to the bot in the same words; the gateway posts it at an even pace, from a process of its own, and counts what it
is told to send later. The CPU columns say what share of one processor the service took meanwhile.
A second figure lets everything in (no limit per minute at the gateway): what the service bears by its own turns alone.
"""

from __future__ import annotations

import argparse
import asyncio
import hashlib
import hmac
import json
import secrets
import shutil
import sys
import tempfile
import time
from collections import Counter
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING

import aiohttp
from measure import environment, print_table, rank, say_machine
from rig.load import Platform, run_round
from rig.made_up import make_questions
from rig.service import Process, name_account, prepare_city

from bot.trial import LOOPBACK, find_free_port

if TYPE_CHECKING:
    from bot.settings import Settings

GATEWAY, GROUP, MEMBERS = "bench", "wrLT01G1", 200
COPIED = "@接应 安泰路12号门口路灯不亮三天了"
_PAUSE = 0.25  # seconds between two residents' messages: far from what the service bears, so that the storm is the only thing that changes
_rounds = count(1)


async def measure(settings: Settings, folder: Path, *, rounds: int, seconds: float, storm: int) -> None:
    """Measure with the gateway's limits as shipped, then without."""
    rows = []
    for name, limits in (("as shipped", {}), ("no limit at the gateway", {"PER_MINUTE": "1000000", "GROUP_PER_MINUTE": "1000000"})):
        own = folder / name.replace(" ", "-")
        shutil.copytree(settings.folder, own)
        secret = secrets.token_hex(16)
        given = {"GATEWAY_ID": GATEWAY, "SECRET": secret} | limits
        more = name_account(settings) | {f"JIEYING_GATEWAY_{key}": value for key, value in given.items()}
        process = Process(["-m", "bot", "serve"], folder=own, port=find_free_port(), more=more)
        try:
            await process.wait()
            rows.append((name, *await _compare(settings, process, secret, rounds=rounds, seconds=seconds, storm=storm)))
        finally:
            process.stop()
    columns = (
        "gateway",
        "calm p50 ms",
        "storm p50 ms",
        "ratio",
        "calm p99 ms",
        "storm p99 ms",
        "ratio",
        "calm CPU",
        "storm CPU",
        "storm sent",
        "taken",
        "later",
    )
    print_table(columns, rows)


async def _compare(
    settings: Settings, process: Process, secret: str, *, rounds: int, seconds: float, storm: int
) -> tuple[object, ...]:
    platform, texts = Platform(settings.channels["wechat_mp"]), make_questions(500)
    calm: list[float] = []
    stormy: list[float] = []
    answers: Counter[str] = Counter()
    used = [0.0, 0.0]
    for turn in range(rounds + 1):
        for times, is_storm in ((calm, False), (stormy, True)):
            requests = platform.seal(texts, int(seconds / _PAUSE))
            before = process.cpu_seconds()
            blowing = await _start_storm(process.port, secret, storm, seconds) if is_storm else None
            found = await _ask(platform, process.port, requests)
            if blowing is not None:
                printed, _ = await blowing.communicate()
                answers.update(json.loads(printed))
            used[is_storm] += process.cpu_seconds() - before
            if turn:  # the first round warms up
                times.extend(found)
    middle, end = [rank(one, 0.5) for one in (calm, stormy)], [rank(one, 0.99) for one in (calm, stormy)]
    shares = [one / seconds / (rounds + 1) for one in used]
    taken = answers["200"] + answers["201"]
    return (*middle, middle[1] / middle[0], *end, end[1] / end[0], *shares, answers.total(), taken, answers["429"])


async def _start_storm(port: int, secret: str, number: int, seconds: float) -> asyncio.subprocess.Process:
    """Start the gateway's process: it posts, then prints how many answers of each status it had."""
    order = json.dumps({"port": port, "secret": secret, "number": number, "seconds": seconds, "first": next(_rounds) * number})
    return await asyncio.create_subprocess_exec(
        sys.executable, __file__, "--blow", order, stdout=asyncio.subprocess.PIPE, env=environment()
    )


async def _ask(platform: Platform, port: int, requests: list[bytes]) -> list[float]:
    """Let residents write one after the other at an even pace, whether or not the one before has an answer; milliseconds of each."""
    asked = []
    for request in requests:
        asked.append(asyncio.create_task(run_round(platform, port, [request], connections=1, seconds=60)))
        await asyncio.sleep(_PAUSE)
    return [one for done in await asyncio.gather(*asked) for one in done.milliseconds]


async def _blow(*, port: int, secret: str, number: int, seconds: float, first: int) -> Counter[int]:
    """Post so many messages of one group, evenly over the time; each without waiting for the one before."""
    url = f"http://{LOOPBACK}:{port}/gateway/v1/messages"
    answers: Counter[int] = Counter()
    begun = time.perf_counter()
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=64)) as session:

        async def post(at: int) -> None:
            body = _write(at, first + at)
            async with session.post(url, data=body, headers=_sign(secret, body)) as response:
                await response.read()
                answers[response.status] += 1

        tasks = []
        for at in range(number):
            await asyncio.sleep(max(0.0, begun + at * seconds / number - time.perf_counter()))
            tasks.append(asyncio.create_task(post(at)))
        await asyncio.gather(*tasks)
    return answers


def _write(at: int, number: int) -> bytes:
    speaks = at % 10 == 0
    message = {
        "message_id": f"{GROUP}:{number}",
        "group": {"id": GROUP},
        "sender": {"id": f"u{at % MEMBERS}"},
        "sent_at": datetime.now(UTC).isoformat(),  # noqa: TID251 - the gateway's clock is not ours
        "type": "text",
        "text": COPIED if speaks else "哈哈哈哈",
        "mentions_bot": speaks,
        "consent": "agree",
        "can_reply": True,
    }
    return json.dumps(message).encode()


def _sign(secret: str, body: bytes) -> dict[str, str]:
    now, nonce = str(int(time.time())), secrets.token_hex(8)  # noqa: TID251 - as above
    lines = "\n".join([GATEWAY, now, nonce, hashlib.sha256(body).hexdigest()])
    signature = hmac.new(secret.encode(), lines.encode(), hashlib.sha256).hexdigest()
    return {"X-Gateway-Id": GATEWAY, "X-Timestamp": now, "X-Nonce": nonce, "X-Signature": signature}


def main() -> None:
    """Read the options, prepare the data, measure."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=20.0)
    parser.add_argument("--storm", type=int, default=4000, help="messages of the storm, all rounds together")
    parser.add_argument("--blow", default="", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.blow:
        print(json.dumps(asyncio.run(_blow(**json.loads(options.blow)))))
        return
    say_machine()
    with tempfile.TemporaryDirectory(prefix="jieying-bench-") as name:
        folder = Path(name)
        settings = prepare_city(folder / "data", 0)
        each = options.storm // options.rounds
        asyncio.run(measure(settings, folder, rounds=options.rounds, seconds=options.seconds, storm=each))


if __name__ == "__main__":
    main()
