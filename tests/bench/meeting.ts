import { Person, connect } from "../../ui/test/conference/support/person.ts";
import { PATIENCE_MS, within } from "../harness/wait.ts";

/** How long it may take on a busy machine until all see each other, in ms. */
const GATHERED_MS = 4 * PATIENCE_MS;

/** A test page in a conference, and the call that led it there. */
export interface Member {
  readonly person: Person;
  readonly call: string;
}

/** `from` calls `to`, who takes it; `into` a conference, or to begin one. */
export async function calls(from: Person, to: Person, call: string, into: string | null): Promise<void> {
  await connect(from, to, call, call);
  await Promise.all([to.takeCall(call, true, false, into), from.takeCall(call, true, true, into)]);
}

/** The conference of a call, once both ends have said hello. */
export async function conferenceOf({ person, call }: Member): Promise<string> {
  await person.until(`page.session.conference("${call}")?.id`);
  return person.evaluate<string>(`page.session.conference("${call}").id`);
}

/** The first calls the second and invites everybody else; resolves once each is connected to all others. */
export async function gather(people: readonly Person[]): Promise<Member[]> {
  const [host, ...guests] = people;
  if (host === undefined) throw new Error("nobody to begin");
  const members: Member[] = [{ person: host, call: "call-1" }];
  for (const [i, person] of guests.entries()) {
    const call = `call-${i + 1}`;
    const [first] = members;
    const into = i === 0 || first === undefined ? null : await conferenceOf(first);
    await calls(host, person, call, into);
    members.push({ person, call });
  }
  await within(GATHERED_MS, "all are connected", Promise.all(members.map((one) => sees(one, guests.length))));
  return members;
}

/** Waits until so many others are connected. */
export async function sees({ person, call }: Member, others: number): Promise<void> {
  await person.until(`page.session.conference("${call}")?.participants
    .filter(({ connection, stream }) => connection === "connected" && stream !== null).length === ${others}`);
}

/** Shows everybody else in tiles of this size, with sound, and says so to them. */
export async function shows({ person, call }: Member, width: number, height: number): Promise<void> {
  await person.evaluate(`(async () => {
    const size = { width: ${width}, height: ${height} };
    for (const { key, stream } of page.session.conference("${call}").participants) {
      page.session.room("${call}").show(key, "camera", size);
      const tile = Object.assign(document.createElement("video"), { ...size, srcObject: stream });
      document.body.append(tile);
      await tile.play();
    }
  })()`);
}
