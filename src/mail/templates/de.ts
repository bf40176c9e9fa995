import type { Language } from "./wording.ts";

const REPORT = "Wenn Sie das nicht waren, melden Sie es sofort dem Betreiber.";
const RESET =
  "Wenn Sie das nicht waren, fordern Sie sofort ein neues Passwort an und melden Sie es dem Betreiber.";
const IGNORE = "Wenn Sie das nicht angefordert haben, ist nichts zu tun: Ohne den Link geschieht nichts.";
const NOT_YOURS =
  "Wenn Sie kein solches Konto haben oder es nicht selbst angelegt haben, öffnen Sie den Link nicht: Das Konto kann das eines anderen sein. Ohne den Link wird die Adresse nicht bestätigt.";

/** The mails in German. */
export const DE: Language = {
  code: "de",
  greeting: (name) => (name === null ? "Guten Tag," : `Guten Tag ${name},`),
  anyLink: "Seite öffnen",
  copyLink: "Oder kopieren Sie diese Adresse in Ihren Browser:",
  linkLasts: (duration) => `Der Link funktioniert einmal. Er gilt ab der Anforderung: ${duration}.`,
  footer: (application) =>
    `Diese E-Mail wurde automatisch von ${application} gesendet. Antworten darauf werden nicht gelesen.`,
  mails: {
    "verify-email": ({ application }) => ({
      subject: `Bestätigen Sie Ihre E-Mail-Adresse für ${application}`,
      before: [`Bitte bestätigen Sie, dass diese E-Mail-Adresse zu Ihrem Konto bei ${application} gehört.`],
      action: "E-Mail-Adresse bestätigen",
      after: [NOT_YOURS],
    }),
    "reset-password": ({ application }) => ({
      subject: `Neues Passwort für ${application}`,
      before: [`Jemand hat ein neues Passwort für Ihr Konto bei ${application} angefordert.`],
      action: "Neues Passwort festlegen",
      after: ["Wenn Sie das nicht waren, ist nichts zu tun: Ihr Passwort bleibt, wie es ist."],
    }),
    "no-password": ({ application }) => ({
      subject: `Ihre Anmeldung bei ${application}`,
      before: [
        `Jemand hat ein neues Passwort für Ihr Konto bei ${application} angefordert. Dieses Konto hat kein Passwort.`,
        "Melden Sie sich so an, wie Sie es immer getan haben. Wenn das nicht geht, bitten Sie den Betreiber um einen Link.",
      ],
      after: ["Wenn Sie das nicht angefordert haben, ist nichts zu tun."],
    }),
    "password-changed": ({ application }) => ({
      subject: `Ihr Passwort für ${application} wurde geändert`,
      before: [
        `Das Passwort Ihres Kontos bei ${application} wurde soeben geändert. Andere Geräte wurden abgemeldet.`,
      ],
      after: [RESET],
    }),
    "change-email-confirm": ({ application }) => ({
      subject: `Bestätigen Sie Ihre neue E-Mail-Adresse für ${application}`,
      before: [`Bitte bestätigen Sie, dass Ihr Konto bei ${application} diese E-Mail-Adresse bekommen soll.`],
      action: "Neue Adresse bestätigen",
      after: [IGNORE],
    }),
    "change-email-approve": ({ application, newEmail }) => ({
      subject: `Ihre E-Mail-Adresse für ${application} soll geändert werden`,
      before: [
        newEmail === null
          ? `Jemand, der bei ${application} mit Ihrem Konto angemeldet ist, möchte dessen E-Mail-Adresse ändern.`
          : `Jemand, der bei ${application} mit Ihrem Konto angemeldet ist, möchte dessen E-Mail-Adresse ändern. Die neue Adresse: ${newEmail}`,
        "Geändert wird sie nur, wenn Sie zustimmen.",
      ],
      action: "Der Änderung zustimmen",
      after: [
        "Wenn Sie das nicht waren, öffnen Sie den Link nicht. Ändern Sie Ihr Passwort und melden Sie es dem Betreiber.",
      ],
    }),
    "email-changed": ({ application, newEmail }) => ({
      subject: `Ihre E-Mail-Adresse für ${application} wurde geändert`,
      before: [
        newEmail === null
          ? `Die E-Mail-Adresse Ihres Kontos bei ${application} wurde soeben geändert.`
          : `Die E-Mail-Adresse Ihres Kontos bei ${application} wurde soeben geändert. Die neue Adresse: ${newEmail}`,
        "Diese Adresse wird für das Konto nicht mehr verwendet.",
      ],
      after: [REPORT],
    }),
    "register-confirm": ({ application }) => ({
      subject: `Schließen Sie Ihre Registrierung bei ${application} ab`,
      before: [
        `Jemand hat sich bei ${application} mit dieser E-Mail-Adresse registriert. Wenn Sie das waren, schließen Sie die Registrierung ab: Sie werden nach dem Passwort gefragt, das Sie gewählt haben.`,
      ],
      action: "Registrierung abschließen",
      after: [
        "Wenn Sie das nicht waren, öffnen Sie den Link nicht: Das Passwort ist das eines anderen. Ohne den Link entsteht kein Konto.",
      ],
    }),
    "register-exists": ({ application }) => ({
      subject: `Sie haben schon ein Konto bei ${application}`,
      before: [
        `Jemand wollte sich bei ${application} mit dieser E-Mail-Adresse registrieren. Für sie gibt es schon ein Konto.`,
        "Melden Sie sich damit an. Wenn Sie das Passwort nicht mehr wissen, fordern Sie ein neues an.",
      ],
      after: ["Wenn Sie das nicht waren, ist nichts zu tun: Ihr Konto ist, wie es war."],
    }),
    "account-claimed": ({ application }) => ({
      subject: `Ihr Konto bei ${application} hat jetzt ein Passwort`,
      before: [
        `Für Ihr Konto bei ${application} wurde soeben ein Passwort festgelegt, über einen Link, der einmal funktioniert.`,
      ],
      after: [RESET],
    }),
    "account-closed": ({ application }) => ({
      subject: `Ihr Konto bei ${application} wurde geschlossen`,
      before: [
        `Ihr Konto bei ${application} wurde soeben geschlossen. Niemand kann sich mehr damit anmelden.`,
      ],
      after: [REPORT],
    }),
  },
};
