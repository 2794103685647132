"""One matter from the code on the wall to the figures: a resident's report with a photo, the desk, the unit, a question, half a repair, the rest of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from playwright.async_api import expect
from sqlalchemy import select

from routing import codes
from routing.code_tables import PlaceCode
from store.clock import utcnow
from tests.browser.talking import lines_of, read_number, write
from tests.pictures import make_picture, measure

if TYPE_CHECKING:
    from playwright.async_api import Locator, Page
    from sqlalchemy.orm import Session

    from tests.browser.conftest import Meet
    from tests.browser.site import Site
    from tests.browser.visitor import Visitor

ESTATE, BUILDING, GRID = "柳岸人家", "6号楼", "LA-DL-LT-02-G2"
UNIT, CLERK = "东篱区市政设施养护中心", "UC003"
WORDS = "门口的石墩子挡路，轮椅过不去"
PHOTO = make_picture(640, 480, text=b"CAMERA-OF-THE-RESIDENT")
SUPERVISOR = "SV001"
FIGURES = ("受理", "办结率", "重办率", "满意率", "已办结未结案")
QUESTION, ANSWER, LEFT = "是哪个门口？一共几个？", "东门，一共两个", "只移了一个，另一个还挡着"
STRANGERS = {"GW006": 404, "UC001": 404, "DK009": 404, "KE001": 403, "LX005": 404}
"""Who has nothing to do with the matter, and what the photo's address answers them: the grid's worker, other units and desks, an editor."""

_READ_TILES = """tiles => tiles.map(one => [
  one.querySelector("h3").textContent, (one.querySelector(".of") ?? one.querySelector("b")).textContent])"""


def find_code(session: Session) -> str:
    row = session.scalars(select(PlaceCode).where(PlaceCode.name == ESTATE, PlaceCode.building == BUILDING)).one()
    return codes.sign_code(session, row)


def find_desk(site: Site) -> str:
    """Find who of the desks takes what the street's residents write at this hour."""
    city = site.app.city
    return "DK007" if city.org.on_duty("LT-ZHS", utcnow(), city.zone) else "DK001"


def row_of(visitor: Visitor, number: str) -> Locator:
    return visitor.page.locator(f'[data-row="{number}"]')


async def make_code(meet: Meet, site: Site) -> str:
    """Have the operator make the code of a building; gives what stands in it."""
    operator = await meet("desktop", post="OP001")
    await operator.open("/staff/system/codes")
    form = operator.page.locator("form").filter(has_text="做一个地方的")
    await form.get_by_label("网格").select_option(GRID)
    await form.get_by_label("小区或道路").fill(ESTATE)
    await form.get_by_label("楼栋或门牌").fill(BUILDING)
    await form.get_by_role("button", name="做码").click()
    await expect(operator.page.get_by_text("码已做好")).to_be_visible()
    return await site.store.read(find_code)


async def report(resident: Visitor, code: str) -> str:
    """Scan, land at the place, and report with a photo; gives the ticket's number."""
    assert await resident.open(f"/c/{code}") == 200
    page = resident.page
    await expect(page.get_by_role("heading", level=1, name=f"{ESTATE}{BUILDING}")).to_be_visible()
    await page.get_by_role("link", name="报事").click()
    await page.get_by_label("加照片").set_input_files({"name": "tree.jpg", "mimeType": "image/jpeg", "buffer": PHOTO})
    await expect(page.get_by_text("1 张照片")).to_be_visible()
    await write(page, WORDS)
    number = await read_number(page)
    await resident.look_and_judge("story-reported")
    return number


async def confirm(desk: Visitor, number: str) -> None:
    """Watch it arrive by itself, and give it to the unit that is proposed, by one key."""
    await expect(row_of(desk, number)).to_be_visible()
    await expect(row_of(desk, number).get_by_role("button", name=f"派给{UNIT}")).to_be_visible()
    for _ in range(90):
        await desk.page.keyboard.press("j")
        if "chosen" in (await row_of(desk, number).get_attribute("class") or ""):
            break
    await desk.look_and_judge("story-desk")
    await desk.page.keyboard.press("1")
    await expect(desk.page.get_by_role("status").filter(has_text="已派出")).to_be_visible()
    await expect(row_of(desk, number)).to_have_count(0)


