// What a program needs to stand in for a page: the socket of mailcalld, and links of its own making.
// Here a link is a TCP connection on this machine; yours may be anything that can carry a line of JSON.

import { randomBytes } from "node:crypto";
import { connect as dial, createServer } from "node:net";
import { createInterface } from "node:readline";
import { WebSocket } from "ws";

/** Joins the mailcalld whose ready line comes on `input`. */
export async function join(input = process.stdin) {
  const { value: ready } = await createInterface({ input })[Symbol.asyncIterator]().next();
  if (ready === undefined) throw new Error("mailcalld ended before it was ready");
  const { url, token } = JSON.parse(ready);
  const socket = new WebSocket(new URL("/ws", url.replace("http:", "ws:")));
  await new Promise((opened, failed) => socket.once("open", opened).once("error", failed));
  socket.send(token);

  const waiting = new Map();
  const listeners = new Set();
  let lastId = 0;
  const client = {
    snapshot: undefined,
    /** Gives a command; resolves to its answer, or throws with the error's code. */
    command(command) {
      const id = ++lastId;
      socket.send(JSON.stringify({ id, command }));
      return new Promise((resolve, reject) => waiting.set(id, { resolve, reject }));
    },
    on: (listener) => listeners.add(listener),
    /** The call, once its state is one of these. */
    call: (id, ...states) =>
      new Promise((resolve) => {
        client.on((event) => {
          if (event.type !== "CallChanged" || !states.includes(event.call.state.type)) return;
          if (id === undefined || id === event.call.call) resolve(event.call);
        });
      }),
    close: () => socket.close(),
  };
  socket.on("message", (text) => {
    const message = JSON.parse(text);
    if ("event" in message) {
      if (message.event.type === "Snapshot") client.snapshot = message.event;
      for (const listener of listeners) listener(message.event);
      return;
    }
    const { resolve, reject } = waiting.get(message.reply);
    waiting.delete(message.reply);
    const { ok, error } = message.result;
    if (ok) resolve(ok);
    else reject(new Error(`${error.code} ${error.detail}`));
  });
  socket.on("close", () => waiting.forEach(({ reject }) => reject(new Error("mailcalld has gone"))));

  carryLinks(client);
  await client.command({ type: "Hello", page: randomBytes(16).toString("hex"), can_webrtc: true });
  return client;
}

/** Makes, opens and closes links when told to, and carries signals over them. */
function carryLinks(client) {
  const links = new Map();
  const report = (command) => client.command(command).catch((error) => console.error(error.message));
  const add = (link, end) => {
    links.set(link, end);
    // Closed by this side, it is known to be; by the other, the link is lost.
    const lost = () => links.delete(link) && report({ type: "LinkState", link, state: "Lost" });
    end.on("error", lost).on("close", lost);
  };
  const open = (link, socket) => {
    links.get(link)?.close?.();
    add(link, socket);
    createInterface({ input: socket }).on("line", (line) =>
      report({ type: "SignalFromLink", link, signal: JSON.parse(line) }),
    );
    report({ type: "LinkState", link, state: "Open" });
  };
  const close = (link) => {
    const end = links.get(link);
    links.delete(link);
    if (end?.end) end.end();
    else end?.close();
  };

  client.on((event) => {
    const { type, link } = event;
    if (type === "MakeOffer") {
      const server = createServer();
      add(link, server);
      server.listen(0, "127.0.0.1", () => {
        const description = Buffer.from(String(server.address().port)).toString("base64url");
        report({ type: "Described", link, description });
      });
      // A link cannot be open before its answer is used.
      const answered = new Promise((resolve) => server.once("answer", resolve));
      server.once("connection", async (socket) => {
        await answered;
        open(link, socket);
      });
    } else if (type === "UseAnswer") {
      links.get(link)?.emit("answer");
    } else if (type === "MakeAnswer") {
      const port = Number(Buffer.from(event.description, "base64url"));
      const socket = dial(port, "127.0.0.1", () => open(link, socket));
      add(link, socket);
      report({ type: "Described", link, description: Buffer.from("yes").toString("base64url") });
    } else if (type === "SendOnLink") {
      links.get(link)?.write?.(`${JSON.stringify(event.signal)}\n`);
    } else if (type === "CloseLink") {
      close(link);
    }
    // At UseMedia sound and picture would begin.
  });
}
