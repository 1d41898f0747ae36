"""A turn to write: what is seen in it is looked up once, and never taken over into the next."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from dbengine import StorageError, codec
from dbengine.store import Change, FolderStore
from dbengine.store.files import Files


class Looking(Files):
    """Counts how often the journal is read."""

    def __init__(self) -> None:
        super().__init__(sync=False)
        self.looks = 0
        self.is_full = False

    def read_at(self, descriptor: int, offset: int, size: int | None = None) -> bytes:
        self.looks += 1
        return super().read_at(descriptor, offset, size)

    def write_at(self, descriptor: int, offset: int, data: bytes) -> None:
        if self.is_full:
            super().write_at(descriptor, offset, data[:20])
            raise OSError(28, "No space left on device")
        super().write_at(descriptor, offset, data)


def opened(root: Path) -> tuple[FolderStore, Looking]:
    disk = Looking()
    store = FolderStore(root, files=disk)
    store.create_tenant("t")
    return store, disk


def commit(store: FolderStore, number: int) -> str:
    data = codec.dump(number)
    digest, head = codec.digest_of(data), store.heads("t").get("n")
    return store.commit("t", Change("n", head, (digest,)), {digest: data})


def test_in_one_turn_the_journal_is_read_once(root: Path) -> None:
    store, disk = opened(root)
    commit(store, 0)
    disk.looks = 0
    with store.turn("t"):
        for number in range(1, 5):
            head = commit(store, number)
            assert store.heads("t") == {"n": head}
    assert disk.looks == 1


def test_what_others_wrote_between_two_turns_is_seen(root: Path) -> None:
    store, _ = opened(root)
    other, _ = opened(root)
    for number in range(0, 20, 2):
        with store.turn("t"), store.turn("t"):
            commit(store, number)
        with other.turn("t"):
            assert other.heads("t") == store.heads("t")
            commit(other, number + 1)
        assert store.heads("t") == other.heads("t")


def test_another_thread_looks_for_itself_while_one_has_the_turn(root: Path) -> None:
    store, disk = opened(root)
    commit(store, 0)
    seen: list[dict[str, str]] = []
    with store.turn("t"):
        head = commit(store, 1)
        disk.looks = 0
        thread = threading.Thread(target=lambda: seen.append(store.heads("t")))
        thread.start()
        thread.join()
        assert disk.looks == 1
        commit(store, 2)
    assert seen == [{"n": head}]


def test_after_half_a_write_in_a_turn_the_next_goes_into_a_new_segment(root: Path) -> None:
    store, disk = opened(root)
    with store.turn("t"):
        head = commit(store, 0)
        disk.is_full = True
        with pytest.raises(StorageError, match="No space left"):
            commit(store, 1)
        disk.is_full = False
        assert store.heads("t") == {"n": head}
        commit(store, 2)
    assert [path.name for path in (root / "t" / "journal").iterdir()] == ["00000002"]
    assert FolderStore(root).heads("t") == store.heads("t")


@pytest.mark.parametrize(
    "data",
    [b"two\nlines", b"a\ttab", b"", b"\n", b"x" * (1024 * 1024 + 1)],
    ids=lambda data: repr(data[:9]),
)
def test_whatever_the_bytes_of_an_object_every_handle_reads_its_commit(
    root: Path, data: bytes
) -> None:
    """A newline inside would end the line in the journal, and with it all that others see."""
    store, _ = opened(root)
    digest = codec.digest_of(data)
    store.commit("t", Change("n", None, (digest,)), {digest: data})
    after = commit(store, 1)
    other = FolderStore(root, read_only=True)
    assert other.heads("t") == {"n": after}
    assert other.get("t", [digest]) == {digest: data}
