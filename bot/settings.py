"""config.toml and the environment, parsed into one frozen struct per section; each package receives its own section.

Order: --config, $JIEYING_CONFIG, ./config.toml, the packaged default. Environment overrides as JIEYING_<SECTION>_<KEY>. Secrets come from
`<key>_file` or the environment, never from the file itself. A wrong or unknown key is refused by name, with what is wrong and the nearest
valid key (bot.settings_reading). What each key does stands in config.toml, which tests compare with the structs.

    SettingsError    one message per problem, in words
"""

from __future__ import annotations

import os
import tomllib
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal, get_type_hints
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec
from sqlalchemy import make_url

from bot.channels import discover
from bot.quiet import NoticeSettings
from bot.settings_reading import SectionReader, find_unknown_sections, find_unknown_variables, secrets_of
from bot.texts import fill
from console.map_settings import LINK_FIELDS, TILE_FIELDS, MapSettings
from console.open311.settings import Open311Settings
from console.peers import ExchangeSettings
from console.sign_in_settings import SignInSettings
from intents.listening import GroupSettings
from intents.state import DialogueSettings
from knowledge_base.encoder import is_installed, is_runnable
from knowledge_base.match import MatchSettings
from knowledge_base.proposals import UseSettings
from residents.page_settings import PageSettings
from residents.retention import PrivacySettings
from residents.seat_clock import SeatSettings
from routing.context import DeskSettings
from routing.duplicates import DuplicateSettings
from routing.early_warnings import WarningSettings
from routing.grid_size import GridSettings
from routing.incident_rows import GatheringSettings
from routing.rules import RoutingSettings
from routing.triage import TriageSettings
from routing.warning_signs import SignSettings

if TYPE_CHECKING:
    from collections.abc import Mapping

Port = Annotated[int, msgspec.Meta(ge=0, le=65535)]
Count = Annotated[int, msgspec.Meta(ge=1)]
Percent = Annotated[int, msgspec.Meta(ge=0, le=100)]
Span = Annotated[float, msgspec.Meta(gt=0)]


class SettingsError(Exception):
    """The settings cannot be used as they are."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


class Server(msgspec.Struct, frozen=True, kw_only=True):
    """Where the service listens and how it presents itself. Port 0 takes a free one."""

    host: str = "127.0.0.1"
    port: Port = 8080
    rehearsal: bool = True
    reply_budget_seconds: Span = 2.0
    public_url: str = ""
    forwarded: bool = False

    def __post_init__(self) -> None:
        """Refuse an address of ours that nobody could open."""
        parts = urlsplit(self.public_url)
        if self.public_url and (parts.scheme not in {"http", "https"} or not parts.netloc or parts.query or parts.fragment):
            raise ValueError(fill("settings", "no_public_url", {"address": self.public_url}))


class Maps(MapSettings, frozen=True, kw_only=True):
    """The maps on pages."""

    def __post_init__(self) -> None:
        """Refuse addresses that could not show a place, or that would be asked for without encryption."""
        for key, address, fields in (("tiles", self.tiles, TILE_FIELDS), ("link", self.link, LINK_FIELDS)):
            parts = urlsplit(address)
            if address and (parts.scheme != "https" or "{" in parts.netloc or not all(field in address for field in fields)):
                raise ValueError(fill("settings", "no_map", {"key": key, "address": address, "fields": " ".join(fields)}))


class City(msgspec.Struct, frozen=True, kw_only=True):
    """What residents see of the city."""

    service: str = "接应"
    zone: str = "Asia/Shanghai"

    def __post_init__(self) -> None:
        """Refuse a time zone that this machine does not know."""
        try:
            ZoneInfo(self.zone)
        except (ZoneInfoNotFoundError, ValueError) as error:
            raise ValueError(fill("settings", "no_zone", {"zone": self.zone})) from error


class Data(msgspec.Struct, frozen=True, kw_only=True):
    """The folder of everything the service keeps beside the database."""

    dir: str = "data"


class Database(msgspec.Struct, frozen=True, kw_only=True):
    """Where rows are kept; empty means SQLite in the data folder."""

    url: str = ""


class Security(msgspec.Struct, frozen=True, kw_only=True):
    """The master keys, one `id:base64` a line; empty means one made on the first start in the data folder."""

    SECRETS: ClassVar[tuple[str, ...]] = ("master_key",)
    master_key: str = ""


class Outbox(msgspec.Struct, frozen=True, kw_only=True):
    """How sends leave."""

    batch: Count = 20
    lease_seconds: Span = 60.0
    poll_seconds: Span = 0.2
    attempts: Count = 6


class Worker(msgspec.Struct, frozen=True, kw_only=True):
    """How often what is due is looked for."""

    resume_seconds: Span = 2.0
    resume_after_seconds: Span = 5.0
    unsent_after_seconds: Span = 20.0
    reconcile_seconds: Span = 60.0
    knowledge_seconds: Span = 2.0
    most_failures: Count = 5
    """After so many failures a work is put aside: five rounds outlast a passing trouble, and one broken row fills no log."""


class Log(msgspec.Struct, frozen=True, kw_only=True):
    """What the log says, and in which form."""

    level: Literal["debug", "info", "warning", "error"] = "info"
    json: bool = False


class Knowledge(MatchSettings, frozen=True, kw_only=True):
    """When an entry is near enough, and whether the sentence encoder helps to find it (extra `[semantic]`)."""

    semantic: bool = False
    use: UseSettings = UseSettings()

    def __post_init__(self) -> None:
        """Refuse to ask for an encoder that is not installed."""
        if self.semantic and not is_installed():
            raise ValueError(fill("settings", "no_encoder"))
        if self.semantic and not is_runnable():
            raise ValueError(fill("settings", "no_avx2"))


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """What reports name and what they keep silent about, and when something is a sign that figures look better than the work."""

    few_people: Count = 3
    most_rows: Count = 30
    first_answer_minutes: Count = 3
    street_percent: Percent = 70
    signs: SignSettings = SignSettings()


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """All sections; `channels` holds one settings struct per channel file, by name."""

    server: Server = Server()
    city: City = City()
    data: Data = Data()
    database: Database = Database()
    security: Security = Security()
    conversation: DialogueSettings = DialogueSettings()
    groups: GroupSettings = GroupSettings()
    knowledge: Knowledge = Knowledge()
    routing: RoutingSettings = RoutingSettings()
    triage: TriageSettings = TriageSettings()
    duplicates: DuplicateSettings = DuplicateSettings()
    incidents: GatheringSettings = GatheringSettings()
    grids: GridSettings = GridSettings()
    desk: DeskSettings = DeskSettings()
    seat: SeatSettings = SeatSettings()
    report: Report = Report()
    warnings: WarningSettings = WarningSettings()
    sign_in: SignInSettings = SignInSettings()
    pages: PageSettings = PageSettings()
    maps: Maps = Maps()
    open311: Open311Settings = Open311Settings()
    exchange: ExchangeSettings = ExchangeSettings()
    privacy: PrivacySettings = PrivacySettings()
    notices: NoticeSettings = NoticeSettings()
    outbox: Outbox = Outbox()
    worker: Worker = Worker()
    log: Log = Log()
    channels: dict[str, Any] = {}
    path: str = ""

    @property
    def folder(self) -> Path:
        """The data folder."""
        return Path(self.data.dir)

    @property
    def database_url(self) -> str:
        """The database's address, with the default in the data folder."""
        return self.database.url or f"sqlite:///{self.folder / 'jieying.db'}"


