"""The log's tree: the published proofs, right and wrong ones, and trees of every small size."""

import base64
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocol.merkle import (
    EMPTY_ROOT,
    MerkleError,
    consistency_proof,
    inclusion_proof,
    leaf_hash,
    node_hash,
    root_hash,
    subtrees_of,
    verify_consistency,
    verify_inclusion,
)

VECTORS = Path(__file__).parents[1] / "vectors" / "merkle"
LEAVES = [leaf_hash(bytes([number])) for number in range(70)]

# The eight entries of Certificate Transparency's own tests, known to every implementation.
KNOWN_ENTRIES = [bytes.fromhex(text) for text in (
    "", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f",
)]  # fmt: skip


def files(kind: str) -> list[Any]:
    paths = sorted((VECTORS / kind).rglob("*.json"))
    return [pytest.param(json.loads(path.read_text()), id=str(path.relative_to(VECTORS))) for path in paths]


def decoded(text: str | None) -> bytes:
    return base64.b64decode(text or "")


def test_all_published_files_are_here() -> None:
    """98 inclusion proofs and 98 consistency proofs of transparency-dev/merkle at 417fb0c3."""
    assert (len(files("inclusion")), len(files("consistency"))) == (98, 98)


@pytest.mark.parametrize("vector", files("inclusion"))
def test_inclusion_is_judged_as_published(vector: dict[str, Any]) -> None:
    """Right proofs hold; altered, shortened, lengthened and misplaced ones do not."""
    proof = [decoded(one) for one in vector["proof"] or []]
    arguments = (decoded(vector["leafHash"]), vector["leafIdx"], vector["treeSize"], proof, decoded(vector["root"]))
    if vector["wantErr"]:
        with pytest.raises(MerkleError):
            verify_inclusion(*arguments)
    else:
        verify_inclusion(*arguments)


@pytest.mark.parametrize("vector", files("consistency"))
def test_consistency_is_judged_as_published(vector: dict[str, Any]) -> None:
    """The same for proofs that one tree continues another; from nothing, nothing is proved."""
    proof = [decoded(one) for one in vector["proof"] or []]
    arguments = (vector["size1"], decoded(vector["root1"]), vector["size2"], decoded(vector["root2"]), proof)
    if vector["wantErr"]:
        with pytest.raises(MerkleError):
            verify_consistency(*arguments)
    else:
        verify_consistency(*arguments)


def test_known_roots() -> None:
    """The empty tree, the empty entry, and the eight entries."""
    assert EMPTY_ROOT.hex() == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    hashes = [leaf_hash(entry) for entry in KNOWN_ENTRIES]
    assert root_hash(1, subtrees_of(hashes)).hex() == "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"
    assert root_hash(8, subtrees_of(hashes)).hex() == "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"


def test_every_small_tree_proves_every_entry() -> None:
    """And no other entry, index, size or root with the same proof."""
    subtree = subtrees_of(LEAVES)
    for size in range(1, 26):
        root = root_hash(size, subtree)
        for index in range(size):
            proof = inclusion_proof(index, size, subtree)
            verify_inclusion(LEAVES[index], index, size, proof, root)
            for wrong in (
                (LEAVES[index + 1], index, size, proof, root),
                (LEAVES[index], index, size, (*proof, root), root),
                (LEAVES[index], index, size, proof, LEAVES[0] if size > 1 else LEAVES[1]),
            ):
                with pytest.raises(MerkleError):
                    verify_inclusion(*wrong)


def test_every_small_tree_continues_every_smaller_one() -> None:
    """And with one hash more, one less or one bit flipped it does not."""
    subtree = subtrees_of(LEAVES)
    roots = [root_hash(size, subtree) for size in range(26)]
    for new in range(1, 26):
        for old in range(1, new + 1):
            proof = consistency_proof(old, new, subtree)
            verify_consistency(old, roots[old], new, roots[new], proof)
            with pytest.raises(MerkleError):
                verify_consistency(old, roots[old], new, roots[new], (*proof, roots[1]))
            with pytest.raises(MerkleError):
                verify_consistency(old, LEAVES[-1], new, roots[new], proof)
            if proof:
                with pytest.raises(MerkleError):
                    verify_consistency(old, roots[old], new, roots[new], proof[:-1])


def test_hashes_of_other_lengths_are_no_hashes() -> None:
    """A proof whose hashes could be read as something else is refused before anything is computed."""
    left, right = LEAVES[:2]
    root = node_hash(left, right)
    verify_inclusion(left, 0, 2, [right], root)
    for leaf, proof, top in ((left[:-1], [right], root), (left, [right + b"\0"], root), (left, [right], root + b"\0")):
        with pytest.raises(MerkleError, match="32 bytes"):
            verify_inclusion(leaf, 0, 2, proof, top)
        with pytest.raises(MerkleError, match="32 bytes"):
            verify_consistency(1, leaf, 2, top, proof)


@pytest.mark.parametrize(("index", "size"), [(0, 0), (1, 1), (-1, 1), (0, 2**64)])
def test_what_is_not_in_the_tree_has_no_proof(index: int, size: int) -> None:
    """Nor can anybody be made to verify one."""
    with pytest.raises(MerkleError):
        verify_inclusion(LEAVES[0], index, size, [], LEAVES[0])
    if size < 2**64:
        with pytest.raises(MerkleError):
            inclusion_proof(index, size, subtrees_of(LEAVES))


def test_nothing_continues_into_less() -> None:
    """A smaller tree is a log that was rolled back."""
    for old, new in ((0, 1), (2, 1)):
        with pytest.raises(MerkleError):
            consistency_proof(old, new, subtrees_of(LEAVES))
        with pytest.raises(MerkleError):
            verify_consistency(old, LEAVES[0], new, LEAVES[1], [])


@given(st.lists(st.binary(min_size=32, max_size=32), max_size=80), st.integers(0, 2**63), st.integers(0, 2**63))
def test_any_proof_ends(proof: list[bytes], one: int, other: int) -> None:
    """Hostile sizes and lengths cost a few hashes, and end in a verdict."""
    for check in (
        lambda: verify_inclusion(LEAVES[0], one, other, proof, LEAVES[1]),
        lambda: verify_consistency(one, LEAVES[0], other, LEAVES[1], proof),
    ):
        with pytest.raises(MerkleError):
            check()
