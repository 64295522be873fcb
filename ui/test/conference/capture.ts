/// <reference types="node" />
/**
 * Records what today's browsers say: `npx tsx test/conference/capture.ts` writes fixtures/sdps.json.
 * Run it again when a browser changed its SDP; the unit tests read the file.
 */
import { writeFile } from "node:fs/promises";
import { launchChromium, newPerson } from "./support/chromium";
import { Firefox } from "./support/firefox";
import { servePage } from "./support/server";

const RECORD = `(async () => {
  if (withMedia) await navigator.mediaDevices.getUserMedia({ audio: true, video: true });
  const gathered = (peer) => new Promise((resolve) => {
    const look = () => peer.iceGatheringState === "complete" && resolve();
    peer.addEventListener("icegatheringstatechange", look);
    look();
  });
  const make = () => {
    const peer = new RTCPeerConnection({ bundlePolicy: "max-bundle" });
    peer.createDataChannel("control", { negotiated: true, id: 0 });
    return peer;
  };
  const [alice, bob] = [make(), make()];
  await alice.setLocalDescription();
  await gathered(alice);
  await bob.setRemoteDescription(alice.localDescription);
  await bob.setLocalDescription();
  await gathered(bob);
  return { offer: alice.localDescription.sdp, answer: bob.localDescription.sdp };
})()`;

const server = await servePage("");
const chromium = await launchChromium();
const recorded: Record<string, unknown> = {};
for (const media of [false, true]) {
  const page = await newPerson(chromium, media);
  await page.goto(server.url);
  recorded[`chromium ${media ? "with camera" : "mDNS"}`] = await page.evaluate(
    RECORD.replace("withMedia", String(media)),
  );
}
await chromium.close();
for (const mdns of [true, false]) {
  const firefox = await Firefox.launch({ "media.peerconnection.ice.obfuscate_host_addresses": mdns });
  await firefox.goto(server.url);
  recorded[`firefox ${mdns ? "mDNS" : "with addresses"}`] = await firefox.evaluate(
    RECORD.replace("withMedia", "false"),
  );
  await firefox.close();
}
await server.close();
await writeFile(new URL("fixtures/sdps.json", import.meta.url), `${JSON.stringify(recorded, null, 2)}\n`);
