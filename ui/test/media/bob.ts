import { createDevices, type Devices, LocalMedia } from "../../src/media";
import { type FakeMachine, FakeStorage, FakeStream } from "./fakes";

/** Bob's page on a machine, before a call. */
export async function bobAt(
  machine: FakeMachine,
  storage = new FakeStorage(),
): Promise<{ local: LocalMedia; devices: Devices }> {
  const devices = createDevices({
    media: machine,
    storage,
    canChooseSpeaker: true,
  });
  await devices.refresh();
  const local = new LocalMedia({
    devices,
    storage,
    getTracks: (constraints) => machine.getTracks(constraints),
    getDisplayTracks: () => machine.getDisplayTracks(),
    createStream: () => new FakeStream() as unknown as MediaStream,
  });
  return { local, devices };
}
