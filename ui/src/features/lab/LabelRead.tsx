import { useState } from "react";
import { errorWords, useScanner } from "../../app";
import { Shape, TextField } from "../../design";
import * as m from "../../paraglide/messages";
import { partKind } from "../bloodbank/words";

/** What the codes of a label begin with (ISBT 128); the number is `=` and a letter or digit. The store reads them, this only counts. */
const codes = [
  { mark: /=[A-Z1-9]/i, part: m.blood_part_din },
  { mark: /=%/, part: m.blood_part_group },
  { mark: /=</, part: m.blood_part_product },
  { mark: /&>/, part: m.lab_release_expiry },
] as const;

/**
 * Four codes one after another make one reading. A code of a kind that was read before takes its place: whoever took the
 * wrong bag scans the right one and does not begin anew. A code that holds several stands for itself.
 */
export function withCode(text: string, raw: string): string {
  const kinds = codes.filter((c) => c.mark.test(raw));
  const kept = text.split(/(?==[A-Z1-9%<]|&>)/i).filter((code) => !kinds.some((k) => k.mark.test(code)));
  return kept.join("") + raw;
}

/** The label that was put on a bag, read back by a scanner; what is missing of its four codes stands below. */
export function useLabelRead(tried: boolean) {
  const [label, setLabel] = useState("");
  const [wrong, setWrong] = useState<string>();
  useScanner((scan) => {
    const words = scan.error && errorWords(scan.error);
    const [part] = scan.parts;
    const ofLabel = codes.some((c) => c.mark.test(scan.raw));
    setWrong(words ? `${words.title} ${words.doNow}` : ofLabel ? undefined : m.blood_wrong_kind({ was: part ? partKind(part) : m.blood_kind_slip(), wanted: m.blood_want_label() }));
    // What a scanner cannot read stays out of the reading; what was read of the label before stays in it.
    if (words || !ofLabel) return "refused";
    setLabel((text) => withCode(text, scan.raw));
    return "taken";
  });
  const fields = (
    <>
      <TextField name="label" mono label={m.lab_release_label()} hint={m.lab_release_label_hint()} value={label} onChange={(text) => { setLabel(text); setWrong(undefined); }} error={wrong ?? (tried && !label.trim() ? m.lab_release_need() : undefined)} autoFocus autoComplete="off" />
      <ul className="m-0 flex list-none flex-wrap gap-x-3 gap-y-1 p-0" aria-label={m.blood_bag_read()}>
        {codes.map(({ mark, part }) => (
          <li key={mark.source} className="flex items-center gap-1.5 text-sm">
            <Shape kind={mark.test(label) ? "good" : "inactive"} />
            <span className={mark.test(label) ? "" : "font-strong"}>{mark.test(label) ? m.blood_bag_part_done({ part: part() }) : m.blood_bag_part_open({ part: part() })}</span>
          </li>
        ))}
      </ul>
    </>
  );
  return { label: label.trim(), fields };
}
