import { words } from "../parts";

/** Signing in, and the accounts of this device. */
export const accounts = {
  firstRun: {
    title: "Sign in with your e-mail",
    addTitle: "Add an account",
    intro:
      "Mailcall rings people through the mailbox you already have. Your calls go straight from device to device; nothing runs on a server of ours.",
    address: "E-mail address",
    addressBad: "This does not look like an e-mail address.",
    name: "Your name",
    nameHelp: "People you call see it.",
    namePlaceholder: "Optional",
    password: "Password",
    appPassword: (provider: string) => `App password from ${provider}`,
    passwordShow: "Show password",
    passwordHide: "Hide password",
    passwordMissing: "Enter the password of your mailbox.",
    signIn: "Sign in",
    signingIn: "Signing in …",
    discovering: (domain: string) => `Looking for the mail servers of ${domain} …`,
    found: (imap: string, smtp: string) =>
      imap === smtp ? `Found ${imap}.` : `Found ${imap} to receive and ${smtp} to send.`,
    notFound: (domain: string) =>
      `No mail server found for ${domain}. Enter the servers below; your provider’s help pages list them.`,
    unsure: "These servers come from an unprotected lookup. Check their names before you sign in.",
    change: "Enter servers myself",
    automatic: "Find servers for me",
    hint: {
      app_password: (provider: string) =>
        words(
          `${provider} wants an app password`,
          `Your usual password does not work in other programs. Make an app password at ${provider} (two-step sign-in must be on) and enter it here.`,
        ),
      imap_switch: (provider: string) =>
        words(
          `Switch IMAP on at ${provider} first`,
          `${provider} lets programs like Mailcall in only after you allow it in its settings.`,
        ),
      no_passwords: (provider: string) =>
        words(
          `${provider} does not work with Mailcall yet`,
          `${provider} no longer accepts passwords from any program, not even app passwords. Use an address from another provider.`,
        ),
    },
    hintLink: {
      app_password: (provider: string) => `Make an app password at ${provider}`,
      imap_switch: (provider: string) => `Open the settings of ${provider}`,
      no_passwords: (provider: string) => `What ${provider} says about it`,
    },
    servers: "Mail servers",
    receiving: "Receives (IMAP)",
    sending: "Sends (SMTP)",
    host: "Server",
    port: "Port",
    security: "Protection",
    securities: { tls: "TLS", start_tls: "STARTTLS", plain: "None" },
    plainWarning:
      "Without protection anybody on the way can read your password. Only for a server on your own network.",
    login: "Login name",
    loginHelp: "Only if it is not your address.",
    serversMissing: "Enter both servers.",
    secretsTitle: "Where should Mailcall keep your password?",
    secretsText: "This computer has no key store that Mailcall can use, or it is locked.",
    secretsFile: "In a file that only your user account can read",
    secretsFileHelp: "Whoever can use your user account or read this disk can read it.",
    secretsMissing: "Choose where the password is kept to go on.",
    secretsRetry: "Use the key store: unlock it, then sign in again",
  },
  certificate: {
    title: "This server cannot prove who it is",
    text: (host: string) =>
      `The certificate of ${host} is not signed by anyone this computer trusts. That is normal for a server of your own. Otherwise somebody may be reading along: then do not go on.`,
    compare: "Compare this fingerprint with the one the server’s owner gives you:",
    trust: "It is the right server, trust it",
    stop: "Do not trust it",
  },
  selfTest: {
    running: "Testing: sending a mail to yourself …",
    runningText: "It shows how fast a call can reach you.",
    good: (seconds: string) =>
      words(
        "You can be called",
        `A mail to yourself was back after ${seconds}. A call to you rings about that fast.`,
      ),
    slow: (seconds: string) =>
      words(
        "It works, but your mailbox is slow",
        `A mail to yourself took ${seconds}. Callers will wait about that long before it rings.`,
      ),
    failed: "Signed in, but the test mail did not come back",
    failedText: "You can go on and try again later in the settings.",
    start: "Start",
    again: "Test again",
    run: "Test now",
  },
  account: {
    title: "Accounts",
    connecting: "Connecting …",
    ready: "Ready: calls ring at once",
    readySlowly: "Ready: calls ring within 15 seconds (your server cannot tell us sooner)",
    offline: "Offline: cannot be called. Trying again …",
    signedOut: "Cannot be called: the password is refused",
    secretLost: "Cannot be called: needs its password again",
    bannerOffline: (address: string) => `${address} cannot be called right now.`,
    bannerSignedOut: (address: string) => `${address} needs its password again.`,
    enterPassword: "Enter password",
    newPassword: "New password",
    passwordFor: (address: string) => `Password for ${address}`,
    passwordChanged: "Password changed.",
    changePassword: "Change password",
    add: "Add an account",
    signOut: "Sign out",
    signOutTitle: (address: string) => `Sign out of ${address}?`,
    signOutText:
      "Mailcall forgets this account on this device: its contacts, its calls and its key. Your mail stays where it is. This cannot be undone.",
    keyOf: "Key of this account",
    from: "Call from",
    name: "Your name",
    nameHelp: "People see it when you call them. Without it they see your address.",
    fileNote: "Password kept in a file",
  },

  key: {
    sealed: (address: string) => `Calls to ${address} do not ring here yet.`,
    sealedText:
      "You set Mailcall up on another device first, and calls are encrypted for that one. Bring its key here, and they ring on both.",
    bring: "Enter its key",
    another: "Use on another device",
    exportTitle: (address: string) => `Use ${address} on another device`,
    exportText:
      "Sign in there with the same address. Then, in the settings there, choose “Enter the key of another device” and paste this key.",
    secretTitle: "Show it to nobody",
    secretText: "Whoever has this key can read your calls’ invitations and pose as you.",
    show: "Show the key",
    label: "Key",
    copy: "Copy",
    copied: "The key was copied. Clear the clipboard when you have pasted it.",
    selected: "The key is selected: press Ctrl+C to copy it.",
    importTitle: (address: string) => `Key of another device for ${address}`,
    importText:
      "On the device where you set Mailcall up first, open the settings, choose “Use on another device”, and bring the key here.",
    enter: "Enter the key of another device",
    use: "Use this key",
    imported: "Calls ring on both devices now.",
  },
};
