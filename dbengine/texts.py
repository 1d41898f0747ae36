"""Questions about strings that may be long."""

from __future__ import annotations


def common_start(left: str, right: str) -> int:
    """How many characters both begin with, by halving."""
    low, high = 0, min(len(left), len(right))
    while low < high:
        middle = (low + high + 1) // 2
        if left[low:middle] == right[low:middle]:
            low = middle
        else:
            high = middle - 1
    return low
