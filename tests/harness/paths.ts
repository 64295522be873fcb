import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** The top of the checkout. */
export const root = fileURLToPath(new URL("../..", import.meta.url));

/** Everything a run leaves behind. */
export const results = join(root, "target", "e2e");

export const xtask = process.env["MAILCALL_TEST_XTASK"] ?? join(root, "target", "debug", "xtask");

/** Another build of the backend can be tested: `MAILCALL_TEST_MAILCALLD=target/release/mailcalld`. */
export const mailcalld = process.env["MAILCALL_TEST_MAILCALLD"] ?? join(root, "target", "debug", "mailcalld");

export const chromium = process.env["MAILCALL_TEST_CHROMIUM"] ?? "/usr/bin/chromium";
