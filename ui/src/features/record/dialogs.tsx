import { useState } from "react";
import { useSend } from "../../backend";
import { dayOf, usePlace } from "../../clinical";
import { BigChoice, DateField, RadioGroup, Select, TextField } from "../../design";
import * as m from "../../paraglide/messages";
import type { Antigen, BloodNeed, ExposureKind, HPhenotype } from "../../wire";
import { Ask, NeedSelect, refusal } from "../requests/parts";
import { instantOf } from "../requests/time";
import { antibodyWord, antigens } from "../requests/words";

interface Of { patient: string; onClose(): void }
/** An antibody that has no name in the list. */
const other = "other";

/** For good: a list of antigens, or the words of whoever found it. */
export function AntibodyDialog({ patient, onClose }: Of) {
  const place = usePlace();
  const [which, setWhich] = useState<string | null>(null);
  const [words, setWords] = useState("");
  const [on, setOn] = useState<string | null>(() => dayOf(place.now, place.zone));
  const [told, setTold] = useState("");
  const [tried, setTried] = useState(false);
  const send = useSend("history.antibody", { onDone: onClose });
  const named = which !== null && which !== other;
  const ready = which !== null && (named || words.trim() !== "") && on !== null && told.trim() !== "";
  return (
    <Ask title={m.record_antibody_title()} act={m.record_save()} pending={send.isPending} error={refusal(send.error)} onClose={onClose} onSubmit={() => { setTried(true); if (ready) send.mutate({ patient, antigen: named ? (which as Antigen) : null, words: named ? null : words.trim(), foundOn: on, toldBy: told.trim() }); }}>
      <p className="text-ink-2">{m.record_antibody_text()}</p>
      <Select label={m.record_antibody_which()} options={[...antigens.map((id) => ({ id: id as string, label: antibodyWord(id) })), { id: other, label: m.record_antibody_other() }]} value={which} onChange={setWhich} error={tried && which === null ? m.record_antibody_need() : undefined} autoFocus />
      {which === other && <TextField label={m.record_antibody_words()} hint={m.record_antibody_words_hint()} value={words} onChange={setWords} error={tried && !words.trim() ? m.record_antibody_need_words() : undefined} autoComplete="off" />}
      <DateField label={m.record_antibody_on()} value={on} onChange={setOn} error={tried && !on ? m.record_need_date() : undefined} />
      <TextField label={m.record_antibody_told()} hint={m.record_antibody_told_hint()} value={told} onChange={setTold} error={tried && !told.trim() ? m.record_need_told() : undefined} autoComplete="off" />
    </Ask>
  );
}

export function NeedDialog({ patient, onClose }: Of) {
  const place = usePlace();
  const [need, setNeed] = useState<BloodNeed | null>(null);
  const [long, setLong] = useState<"life" | "until">("life");
  const [day, setDay] = useState<string | null>(null);
  const [reason, setReason] = useState("");
  const [tried, setTried] = useState(false);
  const send = useSend("history.need", { onDone: onClose });
  const ready = need !== null && reason.trim() !== "" && (long === "life" || day !== null);
  return (
    <Ask
      title={m.record_need_title()}
      act={m.record_save()}
      pending={send.isPending}
      error={refusal(send.error)}
      onClose={onClose}
      onSubmit={() => {
        setTried(true);
        // Its last day counts to the end.
        if (ready && need) send.mutate({ patient, need, until: long === "until" && day ? instantOf(`${day}T23:59`, place.zone) : null, reason: reason.trim() });
      }}
    >
      <p className="text-ink-2">{m.record_need_text()}</p>
      <NeedSelect label={m.record_need_which()} value={need} onChange={setNeed} error={tried && !need ? m.record_need_choose() : undefined} autoFocus />
      <RadioGroup label={m.record_need_until()} options={[{ id: "life", label: m.record_need_life() }, { id: "until", label: m.record_need_until_day() }]} value={long} onChange={setLong} />
      {long === "until" && <DateField label={m.record_need_last_day()} value={day} onChange={setDay} error={tried && !day ? m.record_need_date() : undefined} />}
      <TextField label={m.record_need_reason()} hint={m.record_need_reason_hint()} value={reason} onChange={setReason} error={tried && !reason.trim() ? m.record_need_reason_need() : undefined} autoComplete="off" />
    </Ask>
  );
}

export function ExposureDialog({ patient, onClose }: Of) {
  const [kind, setKind] = useState<ExposureKind | null>(null);
  const [on, setOn] = useState<string | null>(null);
  const [tried, setTried] = useState(false);
  const send = useSend("history.exposure", { onDone: onClose });
  return (
    <Ask title={m.record_exposure_title()} act={m.record_save()} pending={send.isPending} error={refusal(send.error)} onClose={onClose} onSubmit={() => { setTried(true); if (kind && on) send.mutate({ patient, kind, on }); }}>
      <p className="text-ink-2">{m.record_exposure_text()}</p>
      <BigChoice autoFocus label={m.record_exposure_kind()} options={[{ id: "transfusion", label: m.record_exposure_transfusion() }, { id: "pregnancy", label: m.record_exposure_pregnancy() }]} value={kind} onChange={setKind} error={tried && !kind ? m.record_exposure_need() : undefined} />
      <DateField label={m.record_exposure_on()} value={on} onChange={setOn} error={tried && !on ? m.record_need_date() : undefined} />
    </Ask>
  );
}

export function PhenotypeDialog({ patient, now, onClose }: Of & { now: HPhenotype }) {
  const [phenotype, setPhenotype] = useState<HPhenotype>(now);
  const send = useSend("history.phenotype", { onDone: onClose });
  return (
    <Ask title={m.record_phenotype_title()} act={m.record_save()} pending={send.isPending} error={refusal(send.error)} onClose={onClose} onSubmit={() => (phenotype === now ? onClose() : send.mutate({ patient, phenotype }))}>
      <p className="text-ink-2">{m.record_phenotype_text()}</p>
      <BigChoice label={m.record_phenotype()} options={[{ id: "ordinary", label: m.record_phenotype_ordinary() }, { id: "bombay", label: m.record_phenotype_bombay() }, { id: "para_bombay", label: m.record_phenotype_para_bombay() }]} value={phenotype} onChange={setPhenotype} />
    </Ask>
  );
}

export function TransplantDialog({ patient, onClose }: Of) {
  const send = useSend("history.transplant", { onDone: onClose });
  return (
    <Ask title={m.record_transplant_title()} act={m.record_transplant_save()} danger keep={m.record_transplant_keep()} pending={send.isPending} error={refusal(send.error)} onClose={onClose} onSubmit={() => send.mutate({ id: patient })}>
      <p>{m.record_transplant_text()}</p>
    </Ask>
  );
}
