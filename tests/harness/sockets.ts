import { type ListenOptions, type Server, type Socket, createServer } from "node:net";
import { once } from "node:events";
import { pipeline } from "node:stream/promises";

/** Says on each of two connections what is said on the other, until either ends. */
export async function joined(a: Socket, b: Socket): Promise<void> {
  try {
    await Promise.all([pipeline(a, b), pipeline(b, a)]);
  } catch {
    // Either end went away, which is how such connections end.
    a.destroy();
    b.destroy();
  }
}

/** Joins every connection that comes to another one. Does not keep the process alive. */
export async function serve(at: ListenOptions | string, dial: (client: Socket) => Socket): Promise<Server> {
  const server = createServer((client) => void joined(client, dial(client)));
  server.listen(typeof at === "string" ? { path: at } : at).unref();
  await once(server, "listening");
  return server;
}
