import { type ReactNode, useEffect, useRef } from "react";
import { createPortal } from "react-dom";
import { useStatus } from "../../app";
import { useSend } from "../../backend";
import { BloodGroup, ClinicalDate, ClinicalTime, componentName, DataMatrix, DonationNumber, formatName, Identifier, usePlace } from "../../clinical";
import { Button, Dialog, Loading } from "../../design";
import * as m from "../../paraglide/messages";
import type { PatientRow, SlipMade, UnitRow } from "../../wire";
import { PrintSlip } from "../printing/Placed";
import { Refused } from "./common";

/** Wide enough that a module of the largest slip is half a millimetre, which a hand-held reader takes. */
const codeSize = "28mm";

function Line({ name, children }: { name: string; children: ReactNode }) {
  return <div className="grid grid-cols-[150px_1fr] gap-x-3 py-0.5"><dt className="text-ink-2">{name}</dt><dd className="m-0 min-w-0 break-words">{children}</dd></div>;
}

function Person({ patient }: { patient: PatientRow }) {
  return (
    <dl className="m-0">
      <Line name={m.blood_slip_patient()}><b className="text-lg">{formatName(patient)}</b></Line>
      <Line name={m.blood_slip_number()}><Identifier>{patient.hospitalNumber}</Identifier></Line>
      <Line name={m.blood_slip_born()}><ClinicalDate value={patient.birthDate} /></Line>
    </dl>
  );
}

function Bag({ unit }: { unit: UnitRow }) {
  return (
    <dl className="m-0">
      <Line name={m.blood_slip_unit()}><span className="flex flex-wrap items-center gap-x-4"><DonationNumber din={unit.din} check={unit.check} size="lg" /><BloodGroup group={unit.group} /></span></Line>
      <Line name={m.blood_col_component()}>{componentName(unit.component)} <span className="hs-mono">{unit.productCode}</span></Line>
      <Line name={m.blood_expires()}><ClinicalTime value={unit.expiresAt} always="date-time" /></Line>
      <Line name={m.blood_unit_where()}>{unit.place || m.blood_not_recorded()}</Line>
    </dl>
  );
}

function SlipBody({ made }: { made: SlipMade }) {
  return (
    <div className="grid grid-cols-[1fr_auto] items-start gap-4">
      <div className="grid min-w-0 gap-3">
        <Person patient={made.patient} />
        <Bag unit={made.unit} />
        <dl className="m-0">
          <Line name={m.blood_slip_printed()}><ClinicalTime value={made.at} always="date-time" /></Line>
          <Line name={m.blood_slip_no()}><span className="hs-mono">{made.id.slice(-12).toUpperCase()}</span></Line>
        </dl>
      </div>
      <DataMatrix text={made.text} label={m.blood_slip_code()} size={codeSize} />
    </div>
  );
}

/** A sheet that exists on paper only. */
export function Paper({ children }: { children: ReactNode }) {
  const { facility } = useStatus();
  return createPortal(
    <article className="hs-print-page" aria-hidden="true">
      <p>{facility?.name}</p>
      {children}
      {facility?.training && <p className="hs-print-warning">{m.blood_slip_training()}</p>}
    </article>,
    document.body,
  );
}

/** The slip that goes with one unit for one patient. Each one made has its own number: it is asked for once, here. */
export function SlipDialog({ unit, patient, onClose }: { unit: Pick<UnitRow, "id">; patient: string; onClose(): void }) {
  const place = usePlace();
  const make = useSend("slip.make");
  const asked = useRef(false);
  const ask = () => make.mutate({ unit: unit.id, patient });
  useEffect(() => {
    if (asked.current) return;
    asked.current = true;
    make.mutate({ unit: unit.id, patient });
  });
  const made = make.data;
  return (
    <Dialog
      isOpen
      size="lg"
      onClose={onClose}
      title={m.blood_slip_title()}
      footer={<Button size="lg" onPress={onClose}>{m.blood_close()}</Button>}
      footerEnd={made && <><Button size="lg" pending={make.isPending} onPress={ask}>{m.blood_slip_again()}</Button><Button size="lg" variant="primary" icon="print" onPress={() => window.print()}>{m.blood_slip_print()}</Button></>}
    >
      <p className="text-ink-2">{m.blood_slip_body()}</p>
      {made && <div><PrintSlip unit={made.unit} patient={patient} /></div>}
      {make.error ? <Refused error={make.error} subject={place} /> : made ? <SlipBody made={made} /> : <Loading label={m.blood_checking()} />}
      {made && (
        <Paper>
          <h1>{m.blood_slip_title()}</h1>
          <SlipBody made={made} />
          <p className="hs-print-warning">{m.blood_slip_check()}</p>
          <p>{m.blood_slip_collector()}: ________________________________________</p>
          <p>{m.blood_slip_checked()}: ________________________ / ________________________</p>
        </Paper>
      )}
    </Dialog>
  );
}

/** The tag of a bag that left without crossmatch, for printing. */
export function TagPaper({ unit, patient, order }: { unit: UnitRow; patient: string; order: string }) {
  return (
    <Paper>
      <p className="hs-print-warning text-center text-[34pt] leading-tight" lang="en" dir="ltr">{m.blood_uncrossmatched()}</p>
      <p className="text-xl font-strong">{m.blood_uncrossmatched_words()}</p>
      <p className="text-lg font-strong">{patient}</p>
      <Bag unit={unit} />
      <p>{order}</p>
    </Paper>
  );
}
