/** Leads from a Unix socket to a port on the loopback interface of its namespace. Prints `ready`. */
import { connect, createServer, type Socket } from "node:net";
import { pipeline } from "node:stream/promises";

const [path = "", port = ""] = process.argv.slice(2);

async function join(client: Socket): Promise<void> {
  const browser = connect(Number(port), "127.0.0.1");
  try {
    await Promise.all([pipeline(client, browser), pipeline(browser, client)]);
  } catch {
    // Either end went away, which is how every connection here ends.
    client.destroy();
    browser.destroy();
  }
}

createServer((client) => void join(client)).listen(path, () => process.stdout.write("ready\n"));
