import { describe, expect, test } from "vitest";
import type { Devices, LocalMedia } from "../../src/media";
import { bobAt } from "./bob";
import { CAMERA, FakeMachine, HEADSET, MICROPHONE } from "./fakes";
import { settle } from "../conference/support/clock";

describe("a microphone that Bob could not have at the beginning", () => {
  async function silent(
    machine: FakeMachine,
    refusal?: string,
  ): Promise<{ local: LocalMedia; devices: Devices }> {
    if (refusal !== undefined) machine.refusals.set("audio", refusal);
    const bob = await bobAt(machine);
    await bob.local.start({ video: false });
    machine.asked.length = 0;
    return bob;
  }

  test.each([
    ["absent", undefined],
    ["busy", "NotReadableError"],
    ["denied", "NotAllowedError"],
  ])("and is %s shows him as muted, and one press tries it again", async (state, refusal) => {
    const machine = new FakeMachine(...(refusal === undefined ? [] : [MICROPHONE]));
    const { local } = await silent(machine, refusal);
    expect(local.view).toMatchObject({ microphone: state, muted: true });
    machine.refusals.clear();
    machine.plugged = [MICROPHONE];
    await local.setMuted(!local.view.muted);
    expect(local.view).toMatchObject({ microphone: "on", muted: false });
    expect(local.muted).toBe(false);
  });

  test("is the headset that he plugs in", async () => {
    const machine = new FakeMachine();
    const { local } = await silent(machine);
    machine.plug(HEADSET);
    await settle();
    expect([local.view.microphone, machine.newest("audio")?.deviceId]).toEqual(["on", "headset"]);
  });

  test("has a name as soon as he allowed it", async () => {
    const machine = new FakeMachine();
    const { devices } = await silent(machine);
    machine.plug({ ...HEADSET, deviceId: "", label: "" });
    machine.plugged = [HEADSET];
    await settle();
    expect(devices.list("microphone").map(({ label }) => label)).toEqual(["Headset"]);
  });

  test("is still muted if he muted himself", async () => {
    const machine = new FakeMachine();
    const { local } = await silent(machine);
    await local.setMuted(true);
    machine.plug(HEADSET);
    await settle();
    expect([machine.newest("audio")?.enabled, local.muted]).toEqual([false, true]);
  });

  test.each(["NotReadableError", "NotAllowedError"])(
    "for a %s, is another one that he chooses",
    async (refusal) => {
      const machine = new FakeMachine(MICROPHONE, HEADSET);
      const { local, devices } = await silent(machine, refusal);
      machine.refusals.clear();
      devices.choose("microphone", "headset");
      await settle();
      expect([local.view.microphone, machine.newest("audio")?.deviceId]).toEqual(["on", "headset"]);
    },
  );

  test("is not tried because he chooses a camera", async () => {
    const machine = new FakeMachine(MICROPHONE, CAMERA);
    const { devices } = await silent(machine, "NotReadableError");
    devices.choose("camera", "camera");
    await settle();
    expect(machine.asked).toEqual([]);
  });

  test("is not asked for again when he forbade it and plugs something in", async () => {
    const machine = new FakeMachine(MICROPHONE);
    const { local } = await silent(machine, "NotAllowedError");
    machine.plug(HEADSET);
    await settle();
    expect([machine.asked, local.view.microphone]).toEqual([[], "denied"]);
  });

  test("is tried once and no more when it fails and comes back by itself", async () => {
    const machine = new FakeMachine();
    await silent(machine, "NotReadableError");
    for (let times = 0; times < 3; times += 1) {
      machine.plug(HEADSET);
      await settle();
      machine.unplug("headset");
      await settle();
    }
    expect(machine.asked).toEqual(["audio"]);
  });

  test("comes back whenever one that worked is plugged in again", async () => {
    const machine = new FakeMachine();
    const { local } = await silent(machine);
    for (let times = 0; times < 3; times += 1) {
      machine.plug(HEADSET);
      await settle();
      expect(local.view.microphone).toBe("on");
      machine.unplug("headset");
      await settle();
      expect(local.view.microphone).toBe("absent");
    }
  });

  test("stays away after the call", async () => {
    const machine = new FakeMachine();
    const { local, devices } = await silent(machine);
    local.stop();
    machine.plug(HEADSET);
    await settle();
    devices.choose("microphone", "headset");
    await settle();
    expect([machine.asked, local.view.microphone]).toEqual([[], "off"]);
  });
});

describe("before the call", () => {
  test("Bob mutes and unmutes himself, and no microphone opens for that", async () => {
    const machine = new FakeMachine(MICROPHONE);
    const { local } = await bobAt(machine);
    expect(local.view.muted).toBe(false);
    await local.setMuted(true);
    expect(local.view.muted).toBe(true);
    await local.setMuted(false);
    expect([local.view, machine.asked]).toMatchObject([{ microphone: "off", muted: false }, []]);
  });
});
