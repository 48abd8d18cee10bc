"""Every setting of the audit service, its default and its environment variable (`CONSENTRY_AUDIT_` and the name).

`docs/operating/configuration.md` describes each key (a test compares the two). Options of `consentry serve` win over
the environment. What the service needs to know besides, the broker's address and its keys, is set up once: setup.py.
"""

import os
from pathlib import Path
from typing import Annotated, Literal, Self, get_args
from urllib.parse import urlsplit

import platformdirs
from pydantic import Field, ValidationError, field_validator, model_validator
from pydantic_settings import SettingsConfigDict

from audit.service.people import Role
from protocol.errors import InputError
from serving.identity.settings import SignInSettings


class AuditSettingUnusable(InputError):
    sentence = "The setting {setting} cannot be used: {problem}."


def _default_data_folder() -> Path:
    home = os.environ.get("CONSENTRY_HOME")
    return Path(home) / "audit" if home else platformdirs.user_data_path("consentry") / "audit"


class AuditSettings(SignInSettings):
    """Build it with `load_audit_settings`, which turns what pydantic says into one sentence."""

    roles = get_args(Role)

    model_config = SettingsConfigDict(env_prefix="CONSENTRY_AUDIT_", extra="ignore", frozen=True, env_ignore_empty=True)

    data_folder: Path = Field(default_factory=_default_data_folder)
    """Database, pulled records, and apart from them what opens them. Mode 0700. Never inside the broker's."""

    listen_host: str = "127.0.0.1"
    """Address to listen on."""

    listen_port: Annotated[int, Field(ge=0, le=65535)] = 8444
    """Port to listen on; 0 takes any that is free (tests)."""

    tls: Literal["own", "given", "off"] = "own"
    """`own`: the certificate made at `audit init`. `given`: the two files below. `off`: a proxy here ends TLS."""

    tls_certificate: Path | None = None
    """PEM file with the certificate and its chain, for `tls=given`."""

    tls_key: Path | None = None
    """PEM file with the certificate's private key, for `tls=given`."""

    trusted_proxies: str = ""
    """Addresses (comma-separated) whose `X-Forwarded-For` is believed. Empty: nobody's."""

    passphrase_file: Path | None = None
    """File whose first line opens audit keys that are under a passphrase; without it, the terminal is asked."""

    log_format: Literal["json", "console"] = "json"
    """`json` for machines, `console` for eyes."""

    log_level: Literal["debug", "info", "warning", "error"] = "info"
    """Least important level that is written."""

    public_address: str = ""
    """`https://…` by which people reach the service. Passkeys and an OpenID provider need it; empty: neither."""

    login_hours: Annotated[int, Field(ge=1, le=24)] = 8
    """A login ends after this, however much it was used: a working day."""

    login_idle_minutes: Annotated[int, Field(ge=5, le=24 * 60)] = 60
    """A login ends when nothing asked in its name for so long."""

    fresh_minutes: Annotated[int, Field(ge=0, le=12 * 60)] = 15
    """How old a sign-in may be with which somebody confirms an export or an erase. 0: as old as the login."""

    worker_memory_mib: Annotated[int, Field(ge=128)] = 1024
    """Most address space that the process which parses recordings may take."""

    worker_seconds: Annotated[int, Field(ge=1)] = 60
    """Longest that reading one recording may take, in processor seconds and on the clock."""

    @model_validator(mode="after")
    def _given_tls_names_its_files(self) -> Self:
        if self.tls == "given" and (self.tls_certificate is None or self.tls_key is None):
            raise ValueError("`given` needs CONSENTRY_AUDIT_TLS_CERTIFICATE and CONSENTRY_AUDIT_TLS_KEY")
        return self

    @field_validator("public_address")
    @classmethod
    def _public_address_is_an_origin(cls, text: str) -> str:
        address = urlsplit(text)
        if text and (address.scheme != "https" or text != f"https://{address.netloc}" or not address.hostname):
            raise ValueError("write https://, a name, and a port where it is not 443; nothing behind it")
        return text

    @model_validator(mode="after")
    def _a_provider_finds_the_way_back(self) -> Self:
        if self.oidc_issuer and not self.public_address:
            raise ValueError("oidc_issuer needs public_address: the provider sends people back to it")
        return self

    @property
    def database_file(self) -> Path:
        return self.data_folder / "audit.sqlite3"

    @property
    def records_folder(self) -> Path:
        return self.data_folder / "records"


def load_audit_settings(**overrides: object) -> AuditSettings:
    """Environment plus `overrides` (those that are None are left out). Raises AuditSettingUnusable."""
    try:
        return AuditSettings(**{key: value for key, value in overrides.items() if value is not None})  # type: ignore[arg-type]
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        key = "_".join(str(part) for part in first["loc"]) or "tls"
        problem = first["msg"].removeprefix("Value error, ")
        raise AuditSettingUnusable(setting=f"CONSENTRY_AUDIT_{key.upper()}", problem=problem) from None
