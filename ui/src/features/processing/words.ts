import { errorWords } from "../../app";
import * as m from "../../paraglide/messages";
import type { CommandError, Work } from "../../wire";
import { refusalWord } from "../lab/words";

export const works: readonly Work[] = ["irradiate", "leukoreduce", "wash", "thaw", "relabel_thawed", "pool", "split", "volume_reduce", "freeze", "deglycerolise", "aliquot"];

const workWords: Record<Work, () => string> = {
  irradiate: m.processing_work_irradiate, leukoreduce: m.processing_work_leukoreduce, wash: m.processing_work_wash, thaw: m.processing_work_thaw,
  relabel_thawed: m.processing_work_relabel_thawed, pool: m.processing_work_pool, split: m.processing_work_split, volume_reduce: m.processing_work_volume_reduce,
  freeze: m.processing_work_freeze, deglycerolise: m.processing_work_deglycerolise, aliquot: m.processing_work_aliquot,
};
export const workWord = (work: Work) => workWords[work]();

/** What a history wrote of a bag that was made into another: the name of the work, or nothing that is known here. */
export const workOf = (written: string | null): Work | null => works.find((work) => work === written) ?? null;

type Spoken = Pick<CommandError, "code" | "kind" | "args" | "incident">;

/** Some rules of the laboratory mean something else at this bench. */
const atThisBench: Record<string, (() => string) | undefined> = {
  not_available: m.processing_rule_not_available,
  label_twice: m.processing_rule_label_twice,
  label_bad: m.processing_rule_label_bad,
};

/** Why it was not done, in one sentence. */
export function whyNotDone(error: Spoken): string {
  if (error.args.rule === "field_missing" && error.args.field === "collectedAt") return m.processing_no_collection();
  const own = error.code === "lab_refused" ? atThisBench[error.args.rule ?? ""]?.() : undefined;
  const rule = own ?? refusalWord(error);
  if (rule) return `${rule}.`.replace(/\.\.$/, ".");
  const { title, doNow } = errorWords(error);
  return `${title} ${doNow}`;
}
