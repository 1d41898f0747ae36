"""What every store must do, run on each of them alike."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from dbengine import Conflict, Corrupt, TenantNotFound, codec
from dbengine.model import Packed
from dbengine.store import SHARED, Change, FolderStore, MemoryStore, Store
from dbengine.store.base import read_object, walk


@pytest.fixture(params=["folder", "memory"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    made: Store = FolderStore(tmp_path / "db") if request.param == "folder" else MemoryStore()
    made.create_tenant("t")
    yield made
    made.close()


def thing(text: str) -> tuple[str, bytes]:
    data = codec.dump({"text": text})
    return codec.digest_of(data), data


def link(parent: str | None, text: str = "") -> tuple[str, bytes]:
    data = codec.dump({"__parent__": parent, "text": text})
    return codec.digest_of(data), data


def chain(store: Store, entry: str, length: int) -> list[str]:
    digests: list[str] = []
    for number in range(length):
        expected = digests[-1] if digests else None
        digest, data = link(expected, str(number))
        store.commit("t", Change(entry, expected, (digest,)), {digest: data})
        digests.append(digest)
    return digests


def test_objects_come_back_under_their_digest(store: Store) -> None:
    one, other, absent = thing("one"), thing("other"), thing("absent")
    store.put("t", dict([one, other]))
    assert store.get("t", [one[0], other[0], absent[0]]) == dict([one, other])
    assert store.get("t", []) == {}
    assert store.missing("t", [one[0], absent[0]]) == {absent[0]}
    assert sorted(store.objects("t")) == sorted([one[0], other[0]])


def test_putting_twice_is_putting_once(store: Store) -> None:
    one = thing("one")
    store.put("t", dict([one]))
    store.put("t", dict([one]))
    assert list(store.objects("t")) == [one[0]]


def test_tenants_do_not_see_each_others_objects(store: Store) -> None:
    store.create_tenant("u")
    one = thing("one")
    store.put("t", dict([one]))
    assert store.get("u", [one[0]]) == {}
    assert store.missing("u", [one[0]]) == {one[0]}


def test_shared_objects_have_a_place_of_their_own(store: Store) -> None:
    one = thing("one")
    store.put(SHARED, dict([one]))
    assert store.get(SHARED, [one[0]]) == dict([one])
    assert list(store.objects(SHARED)) == [one[0]]
    assert list(store.check(SHARED)) == [None]
    assert store.get("t", [one[0]]) == {}
    assert store.tenants() == ["t"]


def test_a_tenant_that_was_never_made_is_an_error_everywhere(store: Store) -> None:
    one = thing("one")
    calls = [
        lambda: store.get("u", [one[0]]),
        lambda: store.missing("u", [one[0]]),
        lambda: store.put("u", dict([one])),
        lambda: store.heads("u"),
        lambda: store.heads("u", ["n"]),
        lambda: store.entries("u", "", None, 5),
        lambda: store.turn("u").__enter__(),
        lambda: store.commit("u", Change("n", None, (one[0],)), dict([one])),
        lambda: store.history("u", "n", None, 5),
        lambda: list(store.objects("u")),
        lambda: list(store.check("u")),
        lambda: store.named("u", "ab", 5),
        lambda: store.changes("u", None, 0, 5),
        lambda: store.changes("u", "x", 0, 5),
        lambda: store.pack("u", []),
        lambda: store.loose("u"),
    ]
    for call in calls:
        with pytest.raises(TenantNotFound, match=r"call init\('u'\) first"):
            call()
    assert store.tenants() == ["t"]


def test_making_a_tenant_twice_keeps_what_it_holds(store: Store) -> None:
    digests = chain(store, "n", 1)
    store.create_tenant("t")
    assert store.heads("t") == {"n": digests[0]}


def test_a_commit_moves_one_head(store: Store) -> None:
    digests, others = chain(store, "n", 3), chain(store, "m", 1)
    assert store.heads("t") == {"n": digests[2], "m": others[0]}
    assert store.heads("t", ["n", "x"]) == {"n": digests[2]}
    assert store.heads("t", ()) == {}


def test_a_commit_of_several_snapshots_ends_at_the_last(store: Store) -> None:
    first = link(None)
    second = link(first[0])
    head = store.commit("t", Change("n", None, (first[0], second[0])), dict([first, second]))
    assert head == second[0]
    assert store.history("t", "n", None, 5) == [second, first]


@pytest.mark.parametrize("expected", [None, "0" * 64])
def test_a_commit_on_another_head_is_a_conflict_and_stores_nothing(
    store: Store, expected: str | None
) -> None:
    [current] = chain(store, "n", 1)
    late = link(expected, "late")
    with pytest.raises(Conflict) as caught:
        store.commit("t", Change("n", expected, (late[0],)), dict([late]))
    assert caught.value.current == current
    assert store.heads("t") == {"n": current}
    assert store.missing("t", [late[0]]) == {late[0]}


def test_a_repeated_commit_gives_its_first_result(store: Store) -> None:
    first = link(None)
    change = Change("n", None, (first[0],))
    assert store.commit("t", change, dict([first])) == first[0]
    assert store.commit("t", change, dict([first])) == first[0]


def test_a_history_is_read_in_pages_newest_first(store: Store) -> None:
    digests = chain(store, "n", 7)
    assert [digest for digest, _ in store.history("t", "n", None, 3)] == digests[:3:-1]
    assert [digest for digest, _ in store.history("t", "n", digests[4], 3)] == digests[3:0:-1]
    assert [digest for digest, _ in store.history("t", "n", digests[1], 3)] == digests[:1]
    assert store.history("t", "n", digests[0], 3) == []
    assert store.history("t", "never", None, 3) == []
    assert store.history("t", "n", None, 100) == walk(store, "t", "n", None, 100)


def test_a_history_with_a_hole_is_corrupt(store: Store) -> None:
    orphan = link("0" * 64)
    store.put("t", dict([orphan]))
    with pytest.raises(Corrupt, match="0000 is missing"):
        store.commit("t", Change("n", None, (orphan[0],)), dict([orphan]))
        store.history("t", "n", None, 5)
    with pytest.raises(Corrupt, match="is missing"):
        read_object(store, "t", "1" * 64)


def test_entries_are_sorted_filtered_and_paged(store: Store) -> None:
    for name in ("b", "a", "ab", "é", "ac"):
        chain(store, name, 1)
    assert store.entries("t", "", None, 9) == ["a", "ab", "ac", "b", "é"]
    assert store.entries("t", "a", None, 9) == ["a", "ab", "ac"]
    assert store.entries("t", "a", "a", 1) == ["ab"]
    assert store.entries("t", "", "é", 9) == []
    assert store.entries("t", "", None, 0) == []


def test_entries_whose_head_is_a_deletion_are_left_out_on_request(store: Store) -> None:
    heads = {name: chain(store, name, 1)[0] for name in "abc"}
    gone, data = link(heads["b"], "deleted")
    store.commit("t", Change("b", heads["b"], (gone,), deleted=True), {gone: data})
    assert store.entries("t", "", None, 9) == ["a", "b", "c"]
    assert store.entries("t", "", None, 9, deleted=False) == ["a", "c"]
    assert store.entries("t", "", None, 1, deleted=False) == ["a"]
    assert store.entries("t", "", "a", 1, deleted=False) == ["c"]
    assert store.heads("t", ["b"]) == {"b": gone}
    back, data = link(gone, "restored")
    store.commit("t", Change("b", gone, (back,)), {back: data})
    assert store.entries("t", "", None, 9, deleted=False) == ["a", "b", "c"]


def test_a_new_entry_is_listed_at_once(store: Store) -> None:
    for name in ("b", "a", "c"):
        chain(store, name, 1)
        assert name in store.entries("t", "", None, 9)
    assert store.entries("t", "", None, 9) == ["a", "b", "c"]


def test_a_turn_may_be_entered_inside_itself(store: Store) -> None:
    with store.turn("t"), store.turn("t"):
        digests = chain(store, "n", 2)
    assert store.heads("t") == {"n": digests[1]}


def test_a_turn_keeps_other_threads_waiting(store: Store) -> None:
    seen: list[str] = []

    def other() -> None:
        with store.turn("t"):
            seen.append("other")

    thread = threading.Thread(target=other)
    with store.turn("t"):
        thread.start()
        thread.join(0.05)
        seen.append("first")
    thread.join()
    assert seen == ["first", "other"]


def test_a_turn_that_fails_is_given_back(store: Store) -> None:
    with pytest.raises(ZeroDivisionError), store.turn("t"):
        raise ZeroDivisionError
    thread = threading.Thread(target=chain, args=(store, "n", 1))
    thread.start()
    thread.join(10)
    assert not thread.is_alive()


def test_of_eight_commits_on_one_head_one_wins(store: Store) -> None:
    head: str | None = None
    for number in range(10):
        links = [link(head, f"{number} {name}") for name in range(8)]
        start, won = threading.Barrier(8), list[str]()

        def attempt(digest: str, data: bytes, expected: str | None) -> None:
            start.wait()  # noqa: B023
            with contextlib.suppress(Conflict):
                change = Change("n", expected, (digest,))
                won.append(store.commit("t", change, {digest: data}))  # noqa: B023

        threads = [threading.Thread(target=attempt, args=(*item, head)) for item in links]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        [head] = won
        assert store.heads("t") == {"n": head}
    assert len(store.history("t", "n", None, 99)) == 10


def test_what_is_sound_checks_as_sound(store: Store) -> None:
    chain(store, "n", 3)
    assert list(store.check("t")) == [None] * 3
    assert not store.read_only


def test_digests_are_found_by_how_they_begin(store: Store) -> None:
    things = dict(thing(str(number)) for number in range(300))
    store.put("t", things)
    committed = chain(store, "n", 1)
    for digest in [*sorted(things)[::50], *committed]:
        for length in (2, 5, 64):
            prefix = digest[:length]
            expected = sorted(name for name in {*things, *committed} if name.startswith(prefix))
            assert store.named("t", prefix, 100) == expected
            assert store.named("t", prefix, 1) == expected[:1]


@pytest.mark.parametrize("prefix", ["", "a", "zz", "AB", "ab/..", "a" * 65])
def test_what_is_no_beginning_of_a_digest_finds_none(store: Store, prefix: str) -> None:
    store.put("t", dict(thing(str(number)) for number in range(50)))
    assert store.named("t", prefix, 5) == []


def test_a_feed_begins_now_and_tells_what_follows(store: Store) -> None:
    chain(store, "old", 1)
    nothing, cursor = store.changes("t", None, 10, 5)
    assert nothing == []
    assert store.changes("t", cursor, 0, 5) == ([], cursor)
    digests, others = chain(store, "n", 2), chain(store, "m", 1)
    told, after = store.changes("t", cursor, 0, 5)
    assert told == [("n", digests[0]), ("n", digests[1]), ("m", others[0])]
    assert store.changes("t", after, 0, 5) == ([], after)
    assert store.changes("t", cursor, 0, 5) == (told, after)


def test_a_feed_is_read_in_pages(store: Store) -> None:
    _, cursor = store.changes("t", None, 0, 5)
    digests = chain(store, "n", 5)
    assert read_on(store, cursor, 2) == [("n", digest) for digest in digests]


@pytest.mark.parametrize("cursor", ["", "7", "of.another.store", "0.0", "ffffffff.3"])
def test_a_cursor_that_says_nothing_is_told_all_heads(store: Store, cursor: str) -> None:
    heads = {name: chain(store, name, 1)[0] for name in ("a.b", "c", "é", "")}
    assert read_on(store, cursor, 3) == sorted(heads.items())


def test_a_change_while_all_heads_are_told_is_not_lost(store: Store) -> None:
    heads = {name: chain(store, name, 1)[0] for name in "abc"}
    first, cursor = store.changes("t", "from elsewhere", 0, 2)
    new = link(heads["a"])
    store.commit("t", Change("a", heads["a"], (new[0],)), dict([new]))
    assert first == [("a", heads["a"]), ("b", heads["b"])]
    assert ("a", new[0]) in read_on(store, cursor, 2)


def read_on(store: Store, cursor: str, limit: int) -> list[tuple[str, str]]:
    """All that the feed has to tell now, page by page."""
    told: list[tuple[str, str]] = []
    while True:
        page, cursor = store.changes("t", cursor, 0, limit)
        if not page:
            return told
        assert len(page) <= limit
        told += page


def test_whoever_waits_for_a_change_is_told_of_it(store: Store) -> None:
    _, cursor = store.changes("t", None, 0, 5)
    writer = threading.Timer(0.02, chain, (store, "n", 1))
    writer.start()
    told, _ = store.changes("t", cursor, 60, 5)
    writer.join()
    assert told == list(store.heads("t").items())


def test_what_is_packed_is_there_as_before(store: Store) -> None:
    digests = chain(store, "n", 30)
    things = dict(thing(str(number)) for number in range(30))
    store.put("t", things)
    before = sorted(store.objects("t"))
    store.pack("t", [*digests, "0" * 64])
    assert store.pack("t", []) == Packed(0, 0, 0)
    assert store.get("t", things) == things
    assert store.missing("t", [*things, "0" * 64]) == {"0" * 64}
    assert sorted(store.objects("t")) == before
    assert list(store.check("t")) == [None] * 60
    assert [digest for digest, _ in store.history("t", "n", None, 99)] == digests[::-1]
    assert store.named("t", digests[0][:8], 5) == [digests[0]]
    assert store.loose("t") == 0


def test_shared_objects_are_never_packed(store: Store) -> None:
    things = dict(thing(str(number)) for number in range(30))
    store.put(SHARED, things)
    assert store.pack(SHARED, []).objects == 0
    assert store.get(SHARED, things) == things
    assert store.loose(SHARED) == 0


def test_an_order_that_breaks_off_packs_nothing_and_harms_nothing(store: Store) -> None:
    def order() -> Iterator[str]:
        yield "0" * 64
        raise ZeroDivisionError

    digests = chain(store, "n", 5)
    with contextlib.suppress(ZeroDivisionError):
        store.pack("t", order())
    assert len(store.history("t", "n", None, 99)) == len(digests)
    assert list(store.check("t")) == [None] * 5
