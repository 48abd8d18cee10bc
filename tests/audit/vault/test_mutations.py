"""Ten thousand damaged recordings: every one is found, and what happened to it is named."""

import io
import random
from collections import Counter

import pytest

from audit.vault.inspection import Fault, FaultKind, inspect_chain
from tests.helpers.recordings import SealedRecording, make_recording

MUTATIONS = 10_000
RECORDING = make_recording([b"$ ", b"id\r\n"])
FOREIGN = make_recording([b"other"], session_id=b"\x77" * 16)
STARTS = [sum(len(record) for record in RECORDING.records[:at]) for at in range(len(RECORDING.records) + 1)]


def inspect(data: bytes, recording: SealedRecording = RECORDING) -> tuple[Fault | None, bool]:
    found = inspect_chain(io.BytesIO(data), recording.session_id, recording.agent_key, recording.commitment)
    return found.fault, found.finished


def mutate(dice: random.Random) -> tuple[bytes, FaultKind, int]:
    """A damaged copy, what was done to it, and the first record that is wrong."""
    records, data = list(RECORDING.records), RECORDING.data
    count = len(records)
    match dice.choice(("bit", "bytes", "drop", "swap", "repeat", "cut", "insert", "append", "move")):
        case "bit":
            at = dice.randrange(len(data))
            changed = data[:at] + bytes([data[at] ^ 1 << dice.randrange(8)]) + data[at + 1 :]
            return changed, FaultKind.FLIPPED, record_at(at)
        case "bytes":
            at = dice.randrange(len(data) - 40)
            noise = dice.randbytes(dice.randint(1, 16))
            if data[at : at + len(noise)] == noise:
                noise = bytes(byte ^ 0xFF for byte in noise)
            first = next(i for i, byte in enumerate(noise) if data[at + i] != byte)
            return data[:at] + noise + data[at + len(noise) :], FaultKind.FLIPPED, record_at(at + first)
        case "drop":
            gone = dice.randrange(count - 1)
            return b"".join(records[:gone] + records[gone + 1 :]), FaultKind.DROPPED, gone
        case "swap":
            one, two = sorted(dice.sample(range(count), 2))
            records[one], records[two] = records[two], records[one]
            return b"".join(records), FaultKind.REORDERED, one
        case "move":
            origin, target = dice.sample(range(count), 2)
            records.insert(target, records.pop(origin))
            return b"".join(records), FaultKind.REORDERED, min(origin, target)
        case "repeat":
            one = dice.randrange(count)
            place = dice.randint(one + 1, count)
            return b"".join([*records[:place], records[one], *records[place:]]), FaultKind.REPEATED, place
        case "cut":
            at = dice.randrange(1, len(data))
            return data[:at], FaultKind.TRUNCATED, record_at(at)
        case "insert":
            place = dice.randrange(count)
            stranger = dice.choice(FOREIGN.records)
            return b"".join([*records[:place], stranger, *records[place:]]), FaultKind.FOREIGN, place
        case _:
            return data + dice.choice((b"x", dice.randbytes(300), FOREIGN.records[0])), FaultKind.FOREIGN, count


def record_at(offset: int) -> int:
    return next(number for number, end in enumerate(STARTS[1:]) if offset < end)


def test_each_of_ten_thousand_mutations_is_named() -> None:
    """A flipped, dropped, reordered, repeated, truncated or foreign record is found and called what it is."""
    dice = random.Random(20_261_122)
    seen: Counter[FaultKind] = Counter()
    for number in range(MUTATIONS):
        data, kind, record = mutate(dice)
        fault, finished = inspect(data)
        if fault is None and not finished and kind is FaultKind.TRUNCATED:
            assert len(data) in STARTS, f"mutation {number}"  # cut between records: only the end is missing
        else:
            assert fault is not None, f"mutation {number}: {kind} at record {record} was not found"
            assert (fault.kind, fault.record) == (kind, record), f"mutation {number}"
        seen[kind] += 1
    assert len(seen) == 6
    assert min(seen.values()) > MUTATIONS / 20


def test_every_single_bit_counts() -> None:
    """No bit of a record can be flipped without being called changed, in that record."""
    record = 2
    begin, end = STARTS[record], STARTS[record + 1]
    data = RECORDING.data
    for at in range(begin, end):
        changed = bytearray(data)
        changed[at] ^= 1 << (at % 8)
        assert inspect(bytes(changed))[0] == Fault(FaultKind.FLIPPED, record, begin), at


def test_every_cut_is_found() -> None:
    """Cut at any byte, the recording is truncated at the record that was cut, or has no end."""
    for at in range(len(RECORDING.data)):
        fault, finished = inspect(RECORDING.data[:at])
        assert not finished
        assert fault is None if at in STARTS else fault is not None and fault.kind is FaultKind.TRUNCATED


@pytest.mark.parametrize("size", [0, 1, 127, 128, 192, 193, 5000])
def test_what_is_no_recording_is_refused(size: int) -> None:
    """Random bytes are never taken for a record."""
    fault, finished = inspect(random.Random(size).randbytes(size))
    assert not finished
    assert (fault is None) == (size == 0)


def test_a_whole_recording_has_no_fault() -> None:
    """The undamaged recording is the only one of all these that passes."""
    assert inspect(RECORDING.data) == (None, True)


def test_another_past_is_called_forked() -> None:
    """The agent signed two records with one number: the second one's successor does not fit the first."""
    sealer = RECORDING.sealer()
    other = [sealer.seal_epoch(1_790_000_000_000)]
    fault, _ = inspect(b"".join([*other, *RECORDING.records[1:]]))
    assert fault == Fault(FaultKind.FORKED, 1, len(other[0]))
    fault, _ = inspect(b"".join([*RECORDING.records[:2], *other]))
    assert fault is not None
    assert fault.kind is FaultKind.FORKED
