/**
 * Messages as MessagePack maps with a `type` key. Types and rules come from `protocol/messages/` (generated.ts):
 * unknown types, unknown fields, wrong types and wrong lengths are refused here, and nothing behind sees them.
 */

import { decode, encode } from "@msgpack/msgpack";
import { PeerError } from "./errors";
import {
  type AgentToEngineer,
  type BrokerToEngineer,
  CONTROL_FRAME_LIMIT_BYTES,
  type EngineerToAgent,
  type EngineerToBroker,
  type FieldRule,
  MESSAGE_RULES,
  UNPAIRED_FRAME_LIMIT_BYTES,
} from "./generated";

type Message = EngineerToBroker | BrokerToEngineer | EngineerToAgent | AgentToEngineer;

const FROM_BROKER: readonly BrokerToEngineer["type"][] = [
  "pairing-started",
  "pairing-mail",
  "pairing-admitted",
  "pairing-failed",
  "refused",
];
const FROM_AGENT: readonly AgentToEngineer["type"][] = [
  "granted",
  "grant-moved",
  "taken-over",
  "denied",
  "attested",
  "ssh-key-admitted",
  "colleague-invited",
  "ended",
  "session-moved",
  "said",
  "say-taken",
  "say-refused",
];

/** The bytes of any message of ours, its fields in the order of the wire. */
export function encodeMessage(message: EngineerToBroker | EngineerToAgent): Uint8Array {
  const fields = message as unknown as Record<string, unknown>;
  const wire: Record<string, unknown> = { type: message.type };
  for (const [name, [wireName]] of Object.entries(MESSAGE_RULES[message.type] ?? {})) wire[wireName] = fields[name];
  return encode(wire);
}

/** Throws PeerError for anything but a message of this conversation. */
export function decodeFromBroker(data: Uint8Array): BrokerToEngineer {
  return decodeMessage(data, FROM_BROKER, UNPAIRED_FRAME_LIMIT_BYTES) as BrokerToEngineer;
}

/** Throws PeerError for anything but a message of this conversation. */
export function decodeFromAgent(data: Uint8Array): AgentToEngineer {
  return decodeMessage(data, FROM_AGENT, CONTROL_FRAME_LIMIT_BYTES) as AgentToEngineer;
}

function decodeMessage(data: Uint8Array, types: readonly string[], limitBytes: number): Message {
  if (data.length > limitBytes) throw new PeerError(`a message of ${data.length} bytes`);
  const wire = decodeMap(data);
  const type = wire.type;
  if (typeof type !== "string" || !types.includes(type)) throw new PeerError("a message that is not in the protocol");
  const rules = Object.entries(MESSAGE_RULES[type] ?? {});
  if (Object.keys(wire).length !== rules.length + 1) throw new PeerError(`other fields than those of ${type}`);
  const message: Record<string, unknown> = { type };
  for (const [name, [wireName, rule]] of rules) {
    const value = wire[wireName];
    if (!Object.hasOwn(wire, wireName) || !fits(value, rule))
      throw new PeerError(`a field ${wireName} of ${type} that cannot be`);
    // Views into the frame would keep it alive, or change with it.
    message[name] = value instanceof Uint8Array ? value.slice() : value;
  }
  return message as unknown as Message;
}

function decodeMap(data: Uint8Array): Record<string, unknown> {
  let decoded: unknown;
  try {
    decoded = decode(data);
  } catch {
    throw new PeerError("a message that is not MessagePack");
  }
  if (typeof decoded !== "object" || decoded === null || Array.isArray(decoded) || decoded instanceof Uint8Array)
    throw new PeerError("a message that is no map");
  return decoded as Record<string, unknown>;
}

function fits(value: unknown, rule: FieldRule): boolean {
  switch (rule.kind) {
    case "bytes":
      return value instanceof Uint8Array && isWithin(value.length, rule);
    case "text":
      return (
        typeof value === "string" &&
        isWithin([...value].length, rule) &&
        (rule.pattern === undefined || new RegExp(rule.pattern, "u").test(value))
      );
    case "integer":
      return Number.isSafeInteger(value) && isWithin(value as number, rule);
    case "boolean":
      return typeof value === "boolean";
    case "word":
      return rule.words.includes(value as string | number);
    case "list":
      return Array.isArray(value) && isWithin(value.length, rule) && value.every((item) => fits(item, rule.of));
  }
}

function isWithin(figure: number, bounds: { readonly min?: number; readonly max?: number }): boolean {
  return figure >= (bounds.min ?? Number.NEGATIVE_INFINITY) && figure <= (bounds.max ?? Number.POSITIVE_INFINITY);
}
