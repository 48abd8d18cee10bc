"""The pairing machines, message by message: what ends how, and who says what before whom."""

import gc
import weakref
from dataclasses import replace

import pytest
from msgspec import structs

from protocol.cpace import lv_cat
from protocol.errors import PeerError
from protocol.messages.pairing import PairingMail, PairingOutcome, PairingPhase
from protocol.pairing import (
    PAIRING_TIMEOUT_MS,
    AgentIdentity,
    AgentPairing,
    EngineerPairing,
    PairingContext,
)
from tests.helpers.pairing import (
    CERTIFICATE_HASH,
    CODE,
    CONTEXT,
    IDENTITY,
    NOW_MS,
    OTHER_CODE,
    carry,
    ecdsa_blob,
    ed25519_blob,
    new_agent,
    new_engineer,
    new_identity,
)

PHASES: tuple[PairingPhase, ...] = ("ya", "yb", "ta", "tb")


def only_mail(end: EngineerPairing | AgentPairing) -> PairingMail:
    [mail] = end.mail_to_send()
    return mail


def test_the_right_code_pairs() -> None:
    """Both ends have the same keys, and each knows who the other is."""
    engineer, agent = new_engineer(), new_agent()
    carry(engineer, agent)
    assert engineer.outcome == agent.outcome == "paired"
    assert engineer.keys is not None
    assert engineer.keys == agent.keys
    assert engineer.agent == IDENTITY
    assert agent.engineer_certificate_hash == CERTIFICATE_HASH
    assert engineer.deadline_ms is agent.deadline_ms is None


def test_messages_go_in_one_order() -> None:
    """ya, yb, ta, tb: the engineer confirms first."""
    engineer, agent = new_engineer(), new_agent()
    said = []
    for sender, receiver in ((engineer, agent), (agent, engineer), (engineer, agent), (agent, engineer)):
        mail = only_mail(sender)
        said.append(mail.phase)
        receiver.receive_mail(mail, NOW_MS)
    assert tuple(said) == PHASES


def test_two_pairings_with_one_code_share_nothing() -> None:
    """Fresh scalars make fresh keys even where code and context are the same."""
    seen = set()
    for _ in range(2):
        engineer, agent = new_engineer(), new_agent()
        carry(engineer, agent)
        assert engineer.keys is not None
        seen |= {engineer.keys.pairing_id, engineer.keys.stream_key, engineer.keys.control_key}
    assert len(seen) == 6


def test_a_wrong_code_is_burnt_without_an_answer() -> None:
    """The agent says `wrong-code` and sends no tb; the engineer's end waits for the broker to tell it."""
    engineer, agent = new_engineer(OTHER_CODE), new_agent()
    carry(engineer, agent)
    assert agent.outcome == "wrong-code"
    assert (agent.keys, agent.engineer_certificate_hash) == (None, None)
    assert (engineer.outcome, engineer.keys, engineer.agent) == (None, None, None)
    engineer.close("wrong-code")
    assert engineer.outcome == "wrong-code"


def test_a_wrong_tag_for_the_engineer_is_a_wrong_code() -> None:
    """Somebody who does not know the code stands where the agent should be."""
    engineer, agent = new_engineer(), new_agent()
    agent.receive_mail(only_mail(engineer), NOW_MS)
    engineer.receive_mail(only_mail(agent), NOW_MS)
    engineer.mail_to_send()
    engineer.receive_mail(PairingMail(nameplate="482", phase="tb", body=bytes(64)), NOW_MS)
    assert engineer.outcome == "wrong-code"
    assert (engineer.keys, engineer.agent) == (None, None)


EXPECTED: tuple[PairingPhase, ...] = ("yb", "ya", "ta", "tb")
"""What the machines of `at_every_state` wait for."""


def at_every_state() -> list[tuple[str, EngineerPairing | AgentPairing]]:
    """Each machine in each state."""
    states: list[tuple[str, EngineerPairing | AgentPairing]] = [
        ("engineer new", new_engineer()),
        ("agent new", new_agent()),
    ]
    engineer, agent = new_engineer(), new_agent()
    agent.receive_mail(only_mail(engineer), NOW_MS)
    states.append(("agent after ya", agent))
    other = new_agent()
    engineer = new_engineer()
    other.receive_mail(only_mail(engineer), NOW_MS)
    engineer.receive_mail(only_mail(other), NOW_MS)
    states.append(("engineer after yb", engineer))
    return states


