import type { Language } from "./wording.ts";

const NOT_YOU = "If this was not you, change your password and tell whoever runs the service.";
const IGNORE = "If you did not ask for this, there is nothing to do: without the link nothing happens.";
const NOT_YOURS =
  "If you have no such account, or did not make it yourself, do not open the link: the account may be somebody else's. Without the link the address is not confirmed.";

/** The mails in English. */
export const EN: Language = {
  code: "en",
  greeting: (name) => (name === null ? "Hello," : `Hello ${name},`),
  anyLink: "Open the page",
  copyLink: "Or copy this address into your browser:",
  linkLasts: (duration) => `The link works once, for ${duration} from when it was asked for.`,
  footer: (application) => `This mail was sent by ${application}, automatically. Answers to it are not read.`,
  mails: {
    "verify-email": ({ application }) => ({
      subject: `Confirm your email address for ${application}`,
      before: [`Please confirm that this email address belongs to your account at ${application}.`],
      action: "Confirm the email address",
      after: [NOT_YOURS],
    }),
    "reset-password": ({ application }) => ({
      subject: `Set a new password for ${application}`,
      before: [`Somebody asked for a new password for your account at ${application}.`],
      action: "Set a new password",
      after: ["If you did not ask for this, there is nothing to do: your password stays as it is."],
    }),
    "no-password": ({ application }) => ({
      subject: `Signing in to ${application}`,
      before: [
        `Somebody asked for a new password for your account at ${application}, which has none.`,
        "Sign in the way you always have. If you cannot, ask whoever runs the service for a link.",
      ],
      after: ["If you did not ask for this, there is nothing to do."],
    }),
    "password-changed": ({ application }) => ({
      subject: `Your password for ${application} was changed`,
      before: [
        `The password of your account at ${application} was just changed. Other devices were signed out.`,
      ],
      after: ["If this was not you, ask for a new password at once and tell whoever runs the service."],
    }),
    "change-email-confirm": ({ application }) => ({
      subject: `Confirm your new email address for ${application}`,
      before: [`Please confirm that your account at ${application} is to have this email address.`],
      action: "Confirm the new address",
      after: [IGNORE],
    }),
    "change-email-approve": ({ application, newEmail }) => ({
      subject: `Your email address for ${application} is to be changed`,
      before: [
        newEmail === null
          ? `Somebody who is signed in as you at ${application} wants to change the email address of your account.`
          : `Somebody who is signed in as you at ${application} wants to change the email address of your account to ${newEmail}.`,
        "It is changed only when you agree.",
      ],
      action: "Agree to the change",
      after: [`If this was not you, do not open the link. ${NOT_YOU}`],
    }),
    "email-changed": ({ application, newEmail }) => ({
      subject: `Your email address for ${application} was changed`,
      before: [
        newEmail === null
          ? `The email address of your account at ${application} was just changed.`
          : `The email address of your account at ${application} was just changed to ${newEmail}.`,
        "This address is not used for the account any more.",
      ],
      after: ["If this was not you, tell whoever runs the service at once."],
    }),
    "register-confirm": ({ application }) => ({
      subject: `Finish your registration at ${application}`,
      before: [
        `Somebody registered at ${application} with this email address. If it was you, finish the registration: you will be asked for the password that you chose.`,
      ],
      action: "Finish the registration",
      after: [
        "If it was not you, do not open the link: the password is somebody else's. Without the link no account is made.",
      ],
    }),
    "register-exists": ({ application }) => ({
      subject: `You already have an account at ${application}`,
      before: [
        `Somebody tried to register at ${application} with this email address, which has an account already.`,
        "Sign in with it; if you do not know the password any more, ask for a new one.",
      ],
      after: ["If you did not do this, there is nothing to do: your account is as it was."],
    }),
    "account-claimed": ({ application }) => ({
      subject: `Your account at ${application} has a password now`,
      before: [`A password was just set for your account at ${application}, by a link that works once.`],
      after: ["If this was not you, ask for a new password at once and tell whoever runs the service."],
    }),
    "account-closed": ({ application }) => ({
      subject: `Your account at ${application} was closed`,
      before: [`Your account at ${application} was just closed. Nobody can sign in to it any more.`],
      after: ["If this was not you, tell whoever runs the service at once."],
    }),
  },
};
