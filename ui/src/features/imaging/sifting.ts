import type { StudyRow } from "../../wire";

/** What a reader looks for in the list, by what the analysis says. */
export const groups = ["finding", "look", "waiting", "none", "nothing"] as const;
export type Group = (typeof groups)[number];

/**
 * Where a row belongs: a finding at or above its threshold; an analysis that says nothing a person could rely on
 * (abstained, failed, outside intended use); one still to come; none asked for; nothing found.
 */
export function groupOf(row: Pick<StudyRow, "state" | "finding" | "outsideIntendedUse">): Group {
  switch (row.state) {
    case "queued": case "running": return "waiting";
    case "none": case "cancelled": return "none";
    case "abstained": case "failed": return "look";
    case "done": return row.outsideIntendedUse ? "look" : row.finding !== null ? "finding" : "nothing";
  }
}

export const orders = ["urgency", "newest"] as const;
export type Order = (typeof orders)[number];

/** Read is what somebody signed; the record says it, for every workstation alike. Opened alone is not read. */
export const isRead = (row: Pick<StudyRow, "report">): boolean => row.report === "signed";

/**
 * By urgency: findings before everything else, "nothing found" last, and inside each whoever waits longest first. What
 * is signed waits no more and stands behind all. The probability is no urgency and moves nobody. Newest: as the store
 * gives it.
 */
export function ordered<T extends Pick<StudyRow, "state" | "finding" | "outsideIntendedUse" | "addedAt" | "report">>(rows: T[], order: Order): T[] {
  if (order === "newest") return rows;
  const rank = (row: T) => (isRead(row) ? groups.length : groups.indexOf(groupOf(row)));
  return [...rows].sort((a, b) => rank(a) - rank(b) || Date.parse(a.addedAt) - Date.parse(b.addedAt));
}

export interface Sieve {
  group: Group | null;
  /** Modality as the file writes it; an empty text is "not recorded". */
  modality: string | null;
  /** Holds back what is signed. */
  unread: boolean;
}
export type SieveName = keyof Sieve;

/** What passes, and how many each sieve holds back; a row that several would hold is counted for the first. What is open (`keep`) is never held back for being signed. */
export function sifted<T extends Pick<StudyRow, "id" | "state" | "finding" | "outsideIntendedUse" | "modality" | "report">>(rows: T[], sieve: Sieve, keep: string | null): { rows: T[]; hidden: Record<SieveName, number> } {
  const hidden = { group: 0, modality: 0, unread: 0 };
  const passing = rows.filter((row) => {
    const holds: SieveName | null = sieve.group !== null && groupOf(row) !== sieve.group ? "group"
      : sieve.modality !== null && (row.modality ?? "") !== sieve.modality ? "modality"
        : sieve.unread && isRead(row) && row.id !== keep ? "unread" : null;
    if (holds) hidden[holds]++;
    return holds === null;
  });
  return { rows: passing, hidden };
}

/** The next row that nobody signed yet: after the present one, then from the top; null when all others are. */
export function nextUnread<T extends Pick<StudyRow, "id" | "report">>(rows: T[], selected: string | null): T | null {
  const at = rows.findIndex((r) => r.id === selected);
  const round = [...rows.slice(at + 1), ...rows.slice(0, Math.max(0, at))];
  return round.find((r) => r.id !== selected && !isRead(r)) ?? null;
}
