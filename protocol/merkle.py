"""The Merkle tree of RFC 6962 and RFC 9162 section 2.1: roots, proofs, and whoever checks them.

    leaf   SHA-256(0x00 ‖ entry)
    node   SHA-256(0x01 ‖ left ‖ right)
    empty  SHA-256("")

Proofs are made from *subtrees*: the hash of the 2^level leaves from `index · 2^level` on. Whoever stores a tree (in
memory, in tiles) says how to come by them; every proof asks for a few per level. The verifiers need nothing but the
proof, and are stricter than the RFCs: every hash has 32 bytes, and a proof from the empty tree is refused, because it
would prove nothing.
"""

import hashlib
from collections.abc import Callable, Sequence

from protocol.details import Detail
from protocol.errors import IntegrityError

HASH_BYTES = 32

TREE_SIZE_LIMIT = 2**63 - 1
"""No tree is larger: sizes travel as 64 bits, and Go's are signed."""

PROOF_LIMIT = 63
"""Hashes in a proof about a tree of at most TREE_SIZE_LIMIT leaves (c2sp.org/tlog-witness)."""

EMPTY_ROOT = hashlib.sha256(b"").digest()

Subtree = Callable[[int, int], bytes]
"""(level, index) → hash of the complete subtree over the leaves [index · 2^level, (index + 1) · 2^level)."""


class MerkleError(IntegrityError):
    """A proof, or what it is about, that does not hold."""

    sentence = "The log's proof does not hold: {problem}."


def leaf_hash(entry: bytes) -> bytes:
    return hashlib.sha256(b"\x00" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\x01" + left + right).digest()


# ── making ──────────────────────────────────────────────────────────────────────────────────────────────────────


def subtrees_of(leaf_hashes: Sequence[bytes]) -> Subtree:
    """Subtrees of a tree whose leaves are all at hand."""

    def subtree(level: int, index: int) -> bytes:
        if level == 0:
            return leaf_hashes[index]
        return node_hash(subtree(level - 1, 2 * index), subtree(level - 1, 2 * index + 1))

    return subtree


def root_hash(size: int, subtree: Subtree) -> bytes:
    """The root of the tree over the first `size` leaves."""
    return EMPTY_ROOT if size == 0 else _range_hash(0, size, subtree)


def inclusion_proof(index: int, size: int, subtree: Subtree) -> tuple[bytes, ...]:
    """That leaf `index` is in the tree of `size` leaves; from the leaf's sibling up. Raises MerkleError."""
    if not 0 <= index < size:
        raise MerkleError(problem=Detail("entry {index} is not among {size}", index=index, size=size))
    proof = []
    begin, end = 0, size
    while end - begin > 1:
        middle = begin + _split(end - begin)
        if index < middle:
            proof.append(_range_hash(middle, end, subtree))
            end = middle
        else:
            proof.append(_range_hash(begin, middle, subtree))
            begin = middle
    return tuple(reversed(proof))


def consistency_proof(old_size: int, new_size: int, subtree: Subtree) -> tuple[bytes, ...]:
    """That the first `old_size` leaves of the tree of `new_size` are the old tree. Raises MerkleError."""
    if not 0 < old_size <= new_size:
        raise MerkleError(
            problem=Detail(
                "a tree of {new_size} cannot continue one of {old_size}", new_size=new_size, old_size=old_size
            )
        )
    proof = []
    begin, end, is_old_root = 0, new_size, True
    while end != old_size:
        middle = begin + _split(end - begin)
        if old_size <= middle:
            proof.append(_range_hash(middle, end, subtree))
            end = middle
        else:
            proof.append(_range_hash(begin, middle, subtree))
            begin, is_old_root = middle, False
    if not is_old_root:  # else the verifier has it already
        proof.append(_range_hash(begin, end, subtree))
    return tuple(reversed(proof))


def _split(count: int) -> int:
    """The largest power of two below `count`, which is at least 2."""
    return 1 << (count - 1).bit_length() - 1


def _range_hash(begin: int, end: int, subtree: Subtree) -> bytes:
    """The hash over the leaves [begin, end): a complete subtree, or one with a ragged right side at the tree's end."""
    count = end - begin
    if count & (count - 1) == 0:
        level = count.bit_length() - 1
        return subtree(level, begin >> level)
    middle = begin + _split(count)
    return node_hash(_range_hash(begin, middle, subtree), _range_hash(middle, end, subtree))


# ── checking ────────────────────────────────────────────────────────────────────────────────────────────────────


def verify_inclusion(leaf: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes) -> None:
    """RFC 9162 section 2.1.3.2. `leaf` is the leaf's hash. Raises MerkleError."""
    _check_hashes(leaf, root, *proof)
    if not 0 <= index < size <= TREE_SIZE_LIMIT:
        raise MerkleError(problem=Detail("entry {index} is not among {size}", index=index, size=size))
    position, last = index, size - 1
    result = leaf
    for sibling in proof:
        if last == 0:
            raise MerkleError(problem="it is too long")
        if position & 1 or position == last:
            result = node_hash(sibling, result)
            while position and not position & 1:
                position >>= 1
                last >>= 1
        else:
            result = node_hash(result, sibling)
        position >>= 1
        last >>= 1
    if last:
        raise MerkleError(problem="it is too short")
    if result != root:
        raise MerkleError(problem="the entry is not in the log with this root")


def verify_consistency(old_size: int, old_root: bytes, new_size: int, new_root: bytes, proof: Sequence[bytes]) -> None:
    """RFC 9162 section 2.1.4.2. Raises MerkleError."""
    if not 0 < old_size <= new_size <= TREE_SIZE_LIMIT:
        raise MerkleError(
            problem=Detail(
                "a log of {new_size} entries cannot continue one of {old_size}", new_size=new_size, old_size=old_size
            )
        )
    if old_size == new_size:
        # Nothing is hashed here: the published vectors have a root that is none, and is the same twice.
        if proof or old_root != new_root:
            raise MerkleError(problem="two roots for one size")
        return
    _check_hashes(old_root, new_root, *proof)
    path = list(proof)
    if old_size & (old_size - 1) == 0:
        path.insert(0, old_root)
    if not path:
        raise MerkleError(problem="it is too short")
    position, last = old_size - 1, new_size - 1
    while position & 1:
        position >>= 1
        last >>= 1
    old = new = path[0]
    for sibling in path[1:]:
        if last == 0:
            raise MerkleError(problem="it is too long")
        if position & 1 or position == last:
            old, new = node_hash(sibling, old), node_hash(sibling, new)
            while position and not position & 1:
                position >>= 1
                last >>= 1
        else:
            new = node_hash(new, sibling)
        position >>= 1
        last >>= 1
    if last:
        raise MerkleError(problem="it is too short")
    if old != old_root or new != new_root:
        raise MerkleError(problem="the log does not continue what it was before")


def _check_hashes(*hashes: bytes) -> None:
    if any(len(one) != HASH_BYTES for one in hashes):
        raise MerkleError(problem="a hash that has not 32 bytes")
    if len(hashes) - 2 > PROOF_LIMIT + 1:
        raise MerkleError(problem="it is too long")
