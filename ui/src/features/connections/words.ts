import { errorWords } from "../../app";
import * as m from "../../paraglide/messages";
import type { CommandError, ResultKind } from "../../wire";

const archive: Record<string, (args: { detail: string }) => string> = {
  unreachable: m.connect_why_unreachable,
  not_trusted: m.connect_why_not_trusted,
  timed_out: m.connect_why_timed_out,
  not_let_in: m.connect_why_not_let_in,
  not_found: m.connect_why_not_found,
  sent_on: m.connect_why_sent_on,
  status: m.connect_why_status,
  not_dicomweb: m.connect_why_not_dicomweb,
  too_large: m.connect_why_too_large,
  cut_short: m.connect_why_cut_short,
  malformed: m.connect_why_malformed,
  bad_certificate: m.connect_why_bad_certificate,
  no_address: m.connect_why_no_address,
  credentials_in_address: m.connect_why_credentials_in_address,
  query_in_address: m.connect_why_query_in_address,
  plain_address: m.connect_why_plain_address,
  no_credentials: m.connect_why_no_credentials,
  stopped: m.connect_why_stopped,
  too_many: m.connect_why_too_many,
  too_late: m.connect_why_too_late,
  under_way: m.connect_why_under_way,
  no_criterion: m.connect_search_need,
};

const folder: Record<string, () => string> = {
  not_a_path: m.connect_why_not_a_path,
  no_folder: m.connect_why_no_folder,
  in_home: m.connect_why_in_home,
  other_file: m.connect_why_other_file,
  not_writable: m.connect_why_not_writable,
};

type Spoken = Pick<CommandError, "code" | "kind" | "args" | "incident">;

/** What is wrong with a connection, a folder or a file, in one sentence; what is not known here says what all pages say. */
export function why(error: Spoken): string {
  const { why: name = "", detail = "", value = "" } = error.args;
  if (error.code === "archive_failed" && archive[name]) return archive[name]({ detail });
  if (error.code === "folder_unsuitable" && folder[name]) return folder[name]();
  if (error.code === "receiver_unfit") {
    if (name === "bind") return m.connect_receiver_unfit_bind({ value });
    if (name === "port") return m.connect_receiver_need_port();
    return value ? m.connect_receiver_unfit_title({ value }) : m.connect_receiver_need_senders();
  }
  if (name === "may_show_name") return m.connect_why_may_show_name();
  const words = errorWords(error);
  return `${words.title} ${words.doNow}`;
}

const kinds: Record<ResultKind, () => string> = {
  pdf: m.connect_kind_pdf,
  fhir: m.connect_kind_fhir,
  sr: m.connect_kind_sr,
  capture: m.connect_kind_capture,
};
export const kindWord = (kind: ResultKind) => kinds[kind]();
/** What an archive takes. */
export const isDicom = (kind: ResultKind) => kind === "sr" || kind === "capture";
