"""The few calls that touch a disk, and the words for what the disk refuses."""

from __future__ import annotations

import errno
import os
import sys
from pathlib import Path

import pytest

from dbengine import Locked, StorageError
from dbengine.store import files
from dbengine.store.files import Files, SyncFailed, is_network, speaking


def test_a_file_is_written_whole_and_replaces_another(tmp_path: Path) -> None:
    disk = Files()
    disk.write(tmp_path / "new", b"x" * 1000)
    disk.write(tmp_path / "new", b"short")
    (tmp_path / "old").write_bytes(b"old")
    disk.replace(tmp_path / "new", tmp_path / "old")
    disk.sync_folder(tmp_path)
    assert disk.names(tmp_path) == ["old"]
    assert disk.read(tmp_path / "old") == b"short"


def test_what_is_not_there_has_no_size_and_no_names(tmp_path: Path) -> None:
    disk = Files()
    (tmp_path / "file").write_bytes(b"abc")
    assert disk.size(tmp_path / "file") == 3
    assert disk.size(tmp_path / "none") is None
    assert disk.size(tmp_path / "file" / "below") is None
    assert disk.names(tmp_path / "none") == []
    disk.remove(tmp_path / "none")


def test_a_folder_is_made_once(tmp_path: Path) -> None:
    assert Files().make_folder(tmp_path / "a")
    assert not Files().make_folder(tmp_path / "a")
    with pytest.raises(FileNotFoundError):
        Files().make_folder(tmp_path / "b" / "c")


def test_a_write_that_the_system_cuts_short_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = os.write
    monkeypatch.setattr(files.os, "write", lambda fd, data: whole(fd, bytes(data[:7])))
    Files().write(tmp_path / "file", b"0123456789" * 10)
    assert (tmp_path / "file").read_bytes() == b"0123456789" * 10


def test_every_write_is_synced_unless_durability_is_off(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced: list[int] = []
    monkeypatch.setattr(files, "_sync_to_disk", synced.append)
    Files(sync=False).write(tmp_path / "a", b"x")
    Files(sync=False).sync_folder(tmp_path)
    assert synced == []
    Files().write(tmp_path / "a", b"x")
    Files().sync_folder(tmp_path)
    assert len(synced) == (1 if sys.platform == "win32" else 2)


def test_a_failed_sync_has_its_own_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_descriptor: int) -> None:
        raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr(files, "_sync_to_disk", fail)
    for call in (
        lambda: Files().write(tmp_path / "a", b"x"),
        lambda: Files().sync_folder(tmp_path),
    ):
        with pytest.raises(SyncFailed) as caught:
            call()
        assert caught.value.errno == errno.EIO


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no folder sync")
def test_a_folder_that_cannot_be_opened_for_its_sync_was_not_synced(tmp_path: Path) -> None:
    """With too many files open this said "Nothing was changed" after the head had moved."""
    with pytest.raises(SyncFailed):
        Files().sync_folder(tmp_path / "none")


@pytest.mark.parametrize(
    ("error", "match"),
    [
        (SyncFailed(errno.EIO, "Input/output error"), "did not confirm a write below .*read-only"),
        (PermissionError(errno.EACCES, "Permission denied", "/x/y"), "No permission for /x/y"),
        (OSError(errno.ENOSPC, "No space left on device"), "No space left.*Nothing was changed"),
    ],
)
def test_the_systems_errors_become_sentences(error: OSError, match: str) -> None:
    with pytest.raises(StorageError, match=match) as caught, speaking(Path("/db")):
        raise error
    assert caught.value.__cause__ is error


def test_an_error_that_is_a_sentence_already_stays() -> None:
    with pytest.raises(Locked), speaking(Path("/db")):
        raise Locked("as it is")


def test_an_open_file_knows_whether_its_name_is_still_its_own(tmp_path: Path) -> None:
    disk = Files()
    descriptor = disk.open_lock(tmp_path / "lock")
    stamp = disk.stamp(descriptor)
    assert disk.stamp(tmp_path / "lock") == stamp
    (tmp_path / "lock").unlink()
    assert disk.stamp(tmp_path / "lock") is None
    (tmp_path / "lock").touch()
    assert disk.stamp(descriptor) == stamp != disk.stamp(tmp_path / "lock")
    disk.close(descriptor)
    disk.close(descriptor)


@pytest.mark.parametrize(
    ("path", "network"),
    [
        ("/home/ann/db", True),
        ("/home", True),
        ("/homes", False),
        ("/srv/local", False),
        ("/", False),
    ],
)
def test_network_file_systems_are_known_by_their_mount(
    tmp_path: Path, path: str, network: bool
) -> None:
    mounts = tmp_path / "mounts"
    mounts.write_text(
        "/dev/sda / ext4 rw 0 0\nserver:/home /home nfs4 rw 0 0\n"
        "server:/srv /srv cifs rw 0 0\n/dev/sdb /srv/local ext4 rw 0 0\n"
    )
    assert is_network(Path(path), mounts) is network
    assert not is_network(Path(path), tmp_path / "none")
