import pytest
from hypothesis import given
from hypothesis import strategies as st

from sekisho.ledger import tree

SIZES = st.integers(1, 300)


def _leaves(size: int) -> list[bytes]:
    return [tree.leaf_hash(b"%d" % n) for n in range(size)]


def _node(leaves: list[bytes]) -> tree.NodeAt:
    def node(level: int, index: int) -> bytes:
        if level == 0:
            return leaves[index]
        return tree.node_hash(node(level - 1, 2 * index), node(level - 1, 2 * index + 1))

    return node


def _by_definition(leaves: list[bytes]) -> bytes:
    """RFC 6962, section 2.1, word for word."""
    if len(leaves) < 2:
        return leaves[0] if leaves else tree.EMPTY_ROOT
    k = 1
    while k * 2 < len(leaves):
        k *= 2
    return tree.node_hash(_by_definition(leaves[:k]), _by_definition(leaves[k:]))


@given(SIZES)
def test_the_root_is_the_one_that_the_standard_defines(size):
    leaves = _leaves(size)
    assert tree.root(_node(leaves), size) == _by_definition(leaves)


@given(SIZES, st.data())
def test_each_entry_is_proved_to_be_in_and_no_other(size, data):
    leaves = _leaves(size)
    index = data.draw(st.integers(0, size - 1))
    proof = tree.inclusion(_node(leaves), index, size)
    root = _by_definition(leaves)
    tree.check_inclusion(leaves[index], index, size, proof, root)
    for wrong in (
        (tree.leaf_hash(b"other"), index, size, proof, root),
        (leaves[index], index, size, [*proof, root], root),
        (leaves[index], index, size, proof[:-1], root if proof else bytes(32)),
        (leaves[index], size, size, proof, root),
        (leaves[index], index, size, proof, bytes(32)),
    ):
        with pytest.raises(tree.ProofError):
            tree.check_inclusion(*wrong)


@given(SIZES, st.data())
def test_a_log_that_grew_is_proved_to_be_the_same_log(size, data):
    leaves = _leaves(size)
    old = data.draw(st.integers(0, size))
    proof = tree.consistency(_node(leaves), old, size)
    before, now = _by_definition(leaves[:old]), _by_definition(leaves)
    tree.check_consistency(old, size, before, now, proof)
    if 0 < old < size:
        for wrong in (
            (old, size, bytes(32), now, proof),
            (old, size, before, bytes(32), proof),
            (old, size, before, now, [*proof, now]),
            (old, size, before, now, proof[:-1]),
            (old, size, before, now, [bytes(32), *proof[1:]]),
        ):
            with pytest.raises(tree.ProofError):
                tree.check_consistency(*wrong)


def test_a_proof_of_what_is_not_there_is_not_made():
    with pytest.raises(ValueError, match="entry 3 of 3"):
        tree.inclusion(_node(_leaves(3)), 3, 3)
    with pytest.raises(ValueError, match="4 entries of 3"):
        tree.consistency(_node(_leaves(3)), 4, 3)
