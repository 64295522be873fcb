import { KEPT_FOR, type KeptSeat, type KeyStore, keysFrom, MAX_KEPT } from "../../conference";

/** A {@link KeptSeat} as the browser's database holds it. */
interface Row {
  readonly conference: string;
  readonly publicKey: string;
  /** Not extractable: whoever reads the database can sign with it here, and take it nowhere. */
  readonly privateKey: CryptoKey;
  readonly renewals: KeptSeat["renewals"];
  /** When it was put there, in milliseconds since 1970. */
  readonly at: number;
}

const DATABASE = "mailcall";
const SEATS = "seats";

/** The keys of the user's conferences in the browser's own database; null where there is none. */
export function browserKeys(): KeyStore | null {
  return "indexedDB" in globalThis ? new BrowserKeys() : null;
}

class BrowserKeys implements KeyStore {
  async get(conference: string): Promise<KeptSeat | null> {
    const rows = await change((all) => all);
    const row = rows.find((one) => one.conference === conference);
    return row === undefined
      ? null
      : { keys: keysFrom(row.publicKey, row.privateKey), renewals: row.renewals };
  }

  async put(conference: string, { keys, renewals }: KeptSeat): Promise<void> {
    const { publicKey, privateKey } = keys;
    if (privateKey === undefined) throw new TypeError("no key of this browser");
    const row: Row = { conference, publicKey, privateKey, renewals, at: Date.now() };
    await change((all) => [...all.filter((one) => one.conference !== conference), row]);
  }

  async remove(conference: string): Promise<void> {
    await change((all) => all.filter((one) => one.conference !== conference));
  }
}

/** Makes of all rows others, without those that are too old or too many; resolves to them once they are there. */
async function change(make: (all: readonly Row[]) => readonly Row[]): Promise<readonly Row[]> {
  const database = await open();
  try {
    return await new Promise((resolve, reject) => {
      const transaction = database.transaction(SEATS, "readwrite");
      const store = transaction.objectStore(SEATS);
      const asked = store.getAll();
      let rows: readonly Row[] = [];
      asked.onsuccess = () => {
        const before = asked.result as readonly Row[];
        rows = pruned(make(before));
        for (const row of before) if (!rows.includes(row)) store.delete(row.conference);
        for (const row of rows) if (!before.includes(row)) store.put(row);
      };
      transaction.oncomplete = () => resolve(rows);
      transaction.onabort = () => reject(transaction.error ?? new Error("keys were not kept"));
    });
  } finally {
    database.close();
  }
}

function pruned(rows: readonly Row[]): readonly Row[] {
  const now = Date.now();
  // Also what is from the future, as a clock that was put back makes it, is not kept for ever.
  const young = rows.filter(({ at }) => Math.abs(now - at) < KEPT_FOR);
  return young.sort((a, b) => b.at - a.at).slice(0, MAX_KEPT);
}

/** Open for one change only, so that no page stands in another's way. */
function open(): Promise<IDBDatabase> {
  return new Promise((resolve, reject) => {
    const asked = indexedDB.open(DATABASE, 1);
    asked.onupgradeneeded = () => asked.result.createObjectStore(SEATS, { keyPath: "conference" });
    asked.onsuccess = () => resolve(asked.result);
    asked.onerror = () => reject(asked.error ?? new Error("no database"));
  });
}