@pytest.mark.parametrize(
    ("index", "phase"), [(index, phase) for index in range(4) for phase in PHASES if phase != EXPECTED[index]]
)
def test_any_other_phase_is_broken(index: int, phase: PairingPhase) -> None:
    """A message out of turn ends the run at once, whatever is in it, and nothing more is sent."""
    _, end = at_every_state()[index]
    end.receive_mail(PairingMail(nameplate="482", phase=phase, body=b""), NOW_MS)
    assert end.outcome == "broken"
    assert end.mail_to_send() == []


@pytest.mark.parametrize("index", range(4))
def test_mail_of_another_nameplate_is_broken(index: int) -> None:
    """Mail that belongs to somebody else's code never reaches the cryptography."""
    _, end = at_every_state()[index]
    end.receive_mail(PairingMail(nameplate="483", phase=EXPECTED[index], body=b""), NOW_MS)
    assert end.outcome == "broken"


@pytest.mark.parametrize("index", range(4))
def test_thirty_seconds_and_it_is_expired(index: int) -> None:
    """At the deadline, to the millisecond, in every state; also when the right message comes too late."""
    name, end = at_every_state()[index]
    assert end.deadline_ms == NOW_MS + PAIRING_TIMEOUT_MS
    end.handle_time(NOW_MS + PAIRING_TIMEOUT_MS - 1)
    assert end.outcome is None, name
    end.receive_mail(PairingMail(nameplate="482", phase=EXPECTED[index], body=b""), NOW_MS + PAIRING_TIMEOUT_MS)
    assert end.outcome == "expired"
    assert end.mail_to_send() == []


def test_an_ended_machine_hears_nothing() -> None:
    """A duplicate after the end changes neither the outcome nor the keys."""
    engineer, agent = new_engineer(), new_agent()
    ya = only_mail(engineer)
    agent.receive_mail(ya, NOW_MS)
    engineer.receive_mail(only_mail(agent), NOW_MS)
    agent.receive_mail(only_mail(engineer), NOW_MS)
    keys = agent.keys
    agent.receive_mail(ya, NOW_MS)
    agent.handle_time(NOW_MS + PAIRING_TIMEOUT_MS)
    agent.close("lost")
    assert agent.outcome == "paired"
    assert agent.keys == keys is not None


@pytest.mark.parametrize("outcome", ["wrong-code", "expired", "cancelled", "lost", "broken"])
def test_closing_from_outside(outcome: PairingOutcome) -> None:
    """The broker's verdict or a person's becomes the outcome; mail that waits is not sent any more."""
    engineer = new_engineer()
    engineer.close(outcome)
    assert engineer.outcome == outcome
    assert engineer.mail_to_send() == []


def test_nobody_outside_can_declare_a_pairing() -> None:
    """A broker that says `paired` without a proof is lying."""
    engineer = new_engineer()
    engineer.close("paired")
    assert engineer.outcome == "broken"
    assert engineer.keys is None


@pytest.mark.parametrize("right_code", [True, False])
def test_secrets_are_let_go_at_the_end(right_code: bool) -> None:
    """When a machine has ended, nothing holds the run with its scalar, base point and ISK any more."""
    engineer, agent = new_engineer(CODE if right_code else OTHER_CODE), new_agent()
    runs = [weakref.ref(end._run) for end in (engineer, agent) if end._run is not None]
    carry(engineer, agent)
    engineer.close("lost")
    gc.collect()
    assert [run() for run in runs] == [None, None]


DIFFERENT_CONTEXTS = [
    replace(CONTEXT, broker_origin="https://other.example.org"),
    replace(CONTEXT, root_key=b"\x12" * 32),
    replace(CONTEXT, session_id=b"\x23" * 16),
    replace(CONTEXT, engineer_nonce=b"\x34" * 16),
    replace(CONTEXT, agent_nonce=b"\x45" * 16),
    replace(CONTEXT, engineer_nonce=CONTEXT.agent_nonce, agent_nonce=CONTEXT.engineer_nonce),
]


@pytest.mark.parametrize("context", DIFFERENT_CONTEXTS)
def test_ends_with_different_contexts_never_pair(context: PairingContext) -> None:
    """A broker that tells the two ends different origins, roots, sessions or nonces gets nothing for it."""
    engineer, agent = new_engineer(context=context), new_agent()
    carry(engineer, agent)
    assert agent.outcome == "wrong-code"
    assert engineer.keys is agent.keys is None


