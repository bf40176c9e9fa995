import type { Language } from "./wording.ts";

const REPORT = "Si ce n’était pas vous, prévenez tout de suite le responsable du service.";
const RESET =
  "Si ce n’était pas vous, demandez tout de suite un nouveau mot de passe et prévenez le responsable du service.";
const IGNORE = "Si vous n’avez rien demandé, il n’y a rien à faire : sans le lien, rien ne se passe.";
const NOT_YOURS =
  "Si vous n’avez pas de tel compte, ou ne l’avez pas créé vous-même, n’ouvrez pas le lien : le compte est peut-être celui de quelqu’un d’autre. Sans le lien, l’adresse n’est pas confirmée.";

/** The mails in French. */
export const FR: Language = {
  code: "fr",
  greeting: (name) => (name === null ? "Bonjour," : `Bonjour ${name},`),
  anyLink: "Ouvrir la page",
  copyLink: "Ou copiez cette adresse dans votre navigateur :",
  linkLasts: (duration) => `Le lien fonctionne une seule fois, pendant ${duration} à compter de la demande.`,
  footer: (application) =>
    `Ce message a été envoyé automatiquement par ${application}. Les réponses ne sont pas lues.`,
  mails: {
    "verify-email": ({ application }) => ({
      subject: `Confirmez votre adresse e-mail pour ${application}`,
      before: [
        `Merci de confirmer que cette adresse e-mail est bien celle de votre compte chez ${application}.`,
      ],
      action: "Confirmer l’adresse e-mail",
      after: [NOT_YOURS],
    }),
    "reset-password": ({ application }) => ({
      subject: `Nouveau mot de passe pour ${application}`,
      before: [`Quelqu’un a demandé un nouveau mot de passe pour votre compte chez ${application}.`],
      action: "Choisir un nouveau mot de passe",
      after: ["Si ce n’était pas vous, il n’y a rien à faire : votre mot de passe reste le même."],
    }),
    "no-password": ({ application }) => ({
      subject: `Votre connexion à ${application}`,
      before: [
        `Quelqu’un a demandé un nouveau mot de passe pour votre compte chez ${application}, qui n’en a pas.`,
        "Connectez-vous comme vous l’avez toujours fait. Si ce n’est pas possible, demandez un lien au responsable du service.",
      ],
      after: ["Si vous n’avez rien demandé, il n’y a rien à faire."],
    }),
    "password-changed": ({ application }) => ({
      subject: `Votre mot de passe pour ${application} a été modifié`,
      before: [
        `Le mot de passe de votre compte chez ${application} vient d’être modifié. Les autres appareils ont été déconnectés.`,
      ],
      after: [RESET],
    }),
    "change-email-confirm": ({ application }) => ({
      subject: `Confirmez votre nouvelle adresse e-mail pour ${application}`,
      before: [`Merci de confirmer que votre compte chez ${application} doit avoir cette adresse e-mail.`],
      action: "Confirmer la nouvelle adresse",
      after: [IGNORE],
    }),
    "change-email-approve": ({ application, newEmail }) => ({
      subject: `Votre adresse e-mail pour ${application} va être modifiée`,
      before: [
        newEmail === null
          ? `Une personne connectée à votre compte chez ${application} veut en modifier l’adresse e-mail.`
          : `Une personne connectée à votre compte chez ${application} veut en modifier l’adresse e-mail. La nouvelle adresse : ${newEmail}`,
        "Elle n’est modifiée que si vous êtes d’accord.",
      ],
      action: "Accepter la modification",
      after: [
        "Si ce n’était pas vous, n’ouvrez pas le lien. Changez votre mot de passe et prévenez le responsable du service.",
      ],
    }),
    "email-changed": ({ application, newEmail }) => ({
      subject: `Votre adresse e-mail pour ${application} a été modifiée`,
      before: [
        newEmail === null
          ? `L’adresse e-mail de votre compte chez ${application} vient d’être modifiée.`
          : `L’adresse e-mail de votre compte chez ${application} vient d’être modifiée. La nouvelle adresse : ${newEmail}`,
        "L’adresse à laquelle vous recevez ce message n’est plus utilisée pour ce compte.",
      ],
      after: [REPORT],
    }),
    "register-confirm": ({ application }) => ({
      subject: `Terminez votre inscription chez ${application}`,
      before: [
        `Quelqu’un s’est inscrit chez ${application} avec cette adresse e-mail. Si c’était vous, terminez l’inscription : le mot de passe que vous avez choisi vous sera demandé.`,
      ],
      action: "Terminer l’inscription",
      after: [
        "Si ce n’était pas vous, n’ouvrez pas le lien : le mot de passe est celui de quelqu’un d’autre. Sans le lien, aucun compte n’est créé.",
      ],
    }),
    "register-exists": ({ application }) => ({
      subject: `Vous avez déjà un compte chez ${application}`,
      before: [
        `Quelqu’un a voulu s’inscrire chez ${application} avec cette adresse e-mail, qui a déjà un compte.`,
        "Connectez-vous avec elle. Si vous ne connaissez plus le mot de passe, demandez-en un nouveau.",
      ],
      after: ["Si ce n’était pas vous, il n’y a rien à faire : votre compte n’a pas changé."],
    }),
    "account-claimed": ({ application }) => ({
      subject: `Votre compte chez ${application} a maintenant un mot de passe`,
      before: [
        `Un mot de passe vient d’être choisi pour votre compte chez ${application}, avec un lien qui ne fonctionne qu’une fois.`,
      ],
      after: [RESET],
    }),
    "account-closed": ({ application }) => ({
      subject: `Votre compte chez ${application} a été fermé`,
      before: [`Votre compte chez ${application} vient d’être fermé. Plus personne ne peut s’y connecter.`],
      after: [REPORT],
    }),
  },
};
