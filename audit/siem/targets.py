"""`siem.toml`: which security monitors the audit service feeds by itself.

    [[target]]
    name = "soc"                                 letters, digits, - and _: how the service remembers how far it was told
    to = "syslog+tls://logs.example.org"         also syslog+tcp://, https://, or a file
    format = "cef"                               or ocsf (if nothing is said), or ecs
    secret_file = "soc.secret"                   for https: what signs, at least 16 bytes

Paths may be relative to the folder of the file.
"""

import tomllib
from pathlib import Path
from typing import Annotated, Self

import msgspec
from msgspec import Meta, Struct

from audit.siem.formats import FormatName
from protocol.details import Detail, system_reason
from protocol.errors import InputError

FILE_LIMIT_BYTES = 64 * 1024
TARGETS_LIMIT = 8


class SiemTargetsUnusable(InputError):
    sentence = "The security monitors in {path} cannot be used: {problem}."


class Target(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One monitor, as the file names it."""

    name: Annotated[str, Meta(pattern=r"^[A-Za-z0-9_-]{1,63}$")]
    to: Annotated[str, Meta(min_length=1, max_length=2000)]
    format: FormatName = "ocsf"
    secret_file: str = ""


class Targets(Struct, frozen=True, forbid_unknown_fields=True):
    """All of a file's, checked."""

    target: Annotated[tuple[Target, ...], Meta(max_length=TARGETS_LIMIT)] = ()

    @classmethod
    def load(cls, path: Path) -> Self:
        """None of them where there is no file. Raises SiemTargetsUnusable."""
        try:
            with path.open("rb") as file:
                data = file.read(FILE_LIMIT_BYTES + 1)
            if len(data) > FILE_LIMIT_BYTES:
                raise SiemTargetsUnusable(
                    path=path,
                    problem=Detail("the file is larger than {limit_bytes} bytes", limit_bytes=FILE_LIMIT_BYTES),
                )
            targets = msgspec.convert(tomllib.loads(data.decode()), cls)
        except FileNotFoundError:
            return cls()
        except OSError as error:
            raise SiemTargetsUnusable(path=path, problem=system_reason(error)) from None
        except (UnicodeDecodeError, tomllib.TOMLDecodeError, msgspec.ValidationError, RecursionError) as error:
            raise SiemTargetsUnusable(path=path, problem=error) from None
        names = [one.name for one in targets.target]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise SiemTargetsUnusable(path=path, problem=Detail("the name {name} stands twice", name=twice[0]))
        return targets

    def secret_of(self, target: Target, path: Path) -> bytes:
        """Read from beside the file. Raises SiemTargetsUnusable."""
        if not target.secret_file:
            return b""
        try:
            with (path.parent / target.secret_file).open("rb") as file:
                return file.read(4096).strip()
        except OSError as error:
            problem = Detail(
                "the secret of {name}, {file}: {reason}",
                name=target.name,
                file=target.secret_file,
                reason=system_reason(error),
            )
            raise SiemTargetsUnusable(path=path, problem=problem) from None
