"""The user of its own that Postgres needs on a machine where we are root; as anybody else it runs as ourselves."""

import os
import pwd
import shutil
import subprocess
from pathlib import Path

from infra.children import Account
from infra.log import get_logger

log = get_logger(__name__)

_NAME = "ttm-postgres"
_OTHERS = 0o005
"""Others may read and pass."""


def postgres_account(home: Path) -> Account | None:
    """Who shall run the Postgres that lives in `home`; None means us. A cluster stays with the user who owns it."""
    if os.geteuid() != 0:
        return None
    if home.exists() and (owner := home.stat().st_uid) != 0:
        return _account(owner)
    return _find(_NAME) or _make() or _find("nobody")


def _account(uid: int) -> Account:
    try:
        entry = pwd.getpwuid(uid)
    except KeyError:
        return Account(name=str(uid), uid=uid, gid=uid)
    return Account(name=entry.pw_name, uid=uid, gid=entry.pw_gid)


def _find(name: str) -> Account | None:
    try:
        return _account(pwd.getpwnam(name).pw_uid)
    except KeyError:
        return None


def _make() -> Account | None:
    useradd = shutil.which("useradd", path=f"{os.defpath}:/usr/sbin:/sbin")
    if useradd is None:
        return None
    options = ["--system", "--no-create-home", "--home-dir", "/nonexistent", "--shell", "/usr/sbin/nologin"]
    result = subprocess.run([useradd, *options, _NAME], capture_output=True, text=True, check=False)
    if result.returncode == 0:
        log.info("created a system user because Postgres does not run as root", user=_NAME)
    return _find(_NAME)


def let_through(path: Path, account: Account) -> None:
    """Let `account` pass through `path` and the folders above it: the right to pass only, never to list or read."""
    for folder in (path.resolve(), *path.resolve().parents):
        found = folder.stat()
        needed = 0o100 if found.st_uid == account.uid else 0o010 if found.st_gid == account.gid else 0o001
        if not found.st_mode & needed:
            folder.chmod(found.st_mode & 0o7777 | needed)
            log.warning("let the user of Postgres pass through a folder", folder=str(folder), user=account.name)


def open_to_reading(tree: Path) -> None:
    """Make the programs of a public package readable where a strict umask left them closed."""
    if tree.stat().st_mode & _OTHERS == _OTHERS:
        return
    for path in (tree, *tree.rglob("*")):
        if not path.is_symlink():
            mode = path.stat().st_mode
            path.chmod(mode & 0o7777 | 0o004 | (0o001 if mode & 0o100 else 0))
    log.warning("made the programs of Postgres readable to others", folder=str(tree))
