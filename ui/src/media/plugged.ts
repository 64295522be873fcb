import type { Cancel, Clock } from "../conference";
import type { Device, DeviceKind, Devices, Plugged } from "./types";

/** The parts of one thing come one after the other; this long after the last one it is complete, in ms. */
const GATHER_MS = 300;

/** By which of its parts a thing is called. */
const NAMED_BY: readonly DeviceKind[] = ["camera", "microphone", "speaker"];

/** Tells of things that are plugged in from now on, each as a whole: a headset is a microphone and a speaker. */
export function watchPlugged(
  devices: Devices,
  clock: Pick<Clock, "after">,
  tell: (plugged: Plugged) => void,
): Cancel {
  /** What appeared and is still there: a part that is late belongs to what was told already. */
  let present: readonly Device[] = [];
  let untold: readonly Device[] = [];
  let cancelTimer: Cancel | null = null;
  const isThere = ({ kind, id }: Device): boolean => devices.list(kind).some((one) => one.id === id);

  function tellAll(): void {
    present = present.filter(isThere);
    const told = new Set<Device>();
    for (const part of untold.filter(isThere)) {
      if (told.has(part)) continue;
      const thing = present.filter((one) => isOfOneThing(one, part));
      for (const one of thing) told.add(one);
      const parts = NAMED_BY.flatMap((kind) => thing.findLast((one) => one.kind === kind) ?? []);
      const use = (): void => {
        for (const { kind, id } of usedOf(parts).filter(isThere)) devices.choose(kind, id);
      };
      tell({ name: parts[0]?.label ?? part.label, use });
    }
    untold = [];
  }

  const unsubscribe = devices.subscribe((appeared) => {
    const named = appeared.filter(
      ({ kind, label }) => label !== "" && (kind !== "speaker" || devices.canChooseSpeaker),
    );
    if (named.length === 0) return;
    present = [...present, ...named];
    untold = [...untold, ...named];
    cancelTimer?.();
    cancelTimer = clock.after(GATHER_MS, tellAll);
  });
  return () => {
    cancelTimer?.();
    unsubscribe();
  };
}

/** Not every system says what belongs together; then the parts have one name. */
function isOfOneThing(one: Device, other: Device): boolean {
  return (one.group !== "" && one.group === other.group) || one.label === other.label;
}

/** Nobody takes off a headset for the microphone that is built into a camera. */
function usedOf(parts: readonly Device[]): readonly Device[] {
  const has = (wanted: DeviceKind): boolean => parts.some(({ kind }) => kind === wanted);
  return has("camera") && !has("speaker") ? parts.filter(({ kind }) => kind === "camera") : parts;
}