def test_another_nameplate_is_refused_at_once() -> None:
    """A broker that begins to pair a nameplate which is not the code's is not followed."""
    context = replace(CONTEXT, nameplate="483")
    with pytest.raises(PeerError):
        new_engineer(context=context)
    with pytest.raises(PeerError):
        new_agent(context=context)


@pytest.mark.parametrize("phase", PHASES)
def test_no_bit_of_any_message_may_change(phase: PairingPhase) -> None:
    """Each byte of each message, altered on the way: the engineer has no keys, the agent only if it came last."""
    engineer, agent = new_engineer(), new_agent()
    carry_lengths = len(mail_of(phase, engineer, agent).body)
    for position in range(carry_lengths):
        engineer, agent = new_engineer(), new_agent()
        mail = mail_of(phase, engineer, agent)
        body = bytearray(mail.body)
        body[position] ^= 1 << (position % 8)
        receiver = agent if phase in {"ya", "ta"} else engineer
        receiver.receive_mail(structs.replace(mail, body=bytes(body)), NOW_MS)
        carry(engineer, agent)
        assert engineer.keys is None
        assert agent.keys is None or phase == "tb"


@pytest.mark.parametrize("phase", PHASES)
@pytest.mark.parametrize("change", ["cut", "longer", "empty"])
def test_no_length_of_any_message_may_change(phase: PairingPhase, change: str) -> None:
    """A message with a byte less, a byte more or none at all never leads to keys for its receiver."""
    engineer, agent = new_engineer(), new_agent()
    mail = mail_of(phase, engineer, agent)
    body = {"cut": mail.body[:-1], "longer": mail.body + b"\0", "empty": b""}[change]
    receiver = agent if phase in {"ya", "ta"} else engineer
    receiver.receive_mail(structs.replace(mail, body=body), NOW_MS)
    assert receiver.outcome in {"broken", "wrong-code"}


def mail_of(phase: PairingPhase, engineer: EngineerPairing, agent: AgentPairing) -> PairingMail:
    """The honest message of this phase, with all before it delivered."""
    mail = only_mail(engineer)
    for sender, receiver in ((agent, agent), (engineer, engineer), (agent, agent)):
        if mail.phase == phase:
            break
        (agent if receiver is agent else engineer).receive_mail(mail, NOW_MS)
        mail = only_mail(sender)
    assert mail.phase == phase
    return mail


HOST_KEYS = IDENTITY.ssh_host_keys


@pytest.mark.parametrize(
    "encoded",
    [
        b"",
        b"\x05agent",
        IDENTITY.encode().replace(b"agent", b"Agent"),
        IDENTITY.encode()[: -len(HOST_KEYS[1]) - 1],
        IDENTITY.encode() + b"\x00",
        AgentIdentity.encode(IDENTITY)[:-1],
    ],
)
def test_an_agent_must_say_who_it_is(encoded: bytes) -> None:
    """Anything but a role, a key and two host keys of the right kinds is refused."""
    with pytest.raises(PeerError):
        AgentIdentity.decode(encoded)


def test_host_keys_come_in_a_fixed_order() -> None:
    """Ed25519 first, ECDSA second: nobody picks the weaker one for somebody else."""
    swapped = lv_cat(b"agent", IDENTITY.agent_key, HOST_KEYS[1], HOST_KEYS[0])
    with pytest.raises(PeerError):
        AgentIdentity.decode(swapped)
    oversized = lv_cat(b"agent", IDENTITY.agent_key, HOST_KEYS[0], ecdsa_blob(bytes(600)))
    with pytest.raises(PeerError):
        AgentIdentity.decode(oversized)


def test_real_keys_make_an_identity() -> None:
    """Host keys as libraries make them, in OpenSSH's own encoding, survive the way."""
    identity = new_identity()
    assert AgentIdentity.decode(identity.encode()) == identity
    assert identity.ssh_host_keys[0] == ed25519_blob(identity.ssh_host_keys[0][-32:])


def test_the_longest_pairing_mail_fits_its_limit() -> None:
    """A real yb is far below what the decoder of messages lets through."""
    engineer, agent = new_engineer(), new_agent()
    assert len(mail_of("yb", engineer, agent).body) < 300
