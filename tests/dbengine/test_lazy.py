"""A value that is made when first asked for, and that nobody else waits for."""

from __future__ import annotations

import threading

from dbengine.lazy import lazy


class Document:
    """Notes how often it is parsed; `other`, if any, is parsed by another thread meanwhile."""

    def __init__(self, other: Document | None = None) -> None:
        self.other = other
        self.parsed = 0

    @lazy
    def content(self) -> str:
        """What it says."""
        self.parsed += 1
        if self.other is not None:
            thread = threading.Thread(target=lambda: self.other and self.other.content)
            thread.start()
            thread.join(30)
            assert not thread.is_alive(), "it waits for this one"
        return "text"


def test_a_value_is_made_once_when_it_is_asked_for() -> None:
    document = Document()
    assert document.parsed == 0
    assert document.content == document.content == "text"
    assert document.parsed == 1


def test_the_class_shows_what_the_value_means() -> None:
    assert Document.content.__doc__ == "What it says."


def test_a_thread_does_not_wait_for_another_that_makes_the_value_of_another_object() -> None:
    """With `functools.cached_property` it did, until Python 3.12."""
    other = Document()
    assert Document(other).content == "text"
    assert other.parsed == 1
