import type { AccountId } from "../../bindings/AccountId";
import type { CertificateView } from "../../bindings/CertificateView";
import type { ProviderHint } from "../../bindings/ProviderHint";
import type { SecretPlace } from "../../bindings/SecretPlace";
import type { Server } from "../../bindings/Server";
import type { Servers } from "../../bindings/Servers";
import type { ServerSecurity } from "../../bindings/ServerSecurity";
import { CommandFailed, type Host } from "../../host";
import { t } from "../../texts";
import { domainOf, isAddress, normal } from "../people";

/** A pause in typing after which an address counts as complete, in ms. */
const TYPED_MS = 600;

/** What is known of the address's servers. */
export type Discovery =
  | { readonly at: "idle" | "looking" | "none" }
  | { readonly at: "found" | "unsure"; readonly servers: Servers };

/** Where signing in stands. */
export type Phase =
  | { readonly at: "form" | "signing" }
  | { readonly at: "testing"; readonly account: AccountId }
  | { readonly at: "tested"; readonly account: AccountId; readonly ms: number }
  | { readonly at: "untested"; readonly account: AccountId; readonly error: unknown };

/** One server as it is being typed. */
export interface ServerDraft {
  host: string;
  port: string;
  security: ServerSecurity;
}

interface Drafts {
  imap: Readonly<ServerDraft>;
  smtp: Readonly<ServerDraft>;
  login: string;
}

const BLANK: Readonly<Drafts> = {
  imap: { host: "", port: "993", security: "tls" },
  smtp: { host: "", port: "465", security: "tls" },
  login: "",
};

const ROLES = ["imap", "smtp"] as const;

/** The fields that can be wrong before anything is sent. */
export type FieldName = "address" | "password" | "servers" | "secrets";

/** The form of the first run: what was typed, what was found out, and what came of it. */
export class SignInForm {
  address = $state("");
  name = $state("");
  password = $state("");
  manual = $state(false);
  imap = $state<ServerDraft>({ ...BLANK.imap });
  smtp = $state<ServerDraft>({ ...BLANK.smtp });
  login = $state("");
  secrets = $state<SecretPlace | null>(null);
  discovery = $state.raw<Discovery>({ at: "idle" });
  hint = $state.raw<ProviderHint | null>(null);
  phase = $state.raw<Phase>({ at: "form" });
  problems = $state.raw<Partial<Record<FieldName, string>>>({});
  failure = $state.raw<unknown>(null);
  certificate = $state.raw<CertificateView | null>(null);
  readonly #host: Pick<Host, "send">;
  /** Certificates that the user trusts although they do not verify, at most one a server. */
  #trusted: readonly string[] = [];
  readonly #keyStore: () => boolean;
  /** The key store failed when it was to be used. */
  #failedToKeep = $state(false);
  #looked = "";
  /** The user wants to enter the servers: another address does not change that. */
  #byUser = false;
  /** What the form itself wrote into the fields of the servers. */
  #written: Drafts = { ...BLANK };
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** `keyStore`: whether there is one that works, as far as is known by now. */
  constructor(host: Pick<Host, "send">, keyStore: () => boolean) {
    this.#host = host;
    this.#keyStore = keyStore;
  }

  /** The key store failed, or none is known to work: the user must choose. A choice that was made stays in sight. */
  get asksForPlace(): boolean {
    return this.#failedToKeep || this.secrets !== null || !this.#keyStore();
  }

