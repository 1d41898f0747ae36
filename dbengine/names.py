"""Which strings may be names of tenants, entries, keys and users."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

from dbengine.errors import InvalidName

_DEVICES: Final = {"con", "prn", "aux", "nul"} | {
    f"{d}{n}" for d in ("com", "lpt") for n in range(10)
}
_PLAIN: Final = re.compile(r"[a-z0-9_-]")
_LONGEST_FOLDER: Final = 200
RESERVED: Final = "refs"


def check_name(what: str, name: object) -> str:
    """`name` itself if it is a non-empty string that UTF-8 can hold; else `InvalidName`."""
    if not isinstance(name, str):
        raise InvalidName(f"The {what} must be a string, not {type(name).__name__}.")
    if not name:
        raise InvalidName(f"The {what} must not be empty.")
    try:
        name.encode()
    except UnicodeEncodeError as error:
        raise InvalidName(f"The {what} {name!r} has a lone surrogate in it.") from error
    return str.__str__(name)  # the text itself, of an Enum that is a string too


def check_tenant(name: object) -> str:
    """`name` itself if it can be a tenant on every file system; else `InvalidName`."""
    return _checked_tenant(check_name("tenant", name))


@lru_cache(maxsize=1024)
def _checked_tenant(tenant: str) -> str:
    """Remembered, since each call of the engine asks."""
    if any(part in (".", "..") for part in re.split(r"[/\\]", tenant)):
        raise InvalidName(f"The tenant {tenant!r} looks like a path; a tenant is a plain name.")
    if any(ord(char) < 32 or ord(char) == 127 for char in tenant):
        raise InvalidName(f"The tenant {tenant!r} has a control character in it.")
    if tenant == RESERVED or tenant.lower() in _DEVICES:
        raise InvalidName(f"The name {tenant!r} is reserved; choose another for the tenant.")
    if len(tenant_folder(tenant)) > _LONGEST_FOLDER:
        raise InvalidName(f"The tenant {tenant[:40]!r}… is too long for a folder name.")
    return tenant


def tenant_folder(tenant: str) -> str:
    """The tenant's folder: lower-case ASCII, so that `Acme` and `acme` stay apart everywhere."""
    return "".join(
        char if _PLAIN.match(char) else "".join(f"%{byte:02x}" for byte in char.encode())
        for char in tenant
    )


def tenant_of_folder(folder: str) -> str | None:
    """The tenant that `tenant_folder` put into `folder`, or None if it cannot have been one."""
    if not re.fullmatch(r"(?:[a-z0-9_-]|%[0-9a-f]{2})+", folder) or folder == RESERVED:
        return None
    try:
        tenant = re.sub(rb"%(..)", lambda m: bytes([int(m[1], 16)]), folder.encode()).decode()
    except UnicodeDecodeError:
        return None
    return tenant if tenant_folder(tenant) == folder else None