async def sign(clerk: Visitor, number: str) -> None:
    await clerk.open("/staff/mine?tab=sign")
    await row_of(clerk, number).get_by_role("button", name="签收").click()
    await expect(row_of(clerk, number)).to_have_count(0)


async def act(clerk: Visitor, number: str, name: str, text: str) -> None:
    """Open a ticket's form of an act, fill its words in and send it."""
    await clerk.open(f"/staff/tickets/{number}?do={name}#acts")
    form = clerk.page.locator(f'form[action$="/{name}"]')
    await form.get_by_role("textbox").fill(text)
    await form.get_by_role("button").click()
    await expect(clerk.page.get_by_role("status").filter(has_text="已办好")).to_be_visible()


async def rate(page: Page, solved: str, *, satisfied: str = "", words: str = "") -> None:
    await page.get_by_label(solved, exact=True).check()
    if satisfied:
        await page.get_by_label(satisfied, exact=True).check()
    if words:
        await page.get_by_label("还有哪里没解决、想说什么").fill(words)
    await page.get_by_role("button", name="提交").click()


async def read_figures(visitor: Visitor, site: Site) -> dict[str, tuple[int, ...]]:
    """Read what stands on the tiles of the grid, by the figure's name: a count, or a numerator and its denominator."""
    await site.app.duties.sum_up_figures()
    await visitor.open(f"/staff/figures?area={GRID}")
    tiles: list[list[str]] = await visitor.page.locator(".tile.figure").evaluate_all(_READ_TILES)
    return {name: tuple(int(part.replace(",", "")) for part in text.split("/")) for name, text in tiles if name in FIGURES}


def add(before: dict[str, tuple[int, ...]], **more: tuple[int, ...]) -> dict[str, tuple[int, ...]]:
    """Add to some of the figures."""
    return {name: tuple(map(sum, zip(values, more.get(name, (0,) * len(values)), strict=True))) for name, values in before.items()}


async def be_asked_and_answer(clerk: Visitor, resident: Visitor, number: str) -> None:
    """Ask the resident for what is missing: they are asked and answer in the chat, and the clerk reads it on the ticket."""
    await act(clerk, number, "ask_more", QUESTION)
    await expect(lines_of(resident.page, "us").filter(has_text=QUESTION).last).to_be_visible()
    await write(resident.page, ANSWER)
    await expect(lines_of(resident.page, "us").filter(has_text="收到，谢谢").last).to_be_visible()
    await clerk.page.get_by_role("link", name="看新的情况").click()
    since = clerk.page.get_by_role("region", name="后来说的")
    await expect(since.get_by_role("listitem").filter(has_text=QUESTION)).to_be_visible()
    await expect(since.get_by_role("listitem").filter(has_text=ANSWER)).to_be_visible()
    await clerk.look_and_judge("story-more")


async def say_partly(clerk: Visitor, resident: Visitor, number: str) -> None:
    """Answer for the first time; the resident follows the link of the chat and says what is still to be done, which the clerk reads."""
    await act(clerk, number, "reply", "东门的石墩子今天上午已移开，轮椅试过，能过了。")
    await expect(lines_of(resident.page, "us").filter(has_text="能过了").last).to_be_visible()
    await resident.page.locator('a[href*="/t/"]').first.click()
    await resident.look_and_judge("story-answered")
    await rate(resident.page, "解决了一部分", words=LEFT)
    await expect(resident.page.get_by_role("status")).to_have_text("记下了，没办完的那部分接着办。")
    await resident.look_and_judge("story-partly")
    await clerk.open(f"/staff/tickets/{number}")
    await expect(clerk.page.get_by_text("重办 1 次")).to_be_visible()
    await expect(clerk.page.get_by_role("region", name="后来说的")).to_contain_text(LEFT)


