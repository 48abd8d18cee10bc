"""Every message on every wire: four conversations, a file each.

    agent.py      agent    ↔ broker   wss  /v1/agent      AgentToBroker, BrokerToAgent
    pairing.py    engineer ↔ broker   wss  /v1/pairing    EngineerToBroker, BrokerToEngineer
    recorder.py   recorder → broker   wss  /v1/records    RecorderToBroker (then raw records), BrokerToRecorder
    control.py    engineer ↔ agent    sealed, inside a stream of kind `control`: EngineerToAgent, AgentToEngineer
    fields.py     what fields may hold that more than one of them has
    wire.py       the form, the limits and the encoding of all of them

Each direction is a tagged union of its own, encoded as msgpack maps with a `type` key. Unknown types, unknown fields,
wrong types and wrong lengths are refused by the decoder: nothing behind it sees a field that is not listed here.

The relay's legs (wss /relay/agent and /relay/engineer) carry the frames of `protocol/stream.py`, which the
broker never reads.
"""
