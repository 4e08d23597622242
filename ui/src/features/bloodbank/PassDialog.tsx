import { type ReactNode, useState } from "react";
import { fitting, useDraft } from "../../app";
import { CommandFailed } from "../../backend";
import { groupDin } from "../../clinical";
import { OverrideDialog, TextField } from "../../design";
import * as m from "../../paraglide/messages";
import type { Code, CommandError, Override, SecondPerson } from "../../wire";
import { nobody, Refused, RuleList, secondReady, SecondPersonFields, wantsSecond } from "./common";
import type { Subject } from "./refusals";
import { ruleTitle } from "./words";

/** Shorter is no reason that somebody understands in a year. */
const shortest = 10;

export interface PassDialogProps {
  /** The rules this covers, the worst first. Empty when only a second person is asked for. */
  rules: Code[];
  subject: Subject;
  /** The values of the refusal: what is missing, which group. */
  args?: CommandError["args"];
  /** The act in words: "Issue with this reason". */
  act: string;
  onClose(): void;
  /** Sends the command; rejects with a `CommandFailed`. */
  send(override: Override | null, second: SecondPerson | null): Promise<unknown>;
  onDone(): void;
  /** The store named other rules than before: the dialog must show what is really passed. */
  onOtherRules(rules: Code[]): void;
  /** Why the act is not open yet for a reason of the caller. */
  notNow?: string;
  /** Names the draft of the reason where it is about no single unit. */
  draftOf?: string;
  /** The numbers of the units where it is about several. */
  units?: string;
  /** A second person was asked for already. */
  secondAsked?: boolean;
  children?: ReactNode;
}

/**
 * Going past a warning: the rules, the values, a reason, and a second person where the store asks for one. An
 * override covers exactly the rules on this screen; nothing typed is lost when the answer is no.
 */
export function PassDialog({ rules, subject, args, act, onClose, send, onDone, onOtherRules, notNow, secondAsked = false, draftOf, units, children }: PassDialogProps) {
  const [reason, setReason] = useState("");
  const [second, setSecond] = useState<SecondPerson>(nobody);
  const [asked, setAsked] = useState(secondAsked);
  // The reason is worth keeping; the second person's name and password never are.
  const draft = useDraft(`override/${subject.unit?.din ?? draftOf ?? ""}`, reason.trim() ? { reason } : null, (kept) => setReason(fitting({ reason: "" }, kept).reason));
  const [pending, setPending] = useState(false);
  const [error, setError] = useState<CommandFailed | null>(null);
  const reasonMissing = rules.length > 0 && reason.trim().length < shortest;
  const closed = notNow ?? (reasonMissing ? m.blood_override_reason_short() : asked && !secondReady(second) ? m.blood_second_missing() : undefined);

  async function go() {
    if (pending) return;
    setPending(true);
    setError(null);
    try {
      await send(rules.length > 0 ? { rules, reason: reason.trim() } : null, asked ? second : null);
      draft.done();
      onDone();
    } catch (cause) {
      const failed = CommandFailed.from(cause);
      setError(failed);
      if (wantsSecond(failed)) {
        setAsked(true);
        setSecond((s) => ({ ...s, password: "" }));
      } else if (failed.kind === "needs_override") {
        // Facts changed underneath: all that is passed now must be read again, and the list says so.
        onOtherRules([...new Set([...rules, ...failed.rules])]);
      }
    } finally {
      setPending(false);
    }
  }

  const { unit, patient } = subject;
  return (
    <OverrideDialog
      isOpen
      onClose={onClose}
      title={rules.length > 0 ? m.blood_override_title() : m.blood_second_title()}
      rule={rules.map((code) => ruleTitle(code, subject)).join("; ") || m.blood_ref_second_person_needed_rule()}
      values={
        <>
          <span className="block break-words">{m.blood_override_values({ patient: patient?.name ?? m.blood_the_patient(), unit: units ?? groupDin(unit?.din ?? "") })}</span>
          {m.blood_override_intro()}
        </>
      }
      safeLabel={m.blood_override_keep()}
      overrideLabel={act}
      notNow={closed}
      pending={pending}
      onOverride={() => void go()}
    >
      {draft.offer}
      {rules.length > 0 && <RuleList rules={rules} subject={subject} args={args} />}
      {rules.length > 0 && <TextField label={m.blood_override_reason()} hint={m.blood_override_reason_short()} value={reason} onChange={setReason} lines={3} isRequired />}
      {children}
      {asked && <SecondPersonFields value={second} onChange={setSecond} error={error} />}
      {error && !wantsSecond(error) && <Refused error={error} subject={subject} />}
    </OverrideDialog>
  );
}
