import { DoorFrame, useStatus } from "../../app";
import { Shape } from "../../design";
import * as m from "../../paraglide/messages";
import { accountSentence } from "./refusals";

/**
 * The home cannot be opened: what is, what to do, and that looking changed nothing. The program looks at the home
 * once, when it starts, so no button here could look again.
 */
export function Problem() {
  const status = useStatus();
  const problem = status.problem ?? { code: "internal" as const, kind: "fault" as const, args: {}, incident: null };
  const { what, next } = accountSentence(problem);
  return (
    <DoorFrame>
      <section role="alert" className="grid gap-4 rounded-md border border-line-2 border-s-[3px] border-s-critical bg-surface p-6">
        <div className="flex flex-wrap items-start gap-3">
          <span className="mt-0.5"><Shape kind="critical" size={26} /></span>
          <h1 className="m-0 min-w-0 grow text-xl">{m.account_problem_title()}</h1>
          <span className="hs-mono hs-meta">{problem.code.toUpperCase()}</span>
        </div>
        <dl className="m-0 grid gap-x-6 gap-y-2 sm:grid-cols-[minmax(110px,max-content)_1fr]">
          <dt className="text-ink-2">{m.account_problem_what()}</dt><dd className="m-0 font-strong [overflow-wrap:anywhere]">{what}</dd>
          <dt className="text-ink-2">{m.account_problem_next()}</dt><dd className="m-0 [overflow-wrap:anywhere]">{next}</dd>
        </dl>
        <p className="text-ink-2">{m.account_problem_safe()} {m.account_problem_again()}</p>
      </section>
    </DoorFrame>
  );
}
