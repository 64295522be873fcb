// Calls an address, talks for a second, hangs up:
//   mailcalld --data-dir DIR | node place-call.mjs bob@example.test

import { join } from "./mailcall.mjs";

const address = process.argv[2];
const client = await join();
client.on((event) => {
  if (event.type === "CallChanged") console.log(JSON.stringify(event.call.state));
});
const { account } = client.snapshot.accounts[0];
const over = client.call(undefined, "Ended");
const connected = client.call(undefined, "Connected");
const { call } = await client.command({ type: "Call", account, address, video: true });

const { state } = await Promise.race([connected, over]);
if (state.type === "Connected") {
  await new Promise((second) => setTimeout(second, 1000));
  await client.command({ type: "HangUp", call });
}
const { reason } = (await over).state;
client.close();
process.exit(reason.type === "HungUp" ? 0 : 1);
