// Takes the next call and stays until it is over:
//   mailcalld --data-dir DIR | node accept-call.mjs

import { join } from "./mailcall.mjs";

const client = await join();
client.on((event) => {
  if (event.type === "CallChanged") console.log(JSON.stringify(event.call.state));
});
const rings = client.call(undefined, "Ringing");
// The invitation may have been in the mailbox before this program came.
const already = client.snapshot.calls.find(({ state }) => state.type === "Ringing");
const { call } = already ?? (await rings);
const over = client.call(call, "Ended");
await client.command({ type: "Accept", call, video: true });

const { reason } = (await over).state;
client.close();
process.exit(reason.type === "HungUp" ? 0 : 1);