  /** The address changed; looks for its servers once the typing pauses. */
  typed(): void {
    clearTimeout(this.#timer);
    if (normal(this.address) !== this.#looked) this.#forget();
    // Before its dot is typed every domain looks like one of a local network.
    if (domainOf(this.address).includes(".")) this.#timer = setTimeout(() => void this.look(), TYPED_MS);
  }

  /** Looks for the servers of the address, unless that was done. Never rejects: not finding them is a result. */
  async look(): Promise<void> {
    clearTimeout(this.#timer);
    const address = normal(this.address);
    if (!isAddress(address) || address === this.#looked) return;
    this.#looked = address;
    this.discovery = { at: "looking" };
    const found = await this.#host.send({ type: "Discover", address }).catch(() => null);
    if (this.#looked !== address) return;
    const known = found?.type === "Discovered" ? found : { servers: null, confirm: false, hint: null };
    this.hint = known.hint;
    if (known.servers === null) {
      this.discovery = { at: "none" };
      this.manual ||= known.hint === null;
    } else {
      this.discovery = { at: known.confirm ? "unsure" : "found", servers: known.servers };
      // A password goes to servers that only the DNS names after the user has seen them.
      this.manual ||= known.confirm;
    }
    this.#fill();
  }

  /** The user enters the servers. */
  enterServers(): void {
    this.#byUser = true;
    this.manual = true;
    this.#fill();
  }

  /** The user leaves the servers to Mailcall. */
  findServers(): void {
    this.#byUser = false;
    this.manual = false;
  }

  /** Signs in; `pin` comes on top of the certificate that was trusted in the attempt before. */
  async submit(pin: string | null = null): Promise<void> {
    if (this.phase.at === "signing" || !this.#check()) return;
    this.#trusted = pin === null ? [] : [...this.#trusted.filter((known) => known !== pin), pin].slice(-2);
    const [first = null, other = null] = this.#trusted;
    this.failure = null;
    this.certificate = null;
    this.phase = { at: "signing" };
    try {
      const answer = await this.#host.send({
        type: "SignIn",
        address: normal(this.address),
        name: this.name.trim(),
        password: this.password,
        servers: this.manual ? this.#servers() : null,
        pin: first,
        other_pin: other,
        secrets: this.secrets ?? "key_store",
      });
      if (answer.type !== "SignedIn") throw new TypeError(`unexpected answer ${answer.type}`);
      this.password = "";
      await this.test(answer.account);
    } catch (error) {
      this.phase = { at: "form" };
      this.#refused(error);
    }
  }

  /** Never rejects: that it failed is a phase. */
  async test(account: AccountId): Promise<void> {
    this.phase = { at: "testing", account };
    try {
      const answer = await this.#host.send({ type: "SelfTest", account });
      if (answer.type !== "SelfTested") throw new TypeError(`unexpected answer ${answer.type}`);
      this.phase = { at: "tested", account, ms: answer.ms };
    } catch (error) {
      this.phase = { at: "untested", account, error };
    }
  }

  #refused(error: unknown): void {
    if (error instanceof CommandFailed) {
      if (error.code === "certificate" && error.certificate !== null) {
        this.certificate = error.certificate;
        return;
      }
      if (error.code === "key_store") this.#failedToKeep = true;
      if (error.code === "servers_not_found") {
        this.manual = true;
        this.#fill();
      }
    }
    this.failure = error;
  }

  #check(): boolean {
    const problems: Partial<Record<FieldName, string>> = {};
    if (!isAddress(this.address)) problems.address = t.firstRun.addressBad;
    if (this.password === "") problems.password = t.firstRun.passwordMissing;
    if (this.manual && this.#servers() === null) problems.servers = t.firstRun.serversMissing;
    if (this.asksForPlace && this.secrets === null) problems.secrets = t.firstRun.secretsMissing;
    this.problems = problems;
    return Object.keys(problems).length === 0;
  }

  #servers(): Servers | null {
    const imap = server(this.imap);
    const smtp = server(this.smtp);
    const login = this.login.trim() === "" ? null : this.login.trim();
    return imap === null || smtp === null ? null : { imap, smtp, login };
  }

  /** What was found out and written for another address must not get the password of this one. */
  #forget(): void {
    this.#looked = "";
    this.discovery = { at: "idle" };
    this.hint = null;
    this.manual = this.#byUser;
    for (const role of ROLES) {
      // Of a server that the form wrote, the user may have changed the port.
      if (this[role].host === this.#written[role].host) this[role] = { ...BLANK[role] };
    }
    if (this.login === this.#written.login) this.login = "";
    this.#written = { ...BLANK };
  }

  /** Writes the servers that were found, or else a guess, wherever the user wrote nothing else. */
  #fill(): void {
    const drafts = "servers" in this.discovery ? drafted(this.discovery.servers) : guessed(this.address);
    for (const role of ROLES) {
      if (this[role].host !== "" && !isSame(this[role], this.#written[role])) continue;
      this[role] = { ...drafts[role] };
      this.#written[role] = drafts[role];
    }
    if (this.login !== this.#written.login) return;
    this.login = this.#written.login = drafts.login;
  }
}

function drafted({ imap, smtp, login }: Servers): Drafts {
  return {
    imap: { ...imap, port: String(imap.port) },
    smtp: { ...smtp, port: String(smtp.port) },
    login: login ?? "",
  };
}

function guessed(address: string): Readonly<Drafts> {
  const domain = domainOf(address);
  if (domain === "") return BLANK;
  return {
    imap: { ...BLANK.imap, host: `imap.${domain}` },
    smtp: { ...BLANK.smtp, host: `smtp.${domain}` },
    login: "",
  };
}

function isSame(a: ServerDraft, b: ServerDraft): boolean {
  return a.host === b.host && a.port === b.port && a.security === b.security;
}

function server({ host, port, security }: ServerDraft): Server | null {
  const number = Number(port);
  const valid = host.trim() !== "" && Number.isInteger(number) && number > 0 && number < 65_536;
  return valid ? { host: host.trim(), port: number, security } : null;
}
