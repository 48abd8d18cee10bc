"""The sealed channel between engineer and agent, inside a stream of kind `control`.

    frame = length u32 (of what follows) ‖ AES-256-GCM(key of this direction, nonce = counter u96, AAD = length)

The counter starts at 0 in each direction and is never sent: a frame that is missing, repeated, reordered or of another
stream does not open. The plaintext is one message of `messages/control.py`. After an error the channel stays shut.
"""

from typing import Literal

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from protocol.details import Detail
from protocol.errors import ConsentryError, InputError, IntegrityError, PeerError
from protocol.key_schedule import control_stream_keys
from protocol.messages.control import AgentToEngineer, EngineerToAgent
from protocol.messages.wire import CONTROL_FRAME_LIMIT_BYTES, MessageDecoder, encode

LENGTH_BYTES = 4
TAG_BYTES = 16
NONCE_BYTES = 12


class ControlChannelForged(IntegrityError):
    """A frame does not open: changed, dropped, repeated or reordered on the way."""

    sentence = "The connection between engineer and customer was tampered with on the way, and was closed."


class ControlMessageTooLong(InputError):
    """A message that we were about to send is over the limit of a control frame."""

    sentence = "That is too long to send: {size_bytes} bytes, at most {limit_bytes} are possible. Shorten the text."


class ControlChannel:
    """One end of one control stream. Bytes in, messages out, and back; the caller owns the stream."""

    def __init__(self, side: Literal["engineer", "agent"], control_key: bytes, stream_id: bytes) -> None:
        engineer_key, agent_key = control_stream_keys(control_key, stream_id)
        self._decoder: MessageDecoder[EngineerToAgent | AgentToEngineer]
        if side == "engineer":
            seal_key, open_key = engineer_key, agent_key
            self._decoder = MessageDecoder(AgentToEngineer, limit_bytes=CONTROL_FRAME_LIMIT_BYTES)
        else:
            seal_key, open_key = agent_key, engineer_key
            self._decoder = MessageDecoder(EngineerToAgent, limit_bytes=CONTROL_FRAME_LIMIT_BYTES)
        self._sender = AESGCM(seal_key)
        self._receiver = AESGCM(open_key)
        self._sent_frames = 0
        self._received_frames = 0
        self._buffer = bytearray()
        self._error: ConsentryError | None = None

    def seal(self, message: EngineerToAgent | AgentToEngineer) -> bytes:
        """The bytes to write to the stream. Raises ControlMessageTooLong; the channel stays usable then."""
        plaintext = encode(message)
        if len(plaintext) > CONTROL_FRAME_LIMIT_BYTES:
            raise ControlMessageTooLong(size_bytes=len(plaintext), limit_bytes=CONTROL_FRAME_LIMIT_BYTES)
        length = (len(plaintext) + TAG_BYTES).to_bytes(LENGTH_BYTES, "big")
        nonce = self._sent_frames.to_bytes(NONCE_BYTES, "big")
        self._sent_frames += 1
        return length + self._sender.encrypt(nonce, plaintext, length)

    def receive_data(self, data: bytes) -> list[EngineerToAgent | AgentToEngineer]:
        """Messages that are whole now, in order.

        Raises PeerError (a frame too long, a message that is not in the protocol) and ControlChannelForged. Messages of
        the same call that came before the bad one are lost with it: a peer that breaks the protocol is not listened to.
        """
        if self._error is not None:
            raise self._error
        self._buffer += data
        try:
            return self._whole_messages()
        except (PeerError, IntegrityError) as error:
            self._error = error
            self._buffer.clear()
            raise

    def _whole_messages(self) -> list[EngineerToAgent | AgentToEngineer]:
        messages = []
        while len(self._buffer) >= LENGTH_BYTES:
            header = bytes(self._buffer[:LENGTH_BYTES])
            length_bytes = int.from_bytes(header, "big")
            if not TAG_BYTES < length_bytes <= CONTROL_FRAME_LIMIT_BYTES + TAG_BYTES:
                raise PeerError(problem=Detail("a control frame of {length_bytes} bytes", length_bytes=length_bytes))
            end = LENGTH_BYTES + length_bytes
            if len(self._buffer) < end:
                break
            messages.append(self._open(header, bytes(self._buffer[LENGTH_BYTES:end])))
            del self._buffer[:end]
        return messages

    def _open(self, header: bytes, sealed: bytes) -> EngineerToAgent | AgentToEngineer:
        nonce = self._received_frames.to_bytes(NONCE_BYTES, "big")
        self._received_frames += 1
        try:
            plaintext = self._receiver.decrypt(nonce, sealed, header)
        except InvalidTag:
            raise ControlChannelForged from None
        return self._decoder.decode(plaintext)
