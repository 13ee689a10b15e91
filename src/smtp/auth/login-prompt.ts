/** What a prompt of AUTH LOGIN asks for, in the languages that servers and the software behind them speak. */

// A word for the password counts first: `Login password:`, `mot de passe de l’utilisateur`.
const PASSWORD =
  /pass|kennwort|contrase|clave|senha|parola|wachtwoord|l\u00f6senord|heslo|has\u0142o|salasana|secret|\bpin\b/i;
const USER =
  /user|login|name|benutz|kennung|konto|utilis|identifiant|usuario|usu\u00e1rio|utente|gebruik|anv\u00e4nd|account/i;

export type LoginPrompt = 'user' | 'password' | 'other';

export function loginPrompt(text: string): LoginPrompt {
  return PASSWORD.test(text) ? 'password' : USER.test(text) ? 'user' : 'other';
}
