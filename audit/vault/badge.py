"""What can be proved of a recording, in one sentence: `412 records, chain whole, opened and closed in the log at 8,331
and 8,340, cosigned`. The desk shows the same."""

from dataclasses import dataclass

from msgspec import Struct

from audit.session_files import LOG_FILE, SessionLogEvidence, read_small_file
from audit.vault.inspection import Inspection
from audit.vault.library import Recording
from audit.vault.log_evidence import LogBadge, accepted_checkpoint, judge_log
from protocol.errors import ConsentryError
from protocol.log_proof import LogPolicy, parse_log_proof
from protocol.receipts import ReceiptEntry
from wording import Wording


class LogPlaces(Struct, frozen=True):
    """Which entries of the log are the session's: its opening and its end, as far as they were proved."""

    opened: int | None = None
    closed: int | None = None


@dataclass(frozen=True)
class Badge:
    """`cosigned`: a witness that the policy names vouched for the newest proof. `log` None: nobody said whose log."""

    records: int
    whole: bool
    finished: bool
    log: LogBadge | None
    places: LogPlaces
    cosigned: bool

    def sentence(self, wording: Wording) -> str:
        chain = "broken" if not self.whole else "whole" if self.finished else "so-far"
        return wording.say(
            "audit-badge", records=self.records, chain=wording.say(f"audit-badge-chain.{chain}"), log=self._log(wording)
        )

    def _log(self, wording: Wording) -> str:
        if self.log is None:
            return wording.say("audit-badge-log.unknown")
        if self.places.opened is None or self.log not in ("verified", "opened", "closed-early"):
            return wording.say(f"audit-badge-log.{'nothing' if self.log in ('not-asked', 'no-log') else 'against'}")
        cosigned = wording.say(f"audit-badge-witness.{'some' if self.cosigned else 'none'}")
        if self.places.closed is None:
            return wording.say("audit-badge-log.opened", opened=self.places.opened, cosigned=cosigned)
        return wording.say(
            "audit-badge-log.closed", opened=self.places.opened, closed=self.places.closed, cosigned=cosigned
        )


def badge_of(recording: Recording, inspection: Inspection, policy: LogPolicy | None) -> Badge:
    """From what lies beside the recording; nobody is asked. `policy` None: whose word counts is not known."""
    kept = read_small_file(recording.folder / LOG_FILE, SessionLogEvidence)
    whole = inspection.fault is None
    log: LogBadge | None = None
    places, cosigned = LogPlaces(), False
    if policy is not None and recording.opening is not None:
        log = judge_log(
            kept,
            policy,
            recording.opening,
            next_seq=len(inspection.offsets),
            chain_hash=inspection.chain_hash,
            finished=inspection.finished,
        )
        kept = kept or SessionLogEvidence()
        places = LogPlaces(place_of(kept.opened), place_of(kept.closed))
        cosigned = _is_cosigned(kept.closed or kept.opened, policy)
    return Badge(len(inspection.offsets), whole, inspection.finished, log, places, cosigned)


def place_of(entry: ReceiptEntry | None) -> int | None:
    """Whether its proof holds, the badge says."""
    try:
        return None if entry is None else parse_log_proof(entry.proof).index
    except ConsentryError:
        return None


def _is_cosigned(entry: ReceiptEntry | None, policy: LogPolicy) -> bool:
    found = None if entry is None else accepted_checkpoint(entry, policy)
    return found is not None and bool(found.cosigned)
