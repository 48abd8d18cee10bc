"""A broker that does what it likes with the mail, and does not know the code.

The broker of this machine drops, repeats, reorders, reflects, renames, splices and invents messages, runs pairings of
its own with every wrong code it cares to guess, and tells the two ends different things about the session. Whatever it
does, no end has keys unless the other end has the same ones, for the same context and the same identities.
"""

import hashlib
from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    MultipleResults,
    RuleBasedStateMachine,
    initialize,
    invariant,
    multiple,
    rule,
)

from protocol.cpace import lv_cat
from protocol.messages.pairing import PairingMail, PairingPhase
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
        CONTEXT,
        CONTEXT,
        replace(CONTEXT, session_id=b"\x99" * 16),
        replace(CONTEXT, engineer_nonce=b"\x98" * 16),
        replace(CONTEXT, agent_nonce=b"\x97" * 16),
    ]
)
phases: st.SearchStrategy[PairingPhase] = st.sampled_from(["ya", "yb", "ta", "tb"])


attacks = st.sampled_from(["none", "none", "none", "identity", "share", "reflect"])


def altered(message: PairingMail, attack: str) -> PairingMail:
    """An opening with the broker's own identity behind the genuine share, or its own share before the identity."""
    body = message.body
    if message.phase in {"ya", "yb"} and attack == "identity":
        is_engineer = message.phase == "ya"
        body = body[:32] + (lv_cat(b"engineer", OTHER_CERTIFICATE_HASH) if is_engineer else OTHER_IDENTITY.encode())
    elif message.phase in {"ya", "yb"} and attack == "share":
        body = b"\x09" + bytes(31) + body[32:]
    return PairingMail(nameplate=message.nameplate, phase=message.phase, body=body)


def reflected(message: PairingMail) -> PairingMail:
    """The message as if the end that sent it were the other one."""
    opposite: dict[PairingPhase, PairingPhase] = {"ya": "yb", "yb": "ya", "ta": "tb", "tb": "ta"}
    return PairingMail(nameplate=message.nameplate, phase=opposite[message.phase], body=message.body)


class MaliciousBroker(RuleBasedStateMachine):
    """Every rule is something that a broker can do."""

    mail = Bundle("mail")

    @initialize(target=mail, engineer_context=contexts, agent_context=contexts)
    def begin(self, engineer_context: PairingContext, agent_context: PairingContext) -> PairingMail:
        """What the two ends are told about the session may differ; here the broker waits for what they say."""
        self.contexts = (engineer_context, agent_context)
        self.engineer = EngineerPairing(CODE, engineer_context, CERTIFICATE_HASH, now_ms=NOW_MS)
        self.agent = AgentPairing(CODE, agent_context, IDENTITY, now_ms=NOW_MS)
        # The broker's own ends: it guesses a code, and poses as either side to the other.
        self.false_engineer = EngineerPairing(OTHER_CODE, agent_context, OTHER_CERTIFICATE_HASH, now_ms=NOW_MS)
        self.false_agent = AgentPairing(OTHER_CODE, engineer_context, OTHER_IDENTITY, now_ms=NOW_MS)
        return PairingMail(nameplate="482", phase="tb", body=bytes(64))

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

    @rule(target=mail, message=mail)
    def swap_identity(self, message: PairingMail) -> PairingMail:
        return altered(message, "identity")

    @rule(target=mail, phase=phases, body=st.binary(max_size=100))
    def invent(self, phase: PairingPhase, body: bytes) -> PairingMail:
        return PairingMail(nameplate="482", phase=phase, body=body)

    @rule(target=mail, attack=attacks)
    def deliver_round(self, attack: str) -> MultipleResults[PairingMail]:
        """Hands on what both ends have to say, with one attack on it, and keeps copies: so that runs get far."""
        to_agent = self.engineer.mail_to_send()
        for message in to_agent:
            self.agent.receive_mail(altered(message, attack), NOW_MS + 1)
            if attack == "reflect":
                self.engineer.receive_mail(reflected(message), NOW_MS + 1)
        to_engineer = self.agent.mail_to_send()
        for message in to_engineer:
            self.engineer.receive_mail(altered(message, attack), NOW_MS + 1)
            if attack == "reflect":
                self.agent.receive_mail(reflected(message), NOW_MS + 1)
        return multiple(*to_agent, *to_engineer)

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
TestMaliciousBroker.settings = settings(max_examples=200, stateful_step_count=25)


@settings(max_examples=300)
@given(
    engineer_context=contexts,
    agent_context=contexts,
    codes_differ=st.booleans(),
    attack_at=st.fixed_dictionaries(dict.fromkeys(("ya", "yb", "ta", "tb"), attacks)),
)
def test_one_exchange_with_an_attack_on_each_message(
    engineer_context: PairingContext, agent_context: PairingContext, codes_differ: bool, attack_at: dict[str, str]
) -> None:
    """The ends pair exactly where code and context are the same and nobody touched a message."""
    engineer = EngineerPairing(CODE, engineer_context, CERTIFICATE_HASH, now_ms=NOW_MS)
    agent = AgentPairing(OTHER_CODE if codes_differ else CODE, agent_context, IDENTITY, now_ms=NOW_MS)
    is_touched = False
    for _ in range(2):
        for sender, receiver in ((engineer, agent), (agent, engineer)):
            for message in sender.mail_to_send():
                attack = attack_at[message.phase]
                changed = altered(message, attack)
                # Who has sent tb has finished and hears no reflection.
                is_touched |= changed != message or (attack == "reflect" and sender.outcome is None)
                if attack == "reflect":
                    sender.receive_mail(reflected(message), NOW_MS)
                receiver.receive_mail(changed, NOW_MS)
    is_clean = not codes_differ and engineer_context == agent_context and not is_touched
    assert (engineer.outcome == "paired") == (engineer.keys is not None)
    assert (engineer.keys is not None and engineer.keys == agent.keys) == is_clean
    assert engineer.keys is None or engineer.keys == agent.keys
    assert engineer.agent in {None, IDENTITY}
    assert agent.engineer_certificate_hash in {None, CERTIFICATE_HASH}
    if codes_differ or engineer_context != agent_context:
        assert engineer.keys is agent.keys is None


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
