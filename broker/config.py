"""Every setting of the broker, its default and its environment variable (`CONSENTRY_` and the name in capitals).

There is no configuration file: the environment is the one place, and `docs/operating/configuration.md` describes each
key (a test compares the two). Command-line options of `consentry serve` win over the environment.
"""

import os
import re
from pathlib import Path
from typing import Annotated, Literal, Self, get_args

import platformdirs
from pydantic import Field, ValidationError, field_validator, model_validator
from pydantic_settings import SettingsConfigDict

from broker.organisation.folder import FIRST_LOG
from broker.organisation.people import Role
from broker.organisation.teams import TeamNameUnusable, check_team
from broker.requests.request import STANDARD_TIER
from protocol.details import broken_rule
from protocol.errors import InputError
from serving.identity.settings import SignInSettings, group_pairs


class SettingUnusable(InputError):
    sentence = "The setting {setting} cannot be used: {problem}."


def _default_data_folder() -> Path:
    # CONSENTRY_HOME moves everything that Consentry keeps for a person; the broker's data goes below it.
    home = os.environ.get("CONSENTRY_HOME")
    return Path(home) / "broker" if home else platformdirs.user_data_path("consentry") / "broker"


class Settings(SignInSettings):
    """Build it with `load_settings`, which turns what pydantic says into one sentence."""

    roles = get_args(Role)

    model_config = SettingsConfigDict(env_prefix="CONSENTRY_", extra="ignore", frozen=True, env_ignore_empty=True)

    data_folder: Path = Field(default_factory=_default_data_folder)
    """Database, keys, signed profile and sealed records. Mode 0700."""

    listen_host: str = "0.0.0.0"  # noqa: S104 - a broker is there to be reached; TLS is on unless it is turned off
    """Address to listen on."""

    listen_port: Annotated[int, Field(ge=0, le=65535)] = 8443
    """Port to listen on; 0 takes any that is free (tests)."""

    tls: Literal["own", "given", "off"] = "own"
    """`own`: the certificate made at `admin init`. `given`: the two files below. `off`: a proxy here ends TLS."""

    tls_certificate: Path | None = None
    """PEM file with the certificate and its chain, for `tls=given`."""

    tls_key: Path | None = None
    """PEM file with the certificate's private key, for `tls=given`."""

    trusted_proxies: str = ""
    """Addresses (comma-separated) whose `X-Forwarded-For` is believed. Empty: nobody's."""

    ssh_gateway_port: Annotated[int, Field(ge=0, le=65535)] | None = None
    """Port of the SSH gateway, on the address of `listen_host`; 0 takes any that is free (tests). Unset: no gateway."""

    ssh_gateway_address: Annotated[str, Field(max_length=300, pattern=r"^(|\S+:[1-9][0-9]{0,4})$")] = ""
    """`host:port` by which engineers reach the gateway. Empty: the broker's own name, and the port above."""

    ssh_gateway_per_minute_per_address: Annotated[int, Field(ge=1)] = 120
    """Connections to the SSH gateway from one network address; as many may come in one burst."""

    service_targets: str = "standard=300"
    """Within how many seconds customers who ask for help are promised an engineer, by tier: `standard=300; gold=60`."""

    max_waiting_requests: Annotated[int, Field(ge=1)] = 500
    """Customers in the queue at one time, those among them whom an engineer has taken."""

    webhooks_private_networks: bool = False
    """Webhooks may lead to addresses inside the house, and use plain HTTP."""

    metrics_token: str = Field(default="", repr=False)
    """Bearer token for /metrics. Empty: /metrics answers only on the loopback address and not through a proxy."""

    log_format: Literal["json", "console"] = "json"
    """`json` for machines, `console` for eyes."""

    log_level: Literal["debug", "info", "warning", "error"] = "info"
    """Least important level that is written."""

    oidc_staff_number_claim: str = "staff_number"
    """Claim with the staff number, which customers read."""

    oidc_teams: str = ""
    """Which group is which team, `group=team; group=team`; the first that fits counts. Empty: it sets none."""

    certificate_hours: Annotated[int, Field(ge=1, le=12)] = 12
    """Life of an engineer's certificate. Never more than 12: there is no revocation list, expiry is the revocation."""

    max_open_codes: Annotated[int, Field(ge=1, le=5000)] = 5000
    """Codes waiting for an engineer at one time."""

    max_sessions: Annotated[int, Field(ge=1)] = 2000
    """Sessions that have not ended."""

    max_sessions_per_engineer: Annotated[int, Field(ge=1)] = 5
    """Sessions in which one engineer takes part at one time."""

    max_session_hours: Annotated[int, Field(ge=1, le=24)] = 8
    """A session ends after this, whatever was granted."""

    openings_per_minute: Annotated[int, Field(ge=1)] = 120
    """New sessions and new codes of the whole organisation; twice as many may come in one burst."""

    openings_per_minute_per_address: Annotated[int, Field(ge=1)] = 30
    """New sessions, and as many new codes, from one network address; twice as many may come in one burst."""

    claims_per_minute: Annotated[int, Field(ge=1)] = 120
    """Codes that engineers of the organisation may try; twice as many may come in one burst."""

    claims_per_minute_per_engineer: Annotated[int, Field(ge=1)] = 30
    """Codes that one engineer may try; twice as many may come in one burst."""

    witness_urls: str = ""
    """Where witnesses are reached, if not where the profile says: `name=https://…`, comma-separated."""

    witness_certificates: str = ""
    """PEM files (comma-separated) with certificates of witnesses that have one of their own."""

    min_free_disk_percent: Annotated[float, Field(ge=0, le=50)] = 5.0
    """Below this share of free disk no new session is taken."""

    min_free_disk_gib: Annotated[float, Field(ge=0)] = 2.0
    """Below this much free disk no new session is taken."""

    @field_validator("oidc_teams")
    @classmethod
    def _teams_are_teams(cls, text: str) -> str:
        _team_pairs(text)
        return text

    @property
    def oidc_team_pairs(self) -> list[tuple[str, str]]:
        """Groups, and the team that they put somebody into; in the order in which they count."""
        return _team_pairs(self.oidc_teams)

    @model_validator(mode="after")
    def _given_tls_names_its_files(self) -> Self:
        if self.tls == "given" and (self.tls_certificate is None or self.tls_key is None):
            raise ValueError("`given` needs CONSENTRY_TLS_CERTIFICATE and CONSENTRY_TLS_KEY")
        return self

    @field_validator("service_targets")
    @classmethod
    def _targets_are_seconds(cls, text: str) -> str:
        _seconds_by_tier(text)
        return text

    @field_validator("witness_urls")
    @classmethod
    def _witnesses_have_addresses(cls, text: str) -> str:
        _urls_by_name(text)
        return text

    @property
    def service_target_seconds_of(self) -> dict[str, int]:
        """By tier; `standard` is among them."""
        return _seconds_by_tier(self.service_targets)

    @property
    def witness_url_of(self) -> dict[str, str]:
        """By the name of the witness."""
        return _urls_by_name(self.witness_urls)

    @property
    def witness_certificate_files(self) -> list[Path]:
        return [Path(one.strip()).expanduser() for one in self.witness_certificates.split(",") if one.strip()]

    @property
    def database_file(self) -> Path:
        return self.data_folder / "broker.sqlite3"

    def log_files(self, name: str = FIRST_LOG) -> tuple[Path, Path]:
        """Folder and ledger of the organisation's log of that name."""
        return self.data_folder / name, self.data_folder / f"{name}.sqlite3"

    @property
    def records_folder(self) -> Path:
        return self.data_folder / "records"


