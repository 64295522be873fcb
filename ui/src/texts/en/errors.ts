import type { FailureCode } from "../../host";
import { type Words, words } from "../parts";

/** What went wrong, and what to do about it. */
export const errors = {
  malformed: words(
    "Mailcall did not understand its own page",
    "Reload this window. If it happens again, please report it.",
  ),
  no_hello: words("The page and Mailcall lost touch", "Reload this window."),
  unknown_account: words("This account is gone", "It was signed out. Sign in again."),
  unknown_call: words("This call is over", "It ended in the meantime."),
  already_signed_in: words("This account is signed in already", "You find it in the settings."),
  wrong_password: words(
    "The server refuses this password",
    "Check the address and the password. If you use two-step sign-in, you may need an app password.",
  ),
  needs_app_password: words(
    "This provider wants an app password",
    "Your usual password does not work here. Make an app password on the provider’s page and enter that.",
  ),
  passwords_not_accepted: words(
    "This provider accepts no passwords",
    "It lets no program in with a password. Use an address from another provider.",
  ),
  servers_not_found: words(
    "No mail server found for this address",
    "Check what follows the @, or enter the servers yourself.",
  ),
  server_unreachable: words(
    "The mail server does not answer",
    "Check your network connection, and the server’s name and port.",
  ),
  certificate: words(
    "The server cannot prove who it is",
    "Nobody this computer trusts vouches for it. Check the server’s name, or ask whoever runs it.",
  ),
  server_confused: words("This does not seem to be a mail server", "Check its name, port and protection."),
  refused: words("The mail server refuses", "Its own words are in the details."),
  timed_out: words("It took too long", "Check your network connection and try again."),
  key_store: words(
    "The key store is locked or missing",
    "Unlock it and try again, or keep the password in a file.",
  ),
  secret_lost: words(
    "What was kept of this account is gone",
    "Enter the password again. If its key is gone, too, it gets a new one, and your contacts are shown that it changed.",
  ),
  storage: words(
    "Nothing can be saved",
    "The disk may be full, or Mailcall may lack the right to write to its folder. Put that right and try again.",
  ),
  own_address: words("This is your own address", "Enter somebody else’s."),
  no_browser: words(
    "No browser that can make calls was found",
    "Install Chromium, Chrome, Edge or Firefox and try again.",
  ),
  bad_key: words(
    "This is not a key that can be used",
    "On your other device open the settings, choose “Use on another device”, and copy the whole key from there.",
  ),
  disconnected: words("Mailcall does not answer", "Open Mailcall again, then try again."),
  fault: words("Something went wrong", "Try again. If it stays, reload this window."),
} satisfies Record<FailureCode | "fault", Words>;
