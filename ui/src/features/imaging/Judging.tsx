import { useMay } from "../../app";
import { useCommand, type useSend } from "../../backend";
import { ClinicalTime, conditionWord } from "../../clinical";
import { Button, Menu, Status } from "../../design";
import * as m from "../../paraglide/messages";
import type { AnalysisView, FindingView } from "../../wire";
import { findingWord, sorted } from "./words";
import { isolated } from "./Written";

/** What somebody says of one label: it is right, it is not, or another one is. */
export type Judge = (label: string, agree: boolean, correct?: string) => void;

/**
 * The label that the keys of judging are about: the finding looked at, or, where the model found nothing, what it held
 * to be most probable. Nothing while findings are folded away.
 */
export function judgedOf(analysis: AnalysisView | null, unfolded: boolean, current: FindingView | null): FindingView | null {
  if (current || analysis?.state !== "done" || (analysis.outsideIntendedUse !== null && !unfolded)) return current;
  return [...analysis.findings].sort((a, b) => b.probability - a.probability)[0] ?? null;
}

export interface JudgeBarProps {
  analysis: AnalysisView;
  finding: FindingView;
  /** The keys are about this one. */
  on: boolean;
  judge: Judge;
  judging: ReturnType<typeof useSend<"analysis.judge">>;
  keyOfAct(act: "agree" | "disagree" | "correct"): string;
}

/** Agree, disagree, or say what it is; with what was said last. */
export function JudgeBar({ analysis, finding: f, on, judge, judging, keyOfAct }: JudgeBarProps) {
  const may = useMay();
  const label = findingWord(f);
  const notNow = may("judge_findings") ? undefined : m.image_ai_may_not_judge();
  const sent = judging.isPending && judging.variables?.analysis === analysis.id && judging.variables.label === f.label ? judging.variables : null;
  const { found, under, normal } = sorted(analysis.findings);
  const others = [...found, ...under, ...(normal ? [normal] : [])].filter((o) => o.label !== f.label);
  const hint = (act: Parameters<typeof keyOfAct>[0]) => (on ? keyOfAct(act) : undefined);
  return (
    <>
      <div className="mt-2 flex flex-wrap items-center gap-1.5" data-judging={on || undefined}>
        <span className="contents" data-judge="agree"><Button size="sm" kbd={hint("agree")} pending={sent?.agree} notNow={notNow} onPress={() => judge(f.label, true)}>{m.image_ai_agree()}<span className="hs-vh"> {label}</span></Button></span>
        <span className="contents" data-judge="disagree"><Button size="sm" kbd={hint("disagree")} pending={sent ? !sent.agree && !sent.correct : false} notNow={notNow} onPress={() => judge(f.label, false)}>{m.image_ai_disagree()}<span className="hs-vh"> {label}</span></Button></span>
        {/* Of two labels the other one is right when this one is not: there is nothing to choose. */}
        {others.length > 1 && (
          <span className="contents" data-judge="correct">
            <Menu
              label={m.image_ai_correct_choose()}
              trigger={<Button size="sm" kbd={hint("correct")} pending={Boolean(sent?.correct)} notNow={notNow}>{m.image_ai_correct()}<span className="hs-vh"> {label}</span></Button>}
              items={others.map((o) => ({ id: o.label, label: o.normal ? `${findingWord(o)} (${m.image_ai_normal()})` : findingWord(o), onAction: () => judge(f.label, false, o.label) }))}
            />
          </span>
        )}
      </div>
      {f.judged && (
        <p className="mt-1.5 text-sm text-ink-2" role="status">
          <Status kind="good" wrap>{judgedWords(analysis, f.judged)}</Status> <ClinicalTime value={f.judged.at} />
        </p>
      )}
    </>
  );
}

/** Where the gates refused: was that right, and what does the picture show? */
export function JudgeRefusal({ analysis: a, judge, judging }: Pick<JudgeBarProps, "analysis" | "judge" | "judging">) {
  const may = useMay();
  const packs = useCommand("model.list", {});
  const notNow = may("judge_findings") ? undefined : m.image_ai_may_not_judge();
  const reason = a.reason ?? "not_known";
  const all = packs.data?.packs ?? [];
  const own = all.filter((p) => p.id === a.pack?.id);
  const labels = [...own, ...all].flatMap((p) => p.tasks).find((t) => t.task === a.task)?.labels ?? [];
  const sent = judging.isPending && judging.variables?.analysis === a.id ? judging.variables : null;
  const shows = (agree: boolean, label: string, words: string) => labels.length > 0 && (
    <Menu
      label={words}
      trigger={<Button size="sm" pending={Boolean(sent?.correct) && sent?.agree === agree} notNow={notNow}>{label}</Button>}
      items={labels.map((l) => ({ id: l, label: conditionWord(l), onAction: () => judge(reason, agree, l) }))}
    />
  );
  return (
    <div className="grid gap-1.5 border-b border-line px-4 py-2.5" role="group" aria-label={m.image_refusal_title()}>
      <p className="text-sm text-ink-2">{m.image_refusal_title()}</p>
      <div className="flex flex-wrap items-center gap-1.5">
        <Button size="sm" pending={sent?.agree === true && !sent.correct} notNow={notNow} onPress={() => judge(reason, true)}>{m.image_refusal_right()}</Button>
        <Button size="sm" pending={sent?.agree === false && !sent.correct} notNow={notNow} onPress={() => judge(reason, false)}>{m.image_refusal_wrong()}</Button>
        {shows(a.judged?.agree ?? false, m.image_refusal_shows(), m.image_refusal_choose())}
      </div>
      {a.judged && <p className="text-sm text-ink-2" role="status"><Status kind="good" wrap>{refusalWords(a.judged)}</Status> <ClinicalTime value={a.judged.at} /></p>}
    </div>
  );
}

function refusalWords({ agree, correct, by: name }: NonNullable<AnalysisView["judged"]>): string {
  const said = agree ? m.image_refusal_said_right({ name }) : m.image_refusal_said_wrong({ name });
  return correct ? `${said} ${m.image_refusal_said_shows({ label: conditionWord(correct) })}` : said;
}

function judgedWords(analysis: AnalysisView, judged: NonNullable<FindingView["judged"]>): string {
  const name = isolated(judged.by);
  if (judged.agree) return m.image_ai_judged_agree({ name });
  if (!judged.correct) return m.image_ai_judged_disagree({ name });
  const right = analysis.findings.find((f) => f.label === judged.correct);
  return m.image_ai_judged_correct({ name, label: right ? findingWord(right) : judged.correct });
}