def _seconds_by_tier(text: str) -> dict[str, int]:
    """Raises ValueError."""
    found: dict[str, int] = {}
    for part in filter(None, (part.strip() for part in text.split(";"))):
        tier, _, seconds = (each.strip() for each in part.partition("="))
        if not re.fullmatch(r"[a-z0-9-]{1,40}", tier) or not re.fullmatch(r"[1-9][0-9]{0,6}", seconds):
            raise ValueError(f"{part!r} is not tier=seconds")
        found[tier] = int(seconds)
    if STANDARD_TIER not in found:
        raise ValueError(f"the tier {STANDARD_TIER} is missing: it is that of everybody else")
    return found


def _team_pairs(text: str) -> list[tuple[str, str]]:
    """Raises ValueError."""
    try:
        return [(group, check_team(team)) for group, team in group_pairs(text, "team")]
    except TeamNameUnusable as error:
        raise ValueError(str(error)) from None


def _urls_by_name(text: str) -> dict[str, str]:
    found = {}
    for one in filter(None, (part.strip() for part in text.split(","))):
        name, _, rest = one.partition("=http")
        if not name or not re.fullmatch(r"s?://[!-~]+", rest):
            raise ValueError(f"{one} is no witness's name and address; write name=https://witness.example")
        found[name] = f"http{rest}"
    return found


def load_settings(**overrides: object) -> Settings:
    """Environment plus `overrides` (those that are None are left out). Raises SettingUnusable for the first mistake."""
    try:
        return Settings(**{key: value for key, value in overrides.items() if value is not None})  # type: ignore[arg-type]
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        key = "_".join(str(part) for part in first["loc"]) or "tls"
        raise SettingUnusable(setting=f"CONSENTRY_{key.upper()}", problem=broken_rule(first)) from None
