import type { LinkId } from "../../bindings/LinkId";
import type { ParticipantView } from "../../conference";
import { portrait } from "./fake-pictures";

/** Who is in a fake conference; the first is the other end of the call. */
const PEOPLE: readonly (Pick<ParticipantView, "name"> & Partial<ParticipantView>)[] = [
  { name: "Bob", address: "bob@example.test", organiser: true },
  { name: "Carol Weiß", address: "carol@example.test", proof: "introduced", introducedBy: "Bob", hand: 2 },
  { name: "Erik Sørensen", address: "erik@example.test", introducedBy: "Bob", muted: true },
  {
    name: "Dora Lindqvist of the Harbour Office",
    address: "dora.lindqvist@a-rather-long-domain.example.test",
    introducedBy: "Carol Weiß",
    proof: "unproven",
    camera: false,
    hand: 1,
  },
  { name: "Femi", address: "femi@example.test", introducedBy: "Bob", connection: "reconnecting" },
  {
    name: "Grace Ito",
    address: "grace@example.test",
    introducedBy: "Erik Sørensen",
    muted: true,
    quality: "poor",
  },
  {
    name: "Hugo",
    address: "hugo@example.test",
    introducedBy: "Grace Ito",
    proof: "changed",
    quality: "fair",
  },
  { name: "Ines Ferreira", address: "ines@example.test", introducedBy: "Bob" },
  { name: "", address: "jonas@example.test", introducedBy: "Bob", proof: "unproven", camera: false },
  { name: "Kaja", address: "kaja@example.test", introducedBy: "Bob", muted: true },
  { name: "Liam", address: "liam@example.test", introducedBy: "Kaja" },
  { name: "Mei", address: "mei@example.test", introducedBy: "Kaja" },
  { name: "Nils", address: "nils@example.test", introducedBy: "Kaja", camera: false },
  { name: "Olga", address: "olga@example.test", introducedBy: "Bob" },
  { name: "Pepe", address: "pepe@example.test", introducedBy: "Olga" },
];
const GROUNDS = ["#4a3a63", "#2f5d50", "#6b4a2e", "#2d4f7a", "#5d3346", "#49562c", "#3b4a55"];
const SKINS = ["#c99a78", "#8d5b3f", "#e3bd9c", "#d9a679", "#6f4630", "#b98562"];
const SHIRTS = ["#20304a", "#7a2f2c", "#d0c7b4", "#2b3a2e"];

/** The id of the nth of them; the user's own is all zeros. */
export function fakeId(n: number): string {
  return (n + 1).toString(16).padStart(32, "b");
}

/** The first `count` of them, on one link for all. */
export function fakePeople(count: number, link: LinkId): ParticipantView[] {
  return PEOPLE.slice(0, count).map((person, n) => ({
    key: `person-${n}`,
    id: fakeId(n),
    calls: [],
    link,
    address: "",
    proof: "proven",
    introducedBy: "",
    device: "laptop",
    stream: portrait(
      GROUNDS[n % GROUNDS.length] ?? "",
      SKINS[(n * 5) % SKINS.length] ?? "",
      SHIRTS[n % SHIRTS.length],
    ),
    screen: null,
    muted: false,
    camera: true,
    hand: null,
    organiser: false,
    connection: "connected",
    quality: "good",
    ...person,
  }));
}
