/** NAME=VALUE for a shell, for a .env file. Pure. */

const PLAIN = /^[A-Za-z0-9_@%+=:,./-]+$/;

/** A word of a POSIX shell. */
export function shellQuoted(text: string): string {
  return PLAIN.test(text) ? text : `'${text.replace(/'/g, "'\\''")}'`;
}

/** A value of a .env file as docker compose, systemd and the dotenv libraries read it: in double quotes where it is not plain. */
export function dotenvQuoted(text: string): string {
  if (PLAIN.test(text)) return text;
  return `"${text.replace(/[\\"$`]/g, "\\$&").replace(/\n/g, "\\n")}"`;
}
