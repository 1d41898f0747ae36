"""What a git repository knows about one file: its commits, and the contents they left.

Each question is one git process, however long the history; names never reach a shell, and none
that begins with a dash is taken for an option.
"""

from __future__ import annotations

import os
import subprocess
import tempfile
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import IO, Final

from dbengine.errors import DbException

_ASKED_AHEAD: Final = 64  # far less than a pipe holds, so that neither side waits for the other
_BLOCK: Final = 1 << 16
_FORMAT: Final = "--format=%x01%H%x00%an%x00%ae%x00%ct%x00%B"
_HEAD_FIELDS: Final = 5
_LOG: Final = (
    "log", "-z", "--raw", "--no-abbrev", "--follow", "--first-parent",
    "--diff-merges=first-parent", "--no-color", "--no-show-signature", "--encoding=UTF-8", _FORMAT,
)  # fmt: skip
_NOT_OURS: Final = {"GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_OBJECT_DIRECTORY"}


class GitError(DbException):
    """Git is missing or could not do what was asked; the message has git's own words."""


@dataclass(frozen=True, slots=True)
class Commit:
    """A commit that changed the file; `blob` names the content it left, `mode` what that is."""

    id: str
    user: str
    date: datetime
    message: str
    mode: str
    blob: str

    @property
    def is_file(self) -> bool:
        """Whether it left a regular file: no deletion, symbolic link or submodule."""
        return self.mode.startswith("100")

    @property
    def deleted(self) -> bool:
        return self.mode == "000000"


def check_repository(repo: str | os.PathLike[str]) -> Path:
    """The repository's folder; `GitError` where there is none to run git in."""
    folder = Path(repo).absolute()
    if folder.is_dir():
        return folder
    if not folder.exists():
        raise GitError(f"There is no folder {folder}.")
    raise GitError(
        f"{folder} is a file, not a repository. If it is a bundle, clone it first "
        f"(git clone {folder.name} {folder.stem}) and import from the clone."
    )


def history(folder: Path, path: str, ref: str) -> Generator[Commit, None, None]:
    """The commits that changed the file as `ref` saw them, newest first.

    A merge counts as one change of the branch it went into. The history goes on through renames,
    and ends where the file was copied from another. Close the iterator to stop early.
    """
    arguments = [*_LOG, "--end-of-options", ref, "--", path]
    with _git(folder, arguments, f"the history of {path!r}") as process:
        yield from _commits(_fields(_pipe(process.stdout)), path)


def contents(folder: Path, blobs: Sequence[str]) -> Generator[bytes, None, None]:
    """The bytes of each blob, in order. Close the iterator to stop early."""
    with _git(folder, ["cat-file", "--batch"], "the contents of the file") as process:
        requests, replies = _pipe(process.stdin), _pipe(process.stdout)
        waiting = iter(blobs)
        _ask(requests, islice(waiting, _ASKED_AHEAD))
        for blob in blobs:
            yield _reply(replies, blob)
            _ask(requests, islice(waiting, 1))


# ---- the process --------------------------------------------------------------------------------


@contextmanager
def _git(folder: Path, arguments: Sequence[str], what: str) -> Iterator[subprocess.Popen[bytes]]:
    """A running git, which ends with the block; `GitError` with its words if it failed."""
    gone = False
    with tempfile.TemporaryFile() as errors, _start(folder, arguments, errors) as process:
        try:
            yield process
        except _Gone:
            gone = True
        except BaseException:
            process.kill()
            raise
        finally:
            with suppress(BrokenPipeError):
                _pipe(process.stdin).close()
        status = process.wait()
        errors.seek(0)
        said = " ".join(errors.read().decode(errors="replace").split())
    if status != 0 or gone:
        raise GitError(f"git could not read {what}: {said or f'it ended with {status}'}")


class _Gone(Exception):
    """Git ended before it answered."""


def _start(folder: Path, arguments: Sequence[str], errors: IO[bytes]) -> subprocess.Popen[bytes]:
    pipe = subprocess.PIPE
    command = ["git", "--no-pager", "--literal-pathspecs", "-C", str(folder), *arguments]
    # A hook's environment names the hook's own repository, whatever the folder.
    environment = {name: value for name, value in os.environ.items() if name not in _NOT_OURS}
    try:
        return subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=errors, env=environment)
    except FileNotFoundError as error:
        raise GitError("Git is not installed, or not on the PATH; the import needs it.") from error
    except (OSError, ValueError) as error:
        raise GitError(f"Git could not be started: {error}.") from error


def _pipe(stream: IO[bytes] | None) -> IO[bytes]:
    assert stream is not None, "every process here has both pipes"
    return stream


# ---- git log ------------------------------------------------------------------------------------


def _fields(stream: IO[bytes]) -> Iterator[str]:
    """The fields of a stream, each of which ends with NUL."""
    rest = b""
    while block := stream.read(_BLOCK):
        *whole, rest = (rest + block).split(b"\0")
        yield from (field.decode(errors="replace") for field in whole)


def _commits(fields: Iterator[str], path: str) -> Iterator[Commit]:
    for first in fields:
        head = [first, *islice(fields, _HEAD_FIELDS - 1)]
        if not first.startswith("\x01") or len(head) < _HEAD_FIELDS:
            raise GitError(f"{path!r} is a folder; name one JSON file in it.")
        _old_mode, mode, _old_blob, blob, status = next(fields).split()
        _skip(fields, 2 if status[0] in "RC" else 1)
        yield _commit(head, mode, blob)
        if status[0] == "C":
            _skip(fields, None)


def _skip(fields: Iterator[str], count: int | None) -> None:
    for _field in islice(fields, count):
        pass


def _commit(head: Sequence[str], mode: str, blob: str) -> Commit:
    mark_and_id, name, email, seconds, message = head
    user = name.strip() or email.strip() or "unknown"
    return Commit(mark_and_id[1:], user, _moment(seconds), message.strip(), mode, blob)


def _moment(seconds: str) -> datetime:
    """The date of a commit; the year 1970 for one that no calendar has."""
    try:
        return datetime.fromtimestamp(int(seconds), UTC)
    except (ValueError, OverflowError, OSError):
        return datetime.fromtimestamp(0, UTC)


# ---- git cat-file -------------------------------------------------------------------------------


def _ask(requests: IO[bytes], blobs: Iterator[str]) -> None:
    with suppress(BrokenPipeError):  # the reply that does not come tells
        requests.write("".join(f"{blob}\n" for blob in blobs).encode())
        requests.flush()


def _reply(replies: IO[bytes], blob: str) -> bytes:
    head = replies.readline().split()
    if not head:
        raise _Gone
    if len(head) != 3:
        raise GitError(
            f"The repository lacks the content {blob}; `git fsck` says what is wrong with it."
        )
    size = int(head[2])
    data = replies.read(size + 1)
    if len(data) <= size:
        raise _Gone
    return data[:size]
