/** Leads from a Unix socket to a port on the loopback interface of its namespace. Prints `ready`. */
import { connect } from "node:net";

import { serve } from "../../../harness/sockets.ts";

const [path = "", port = ""] = process.argv.slice(2);
const server = await serve(path, () => connect(Number(port), "127.0.0.1"));
// Nothing else keeps this process alive.
server.ref();
process.stdout.write("ready\n");