def sections() -> dict[str, type[msgspec.Struct]]:
    """List the sections of config.toml: ours, then one per channel."""
    hints = get_type_hints(Settings)
    own = {name: hints[name] for name in Settings.__struct_fields__ if name not in ("channels", "path")}
    return own | {name: spec.settings for name, spec in discover().items()}


def load(path: str | None = None, environ: Mapping[str, str] | None = None) -> Settings:
    """Read the settings; SettingsError lists every problem at once."""
    environment = os.environ if environ is None else environ
    source, text = _find(path, environment)
    try:
        raw = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise SettingsError([fill("settings", "not_toml", {"path": source, "error": str(error)})]) from error
    known = sections()
    problems = find_unknown_sections(raw, known, source=source) + find_unknown_variables(environment, known)
    if _has_password(raw.get("database")):
        problems.append(fill("settings", "password_in_file", {"path": source}))
    parsed: dict[str, Any] = {}
    for name, kind in known.items():
        reader = SectionReader(name, kind, environment=environment, source=source)
        parsed[name] = reader.read(raw.get(name, {}))
        problems += reader.problems
    if problems:
        raise SettingsError(problems)
    channels = {name: parsed.pop(name) for name in discover()}
    return Settings(**parsed, channels=channels, path=source)


def effective(settings: Settings) -> dict[str, dict[str, Any]]:
    """Give every section's values, secrets hidden: what `jieying config` shows."""
    shown: dict[str, dict[str, Any]] = {}
    for name, kind in sections().items():
        section = settings.channels[name] if name in settings.channels else getattr(settings, name)
        values = msgspec.to_builtins(section)
        hidden = secrets_of(kind)
        shown[name] = {key: ("***" if value else "") if key in hidden else value for key, value in values.items()}
    shown["database"]["url"] = make_url(settings.database_url).render_as_string()
    return shown


def list_secrets(settings: Settings) -> tuple[str, ...]:
    """List the secret values in use: what no log line may ever show."""
    found = []
    for name, kind in sections().items():
        section = settings.channels[name] if name in settings.channels else getattr(settings, name)
        found += [value for key in secrets_of(kind) if (value := getattr(section, key))]
    password = make_url(settings.database_url).password
    return (*found, password) if password else tuple(found)


def default_text() -> str:
    """Read the shipped config.toml: beside the packages in a checkout, inside `bot` in a wheel."""
    packaged = files("bot").joinpath("config.toml")
    if packaged.is_file():
        return packaged.read_text(encoding="utf-8")
    return Path(__file__).resolve().parent.parent.joinpath("config.toml").read_text(encoding="utf-8")


def _has_password(database: Any) -> bool:
    url = database.get("url") if isinstance(database, dict) else None
    return isinstance(url, str) and bool(url) and make_url(url).password is not None


def _find(path: str | None, environment: Mapping[str, str]) -> tuple[str, str]:
    """Find the file in the order of the module's docstring, and read it."""
    named = path or environment.get("JIEYING_CONFIG", "")
    file = Path(named or "config.toml")
    if named and not file.is_file():
        raise SettingsError([fill("settings", "no_file", {"path": named})])
    if file.is_file():
        return str(file), file.read_text(encoding="utf-8")
    return "config.toml", default_text()
