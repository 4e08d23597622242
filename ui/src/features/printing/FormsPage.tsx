import { type FormEvent, useState } from "react";
import { AppLink, useMay } from "../../app";
import { useSend } from "../../backend";
import { Button, Checkbox, Loading, NumberField, PageHead, RadioGroup, SectionHead } from "../../design";
import * as m from "../../paraglide/messages";
import type { BlankForm } from "../../wire";
import { CareTabs } from "../requests/CareTabs";
import { FolderField } from "../connections/FolderField";
import { type PrintChoice, usePrintChoice } from "./choice";
import { PrintOutcome } from "./PrintDialog";
import { forms, formPages, formUse, formWord } from "./words";

/** As many sheets as one file holds. */
const mostSheets = 100;
const mostEach = Math.floor(mostSheets / forms.length);

/** Blank forms for the hours without power or program, and how what was written on them comes back in. */
export function FormsPage() {
  const may = useMay();
  const pages = formPages.filter(([, , needs]) => may(needs));
  const { choice, keep } = usePrintChoice();
  const [changed, setChanged] = useState<Partial<PrintChoice>>({});
  const [chosen, setChosen] = useState<readonly BlankForm[]>(forms);
  const [copies, setCopies] = useState<number | null>(5);
  const send = useSend("print.save", { onDone: (_, { printer, media, language, folder }) => keep({ printer, media, language: language === "ar" ? "ar" : "en", folder }) });
  const now = choice && { ...choice, ...changed };
  const notNow = chosen.length === 0 ? m.printing_need_form() : copies === null ? m.printing_need_copies() : now?.folder.trim() === "" ? m.connect_export_need_folder() : undefined;

  function submit(event: FormEvent) {
    event.preventDefault();
    if (!now || notNow || copies === null || send.isPending) return;
    // Sheets of one kind lie together, as they are taken to where they are used.
    const all = forms.filter((f) => chosen.includes(f)).flatMap((form) => Array.from({ length: copies }, () => form));
    send.mutate({ ...now, folder: now.folder.trim(), what: { kind: "forms", forms: all } });
  }
  return (
    <>
      <PageHead title={m.printing_forms_title()} tabs={<CareTabs />} />
      <div className="relative grid min-h-0 grow content-start overflow-auto min-[1000px]:grid-cols-2" tabIndex={0} role="region" aria-label={m.printing_forms_title()}>
        <section aria-label={m.printing_forms_print()}>
          <SectionHead title={m.printing_forms_print()} />
          {!now ? <div className="p-4"><Loading lines={5} /></div> : (
            <form onSubmit={submit} noValidate className="grid gap-4 p-4">
              <p className="text-ink-2">{m.printing_forms_text()}</p>
              <fieldset className="m-0 grid gap-2 border-0 p-0">
                <legend className="hs-label mb-1 p-0">{m.printing_forms_which()}</legend>
                {forms.map((form) => (
                  <Checkbox key={form} sub={formUse[form]()} isSelected={chosen.includes(form)} onChange={(on) => setChosen((all) => (on ? [...all, form] : all.filter((f) => f !== form)))}>{formWord[form]()}</Checkbox>
                ))}
              </fieldset>
              <div className="max-w-[200px]"><NumberField label={m.printing_copies_each()} unit="" min={1} max={mostEach} value={copies} onChange={setCopies} /></div>
              <RadioGroup label={m.printing_language()} options={[{ id: "en", label: "English" }, { id: "ar", label: "العربية" }]} value={now.language} onChange={(language) => setChanged((c) => ({ ...c, language }))} />
              <FolderField value={now.folder} onChange={(folder) => setChanged((c) => ({ ...c, folder }))} />
              <div><Button type="submit" variant="primary" size="lg" icon="print" pending={send.isPending} notNow={notNow}>{m.printing_act()}</Button></div>
              <PrintOutcome saved={send.data} error={send.error} />
            </form>
          )}
        </section>
        <section aria-label={m.printing_after_title()} className="border-line max-[999px]:border-t min-[1000px]:border-s">
          <SectionHead title={m.printing_after_title()} />
          <div className="grid gap-4 p-4">
            <ol className="m-0 grid list-decimal gap-2 ps-5">
              <li>{m.printing_after_before()}</li>
              <li>{m.printing_after_write()}</li>
              <li>{m.printing_after_check()}</li>
              <li><b>{m.printing_after_enter()}</b></li>
              <li>{m.printing_after_keep()}</li>
            </ol>
            {pages.length > 0 && <div className="grid gap-1">
              <h3 className="m-0 text-base">{m.printing_after_where()}</h3>
              <ul className="m-0 grid list-none gap-1 p-0">
                {pages.map(([form, path]) => <li key={form}><AppLink to={path}>{formWord[form]()}</AppLink></li>)}
              </ul>
            </div>}
          </div>
        </section>
      </div>
    </>
  );
}