async def say_solved(clerk: Visitor, resident: Visitor, number: str) -> None:
    """Conclude it; the resident says that it is done, and it is over."""
    await sign(clerk, number)
    await act(clerk, number, "conclude", "东门另一个石墩子今天下午也移走了，轮椅从两边都试过，不挡了。")
    await resident.page.reload()
    await expect(resident.page.get_by_text("轮椅从两边都试过")).to_be_visible()
    await resident.page.get_by_label("联系过", exact=True).check()
    await rate(resident.page, "解决了", satisfied="满意")
    await expect(resident.page.get_by_role("status")).to_have_text("谢谢您，这件事结了。")
    await resident.look_and_judge("story-closed")


async def look_at_photo(clerk: Visitor, site: Site, number: str) -> str:
    """Look at the photo on the ticket, drawn anew; gives its address."""
    await site.app.duties.make_pictures()
    await clerk.open(f"/staff/tickets/{number}")
    shown = clerk.page.get_by_role("list", name="照片").get_by_role("link")
    await expect(shown).to_have_count(1)
    assert await shown.get_by_role("img").evaluate("one => one.decode().then(() => one.naturalWidth)") > 0
    await clerk.look_and_judge("story-clerk")
    path = await shown.get_attribute("href") or ""
    body = await (await clerk.context.request.get(f"{site.address}{path}")).body()
    assert (measure(body), b"CAMERA" in PHOTO, b"CAMERA" in body) == ((640, 480), True, False)
    return path


async def fetch(visitor: Visitor, path: str) -> int:
    answer = await visitor.context.request.get(f"{visitor.site.address}{path}", max_redirects=0)
    return answer.status


async def test_a_matter_goes_from_the_code_on_the_wall_to_the_figures(meet: Meet, site: Site) -> None:
    code = await make_code(meet, site)
    supervisor = await meet("desktop", post=SUPERVISOR)
    before = await read_figures(supervisor, site)
    desk, clerk = await meet("desktop", post=find_desk(site)), await meet("desktop", post=CLERK)
    await desk.open("/staff/desk")
    await clerk.open("/staff/mine?tab=sign")

    resident = await meet("phone")
    number = await report(resident, code)
    assert await read_figures(supervisor, site) == add(before, 受理=(1,), 办结率=(0, 1))
    await confirm(desk, number)
    await expect(lines_of(resident.page, "us").filter(has_text=UNIT).last).to_be_visible()
    await expect(row_of(clerk, number)).to_be_visible()
    await sign(clerk, number)
    photo = await look_at_photo(clerk, site, number)
    await be_asked_and_answer(clerk, resident, number)
    await say_partly(clerk, resident, number)
    assert await read_figures(supervisor, site) == add(before, 受理=(1,), 办结率=(0, 1))
    await say_solved(clerk, resident, number)

    assert await read_figures(supervisor, site) == add(before, 受理=(1,), 办结率=(1, 1), 满意率=(1, 1), 重办率=(1, 1))
    await supervisor.look_and_judge("story-figures")
    for name in ("重办率", "办结率", "受理"):
        await drill_down(supervisor, name, number)
    await supervisor.page.get_by_role("link", name=WORDS).first.click()
    await expect(supervisor.page.get_by_role("main")).to_contain_text(number)
    await photo_is_kept(meet, resident, photo)


async def drill_down(supervisor: Visitor, name: str, number: str) -> None:
    """Follow a number to the tickets behind it: this one is among them."""
    await supervisor.open(f"/staff/figures?area={GRID}")
    tile = supervisor.page.locator(".figure", has=supervisor.page.get_by_role("heading", name=name, exact=True))
    await tile.get_by_role("link").first.click()
    await expect(supervisor.page.get_by_role("heading", level=1)).to_contain_text(name)
    await expect(row_of(supervisor, number)).to_be_visible()


async def photo_is_kept(meet: Meet, resident: Visitor, photo: str) -> None:
    """See that the photo is shown to its resident, and to nobody who has nothing to do with the matter."""
    own = photo.removeprefix("/staff")
    assert (await fetch(resident, own), await fetch(await meet("phone"), own)) == (200, 404)
    found = {post: await fetch(await meet("desktop", post=post), photo) for post in (*STRANGERS, "")}
    assert found == STRANGERS | {"": 303}
