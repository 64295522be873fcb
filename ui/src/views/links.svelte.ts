import type { CallId } from "../bindings/CallId";
import type { LinkId } from "../bindings/LinkId";
import type { PageEvent } from "../bindings/PageEvent";

/** Which links are on this page, and of which call each is. */
export class Links {
  #all = $state.raw<readonly { readonly link: LinkId; readonly call: CallId }[]>([]);

  follow(event: PageEvent): void {
    if (event.type === "MakeOffer" || event.type === "MakeAnswer")
      this.#all = [...this.#all, { link: event.link, call: event.call }];
    if (event.type === "CloseLink") this.#all = this.#all.filter(({ link }) => link !== event.link);
  }

  get calls(): CallId[] {
    return this.#all.map(({ call }) => call);
  }

  of(call: CallId): LinkId[] {
    return this.#all.flatMap((one) => (one.call === call ? one.link : []));
  }
}
