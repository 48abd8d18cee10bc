"""The three conversations over websockets: binary messages of `protocol/messages/`, subprotocol `consentry.v1`.

conversation.py   what they share: admission, one reader, one writer, refusals, patience
agent.py          /v1/agent: a customer's agent opens or attaches a session, asks for codes, ends, rates
pairing.py        /v1/pairing: an engineer, logged in, claims one code
records.py        /v1/records: sealed records come in, acknowledgements go out once they are on the disk
"""
