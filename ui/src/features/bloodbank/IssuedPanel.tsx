import { AppLink } from "../../app";
import { componentName, formatMoment, groupDin, usePlace } from "../../clinical";
import { Button, Shape } from "../../design";
import * as m from "../../paraglide/messages";
import type { UnitRow } from "../../wire";
import type { GateSeen } from "./Gates";
import { paths } from "./nav";
import { TagPaper } from "./Slip";

export interface Issued {
  unit: UnitRow;
  name: string;
  collector: string;
  at: string;
  /** The checks as they stood when it left. */
  gates: GateSeen[];
  /** Minutes in which it is begun or brought back: of the policy in force. */
  within: number;
  /** Who ordered it without crossmatch, and whether that is signed. */
  emergency: { physician: string; signed: boolean } | null;
}

/** What left, to whom, and what comes next. A bag without crossmatch says so as large as it can. */
export function IssuedPanel({ issued, onSame, onNew }: { issued: Issued; onSame(): void; onNew(): void }) {
  const place = usePlace();
  const { emergency } = issued;
  const order = emergency && (emergency.signed ? m.blood_uncrossmatched_signed({ name: emergency.physician }) : m.blood_uncrossmatched_owed({ name: emergency.physician }));
  return (
    <div role="status" className="grid gap-3 p-5">
      <h2 className="m-0 flex items-start gap-2 text-xl break-words"><span className="pt-1"><Shape kind="good" size={18} /></span>{m.blood_issued_title({ name: issued.name })}</h2>
      {order && (
        <div className="grid gap-1 border-2 border-critical bg-critical-bg p-3">
          <p className="flex flex-wrap items-center gap-2 text-2xl font-strong"><Shape kind="critical" size={24} /><span className="hs-mono" lang="en" dir="ltr">{m.blood_uncrossmatched()}</span> <span className="text-base">{m.blood_uncrossmatched_words()}</span></p>
          <p>{order}</p>
          <p><b>{m.blood_do_now()}</b> {m.blood_uncrossmatched_next()}</p>
          <span><Button icon="print" onPress={() => window.print()}>{m.blood_tag_print()}</Button></span>
          <TagPaper unit={issued.unit} patient={issued.name} order={order} />
        </div>
      )}
      <p>{m.blood_issued_body({ component: componentName(issued.unit.component), din: groupDin(issued.unit.din), collector: issued.collector, time: formatMoment(issued.at, place.zone, place.now) ?? "" })}</p>
      <p className="text-ink-2"><b>{m.blood_do_now()}</b> {m.blood_issued_next({ within: issued.within })}</p>
      <div className="flex flex-wrap items-center gap-2">
        <Button variant="primary" size="lg" onPress={onNew}>{m.blood_issued_again_new()}</Button>
        <Button size="lg" onPress={onSame}>{m.blood_issued_again_same()}</Button>
        <AppLink to={paths.issues}>{m.blood_issued_list()}</AppLink>
      </div>
    </div>
  );
}
