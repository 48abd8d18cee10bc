### The engineer's client.
