import type { Person } from "./person";
import { CALM, World, type WorldOptions } from "./world";

export interface Story {
  readonly world: World;
  readonly alice: Person;
  readonly bob: Person;
  readonly carol: Person;
  readonly dave: Person;
}

/** Alice has invited Bob, Carol and Dave, one after the other; everybody is linked to everybody. */
export async function four(options: WorldOptions = CALM): Promise<Story> {
  const world = new World(7, options);
  const alice = await world.found("Alice");
  const bob = await guest(world, alice, "Bob");
  const carol = await guest(world, alice, "Carol");
  const dave = await guest(world, alice, "Dave");
  return { world, alice, bob, carol, dave };
}

/** Somebody who was invited and has arrived. */
export async function guest(world: World, inviter: Person, name: string): Promise<Person> {
  const person = await world.invite(inviter, name);
  await world.time.pass(2000);
  return person;
}

/** The name of the organiser as somebody sees it. */
export function organiserOf({ world, overlay }: Person): string | null {
  const { organiser } = overlay.view;
  return organiser === null ? null : (world.person(organiser)?.name ?? "nobody");
}
