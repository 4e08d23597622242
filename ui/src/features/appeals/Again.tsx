import { ErrorBlock } from "../../app";
import { useCommand, useSend } from "../../backend";
import { Button, Loading, SectionHead } from "../../design";
import * as m from "../../paraglide/messages";
import { refusal } from "../requests/parts";
import { whyNotWords } from "./words";

/** Whose time since the last donation is over: counted first, told when somebody says so. */
export function Again() {
  const due = useCommand("reminder.due", {}, { keepPrevious: true });
  const send = useSend("reminder.make");
  const d = due.data;
  return (
    <section>
      <SectionHead title={m.appeals_again()} note={d ? String(d.could) : undefined} />
      <div className="grid justify-items-start gap-2 px-4 py-3">
        <p className="text-ink-2">{m.appeals_again_text()}</p>
        {due.isPending && <div className="w-full"><Loading lines={2} /></div>}
        {due.error && <ErrorBlock error={due.error} title={m.appeals_again_failed()} actions={<Button onPress={() => void due.refetch()}>{m.appeals_try_again()}</Button>} />}
        {d && <p>{d.could === 0 ? m.appeals_again_none() : m.appeals_again_could({ count: d.could })}</p>}
        {d && d.notLookedAt > 0 && <p className="text-ink-2">{m.appeals_again_more({ count: d.notLookedAt })}</p>}
        {d && d.leftOut.length > 0 && (
          <div className="grid gap-1">
            <h3 className="m-0 text-base">{m.appeals_again_not()}</h3>
            <dl className="m-0 grid gap-1">
              {d.leftOut.map((l) => <div key={l.why} className="grid grid-cols-[3rem_minmax(0,1fr)] gap-x-3"><dt className="order-2">{whyNotWords[l.why]()}</dt><dd className="order-1 m-0 text-end font-strong">{l.count}</dd></div>)}
            </dl>
          </div>
        )}
        {d && d.batch > 0 && <Button pending={send.isPending} onPress={() => send.mutate({})}>{m.appeals_again_act({ count: d.batch })}</Button>}
        <p role="status">{send.data && send.data.made > 0 && m.appeals_again_made({ count: send.data.made })}</p>
        {refusal(send.error)}
      </div>
    </section>
  );
}
