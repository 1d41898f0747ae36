"""Texts that are not written yet."""

from __future__ import annotations

from dataclasses import replace

from gui.drafts import Draft, Drafts
from gui.jobs import Ref

USERS = Ref("acme", "users", "d1")
JOHN = Draft(USERS, "john", "1", "2")
WHOLE = Draft(USERS, None, "{}", "{1}")


def kept(*drafts: Draft) -> Drafts:
    found = Drafts()
    for draft in drafts:
        found.keep(draft)
    return found


def test_a_record_and_the_whole_are_drafts_of_their_own() -> None:
    drafts = kept(JOHN, WHOLE)
    assert drafts.of(USERS, "john") == JOHN
    assert drafts.of(USERS, None) == WHOLE


def test_a_draft_is_found_from_whichever_version() -> None:
    assert kept(JOHN).of(replace(USERS, digest="d2"), "john") == JOHN


def test_another_entry_or_tenant_has_drafts_of_its_own() -> None:
    drafts = kept(JOHN)
    assert drafts.of(Ref("globex", "users"), "john") is None
    assert drafts.of(Ref("acme", "config"), "john") is None


def test_a_draft_that_says_what_is_stored_is_none() -> None:
    drafts = kept(JOHN)
    drafts.keep(replace(JOHN, text="1"))
    assert len(drafts) == 0


def test_the_latest_is_the_one_that_was_changed_last() -> None:
    drafts = kept(JOHN, WHOLE)
    assert drafts.latest(USERS) == WHOLE
    drafts.keep(replace(JOHN, text="3"))
    assert drafts.latest(USERS) == replace(JOHN, text="3")
    assert drafts.latest(None) is None


def test_what_is_dropped_is_gone_and_the_rest_stays() -> None:
    drafts = kept(JOHN, WHOLE)
    drafts.drop(replace(JOHN, text="whatever"))
    assert list(drafts) == [WHOLE]
    drafts.clear()
    assert not drafts
