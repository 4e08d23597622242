import { useQueryClient } from "@tanstack/react-query";
import { usePreferences } from "../../app";
import { useBackend, useCommand } from "../../backend";
import type { PrinterKind, PrintMedia } from "../../wire";

/** How somebody prints: asked for once, then offered again. */
export interface PrintChoice {
  printer: PrinterKind;
  media: PrintMedia;
  language: "en" | "ar";
  folder: string;
}

export const printers: readonly PrinterKind[] = ["dots203", "dots300", "office"];
export const papers: readonly PrintMedia[] = ["roll", "a4"];

const oneOf = <T extends string>(value: unknown, all: readonly T[], otherwise: T): T => all.find((one) => one === value) ?? otherwise;

/** Reads what was kept; whatever no longer fits falls back. */
export function readChoice(body: string | null, first: PrintChoice): PrintChoice {
  let kept: unknown = null;
  try {
    kept = body === null ? null : JSON.parse(body);
  } catch {
    return first;
  }
  if (typeof kept !== "object" || kept === null) return first;
  const { printer, media, language, folder } = kept as Record<string, unknown>;
  return {
    printer: oneOf(printer, printers, first.printer),
    media: oneOf(media, papers, first.media),
    language: oneOf(language, ["en", "ar"] as const, first.language),
    folder: typeof folder === "string" ? folder.slice(0, 1000) : first.folder,
  };
}

const name = "print_choice";

/** The person's last choice, kept in the store of this workstation. `null` while it is read. */
export function usePrintChoice(): { choice: PrintChoice | null; keep(next: PrintChoice): void } {
  const backend = useBackend();
  const queries = useQueryClient();
  const { locale } = usePreferences();
  const kept = useCommand("preference.get", { name });
  const first: PrintChoice = { printer: "office", media: "a4", language: locale, folder: "" };
  return {
    choice: kept.isPending ? null : readChoice(kept.data?.body ?? null, first),
    keep(next) {
      const body = JSON.stringify(next);
      if (body === kept.data?.body) return;
      queries.setQueryData(["preference.get", { name }], { body });
      // The file is written by now: a choice that is not remembered is asked for again, and nothing is lost.
      backend.call("preference.put", { name, body }).catch(() => undefined);
    },
  };
}
