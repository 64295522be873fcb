/** Serves the test page on the loopback interface of its namespace. Prints the address. */
import { readFile } from "node:fs/promises";

import { servePage } from "../../../../ui/test/conference/support/server.ts";

const [script = ""] = process.argv.slice(2);
const { url } = await servePage(await readFile(script, "utf8"));
process.stdout.write(`${url}\n`);
