"""Settings of signing in, which every server has under its own prefix; see docs/operating/configuration.md."""

from pathlib import Path
from typing import Annotated, ClassVar, Self
from urllib.parse import urlsplit

from pydantic import Field, field_validator, model_validator
from pydantic_settings import BaseSettings

MINUTE_MS = 60_000
HOUR_MS = 60 * MINUTE_MS


class SignInSettings(BaseSettings):
    """A server's own settings inherit these, and say which roles there are."""

    roles: ClassVar[tuple[str, ...]] = ()

    login_hours: Annotated[int, Field(ge=1, le=24 * 7)] = 12
    """A login ends after this, however much it was used."""

    login_idle_minutes: Annotated[int, Field(ge=5, le=24 * 60)] = 240
    """A login ends when nobody did anything with it for so long. That a page of ours is open, and asks by itself, is
    nothing that somebody does."""

    password_login: bool = True
    """Whether people may sign in with a password. Turn it off where a provider or passkeys take its place."""

    passkeys: bool = True
    """Whether people may add passkeys and sign in with them. None where the server's address is a bare number."""

    oidc_issuer: str = ""
    """The OpenID provider: its issuer, exactly as its discovery document writes it. Empty: none."""

    oidc_client_id: str = ""
    """What the provider calls this server."""

    oidc_client_secret_file: Path | None = None
    """File whose content is the client's secret. None: a public client, which PKCE alone protects."""

    oidc_name: str = "OpenID Connect"
    """What stands on the sign-in page's button: the name that people know the provider by."""

    oidc_scopes: str = "openid profile"
    """What is asked of the provider; many want `groups` or `email` named, too."""

    oidc_roles: str = ""
    """Which groups of the provider may work here, and as what: `group=role`, semicolon-separated, the first counts."""

    oidc_role_hours: Annotated[int, Field(ge=0, le=24 * 90)] = 24
    """How long a role that the provider gave is good for signing in with a passkey or a password. 0: for ever."""

    oidc_add_people: bool = True
    """Whether somebody with such a group is added at their first sign-in. Else an administrator links them."""

    oidc_user_name_claim: str = "preferred_username"
    """Claim with the user name; of an e-mail address, what stands before its sign."""

    oidc_name_claim: str = "name"
    """Claim with the full name."""

    oidc_groups_claim: str = "groups"
    """Claim with the groups."""

    oidc_acr_values: str = ""
    """Strengths (`acr`), of which one is needed where a fresh sign-in is; space-separated. Empty: any."""

    oidc_certificates: Path | None = None
    """PEM file with authorities that vouch for the provider, beside the system's."""

    fresh_minutes: Annotated[int, Field(ge=0, le=12 * 60)] = 0
    """How old a sign-in may be for what gives most power here. 0: as old as the login."""

    @model_validator(mode="after")
    def _a_provider_is_whole(self) -> Self:
        if not self.oidc_issuer:
            if not self.password_login and not self.passkeys:
                raise ValueError("password_login=false leaves no way to sign in")
            return self
        address = urlsplit(self.oidc_issuer)
        if address.scheme != "https" or not address.hostname or address.query or address.fragment:
            raise ValueError("oidc_issuer must be an address that begins with https://")
        if not self.oidc_client_id:
            raise ValueError("oidc_issuer needs oidc_client_id")
        if not self.oidc_role_pairs:
            raise ValueError("oidc_issuer needs oidc_roles: nobody could come in")
        if "openid" not in self.oidc_scopes.split():
            raise ValueError("oidc_scopes must name openid")
        return self

    @field_validator("oidc_roles")
    @classmethod
    def _roles_are_roles(cls, text: str) -> str:
        _role_pairs(text, cls.roles)
        return text

    @property
    def oidc_role_pairs(self) -> list[tuple[str, str]]:
        """Groups, and what they make somebody; in the order in which they count."""
        return _role_pairs(self.oidc_roles, self.roles)


def _role_pairs(text: str, roles: tuple[str, ...]) -> list[tuple[str, str]]:
    pairs = group_pairs(text, "role")
    for _, role in pairs:
        if role not in roles:
            raise ValueError(f"There is no role {role!r}. The roles are: {', '.join(roles)}")
    return pairs


def group_pairs(text: str, what: str) -> list[tuple[str, str]]:
    """`group=role; group=role`: what groups of a provider make somebody. Raises ValueError."""
    # Names of groups may hold commas and equals signs (LDAP): the role stands behind the last one.
    pairs: list[tuple[str, str]] = []
    for one in filter(None, (part.strip() for part in text.split(";"))):
        group, _, made = (part.strip() for part in one.rpartition("="))
        if not group:
            raise ValueError(f"{one} is no group and {what}; write group={what}")
        pairs.append((group, made))
    return pairs
