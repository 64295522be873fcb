/** The page that the checks of kept keys drive. */
import { MAX_KEPT, type KeyStore } from "../../../src/conference";
import { webCryptoRing } from "../../../src/conference/overlay";
import { browserKeys } from "../../../src/views/desk/kept-keys";

export interface KeysPage {
  /** Keeps fresh keys for a conference; says which. */
  keep(conference: string): Promise<string>;
  /** Whose keys are kept, if they can sign; else why not. */
  kept(conference: string): Promise<string>;
  forget(conference: string): Promise<void>;
  /** Whether anything could read the private key. */
  canLeave(conference: string): Promise<boolean>;
  readonly most: number;
}

declare global {
  var keysPage: KeysPage;
}

const ring = webCryptoRing();

function store(): KeyStore {
  const found = browserKeys();
  if (found === null) throw new Error("no store");
  return found;
}

globalThis.keysPage = {
  most: MAX_KEPT,
  keep: async (conference) => {
    const keys = await ring.create();
    await store().put(conference, { keys, renewals: [] });
    return keys.publicKey;
  },
  kept: async (conference) => {
    const seat = await store().get(conference);
    if (seat === null) return "none";
    const { keys } = seat;
    const { publicKey } = keys;
    const isGood = await ring.verifier.verify(publicKey, "words", await keys.sign("words"));
    return isGood ? publicKey : "a key that does not sign";
  },
  forget: (conference) => store().remove(conference),
  canLeave: async (conference) => {
    const seat = await store().get(conference);
    return seat?.keys.privateKey?.extractable !== false;
  },
};
