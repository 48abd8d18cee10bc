import { expect, test } from "vitest";
import { Packet } from "../../src/files/packets";
import { utf8 } from "../../src/protocol/bytes";
import { type Transfer, TransferQueue } from "../../src/screens/files/queue.svelte";
import { Server } from "../files/server";

const MIB = 1024 * 1024;
const FOLDER = utf8("/home");

/** A queue in front of a server that may end, and is opened anew when somebody asks. */
function queueFor(servers: Server[]) {
  let sftp: ReturnType<Server["client"]> | null = null;
  const open = async () => {
    sftp ??= (servers[0] ?? new Server()).client();
    void (await sftp).closed.then(() => {
      servers.shift();
      sftp = null;
    });
    return sftp;
  };
  return new TransferQueue(open, () => true);
}

async function settled(queue: TransferQueue): Promise<readonly Transfer[]> {
  while (queue.isBusy) await new Promise((resolve) => setTimeout(resolve, 1));
  return queue.transfers;
}

const file = (name: string, size = MIB) => new File([new Uint8Array(size).fill(7)], name);

test("transfers go one after the other, and the newest is on top", async () => {
  const server = new Server();
  const queue = queueFor([server]);
  let moved = 0;
  queue.onMoved = () => {
    moved += 1;
  };
  queue.upload(FOLDER, [file("a"), file("b")]);
  const transfers = await settled(queue);
  expect(transfers.map(({ shown, state }) => [shown, state])).toEqual([
    ["b", "done"],
    ["a", "done"],
  ]);
  expect([...server.files.keys()]).toEqual(["/home/a", "/home/b"]);
  expect(moved).toBe(2);
});

test("a file that is there waits for a word, goes on after it, and the others do not wait along", async () => {
  const server = new Server({ "/home/a": utf8("theirs") });
  const queue = queueFor([server]);
  queue.upload(FOLDER, [file("a"), file("b")]);
  const [b, a] = await settled(queue);
  expect([a?.state, b?.state]).toEqual(["exists", "done"]);
  if (a) queue.replace(a);
  await settled(queue);
  expect([a?.state, server.files.get("/home/a")?.length]).toEqual(["done", MIB]);
});

test("what was stopped before its turn never begins, and can go on later", async () => {
  const server = new Server();
  const queue = queueFor([server]);
  queue.upload(FOLDER, [file("a"), file("b")]);
  const [b] = queue.transfers;
  if (b) queue.stop(b);
  await settled(queue);
  expect([...server.files.keys()]).toEqual(["/home/a"]);
  if (b) queue.resume(b);
  await settled(queue);
  expect(b?.state).toBe("done");
});

test("a connection that ends stops all that wait for it; each goes on when somebody says so", async () => {
  const servers = [new Server(), new Server()];
  const queue = queueFor(servers);
  let writes = 0;
  const [first] = servers;
  if (first)
    first.lies = (type) => {
      if (type === Packet.WRITE && ++writes === 3) first.close();
      return undefined;
    };
  queue.upload(FOLDER, [file("a"), file("b")]);
  const [b, a] = await settled(queue);
  expect([a?.state, b?.state]).toEqual(["failed", "stopped"]);
  if (a) queue.resume(a);
  if (b) queue.resume(b);
  await settled(queue);
  expect([a?.state, b?.state]).toEqual(["done", "done"]);
});
