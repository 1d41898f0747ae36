"""Every peer of the benchmarks keeps every version, or comparing with it would say nothing."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from benchmarks.peers import KINDS, Kind, Peer
from benchmarks.story import Papers, Story, key_of

STORY = Story(records=40, versions=30)
ENTRY = "users of Ünit/1"
MISSING = "is not installed; `pip install -e '.[bench]'` brings all that is compared with"


@pytest.fixture(params=KINDS, ids=lambda kind: kind.slug)
def kind(request: pytest.FixtureRequest) -> Kind:
    chosen: Kind = request.param
    pytest.importorskip(chosen.needs, reason=f"{chosen.needs} {MISSING}")
    return chosen


@pytest.fixture
def peer(kind: Kind, tmp_path: Path) -> Iterator[Peer]:
    opened = kind.open(tmp_path)
    yield opened
    opened.close()


def tell(peer: Peer, story: Story = STORY, entry: str = ENTRY) -> None:
    peer.put_many(entry, story.start())
    for version in range(2, story.versions + 1):
        peer.put(entry, *story.change(version))


def versions(peer: Peer, entry: str = ENTRY) -> list[object]:
    """The peer's names of the versions, the first at index 1."""
    return [None, *(past.version for past in reversed(peer.history(entry)))]


def test_every_old_version_reads_back_whole(peer: Peer) -> None:
    tell(peer)
    names = versions(peer)
    assert len(names) == STORY.versions + 1
    for number in range(1, STORY.versions + 1):
        assert peer.load(ENTRY, names[number]) == STORY.at(number)
    assert peer.load(ENTRY) == STORY.at(STORY.versions)


def test_a_record_reads_back_as_each_version_had_it(peer: Peer) -> None:
    tell(peer)
    names = versions(peer)
    for number in range(1, STORY.versions + 1):
        assert peer.get(ENTRY, key_of(7), names[number]) == STORY.value(7, number)
    assert peer.get(ENTRY, key_of(7)) == STORY.value(7, STORY.versions)


def test_changes_tells_what_differs_between_two_versions(peer: Peer) -> None:
    tell(peer)
    names = versions(peer)
    for old, new in [(1, 2), (4, 5), (1, 30), (9, 20)]:
        assert sorted(peer.changes(ENTRY, names[old], names[new])) == STORY.changed(old, new)


def test_a_collection_of_many_buckets_and_one_that_grew_tell_their_changes(peer: Peer) -> None:
    story = Story(records=300, versions=10)
    tell(peer, story)
    peer.put_many(ENTRY, {f"new-{number:03}": number for number in range(100)})
    names = versions(peer)
    assert sorted(peer.changes(ENTRY, names[3], names[10])) == story.changed(3, 10)
    added = [change for change in peer.changes(ENTRY, names[3], names[11]) if change.old is None]
    assert sorted(added) == [(f"new-{number:03}", None, number) for number in range(100)]
    assert peer.load(ENTRY, names[10]) == story.at(10)


def test_history_is_told_newest_first_and_by_pages(peer: Peer) -> None:
    tell(peer)
    whole = peer.history(ENTRY)
    assert peer.history(ENTRY, 5) == whole[:5]
    assert {past.user for past in whole} == {"ann"}
    dates = [past.date for past in whole]
    assert dates == sorted(dates, reverse=True)


def test_every_version_of_a_document_reads_back(peer: Peer) -> None:
    papers = Papers(size=4000)
    document = papers.first()
    for number in range(1, 6):
        peer.save("paper", document)
        document = papers.after(document, number + 1)
    names = versions(peer, "paper")
    assert [peer.load("paper", name) for name in names[1:]] == [papers.at(n) for n in range(1, 6)]
    assert peer.load("paper") == papers.at(5)


def test_entries_keep_apart(peer: Peer) -> None:
    tell(peer, Story(records=40, versions=3), "one")
    tell(peer, STORY, "two")
    peer.put("one", key_of(1), {"it": "differs"})
    names = versions(peer, "two")
    assert len(names) == STORY.versions + 1
    assert sorted(peer.entries()) == ["one", "two"]
    assert sorted(peer.changes("two", names[2], names[30])) == STORY.changed(2, 30)
    assert peer.get("one", key_of(1)) == {"it": "differs"}


def test_a_packed_history_still_reads_back(peer: Peer) -> None:
    tell(peer)
    names = versions(peer)
    if not peer.pack():
        pytest.skip("it has nothing to pack")
    assert peer.load(ENTRY, names[4]) == STORY.at(4)
    peer.put(ENTRY, *STORY.change(STORY.versions + 1))
    assert peer.load(ENTRY) == STORY.at(STORY.versions + 1)


def test_what_was_written_is_there_after_reopening(kind: Kind, tmp_path: Path) -> None:
    for durable, number in [(False, 1), (True, 2)]:
        opened = kind.open(tmp_path, durable)
        tell(opened, Story(records=10, versions=5), f"entry {number}")
        opened.close()
    again = kind.open(tmp_path)
    assert again.load("entry 1") == again.load("entry 2") == Story(10, 5).at(5)
    again.close()


def test_another_handle_sees_a_write_at_once(kind: Kind, tmp_path: Path) -> None:
    if kind.name == "ZODB":
        pytest.skip("its storage belongs to one process")
    writer, reader = kind.open(tmp_path), kind.open(tmp_path)
    tell(writer)
    assert reader.get(ENTRY, STORY.change(30)[0]) == STORY.change(30)[1]
    writer.close()
    reader.close()


def test_comparing_subtrees_by_hand_tells_the_same(tmp_path: Path) -> None:
    pytest.importorskip("pygit2", reason=f"pygit2 {MISSING}")
    from benchmarks.peers.git_pygit2 import open_peer

    peer = open_peer(tmp_path, False)
    tell(peer)
    peer.put(ENTRY, "new", {"in": "a subtree of its own"})
    names = versions(peer)
    for old, new in [(1, 2), (1, 30), (29, 31)]:
        found = peer.changes_by_hand(ENTRY, names[old], names[new])
        assert sorted(found) == sorted(peer.changes(ENTRY, names[old], names[new]))
    peer.close()
