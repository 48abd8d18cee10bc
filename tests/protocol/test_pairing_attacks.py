"""A broker that does what it likes with the mail, and does not know the code.

The broker of this machine drops, repeats, reorders, reflects, renames, splices and invents messages, runs pairings of
its own with every wrong code it cares to guess, and tells the two ends different things about the session. Whatever it
does, no end has keys unless the other end has the same ones, for the same context and the same identities.
"""

import hashlib
from dataclasses import replace

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, invariant, rule

from protocol.cpace import lv_cat
from protocol.messages import PairingMail, PairingPhase
from protocol.pairing import AgentPairing, EngineerPairing, PairingContext
from tests.helpers.pairing import (
    CERTIFICATE_HASH,
    CODE,
    CONTEXT,
    IDENTITY,
    NOW_MS,
    OTHER_CODE,
    OTHER_IDENTITY,
)

OTHER_CERTIFICATE_HASH = hashlib.sha256(b"another engineer").digest()

contexts = st.sampled_from(
    [
        CONTEXT,
        replace(CONTEXT, session_id=b"\x99" * 16),
        replace(CONTEXT, engineer_nonce=b"\x98" * 16),
        replace(CONTEXT, agent_nonce=b"\x97" * 16),
    ]
)
phases: st.SearchStrategy[PairingPhase] = st.sampled_from(["ya", "yb", "ta", "tb"])
honest_or_not = st.sampled_from(["honest", "honest", "other"])


class MaliciousBroker(RuleBasedStateMachine):
    """Every rule is something that a broker can do."""

    mail = Bundle("mail")

    @initialize(target=mail, engineer_context=contexts, agent_context=contexts)
    def begin(self, engineer_context: PairingContext, agent_context: PairingContext) -> PairingMail:
        self.contexts = (engineer_context, agent_context)
        self.engineer = EngineerPairing(CODE, engineer_context, CERTIFICATE_HASH, now_ms=NOW_MS)
        self.agent = AgentPairing(CODE, agent_context, IDENTITY, now_ms=NOW_MS)
        # The broker's own ends: it guesses a code, and poses as either side to the other.
        self.false_engineer = EngineerPairing(OTHER_CODE, agent_context, OTHER_CERTIFICATE_HASH, now_ms=NOW_MS)
        self.false_agent = AgentPairing(OTHER_CODE, engineer_context, OTHER_IDENTITY, now_ms=NOW_MS)
        return self.engineer.mail_to_send()[0]

    @rule(target=mail, who=st.sampled_from(["engineer", "agent", "false_engineer", "false_agent"]))
    def collect(self, who: str) -> PairingMail:
        """Takes what an end wants to send; something worthless where it says nothing."""
        waiting = getattr(self, who).mail_to_send()
        return waiting[0] if waiting else PairingMail(nameplate="482", phase="ta", body=bytes(64))

    @rule(message=mail, who=st.sampled_from(["engineer", "agent", "false_engineer", "false_agent"]))
    def deliver(self, message: PairingMail, who: str) -> None:
        """To whomever, whenever, as often as it likes: this is delivery, duplication, reordering and reflection."""
        getattr(self, who).receive_mail(message, NOW_MS + 1)

    @rule(target=mail, message=mail, phase=phases)
    def rename(self, message: PairingMail, phase: PairingPhase) -> PairingMail:
        """The same body under another phase."""
        return PairingMail(nameplate=message.nameplate, phase=phase, body=message.body)

    @rule(target=mail, one=mail, other=mail, cut=st.sampled_from([0, 1, 32, 33, 63, 64]))
    def splice(self, one: PairingMail, other: PairingMail, cut: int) -> PairingMail:
        """The beginning of one message (a share, say) with the end of another (an identity)."""
        return PairingMail(nameplate=one.nameplate, phase=one.phase, body=one.body[:cut] + other.body[cut:])

    @rule(target=mail, message=mail, own=st.booleans())
    def swap_identity(self, message: PairingMail, own: bool) -> PairingMail:
        """A genuine share with the broker's host key or certificate behind it."""
        certificate = CERTIFICATE_HASH if own else OTHER_CERTIFICATE_HASH
        identity = IDENTITY if own else OTHER_IDENTITY
        associated = lv_cat(b"engineer", certificate) if message.phase == "ya" else identity.encode()
        return PairingMail(nameplate=message.nameplate, phase=message.phase, body=message.body[:32] + associated)

    @rule(target=mail, phase=phases, body=st.binary(max_size=100))
    def invent(self, phase: PairingPhase, body: bytes) -> PairingMail:
        return PairingMail(nameplate="482", phase=phase, body=body)

    @rule()
    def deliver_honestly(self) -> None:
        """One round of what an honest broker does, so that runs get far."""
        for mail in self.engineer.mail_to_send():
            self.agent.receive_mail(mail, NOW_MS + 1)
        for mail in self.agent.mail_to_send():
            self.engineer.receive_mail(mail, NOW_MS + 1)

    @invariant()
    def keys_mean_agreement(self) -> None:
        if not hasattr(self, "engineer"):
            return
        if self.engineer.keys is not None:
            # The agent sends tb only after it has been convinced: there is no key at one end alone.
            assert self.agent.keys == self.engineer.keys
        if self.agent.keys is not None or self.engineer.keys is not None:
            assert self.contexts[0] == self.contexts[1]
        if self.agent.keys is not None:
            assert self.agent.engineer_certificate_hash == CERTIFICATE_HASH
        if self.engineer.keys is not None:
            assert self.engineer.agent == IDENTITY
        for false_end in (self.false_engineer, self.false_agent):
            assert false_end.keys is None

    @invariant()
    def identities_are_told_only_with_keys(self) -> None:
        if not hasattr(self, "engineer"):
            return
        assert (self.engineer.agent is None) == (self.engineer.keys is None)
        assert (self.agent.engineer_certificate_hash is None) == (self.agent.keys is None)


