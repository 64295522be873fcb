/** A short message at the edge of the window. */
export interface Toast {
  readonly id: number;
  readonly kind: "info" | "error";
  readonly title: string;
  readonly text: string;
  readonly detail: string;
  readonly action: { readonly label: string; run(): void } | null;
  /** Stays until it is dismissed; errors always do. */
  readonly stays: boolean;
}

/** What a message says; all but the title may be left out. */
export type NewToast = Pick<Toast, "title"> & Partial<Omit<Toast, "id">>;

/** How long a toast stays, in ms. */
const TOAST_MS = 8000;

/** The messages at the edge of the window. */
export class Toasts {
  all = $state.raw<readonly Toast[]>([]);
  #next = 1;

  add(toast: NewToast): void {
    const id = this.#next++;
    const kind = toast.kind ?? "info";
    const full: Toast = { text: "", detail: "", action: null, stays: kind === "error", ...toast, id, kind };
    const same = (other: Toast) => other.kind === full.kind && other.title === full.title;
    this.all = [...this.all.filter((other) => !same(other)).slice(-2), full];
    if (!full.stays) setTimeout(() => this.dismiss(id), TOAST_MS);
  }

  dismiss(id: number): void {
    this.all = this.all.filter((toast) => toast.id !== id);
  }
}
