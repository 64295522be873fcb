/**
 * In the namespace of a computer: leads from ports of its loopback interface to the sockets in a folder that are called
 * like them, and from the socket `in` to the port that the first line on a connection names. Prints `ready`.
 */
import { connect, createServer, type Socket } from "node:net";
import { join } from "node:path";

import { joined, serve } from "../sockets.ts";

const [folder = "", ...ports] = process.argv.slice(2);

/** Reads no further than the end of the first line. */
function firstLine(client: Socket, then: (line: string) => void): void {
  let line = "";
  const read = (): void => {
    for (;;) {
      const byte = client.read(1) as Buffer | null;
      if (byte === null) return;
      if (byte.toString() !== "\n") {
        line += byte.toString();
        continue;
      }
      client.off("readable", read);
      then(line);
      return;
    }
  };
  client.on("readable", read);
}

for (const port of ports)
  await serve({ port: Number(port), host: "127.0.0.1" }, () => connect(join(folder, port)));
createServer((client) => {
  client.on("error", () => client.destroy());
  firstLine(client, (port) => void joined(client, connect(Number(port), "127.0.0.1")));
}).listen(join(folder, "in"), () => process.stdout.write("ready\n"));