TestMaliciousBroker = MaliciousBroker.TestCase
TestMaliciousBroker.settings = settings(max_examples=150, stateful_step_count=25, deadline=None)


def run_between(engineer: EngineerPairing, agent: AgentPairing) -> None:
    """Delivers in both directions until nothing moves."""
    for _ in range(4):
        for mail in engineer.mail_to_send():
            agent.receive_mail(mail, NOW_MS)
        for mail in agent.mail_to_send():
            engineer.receive_mail(mail, NOW_MS)


def test_a_man_in_the_middle_with_a_wrong_guess_gets_neither_end() -> None:
    """Two runs, one to each end, one guess for each: both fail, and the customer's end says that it was a guess."""
    engineer = EngineerPairing(CODE, CONTEXT, CERTIFICATE_HASH, now_ms=NOW_MS)
    agent = AgentPairing(CODE, CONTEXT, IDENTITY, now_ms=NOW_MS)
    run_between(EngineerPairing(OTHER_CODE, CONTEXT, OTHER_CERTIFICATE_HASH, now_ms=NOW_MS), agent)
    run_between(engineer, AgentPairing(OTHER_CODE, CONTEXT, OTHER_IDENTITY, now_ms=NOW_MS))
    assert agent.outcome == "wrong-code"
    assert engineer.keys is agent.keys is None


def test_an_engineer_s_own_messages_come_back() -> None:
    """Reflection: the engineer's share and tag, sent back as the agent's, are not taken for the agent's."""
    engineer = EngineerPairing(CODE, CONTEXT, CERTIFICATE_HASH, now_ms=NOW_MS)
    [ya] = engineer.mail_to_send()
    reflected = PairingMail(nameplate="482", phase="yb", body=ya.body[:32] + IDENTITY.encode())
    engineer.receive_mail(reflected, NOW_MS)
    [ta] = engineer.mail_to_send()
    engineer.receive_mail(PairingMail(nameplate="482", phase="tb", body=ta.body), NOW_MS)
    assert engineer.outcome == "wrong-code"


def test_an_agent_s_own_messages_come_back() -> None:
    """Reflection the other way: the agent's share as the engineer's gives no tag that it would believe."""
    agent = AgentPairing(CODE, CONTEXT, IDENTITY, now_ms=NOW_MS)
    share = EngineerPairing(OTHER_CODE, CONTEXT, CERTIFICATE_HASH, now_ms=NOW_MS).mail_to_send()[0].body
    agent.receive_mail(PairingMail(nameplate="482", phase="ya", body=share), NOW_MS)
    [yb] = agent.mail_to_send()
    agent.receive_mail(PairingMail(nameplate="482", phase="ta", body=yb.body[:64]), NOW_MS)
    assert agent.outcome == "wrong-code"


def test_a_recorded_pairing_cannot_be_played_again() -> None:
    """All of an engineer's messages of an earlier pairing, played to an agent with the same code, prove nothing."""
    engineer = EngineerPairing(CODE, CONTEXT, CERTIFICATE_HASH, now_ms=NOW_MS)
    first = AgentPairing(CODE, CONTEXT, IDENTITY, now_ms=NOW_MS)
    [ya] = engineer.mail_to_send()
    first.receive_mail(ya, NOW_MS)
    engineer.receive_mail(first.mail_to_send()[0], NOW_MS)
    [ta] = engineer.mail_to_send()
    first.receive_mail(ta, NOW_MS)
    assert first.outcome == "paired"

    second = AgentPairing(CODE, CONTEXT, IDENTITY, now_ms=NOW_MS)
    second.receive_mail(ya, NOW_MS)
    second.receive_mail(ta, NOW_MS)
    assert second.outcome == "wrong-code"
    assert [mail.phase for mail in second.mail_to_send()] == []
