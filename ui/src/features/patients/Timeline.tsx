import { useState } from "react";
import { ClinicalTime, conditionWord, dayOf, DonationNumber, formatDay, usePlace } from "../../clinical";
import { Button, Empty, Icon, SectionHead, SegmentedControl } from "../../design";
import * as m from "../../paraglide/messages";
import type { PatientView, TimelineEntry } from "../../wire";
import { HappenedLine } from "../downtime/Later";
import { careWords, componentText, groupText, leftToRight, type TimelineArea, timelineArea, timelineIcon, timelineWord } from "./words";

type Show = "all" | TimelineArea;

/** What was done, newest first, by day, each with its time and the person who did it. */
export function Timeline({ patient }: { patient: Pick<PatientView, "timeline" | "timelineHidden"> }) {
  const { zone, now } = usePlace();
  const [show, setShow] = useState<Show>("all");
  // What was entered later stands where it happened.
  const all = patient.timeline.map((e) => ({ ...e, enteredAt: e.at, at: e.happened?.at ?? e.at })).sort((a, b) => Date.parse(b.at) - Date.parse(a.at));
  const rows = show === "all" ? all : all.filter((e) => timelineArea(e.what) === show);
  const total = all.length + patient.timelineHidden;
  const hidden = total - rows.length;
  const days: { day: string; entries: (TimelineEntry & { enteredAt: string })[] }[] = [];
  for (const entry of rows) {
    const day = dayOf(entry.at, zone) ?? "";
    const last = days.at(-1);
    if (last?.day === day) last.entries.push(entry);
    else days.push({ day, entries: [entry] });
  }
  const today = dayOf(now, zone);
  return (
    <>
      <SectionHead
        title={m.patient_timeline()}
        note={hidden > 0 ? m.patient_timeline_count_hidden({ shown: rows.length, total, hidden }) : m.patient_timeline_count({ shown: rows.length, total })}
        actions={
          <SegmentedControl<Show>
            label={m.patient_timeline_filter()}
            value={show}
            onChange={setShow}
            options={[
              { id: "all", label: m.patient_timeline_all() },
              { id: "blood", label: m.patient_timeline_blood() },
              { id: "images", label: m.patient_timeline_images() },
              { id: "record", label: m.patient_timeline_record() },
            ]}
          />
        }
      />
      <div className="min-h-0 grow overflow-auto" tabIndex={0} role="region" aria-label={m.patient_timeline()}>
        {rows.length === 0 && (
          <div className="p-4">
            {show === "all"
              ? <Empty title={m.patient_timeline_empty()}>{m.patient_timeline_empty_text()}</Empty>
              : <Empty title={m.patient_timeline_empty_filter()} action={<Button onPress={() => setShow("all")}>{m.patient_timeline_show_all()}</Button>} />}
          </div>
        )}
        {days.map(({ day, entries }) => (
          <section key={day} aria-label={formatDay(day) ?? day}>
            <h3 className="m-0 border-b border-line bg-sunken px-4 py-1 text-base font-regular text-ink-2">{day === today ? m.patient_timeline_today({ date: formatDay(day) ?? day }) : formatDay(day)}</h3>
            <ol className="m-0 list-none p-0">
              {entries.map((entry, i) => (
                <li key={i} className="grid grid-cols-[64px_20px_1fr] gap-x-3 px-4 py-2">
                  <span className="text-end text-ink-2"><ClinicalTime value={entry.at} always="time" /></span>
                  <span className="text-ink-3"><Icon name={timelineIcon(entry.what)} size={20} /></span>
                  <span className="grid min-w-0 gap-0.5">
                    <Entry entry={entry} />
                    {entry.happened ? <HappenedLine happened={entry.happened} enteredBy={entry.by} enteredAt={entry.enteredAt} /> : <span className="text-sm text-ink-3 [overflow-wrap:anywhere]"><bdi>{entry.by}</bdi></span>}
                  </span>
                </li>
              ))}
            </ol>
          </section>
        ))}
        {patient.timelineHidden > 0 && show === "all" && <p className="px-4 py-3 text-ink-2">{m.patient_timeline_older({ hidden: patient.timelineHidden })}</p>}
      </div>
    </>
  );
}

/** The act in bold, then the values that were recorded with it. A value this page has no words for is left to the record's own page. */
function Entry({ entry: { what, args } }: { entry: TimelineEntry }) {
  const words: string[] = [];
  if (args.record) words.push(args.record);
  if (args.substance) words.push(args.substance);
  if (args.reaction) words.push(args.reaction);
  if (args.group) words.push(groupText(args.group));
  if (args.sample) words.push(m.patient_tl_sample({ sample: args.sample }));
  if (args.component) words.push(args.count ? m.patient_tl_count({ count: args.count, component: componentText(args.component) }) : componentText(args.component));
  words.push(...careWords(what, args));
  if (args.label) words.push(conditionWord(args.label));
  if (args.probability) words.push(percent(args.probability));
  if (what === "finding_judged" && args.agree) words.push(args.agree === "true" ? m.patient_tl_agreed() : m.patient_tl_disagreed());
  if (what === "image_analysed" && args.outcome === "abstained") words.push(m.patient_ai_abstained());
  if (what === "image_analysed" && args.outcome === "failed") words.push(m.patient_ai_failed());
  if (args.collectedBy) words.push(m.patient_tl_collected({ name: args.collectedBy }));
  if (args.reason) words.push(args.reason);
  return (
    <span className="[overflow-wrap:anywhere]">
      <b>{timelineWord(what)}</b>{args.died && <> <ClinicalTime value={args.died} always="date-time" /></>}{words.map((word, i) => <span key={i}>{i === 0 ? " " : m.patient_tl_comma()}<bdi>{word}</bdi></span>)}
      {args.din && <> <DonationNumber din={args.din.replaceAll(" ", "")} check={args.check} /></>}
    </span>
  );
}

/** `97 %`, whether the store wrote 0.97 or the words already. */
function percent(text: string): string {
  const n = Number(text);
  return text.trim() !== "" && n >= 0 && n <= 1 ? leftToRight(`${Math.round(n * 100)} %`) : text;
}
