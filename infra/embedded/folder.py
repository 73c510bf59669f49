"""The data folder: everything that `ttm up` keeps, readable by nobody else."""

import fcntl
import hashlib
import os
import pwd
import secrets
import stat
import tempfile
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from pathlib import Path

from infra.config import ConfigError
from infra.nats_conf import password_variable
from schemas.base import Role

_SOCKET_PATH_BYTES = 107
_LONGEST_SOCKET_NAME = ".s.PGSQL.5432.lock"


class FolderInUse(ConfigError):
    """Another `ttm up` runs on this folder; the text says which."""


class Folder:
    """Paths below the data folder, and its secrets."""

    def __init__(self, root: Path) -> None:
        self.root = root.absolute()
        self.record = self.root / "processes.json"
        self.running = self.root / "running.env"
        """The settings of the `ttm up` that runs here now; `ttm createsuperuser` and others read them."""
        self._secrets_file = self.root / "secrets.env"

    def create(self) -> None:
        """Make what is missing; an existing folder keeps its rights. Raises ConfigError for somebody else's."""
        try:
            self.root.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            raise ConfigError(f"{self.root} cannot be made: {error.strerror}; say another --data") from error
        if (owner := self.root.stat().st_uid) != os.geteuid():
            # What we write there now, its owner could not use later.
            raise ConfigError(
                f"{self.root} belongs to {_user_name(owner)}: start ttm as that user, or on another --data"
            )
        for name in ("nats", "redis", "log", "run"):
            (self.root / name).mkdir(mode=0o700, exist_ok=True)

    def log(self, role: str) -> Path:
        return self.root / "log" / f"{role}.log"

    def secrets(self) -> dict[str, str]:
        """The generated passwords; those that are missing are made now and kept."""
        wanted = [password_variable(role) for role in Role] + ["POSTGRES_PASSWORD", "REDIS_PASSWORD", "SERVICE_TOKEN"]
        kept = read_env(self._secrets_file)
        made = {name: new_secret() for name in wanted if name not in kept}
        if made:
            self.keep_secrets(made)
        return kept | made

    def keep_secrets(self, more: Mapping[str, str]) -> None:
        """Add to the secrets that outlast a restart."""
        write_env(self._secrets_file, read_env(self._secrets_file) | dict(more))

    @contextmanager
    def lock(self) -> Generator[None]:
        """Hold the folder for this process. Raises FolderInUse."""
        path = self.root / "lock"
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise FolderInUse(f"{self.root} is in use by {path.read_text().strip() or 'another start'}") from None
            self.tell_holder(f"process {os.getpid()}")
            yield
        finally:
            os.close(descriptor)

    def tell_holder(self, text: str) -> None:
        """What a second start shall read about this one."""
        (self.root / "lock").write_text(text + "\n")

    def sockets(self) -> Path:
        """A private folder for unix sockets: in the data folder if that leaves their paths short enough."""
        return short_folder(self.root / "run")


def _user_name(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return f"user {uid}"


def new_secret() -> str:
    """192 random bits; begins with a letter because nats-server reads the values of variables as configuration."""
    return "s" + secrets.token_hex(24)


def short_folder(wanted: Path, owner: int | None = None) -> Path:
    """`wanted`, or a private folder with a short path that is always the same for it. `owner` is a user id.

    Raises ConfigError when somebody else has put something in the place of the short one.
    """
    wanted.mkdir(mode=0o700, parents=True, exist_ok=True)
    if len(os.fsencode(wanted / _LONGEST_SOCKET_NAME)) <= _SOCKET_PATH_BYTES:
        return wanted
    digest = hashlib.sha256(os.fsencode(wanted)).hexdigest()[:16]
    short = Path(tempfile.gettempdir()) / f"ttm-{digest}"
    short.mkdir(mode=0o700, exist_ok=True)
    found = short.lstat()
    ours = found.st_uid in {os.geteuid(), owner}
    if not stat.S_ISDIR(found.st_mode) or not ours or found.st_mode & 0o077:
        raise ConfigError(f"{short} is not ours alone; remove it, or set TMPDIR or a shorter --data")
    return short


def read_env(path: Path) -> dict[str, str]:
    """`NAME=value` lines; empty when there is no such file."""
    lines = path.read_text().splitlines() if path.exists() else []
    return dict(line.split("=", 1) for line in lines if "=" in line and not line.startswith("#"))


def write_env(path: Path, values: Mapping[str, str]) -> None:
    """Replace the file whole, readable by its owner only."""
    draft = path.with_name(path.name + ".new")
    draft.unlink(missing_ok=True)
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.writelines(f"{name}={value}\n" for name, value in values.items())
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
