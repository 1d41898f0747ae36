"""Finds which items of two lists are the same item: by an id field, by content, by likeness."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from itertools import chain
from operator import eq
from typing import Any, Final

from dbengine.diff.align import Run, align
from dbengine.diff.strict import DEEP, Contents, Tick, is_container, parts, same_kind
from dbengine.model import Json

ID_FIELDS: Final = ("id", "uuid", "guid", "uid", "uniqueid", "pk", "key", "sku", "code", "slug")
NAME_FIELDS: Final = ("name", "title", "label")
"""Names are edited like anything else, so items whose names differ may still be alike."""

MOSTLY: Final = 0.8
"""A field is an id where so many of the items have a value in it that no other item has."""

DICTS_ALIKE: Final = 0.5
"""From this likeness on two dicts are the same one, edited."""

ELSEWHERE_ALIKE: Final = 0.7
"""From this likeness on they are even where they do not stand at the same place."""

SMALL: Final = 4
"""Dicts with no more keys are the same one, edited, at half the likeness if they stand alone."""

LISTS_ALIKE: Final = 0.3
"""From this likeness on two lists are."""

BEST_CELLS: Final = 1_024
"""Up to this product of lengths a gap is paired in the best way there is."""

COMPARISONS: Final = 300_000
"""How many pairs of items one comparison looks at for likeness, before it stays coarse."""

AHEAD: Final = 3
"""How many items to look ahead in long gaps."""

SCATTERED: Final = 2_000
"""Up to so many items are looked for, edited, in another place."""

Pairs = list[tuple[int, int]]


class Pairing:
    """The aligned items of two lists: `runs` in place, `moves` of items that stand elsewhere.

    `known` are the runs whose items are equal for certain. It is `coarse` where the items were
    too many to look for the best pairs.
    """

    def __init__(self) -> None:
        self.coarse = False
        self.runs: list[Run] = []
        self.known: set[Run] = set()
        self.moves: Pairs = []


class Pairer:
    """Pairs lists within one comparison, with a budget for all of it."""

    def __init__(self, contents: Contents, tick: Tick) -> None:
        self._contents = contents
        self._tick = tick
        self._budget = COMPARISONS

    def pair(
        self, left: Sequence[Json], right: Sequence[Json], known_outside: bool, depth: int
    ) -> Pairing:
        """Pairs the items; `known_outside`: equal ones at the ends were already taken off."""
        if not left or not right:
            return Pairing()
        field = id_field(left, right, known_outside, self._tick)
        alike = Likeness(field, self._spend, self._contents if depth >= DEEP else None)
        if len(left) == len(right) == 1:
            return self._pair_only(left[0], right[0], alike)
        lefts, rights = self._tokens(left, right, field)
        pairing = Pairing()
        pairing.runs, exact = align(lefts, rights, self._tick)
        pairing.coarse = not exact
        pairing.known = {run for run in pairing.runs if field is None}
        pairing.moves = self._moves(left, lefts, rights, pairing.runs)
        self._pair_alike(left, right, alike, pairing)
        pairing.runs.sort()
        return pairing

    def _pair_only(self, left: Json, right: Json, alike: Likeness) -> Pairing:
        pairing = Pairing()
        if alike.alone(left, right):
            pairing.runs = [Run(0, 0, 1)]
        return pairing

    def _tokens(
        self, left: Sequence[Json], right: Sequence[Json], field: str | None
    ) -> tuple[list[int], list[int]]:
        """Items as numbers that are equal where the items are the same one."""
        numbers: dict[Any, int] = {}
        left_ids, right_ids = _shared_ids(left, right, field, self._tick)
        return (
            self._numbered(left, left_ids, numbers),
            self._numbered(right, right_ids, numbers),
        )

    def _numbered(
        self, items: Sequence[Json], ids: Sequence[Any], numbers: dict[Any, int]
    ) -> list[int]:
        key = self._contents.key
        return [
            numbers.setdefault(key(items[at]) if ids[at] is None else ids[at], len(numbers))
            for part in parts(range(len(items)), self._tick)
            for at in part
        ]

    def _moves(
        self, left: Sequence[Json], lefts: list[int], rights: list[int], runs: list[Run]
    ) -> Pairs:
        """Items that both sides have, at places that do not fit together."""
        gaps = list(_gaps(runs, len(lefts), len(rights)))
        loose_left = list(chain.from_iterable(gap[0] for gap in gaps))
        loose_right = list(chain.from_iterable(gap[1] for gap in gaps))
        places: defaultdict[int, list[int]] = defaultdict(list)
        for part in parts(loose_left[::-1], self._tick):
            for i in part:
                places[lefts[i]].append(i)
        moves: Pairs = []
        for part in parts(loose_right, self._tick):
            moves += [(places[rights[j]].pop(), j) for j in part if places.get(rights[j])]
        if len(loose_left) == len(moves) == len(loose_right):
            return moves  # all is only reordered
        return self._worthwhile(moves, left, gaps) if moves else []

    def _worthwhile(
        self, moves: Pairs, left: Sequence[Json], gaps: list[tuple[range, range]]
    ) -> Pairs:
        """The moves without those of scalars that are told in fewer changes as edits in place."""
        lefts = {i: at for at, gap in enumerate(gaps) for i in gap[0]}
        rights = {j: at for at, gap in enumerate(gaps) for j in gap[1]}
        sizes = [[len(gap[0]), len(gap[1])] for gap in gaps]
        kept = []
        for i, j in moves:
            self._tick(1)
            source, target = sizes[lefts[i]], sizes[rights[j]]
            gain = (source[0] > source[1]) + (target[1] > target[0])
            if is_container(left[i]) or source is target or gain >= 1:
                kept.append((i, j))
                source[0] -= 1
                target[1] -= 1
        return kept

    def _pair_alike(
        self, left: Sequence[Json], right: Sequence[Json], alike: Likeness, pairing: Pairing
    ) -> None:
        moved_left = {i for i, _ in pairing.moves}
        moved_right = {j for _, j in pairing.moves}
        alone_left: list[int] = []
        alone_right: list[int] = []
        for gap_left, gap_right in list(_gaps(pairing.runs, len(left), len(right))):
            self._tick(1)
            lefts = self._without(gap_left, moved_left)
            rights = self._without(gap_right, moved_right)
            cells = len(lefts) * len(rights)
            pairs = _pair_gap([left[i] for i in lefts], [right[j] for j in rights], alike)
            pairing.runs += [Run(lefts[i], rights[j], 1) for i, j in pairs]
            lefts = self._without(lefts, {lefts[i] for i, _ in pairs})
            rights = self._without(rights, {rights[j] for _, j in pairs})
            if lefts and rights and cells > BEST_CELLS:
                pairing.coarse = True
            alone_left += lefts
            alone_right += rights
        if not alike.by_id and max(len(alone_left), len(alone_right)) <= SCATTERED:
            pairing.moves += self._scattered(left, right, alone_left, alone_right, alike)
        elif not alike.by_id and alone_left and alone_right:
            pairing.coarse = True
        pairing.coarse = pairing.coarse or alike.exhausted

    def _without(self, positions: Sequence[int], gone: set[int]) -> list[int]:
        return [at for part in parts(positions, self._tick) for at in part if at not in gone]

    def _scattered(
        self,
        left: Sequence[Json],
        right: Sequence[Json],
        lefts: list[int],
        rights: list[int],
        alike: Likeness,
    ) -> Pairs:
        """Dicts that were both moved and edited: those that share most of what is rare."""
        if not lefts or not rights:
            return []
        owners: defaultdict[Any, list[int]] = defaultdict(list)
        for j in rights:
            for trait in self._traits(right[j]):
                owners[trait].append(j)
        taken: set[int] = set()
        moves = []
        for i in lefts:
            shared = [owners[t] for t in self._traits(left[i]) if 0 < len(owners.get(t, ())) <= 8]
            votes = Counter(j for js in shared for j in js if j not in taken)
            best = votes.most_common(1)
            if best and alike(left[i], right[best[0][0]]) >= ELSEWHERE_ALIKE:
                taken.add(best[0][0])
                moves.append((i, best[0][0]))
        return moves

    def _traits(self, item: Json) -> list[Any]:
        self._tick(1)
        if not isinstance(item, dict):
            return []
        return [(name, self._contents.key(value)) for name, value in item.items()]

    def _spend(self) -> bool:
        self._tick(1)
        self._budget -= 1
        return self._budget >= 0


def field_is_name(field: str) -> bool:
    return _plain(field) in NAME_FIELDS


def _plain(field: str) -> str:
    return field.replace("_", "").replace("-", "").lower()


def id_field(
    left: Sequence[Json], right: Sequence[Json], known_outside: bool, tick: Tick
) -> str | None:
    """The field that tells the items of both lists apart, if they are dicts that have one.

    One that knows items of both sides comes first. Where a well-known id knows none, another
    field must know half of them; else all items are others, save for equal ones with a new id.
    """
    if not left or not right or not isinstance(left[0], dict):
        return None
    strangers = None
    for field in _candidates(left[0]):
        lefts = _unique(_ids(left, field, tick), tick)
        rights = _unique(_ids(right, field, tick), tick)
        if len(lefts) < MOSTLY * len(left) or len(rights) < MOSTLY * len(right):
            continue
        shared = len(lefts & rights)
        enough = strangers is None or 2 * shared >= min(len(left), len(right))
        if known_outside or (shared and enough):
            return field
        if strangers is None and _plain(field) in ID_FIELDS:
            strangers = field
    return strangers


def _candidates(item: dict[Any, Json]) -> list[str]:
    names = [name for name in item if isinstance(name, str)]
    ranks = {known: rank for rank, known in enumerate((*ID_FIELDS, *NAME_FIELDS))}
    known = sorted((ranks[_plain(n)], n) for n in names if _plain(n) in ranks)
    strong = [name for rank, name in known if rank < len(ID_FIELDS)]
    others = [n for n in names if n not in strong and n.endswith(("id", "Id", "ID"))]
    return [*strong, *others, *(name for rank, name in known if rank >= len(ID_FIELDS))]


def _id_of(item: Json, field: str) -> int | str | None:
    """What says which item it is, or None."""
    value = item.get(field) if isinstance(item, dict) else None
    return value if type(value) is str or type(value) is int else None


def _unique(ids: Sequence[Any], tick: Tick) -> set[Any]:
    """The ids that stand there once."""
    found = set(ids)
    if len(found) < len(ids):
        counts = Counter(ids)
        tick(len(ids))
        repeated = (k for part in parts(list(counts), tick) for k in part if counts[k] > 1)
        found.difference_update(repeated)
    found.discard(None)
    return found


def _ids(items: Sequence[Json], field: str, tick: Tick) -> list[int | str | None]:
    return [_id_of(item, field) for part in parts(items, tick) for item in part]


def _shared_ids(
    left: Sequence[Json], right: Sequence[Json], field: str | None, tick: Tick
) -> tuple[Sequence[Any], Sequence[Any]]:
    """For each item its id, or None where another item of either side has the same one."""
    if field is None:
        return [None] * len(left), [None] * len(right)
    lefts, rights = _ids(left, field, tick), _ids(right, field, tick)
    repeated = set(lefts) - _unique(lefts, tick)
    repeated |= set(rights) - _unique(rights, tick)
    return _cleared(lefts, repeated, tick), _cleared(rights, repeated, tick)


def _cleared(ids: Sequence[Any], repeated: set[Any], tick: Tick) -> Sequence[Any]:
    if not repeated:
        return ids
    return [None if k in repeated else k for part in parts(ids, tick) for k in part]


def _gaps(runs: Sequence[Run], lefts: int, rights: int) -> Iterator[tuple[range, range]]:
    """The positions between the runs, which stand in order."""
    i = j = 0
    for run in [*runs, Run(lefts, rights, 0)]:
        if i < run.left or j < run.right:
            yield range(i, run.left), range(j, run.right)
        i, j = run.left + run.size, run.right + run.size


class Likeness:
    """How alike two items are: 0 for not at all, else up to 1.

    `contents` compares what is in deep items, where `==` would give up after many levels.
    """

    def __init__(
        self, field: str | None, spend: Callable[[], bool], contents: Contents | None
    ) -> None:
        self.by_id = field is not None and not field_is_name(field)
        self.exhausted = False
        self._field = field or ""
        self._spend = spend
        self._equal: Callable[[Json, Json], bool] = eq if contents is None else _by_key(contents)

    def __call__(self, left: Json, right: Json) -> float:
        """0 also where the two are too different to be the same item, edited."""
        if not same_kind(left, right):
            return 0 if is_container(left) or is_container(right) else _scalar_likeness(left, right)
        if not self._spend():
            self.exhausted = True
            return 0
        likeness = self._likeness(left, right)
        enough = DICTS_ALIKE if isinstance(left, dict) else LISTS_ALIKE
        if self._other_id(left, right):
            return likeness if likeness >= 1 - 1 / max(len(left), 1) else 0
        return likeness if likeness >= enough else 0

    def alone(self, left: Json, right: Json) -> bool:
        """Whether the only items at a place are the same one: less likeness is enough."""
        if not same_kind(left, right) or isinstance(left, list):
            return True
        if self._other_id(left, right):
            return self(left, right) > 0
        shorter = min(len(left), len(right))
        enough = DICTS_ALIKE / 2 if shorter <= SMALL else DICTS_ALIKE
        return shorter <= 2 or self._likeness(left, right) >= enough

    def _other_id(self, left: Json, right: Json) -> bool:
        return self.by_id and _id_of(left, self._field) != _id_of(right, self._field)

    def _likeness(self, left: Any, right: Any) -> float:
        try:
            if isinstance(left, dict):
                return self._dict_likeness(left, right)
            return self._list_likeness(left, right)
        except RecursionError:  # too deep to look into
            return 0

    def _dict_likeness(self, left: dict[Any, Json], right: dict[Any, Json]) -> float:
        """The share of fields that are equal; a container on both sides counts half at least."""
        equal, total = 0.0, len(right)
        for name, old in left.items():
            if name not in right:
                total += 1
            elif self._equal(old, right[name]):
                equal += 1
            elif same_kind(old, right[name]):
                equal += 0.5
        return equal / total if total else 1

    def _list_likeness(self, left: list[Json], right: list[Json]) -> float:
        """The share of items that are equal, counted from both ends."""
        shorter, longer = sorted((len(left), len(right)))
        same = self._equal
        front = next((at for at in range(shorter) if not same(left[at], right[at])), shorter)
        rest = shorter - front
        back = next((at for at in range(rest) if not same(left[-1 - at], right[-1 - at])), rest)
        middle = sum(map(same, left[front : len(left) - back], right[front : len(right) - back]))
        return (front + back + middle) / longer if longer else 1


def _by_key(contents: Contents) -> Callable[[Json, Json], bool]:
    return lambda left, right: contents.same(left, right, DEEP)


def _scalar_likeness(left: Json, right: Json) -> float:
    """More than 0 for any two, so that as many as possible are told as edits."""
    if type(left) is not type(right):
        return 0.01
    if not isinstance(left, str) or len(left) > 200 or len(right) > 200:
        return 0.1
    from rapidfuzz.distance import Indel  # noqa: PLC0415 - not needed by most comparisons

    return 0.1 + 0.9 * Indel.normalized_similarity(left, right)


def _pair_gap(lefts: list[Json], rights: list[Json], alike: Likeness) -> Pairs:
    """Items of a gap that are the same one, edited; increasing on both sides."""
    if not lefts or not rights:
        return []
    if len(lefts) == len(rights) == 1:
        return [(0, 0)] if alike.alone(lefts[0], rights[0]) else []
    if len(lefts) * len(rights) <= BEST_CELLS:
        return _pair_best(lefts, rights, alike)
    return _pair_along(lefts, rights, alike)


def _pair_best(lefts: list[Json], rights: list[Json], alike: Likeness) -> Pairs:
    """The pairs in order with the most likeness in all: the usual table, filled from the end."""
    scores = [[alike(left, right) for right in rights] for left in lefts]
    for i, j in _only_ones(lefts, rights):
        scores[i][j] = scores[i][j] or alike.alone(lefts[i], rights[j]) / 2
    best = [[0.0] * (len(rights) + 1) for _ in range(len(lefts) + 1)]
    for i in reversed(range(len(lefts))):
        for j in reversed(range(len(rights))):
            paired = 1 + scores[i][j] + best[i + 1][j + 1] if scores[i][j] else 0
            best[i][j] = max(paired, best[i + 1][j], best[i][j + 1])
    pairs = []
    i = j = 0
    while i < len(lefts) and j < len(rights):
        if scores[i][j] and best[i][j] == 1 + scores[i][j] + best[i + 1][j + 1]:
            pairs.append((i, j))
            i, j = i + 1, j + 1
        elif best[i][j] == best[i + 1][j]:
            i += 1
        else:
            j += 1
    return pairs


def _only_ones(lefts: list[Json], rights: list[Json]) -> Pairs:
    """The only dict on either side, and the only list."""
    pairs = []
    for kind in (dict, list):
        left = [i for i, item in enumerate(lefts) if isinstance(item, kind)]
        right = [j for j, item in enumerate(rights) if isinstance(item, kind)]
        if len(left) == len(right) == 1:
            pairs.append((left[0], right[0]))
    return pairs


def _pair_along(lefts: list[Json], rights: list[Json], alike: Likeness) -> Pairs:
    """Pairs found by walking along both sides, looking a few items ahead."""
    pairs = []
    i = j = 0
    while i < len(lefts) and j < len(rights):
        for skip_left, skip_right in _SKIPS:
            at, to = i + skip_left, j + skip_right
            if at < len(lefts) and to < len(rights) and alike(lefts[at], rights[to]):
                pairs.append((at, to))
                i, j = at, to
                break
        i, j = i + 1, j + 1
    return pairs


_SKIPS: Final = ((0, 0), *chain.from_iterable(((n, 0), (0, n)) for n in range(1, AHEAD + 1)))
