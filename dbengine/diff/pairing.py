"""Finds which items of two lists are the same item: by an id field, by content, by likeness."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from itertools import chain, count, repeat
from operator import eq, itemgetter
from typing import Any, Final

from dbengine.diff.align import Run, align, runs_of
from dbengine.diff.identity import Identity, Ids, field_is_name, id_of, identity
from dbengine.diff.strict import DEEP, LEAVES, Contents, Tick, is_container, parts, same_kind
from dbengine.model import Json

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

WIDE: Final = 8
"""Two containers with so many more children count as one more pair."""

AHEAD: Final = 3
"""How many items to look ahead in long gaps."""

SCATTERED: Final = 2_000
"""Up to so many items are looked for, edited, in another place."""

FIELDS: Final = 40_000
"""If they have no more fields than this, all together."""

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
        self._key = contents.key
        self._budget = COMPARISONS

    def pair(
        self,
        left: Sequence[Json],
        right: Sequence[Json],
        *,
        known_outside: bool,
        heavy: bool,
        deep: bool,
    ) -> Pairing:
        """Pairs the items.

        `known_outside`: equal ones at the ends were already taken off. `heavy`: there are few that
        hold very much; of these, and of what is `deep`, content keys are remembered.
        """
        if not left or not right:
            return Pairing()
        ids = identity(left, right, known_outside, self._tick)
        alike = Likeness(ids.field, self._spend, self._contents if deep else None)
        self._key = self._contents.weighed if heavy or deep else self._contents.key
        if len(left) == len(right) == 1:
            return self._pair_only(left[0], right[0], alike)
        lefts, rights = self._tokens(left, right, ids)
        pairing = Pairing()
        if not set(lefts).isdisjoint(rights):
            pairing.runs, exact = align(lefts, rights, self._tick)
            pairing.coarse = not exact
            pairing.known = set() if ids.field else set(pairing.runs)
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
        self, left: Sequence[Json], right: Sequence[Json], ids: Identity
    ) -> tuple[list[int], list[int]]:
        """Items as numbers that are equal where the items are the same one."""
        numbers: defaultdict[Any, int] = defaultdict(count().__next__)
        return self._numbered(left, ids.left, numbers), self._numbered(right, ids.right, numbers)

    def _numbered(
        self, items: Sequence[Json], ids: Ids, numbers: defaultdict[Any, int]
    ) -> list[int]:
        """Items with an id go by that, others by their content."""
        key = self._key
        if not ids:
            return [numbers[key(item)] for part in parts(items, self._tick) for item in part]
        if None not in ids:
            return [n for part in parts(ids, self._tick) for n in map(numbers.__getitem__, part)]
        return [
            numbers[key(items[at]) if ids[at] is None else ids[at]]
            for part in parts(range(len(items)), self._tick)
            for at in part
        ]

    def _moves(
        self, left: Sequence[Json], lefts: list[int], rights: list[int], runs: list[Run]
    ) -> Pairs:
        """Items that both sides have, at places that do not fit together."""
        gaps = _gaps(runs, len(lefts), len(rights), self._tick)
        loose_left = list(chain.from_iterable(map(itemgetter(0), gaps)))
        loose_right = list(chain.from_iterable(map(itemgetter(1), gaps)))
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
        lefts: dict[int, int] = {}
        rights: dict[int, int] = {}
        for at, gap in enumerate(gaps):
            self._tick(1)
            lefts.update(zip(gap[0], repeat(at)))
            rights.update(zip(gap[1], repeat(at)))
        sizes = list(map(list, (map(len, gap) for gap in gaps)))
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
        moved_left = set(map(itemgetter(0), pairing.moves))
        moved_right = set(map(itemgetter(1), pairing.moves))
        alone_left: list[int] = []
        alone_right: list[int] = []
        for gap_left, gap_right in _gaps(pairing.runs, len(left), len(right), self._tick):
            self._tick(1)
            lefts = self._without(gap_left, moved_left)
            rights = self._without(gap_right, moved_right)
            cells = len(lefts) * len(rights)
            pairs = self._pair_gap(left, right, lefts, rights, alike)
            pairing.runs += runs_of(pairs, self._tick)
            lefts = self._without(lefts, set(map(itemgetter(0), pairs)))
            rights = self._without(rights, set(map(itemgetter(1), pairs)))
            if lefts and rights and cells > BEST_CELLS:
                olds = list(map(left.__getitem__, lefts))
                news = list(map(right.__getitem__, rights))
                pairing.coarse = pairing.coarse or self._may_be_same(olds, news, alike)
            alone_left += lefts
            alone_right += rights
        if alone_left and alone_right and not alike.by_id:
            self._pair_scattered(left, right, alone_left, alone_right, alike, pairing)
        pairing.coarse = pairing.coarse or alike.exhausted

    def _pair_scattered(
        self,
        left: Sequence[Json],
        right: Sequence[Json],
        lefts: list[int],
        rights: list[int],
        alike: Likeness,
        pairing: Pairing,
    ) -> None:
        olds, news = list(map(left.__getitem__, lefts)), list(map(right.__getitem__, rights))
        if self._few_enough(olds) and self._few_enough(news):
            pairing.moves += self._scattered(left, right, lefts, rights, alike)
        else:
            pairing.coarse = True

    def _without(self, positions: Sequence[int], gone: set[int]) -> Sequence[int]:
        if not gone:
            return positions
        return [at for part in parts(positions, self._tick) for at in part if at not in gone]

    def _pair_gap(
        self,
        left: Sequence[Json],
        right: Sequence[Json],
        lefts: Sequence[int],
        rights: Sequence[int],
        alike: Likeness,
    ) -> Pairs:
        """Positions of items of a gap that are the same one, edited; increasing on both sides."""
        if not lefts or not rights:
            return []
        olds, news = list(map(left.__getitem__, lefts)), list(map(right.__getitem__, rights))
        if len(olds) == len(news) == 1:
            pairs = [(0, 0)] if alike.alone(olds[0], news[0]) else []
        elif self._affords(olds, news):
            pairs = _pair_best(olds, news, alike)
        else:
            alike.exhausted = alike.exhausted or len(olds) * len(news) <= BEST_CELLS
            pairs = _pair_along(olds, news, alike, self._tick)
        return [(lefts[i], rights[j]) for part in parts(pairs, self._tick) for i, j in part]

    def _scattered(
        self,
        left: Sequence[Json],
        right: Sequence[Json],
        lefts: list[int],
        rights: list[int],
        alike: Likeness,
    ) -> Pairs:
        """Dicts that were both moved and edited: those that share most of what is rare."""
        owners: defaultdict[Any, list[int]] = defaultdict(list)
        for j in rights:
            for trait in self._traits(right[j]):
                owners[trait].append(j)
        taken: set[int] = set()
        moves = []
        for i in lefts:
            shared = [owners[t] for t in self._traits(left[i]) if 0 < len(owners.get(t, ())) <= 8]
            votes = Counter(j for js in shared for j in js if j not in taken)
            best = max(votes, key=lambda j: (votes[j], -j), default=-1)
            if best >= 0 and alike(left[i], right[best]) >= ELSEWHERE_ALIKE:
                taken.add(best)
                moves.append((i, best))
        return moves

    def _may_be_same(self, lefts: list[Json], rights: list[Json], alike: Likeness) -> bool:
        """Whether some of the items without a partner might be the same one, edited."""
        if not alike.by_id or not self._few_enough(lefts) or not self._few_enough(rights):
            return True
        bodies = {self._body(item, alike.field) for item in lefts}
        return any(self._body(item, alike.field) in bodies for item in rights)

    def _body(self, item: Json, field: str) -> frozenset[Any]:
        """What an item is but for its id."""
        return frozenset(trait for trait in self._traits(item) if trait[0] != field)

    def _traits(self, item: Json) -> list[Any]:
        self._tick(1)
        if not isinstance(item, dict):
            return []
        return [(name, self._key(value)) for name, value in item.items()]

    def _few_enough(self, items: list[Json]) -> bool:
        """Whether all the fields of the items can be looked at."""
        if len(items) > SCATTERED:
            return False
        some = parts(items, self._tick)
        return sum(len(i) for part in some for i in part if isinstance(i, dict)) <= FIELDS

    def _affords(self, olds: list[Json], news: list[Json]) -> bool:
        """Whether to look for the best pairs of a gap; half the budget is kept for long gaps."""
        cells = len(olds) * len(news)
        if cells > BEST_CELLS:
            return False
        width = max(_pairs_counted(item, item) for item in chain(olds, news))
        if self._budget - cells * width < COMPARISONS // 2:
            return False
        self._tick(cells)
        self._budget -= cells
        return True

    @property
    def spent(self) -> int:
        """How much of the budget is."""
        return COMPARISONS - self._budget

    def _spend(self, pairs: int) -> bool:
        self._tick(1)
        self._budget -= pairs
        return self._budget >= 0


def _gaps(runs: Sequence[Run], lefts: int, rights: int, tick: Tick) -> list[tuple[range, range]]:
    """The positions between the runs, which stand in order."""
    gaps = []
    i = j = 0
    for part in parts([*runs, Run(lefts, rights, 0)], tick):
        for run in part:
            if i < run.left or j < run.right:
                gaps.append((range(i, run.left), range(j, run.right)))
            i, j = run.left + run.size, run.right + run.size
    return gaps


class Likeness:
    """How alike two items are: 0 for not at all, else up to 1.

    `field` is the id field, "" without one; `contents` compares what is in deep items, where
    `==` would give up after many levels.
    """

    def __init__(self, field: str, spend: Callable[[int], bool], contents: Contents | None) -> None:
        self.by_id = bool(field) and not field_is_name(field)
        self.exhausted = False
        self.field = field
        self._spend = spend
        self._equal: Callable[[Json, Json], bool] = eq if contents is None else _by_key(contents)

    def __call__(self, left: Json, right: Json) -> float:
        """0 also where the two are too different to be the same item, edited."""
        if not same_kind(left, right):
            return 0 if is_container(left) or is_container(right) else _scalar_likeness(left, right)
        if not self._spend(_pairs_counted(left, right)):
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
        return self.by_id and id_of(left, self.field) != id_of(right, self.field)

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
            elif type(old) not in LEAVES and same_kind(old, right[name]):
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


def _pairs_counted(left: Json, right: Json) -> int:
    """For how many pairs two items count in the budget."""
    if type(left) in LEAVES or type(right) in LEAVES:
        return 1
    return 1 + max(len(left), len(right)) // WIDE


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


def _pair_along(lefts: list[Json], rights: list[Json], alike: Likeness, tick: Tick) -> Pairs:
    """Pairs found by walking along both sides, looking a few items ahead."""
    pairs = []
    i = j = 0
    while i < len(lefts) and j < len(rights):
        tick(1)
        for skip_left, skip_right in _SKIPS:
            at, to = i + skip_left, j + skip_right
            if at < len(lefts) and to < len(rights) and alike(lefts[at], rights[to]):
                pairs.append((at, to))
                i, j = at, to
                break
        i, j = i + 1, j + 1
    return pairs


_SKIPS: Final = ((0, 0), *chain.from_iterable(((n, 0), (0, n)) for n in range(1, AHEAD + 1)))
