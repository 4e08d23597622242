import { errorWords } from "../../app";
import * as m from "../../paraglide/messages";
import type { BlankForm, CommandError, Permission, PrinterKind, PrintMedia, PrintWhat } from "../../wire";
import { why as whyNoFile } from "../connections/words";

export const titleOf: Record<PrintWhat["kind"], () => string> = {
  unit_labels: m.printing_unit_title,
  slip: m.printing_slip_title,
  box_slip: m.printing_box_title,
  tag: m.printing_tag_title,
  tube_labels: m.printing_tube_title,
  wristband: m.printing_wristband_title,
  forms: m.printing_forms_title,
};

export const printerWord: Record<PrinterKind, () => string> = { dots203: m.printing_printer_203, dots300: m.printing_printer_300, office: m.printing_printer_office };
export const paperWord: Record<PrintMedia, () => string> = { roll: m.printing_paper_roll, a4: m.printing_paper_a4 };
export const paperSub: Record<PrintMedia, () => string> = { roll: m.printing_paper_roll_sub, a4: m.printing_paper_a4_sub };

export const forms: readonly BlankForm[] = ["request", "sample", "issue_log", "transfusion", "stock", "donation", "bench"];
export const formWord: Record<BlankForm, () => string> = {
  request: m.printing_form_request, sample: m.printing_form_sample, issue_log: m.printing_form_issue_log, transfusion: m.printing_form_transfusion, stock: m.printing_form_stock,
  donation: m.printing_form_donation, bench: m.printing_form_bench,
};
export const formUse: Record<BlankForm, () => string> = {
  request: m.printing_form_request_use, sample: m.printing_form_sample_use, issue_log: m.printing_form_issue_log_use, transfusion: m.printing_form_transfusion_use, stock: m.printing_form_stock_use,
  donation: m.printing_form_donation_use, bench: m.printing_form_bench_use,
};
/** Where what was written on the form is entered afterwards, and who may. */
export const formPages: readonly [form: BlankForm, path: string, needs: Permission][] = [
  ["request", "/requests/new", "request_blood"],
  ["sample", "/samples/receive", "crossmatch"],
  ["issue_log", "/blood/issue", "issue_blood"],
  ["transfusion", "/bedside", "see_stock"],
  ["stock", "/blood/count", "receive_blood"],
  ["donation", "/donors", "screen_donors"],
  ["bench", "/lab", "test_donations"],
];

type Spoken = Pick<CommandError, "code" | "kind" | "args" | "incident">;

/** Why a file was not written, in one sentence and what to do. */
export function whyNotPrinted(error: Spoken): string {
  if (error.code === "malformed") return m.printing_why_no_barcode();
  if (error.code === "scan_unreadable") return m.printing_why_no_barcode();
  if (error.code === "changed") return m.printing_why_crossmatched();
  if (error.code === "folder_unsuitable") return whyNoFile(error);
  const { title, doNow } = errorWords(error);
  return `${title} ${doNow}`;
}
