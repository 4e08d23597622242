import { type ReactNode, useRef } from "react";
import { ErrorBlock } from "../../app";
import type { CommandFailed } from "../../backend";
import { Button, Chip, Empty, Loading, Menu } from "../../design";
import * as m from "../../paraglide/messages";
import type { ImageView, StudyRow, StudyView } from "../../wire";
import { type Hanging, type Slot, whenOf } from "./hanging";
import { When } from "./When";

/** What is known of one pane's study. */
export interface Content {
  slot: Slot | null;
  study: StudyView | null;
  image: ImageView | null;
  error: CommandFailed | null;
  retry(): void;
}

/** The order of hues by study: the one being read, then its priors. Never without the word and the date. */
const hues = ["var(--viz-1)", "var(--viz-2)", "var(--viz-3)", "var(--viz-4)", "var(--viz-5)"];
export function hueOf(study: string, current: string, others: { id: string }[]): string {
  const at = study === current ? 0 : others.findIndex((o) => o.id === study) + 1;
  return hues[Math.min(at, hues.length - 1)] ?? "var(--viz-1)";
}

const whenWords = { current: m.image_pane_current, earlier: m.image_pane_prior, later: m.image_pane_later, same_day: m.image_pane_other };
export const whenWord = (study: StudyRow, current: StudyRow): string => whenWords[whenOf(study, current)]();
export const studyWords = (row: Pick<StudyRow, "modality" | "bodyPart">): string => [row.modality, row.bodyPart].filter(Boolean).join(" ");

export interface Offer { id: string; label: string; slot: Slot | null }

interface PanesProps {
  hanging: Hanging;
  contents: Content[];
  current: StudyRow;
  /** The person's other studies, in the order of their hues. */
  others: StudyRow[];
  offers: Offer[];
  /** Why nothing but this study can be chosen. */
  nothingElse: string | null;
  chooseKey: string;
  onActive(pane: number): void;
  onPut(pane: number, slot: Slot | null): void;
  /** A word of warning for a pane: the file names somebody else. */
  warning(content: Content): string | null;
  stage(pane: number, content: Content & { image: ImageView; study: StudyView }): ReactNode;
}

/** The films side by side. Left is left in every language, as on the light box. */
export function Panes(props: PanesProps) {
  const { hanging: { layout }, contents } = props;
  const grid = { "1x1": "grid-cols-1", "1x2": "grid-cols-2", "2x2": "grid-cols-2 grid-rows-2" }[layout];
  return (
    <div dir="ltr" className={`grid min-h-0 min-w-0 grow auto-rows-fr gap-px bg-line-2 ${grid}`} data-layout={layout}>
      {contents.map((content, pane) => <Pane key={pane} {...props} pane={pane} content={content} />)}
    </div>
  );
}

function Pane({ pane, content, hanging, current, others, offers, nothingElse, chooseKey, onActive, onPut, warning, stage }: PanesProps & { pane: number; content: Content }) {
  const { slot, study, image, error, retry } = content;
  const alone = hanging.layout === "1x1";
  const on = hanging.active === pane && !alone;
  // The study that was opened needs no head while it is the only one: the banner and the corner say it already.
  const head = !alone || (slot !== null && slot.study !== current.id);
  const hue = slot ? hueOf(slot.study, current.id, others) : "var(--line-2)";
  const box = useRef<HTMLElement>(null);
  // Of the study that was opened the banner says it already.
  const warns = image && (slot?.study !== current.id || (study?.images.length ?? 0) > 1) ? warning(content) : null;
  return (
    <section
      ref={box}
      aria-label={m.image_pane({ number: pane + 1, total: hanging.slots.length })}
      aria-current={on || undefined}
      data-pane={pane}
      className="relative flex min-h-0 min-w-0 flex-col bg-canvas"
      onFocus={() => onActive(pane)}
      onPointerDownCapture={() => onActive(pane)}
    >
      {head && (
        <header dir={document.documentElement.dir || "ltr"} className="flex min-h-8 flex-none flex-wrap items-center gap-x-2 gap-y-0.5 border-t-[3px] bg-surface px-2 py-0.5 text-sm" style={{ borderTopColor: hue }}>
          {study && slot && (
            <>
              <i className="size-2.5 flex-none" style={{ background: hue }} aria-hidden="true" />
              <b className="whitespace-nowrap">{whenWord(study.row, current)}</b>
              <span className="text-ink-2"><When row={study.row} always="date-time" /></span>
            </>
          )}
          {warns && <span className="hs-wrap contents"><Chip kind="caution">{warns}</Chip></span>}
          <span className="ms-auto">
            <Menu
              label={m.image_pane_choose()}
              trigger={<Button size="sm" variant="quiet" kbd={on ? chooseKey : undefined} notNow={offers.length > 0 ? undefined : (nothingElse ?? m.image_pane_nothing())}><span data-choose>{m.image_pane_choose()}</span></Button>}
              items={offers.map((o) => ({ id: o.id, label: o.label, onAction: () => onPut(pane, o.slot) }))}
            />
          </span>
        </header>
      )}
      <div className="relative flex min-h-0 grow">
        {study && image
          ? stage(pane, { ...content, study, image })
          : (
            <div dir={document.documentElement.dir || "ltr"} tabIndex={0} role="group" aria-label={m.image_pane_empty()} data-stage className="grid grow content-center p-4 outline-none focus-visible:shadow-[inset_0_0_0_3px_var(--focus)]">
              {error
                ? <ErrorBlock error={error} title={m.image_study_failed()} actions={<Button size="sm" onPress={retry}>{m.image_try_again()}</Button>} />
                : slot && !study
                  ? <Loading label={m.image_study_loading()} lines={2} />
                  : <Empty plain title={slot ? m.image_no_pictures() : m.image_pane_empty()}>{slot ? m.image_no_pictures_text() : (nothingElse ?? m.image_pane_empty_text())}</Empty>}
            </div>
          )}
        {on && <i className="pointer-events-none absolute inset-0 z-20 border-2 border-accent [:focus-visible~&]:hidden" data-active-ring aria-hidden="true" />}
      </div>
    </section>
  );
}
