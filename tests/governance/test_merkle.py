"""The tree: RFC 6962's published values, proofs of every kind, nothing forged."""

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pawl.governance.merkle import (
    EMPTY,
    Edge,
    consistency_ranges,
    consistent,
    included,
    inclusion_ranges,
    range_roots,
    root_of,
)

PUBLISHED = [
    bytes.fromhex(leaf)
    for leaf in (
        "", "00", "10", "2021", "3031", "40414243", "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    )
]  # fmt: skip
"""The leaves of the test vectors of the reference implementation of RFC 6962."""
ROOTS = (
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
)


def leaves(count: int) -> list[bytes]:
    return [
        hashlib.sha256(bytes([number % 256, number // 256])).digest() for number in range(count)
    ]


def path_in(ranges: list[tuple[int, int]], of: list[bytes]) -> list[bytes]:
    return range_roots(ranges, iter(of))


@pytest.mark.parametrize("size", range(9))
def test_roots_are_the_published_ones(size: int) -> None:
    """For each size of the published tree, the root is the published one."""
    assert root_of(PUBLISHED[:size]).hex() == ROOTS[size]


def test_paths_are_the_published_ones() -> None:
    """Leaf 0 in the tree of 8, and from 1 and from 6 to 8, as the reference has them."""
    nodes = [
        "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
    ]
    assert [h.hex() for h in path_in(inclusion_ranges(0, 8), PUBLISHED)] == nodes
    assert [h.hex() for h in path_in(consistency_ranges(1, 8), PUBLISHED)] == nodes
    assert [h.hex() for h in path_in(consistency_ranges(6, 8), PUBLISHED)] == [
        "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
        ROOTS[4],
    ]


@given(size=st.integers(1, 70), data=st.data())
def test_every_leaf_is_provable_and_no_other(size: int, data: st.DataObject) -> None:
    """A path holds for its leaf at its place under its root, and for nothing else."""
    of = leaves(size)
    index = data.draw(st.integers(0, size - 1))
    path = path_in(inclusion_ranges(index, size), of)
    root = root_of(of)
    assert included(of[index], index, size, path, root)
    assert not included(b"other", index, size, path, root)
    assert not included(of[index], index, size, path, bytes(32))
    assert not included(of[index], index, size, [*path, bytes(32)], root)
    for other in {index - 1, index + 1, size, -1}:
        assert not included(of[index], other, size, path, root)
    if path:
        broken = list(path)
        broken[data.draw(st.integers(0, len(path) - 1))] = bytes(32)
        assert not included(of[index], index, size, broken, root)
        assert not included(of[index], index, size, path[:-1], root)


@given(size=st.integers(1, 70), data=st.data())
def test_every_growth_is_provable_and_no_rewriting(size: int, data: st.DataObject) -> None:
    """From each older size to each newer there is a path; a tree with another past has none."""
    of = leaves(size)
    old = data.draw(st.integers(1, size))
    path = path_in(consistency_ranges(old, size), of)
    assert consistent(old, root_of(of[:old]), size, root_of(of), path)
    rewritten = [*of[: old - 1], b"other", *of[old:]]
    assert not consistent(old, root_of(of[:old]), size, root_of(rewritten), path)
    assert not consistent(old, root_of(rewritten[:old]), size, root_of(of), path)
    assert not consistent(old, root_of(of[:old]), size, root_of(of), [*path, bytes(32)])
    assert not consistent(size + 1, root_of(of), size, root_of(of), path)
    if path:
        assert not consistent(old, root_of(of[:old]), size, root_of(of), path[:-1])


def test_what_is_not_there_is_not_proved() -> None:
    """No path to a leaf beyond the tree, and none from a tree that is larger or empty."""
    with pytest.raises(ValueError):
        inclusion_ranges(3, 3)
    with pytest.raises(ValueError):
        consistency_ranges(4, 3)
    with pytest.raises(ValueError):
        range_roots([(0, 4)], iter(leaves(3)))
    assert consistent(0, EMPTY, 3, root_of(leaves(3)), [])
    assert not consistent(0, bytes(32), 3, root_of(leaves(3)), [])


@given(first=st.integers(0, 40), more=st.integers(0, 40))
def test_an_edge_goes_on_where_it_was_left(first: int, more: int) -> None:
    """Kept and taken up again, an edge has the root of all leaves; another's size is refused."""
    of = leaves(first + more)
    edge = Edge()
    for leaf in of[:first]:
        edge.add(leaf)
    again = Edge(edge.size, edge.hashes)
    for leaf in of[first:]:
        again.add(leaf)
    assert (again.size, again.root()) == (first + more, root_of(of))
    with pytest.raises(ValueError):
        Edge(edge.size + (1 << 20), edge.hashes)


@pytest.mark.parametrize("first", [0, 1, 500, 1024, 1500])
def test_many_leaves_at_once_are_hashed_as_one_by_one(first: int) -> None:
    """Whole subtrees, beginnings in the middle of one, and looks in between change no root."""
    of = leaves(3000)
    edge = Edge()
    for leaf in of[:first]:
        edge.add(leaf)
    edge = Edge(edge.size, edge.hashes)
    for number, leaf in enumerate(of[first:], first):
        edge.add(leaf)
        if number == 2100:
            assert edge.root() == root_of(of[:2101])
    assert (edge.size, edge.root()) == (3000, naive(of))


def naive(of: list[bytes]) -> bytes:
    """Return the root as RFC 6962 defines it, word for word."""
    if len(of) == 1:
        return hashlib.sha256(b"\x00" + of[0]).digest()
    half = 1
    while half * 2 < len(of):
        half *= 2
    return hashlib.sha256(b"\x01" + naive(of[:half]) + naive(of[half:])).digest()
